# SPDX-License-Identifier: Apache-2.0
"""What a route says of itself is what its callers meet."""

from __future__ import annotations

import httpx
import msgspec
import pytest
from inside import Inside, MakeInside
from starlette.responses import Response

from nacre.api.answers import Ask
from nacre.api.app import App
from nacre.api.openapi import document
from nacre.api.route import PUBLIC, Route, lists_of


class Names(msgspec.Struct, forbid_unknown_fields=True):
    """A query with a list in it."""

    name: list[str] = []
    limit: int = 1


class Wish(msgspec.Struct):
    """A body that may be left out."""

    loud: bool = False


class Heard(msgspec.Struct):
    """What arrived."""

    names: list[str]
    loud: bool
    accept: str


async def _hear(ask: Ask) -> Heard:
    return Heard(ask.query.name, ask.body.loud, ask.accept)


async def _create(_: Ask) -> Response:
    return Response(b"later", 202, {"location": "/there"}, "text/plain")


HEAR = Route(
    "POST", "/hear", PUBLIC, _hear, Heard, "Hears.", query=Names, body=Wish, optional=True, also=("text/html",)
)
CREATE = Route("POST", "/create", PUBLIC, _create, str, "Creates.", statuses={"202": "Soon.", "409": "Never."})


def _client(inside: Inside) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=App(inside.guard, inside.gate, [HEAR, CREATE]))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://nacre")


async def test_a_parameter_that_is_a_list_may_be_repeated_and_no_other(make_inside: MakeInside) -> None:
    """
    Half of what a caller names must not be dropped in silence.
    """
    async with _client(await make_inside()) as client:
        both = await client.post("/hear", params=[("name", "a"), ("name", "b"), ("limit", "1")])
        twice = await client.post("/hear", params=[("limit", "1"), ("limit", "2")])

    assert both.json()["names"] == ["a", "b"]
    assert (twice.status_code, "more than once" in twice.json()["detail"]) == (422, True)
    assert lists_of(HEAR) == ["name"]
    assert lists_of(CREATE) == []


@pytest.mark.parametrize(("content", "loud"), [(b"", False), (b"{}", False), (b'{"loud": true}', True)])
async def test_an_optional_body_may_be_left_out(make_inside: MakeInside, content: bytes, loud: bool) -> None:  # noqa: FBT001
    """
    Nobody types `-d '{}'` to say nothing.
    """
    async with _client(await make_inside()) as client:
        answer = await client.post("/hear", content=content)

    assert answer.json()["loud"] is loud


async def test_an_answer_may_be_a_whole_response(make_inside: MakeInside) -> None:
    """
    With a status and headers of its own.
    """
    async with _client(await make_inside()) as client:
        answer = await client.post("/create")

    assert (answer.status_code, answer.headers["location"], answer.text) == (202, "/there", "later")


def test_the_document_has_what_a_route_adds() -> None:
    """
    Statuses below 300 come with the answer, all others with a problem.
    """
    paths = document([HEAR, CREATE])["paths"]
    heard, created = paths["/hear"]["post"], paths["/create"]["post"]["responses"]

    assert heard["requestBody"]["required"] is False
    assert set(heard["responses"]["200"]["content"]) == {"application/json", "text/html"}
    assert (created["202"]["description"], set(created["202"]["content"])) == ("Soon.", {"application/json"})
    assert set(created["409"]["content"]) == {"application/problem+json"}
