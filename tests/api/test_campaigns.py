# SPDX-License-Identifier: Apache-2.0
"""What the routes of distributed attacks answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from builders import Clock
from inside import Inside, MakeInside
from under_attack import botnet, settings, watch_once

from nacre.access.roles import Role

CHALLENGE = {"step": "challenge", "scope": {"accounts": ["max"]}}


@pytest.fixture
async def inside(make_inside: MakeInside, clock: Clock) -> Inside:
    """The application, with an attack on erika's account that somebody has seen."""
    inside = await make_inside(settings=settings())
    await botnet(inside.guard, clock)
    await watch_once(inside.guard)
    return inside


@pytest.fixture
async def operator(inside: Inside) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an operator called max."""
    async with inside.client(token=inside.token(Role.OPERATOR, name="max")) as client:
        yield client


async def test_the_threat_is_shown_with_what_it_is_made_of(operator: httpx.AsyncClient) -> None:
    """
    In numbers and in words.
    """
    threat = (await operator.get("/api/v1/threat")).json()

    assert (threat["level"] > 0, threat["campaigns"], threat["reasons"] != []) == (True, 1, True)
    assert [account["account"] for account in threat["accounts"]] == ["erika"]
    assert [signals["window"] for signals in threat["signals"]] == [60, 300, 900, 3600]
    assert threat["signals"][-1]["attempts"] == 12


async def test_campaigns_are_listed_and_shown(operator: httpx.AsyncClient) -> None:
    """
    With MITRE ATT&CK's number of the technique.
    """
    (listed,) = (await operator.get("/api/v1/campaigns")).json()["campaigns"]

    shown = (await operator.get(f"/api/v1/campaigns/{listed['id']}")).json()

    assert shown == listed
    assert (shown["kind"], shown["technique"], shown["targets"]) == ("guessing", "T1110.001", ["erika"])
    assert (shown["sources"], shown["attempts"], shown["ended"]) == (12, 12, 0.0)


async def test_a_measure_is_begun_extended_and_stopped(operator: httpx.AsyncClient, clock: Clock) -> None:
    """
    Each answer shows it as it is from then on.
    """
    begun = (await operator.post("/api/v1/measures", json=CHALLENGE)).json()
    longer = (await operator.post(f"/api/v1/measures/{begun['id']}/extend", json={"seconds": 7200})).json()
    stopped = (await operator.post(f"/api/v1/measures/{begun['id']}/stop")).json()
    again = await operator.post(f"/api/v1/measures/{begun['id']}/stop")

    assert (begun["state"], begun["owner"], begun["until"]) == ("active", "max", clock() + 3600)
    assert longer["until"] == clock() + 7200
    assert (stopped["state"], stopped["stopped_by"]) == ("ended", "max")
    assert (again.status_code, again.json()["code"]) == (409, "ended")


async def test_a_measure_whose_time_is_over_is_shown_as_ended(operator: httpx.AsyncClient, clock: Clock) -> None:
    """
    Whether or not a watcher was there to note it.
    """
    await operator.post("/api/v1/measures", json={**CHALLENGE, "seconds": 60})
    clock.move(61)

    measures = (await operator.get("/api/v1/measures")).json()["measures"]

    assert next(each for each in measures if each["owner"] == "max")["state"] == "ended"


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"step": "panic"}, 422, ("field", "step")),
        ({"step": "block", "scope": {"subnets": ["nowhere"]}}, 422, ("code", "unusable")),
        ({"step": "block", "seconds": 0}, 422, ("field", "seconds")),
        ({"step": "block", "scope": {"unknown_origins": False}}, 409, ("code", "over_budget")),
    ],
)
async def test_a_measure_that_cannot_begin_is_refused(
    operator: httpx.AsyncClient, body: dict[str, object], status: int, where: tuple[str, str]
) -> None:
    """
    The problem names the field, or says why.
    """
    answer = await operator.post("/api/v1/measures", json=body)

    assert (answer.status_code, answer.json()[where[0]]) == (status, where[1]), answer.text


async def test_what_a_measure_would_do_can_be_asked(operator: httpx.AsyncClient) -> None:
    """
    How many good logins it meets, and how much of a campaign.
    """
    (campaign,) = (await operator.get("/api/v1/campaigns")).json()["campaigns"]
    body = {"step": "challenge", "scope": {"accounts": ["erika"]}, "campaign": campaign["id"]}

    estimate = (await operator.post("/api/v1/measures/estimate", json=body)).json()

    assert estimate["covered"] == 1.0
    assert estimate["harm"]["touched"] == 0


async def test_viewers_look_and_operators_act(inside: Inside) -> None:
    """
    Helpdesk helps one person, and does not end the protection of all.
    """
    paths = ("/api/v1/threat", "/api/v1/campaigns", "/api/v1/measures")
    async with inside.client(Role.VIEWER) as viewer, inside.client(Role.HELPDESK) as helpdesk:
        looked = [(await viewer.get(path)).status_code for path in paths]
        acted = [
            (await viewer.post("/api/v1/measures", json=CHALLENGE)).status_code,
            (await helpdesk.post("/api/v1/threat/reset")).status_code,
            (await viewer.delete("/api/v1/threat/accounts", params={"username": "erika"})).status_code,
        ]
        helped = await helpdesk.delete("/api/v1/threat/accounts", params={"username": "Erika"})

    assert (looked, acted) == ([200] * 3, [403] * 3)
    assert helped.json() == {"reset": True}


async def test_a_reset_answers_when_all_is_forgotten(operator: httpx.AsyncClient) -> None:
    """
    Whoever looks next sees nothing of it.
    """
    ended = (await operator.post("/api/v1/threat/reset")).json()["ended"]

    assert ended >= 1
    assert (await operator.get("/api/v1/campaigns")).json() == {"campaigns": []}
    assert (await operator.get("/api/v1/threat")).json()["accounts"] == []


async def test_an_attack_is_simulated_over_http(operator: httpx.AsyncClient) -> None:
    """
    The answer tells when it was recognised.
    """
    body = {"username": "otto", "addresses": 20, "country": "DE"}

    done = (await operator.post("/api/v1/threat/simulate", json=body)).json()

    assert (done["detected"], done["recognised_by"] <= 12) == (True, True)
    assert done["overview"]["attacked_accounts"] == {"otto": 20}


async def test_without_campaigns_every_route_says_so(make_inside: MakeInside) -> None:
    """
    An empty list would say that all is well.
    """
    inside = await make_inside(settings=settings(enabled=False))
    async with inside.client(Role.ADMIN) as client:
        answers = [
            await client.get("/api/v1/threat"),
            await client.get("/api/v1/measures"),
            await client.post("/api/v1/measures", json=CHALLENGE),
            await client.post("/api/v1/threat/reset"),
        ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "disabled")] * 4
