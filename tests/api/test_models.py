# SPDX-License-Identifier: Apache-2.0
"""What the routes of models answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from inside import Inside, MakeInside
from kept import GATE, keep

from nacre.access.roles import Role
from nacre.api.models import _prefers_page

MODELS = "/api/v1/models"


@pytest.fixture
async def inside(make_inside: MakeInside) -> Inside:
    """The application, with two models that were trained, one of them held back by the gate."""
    inside = await make_inside()
    await keep(inside.guard, "good", created=1.0)
    await keep(inside.guard, "bad", created=2.0, gate=False, report=False)
    return inside


@pytest.fixture
async def client(inside: Inside) -> AsyncIterator[httpx.AsyncClient]:
    """A client that may do everything."""
    async with inside.client(Role.ADMIN) as client:
        yield client


async def _current(client: httpx.AsyncClient) -> str:
    return str((await client.get("/api/v1/network")).json()["model"])


async def test_models_are_listed_with_their_part(client: httpx.AsyncClient) -> None:
    """
    The newest first, the shipped one last; what the gate had against one is told.
    """
    listed = (await client.get(MODELS)).json()["models"]

    assert [(each["version"], each["state"], each["gate"]) for each in listed] == [
        ("bad", "kept", False),
        ("good", "kept", True),
        ("shipped", "current", None),
    ]
    assert listed[0]["reasons"] == [GATE]


async def test_publishing_and_going_back(client: httpx.AsyncClient) -> None:
    """
    The model in use changes at once; the way back is one request.
    """
    published = await client.post(f"{MODELS}/good/publish")
    in_use = await _current(client)
    back = await client.post(f"{MODELS}/rollback")

    assert (published.status_code, published.json()["state"]) == (200, "current")
    assert in_use == "good"
    assert (back.json()["version"], await _current(client)) == ("shipped", "shipped")


async def test_the_gate_yields_to_force_alone(client: httpx.AsyncClient) -> None:
    """
    Its reasons are in the refusal, and the audit log knows who overrode them.
    """
    refused = await client.post(f"{MODELS}/bad/publish", json={})
    forced = await client.post(f"{MODELS}/bad/publish", json={"force": True})

    assert (refused.status_code, refused.json()["code"]) == (409, "gate_closed")
    assert GATE in refused.json()["detail"]
    assert forced.json()["state"] == "current"
    assert "by force" in (await client.get("/api/v1/audit", params={"count": 1})).json()["entries"][0]["what"]


@pytest.mark.parametrize(("named", "in_use"), [("good", "shipped"), ("shipped", "shipped")])
async def test_a_rollback_may_name_the_model_to_leave_or_the_one_to_return_to(
    client: httpx.AsyncClient, named: str, in_use: str
) -> None:
    """
    People say it either way, and mean the same.
    """
    await client.post(f"{MODELS}/good/publish")

    answer = await client.post(f"{MODELS}/{named}/rollback")

    assert (answer.status_code, await _current(client)) == (200, in_use)


async def test_the_model_before_is_returned_to_even_if_it_was_forced(client: httpx.AsyncClient) -> None:
    """
    Somebody answered for it then, and at night nobody wants to discuss.
    """
    await client.post(f"{MODELS}/bad/publish", json={"force": True})
    await client.post(f"{MODELS}/good/publish")

    answer = await client.post(f"{MODELS}/bad/rollback")

    assert (answer.status_code, await _current(client)) == (200, "bad")


async def test_a_rollback_to_any_other_model_asks_the_gate(client: httpx.AsyncClient) -> None:
    """
    It would be a way around it otherwise.
    """
    answer = await client.post(f"{MODELS}/bad/rollback")

    assert (answer.status_code, answer.json()["code"]) == (409, "gate_closed")
    assert (await client.post(f"{MODELS}/rollback")).json()["code"] == "unknown_model"
    assert (await client.post(f"{MODELS}/no-such/rollback")).json()["code"] == "unknown_model"


async def test_a_report_is_read_by_programs_and_by_people(client: httpx.AsyncClient) -> None:
    """
    The page says of itself that it loads nothing, and the answer that nobody may frame it.
    """
    document = await client.get(f"{MODELS}/good/report")
    asked = await client.get(f"{MODELS}/good/report", headers={"accept": "text/html,*/*;q=0.8"})
    page = await client.get(f"{MODELS}/good/report.html")

    assert document.headers["content-type"] == "application/json"
    assert "verdict" in document.json()
    assert asked.text == page.text
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.startswith("<!doctype html>")
    assert page.headers["content-security-policy"] == "frame-ancestors 'none'"


async def test_a_model_without_a_report_is_told_from_one_that_is_not_there(client: httpx.AsyncClient) -> None:
    """
    Both are 404; the code is for the second alone.
    """
    without = await client.get(f"{MODELS}/bad/report")
    unknown = await client.get(f"{MODELS}/no-such/report")

    assert (without.status_code, "code" in without.json()) == (404, False)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_model")


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("", False),
        ("*/*", False),
        ("application/json", False),
        ("text/html", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("application/json, text/html", False),
        ("application/json;q=0.5, text/html", True),
        ("text/html;q=often", False),
        ("TEXT/HTML", True),
    ],
)
def test_a_browser_gets_a_page_and_whoever_says_nothing_a_document(accept: str, *, page: bool) -> None:
    """
    RFC 9110: the weight decides, then the order.
    """
    assert _prefers_page(accept) is page
