# SPDX-License-Identifier: Apache-2.0
"""What the routes of the network answer."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from builders import fields, rule, written
from inside import Inside, MakeInside

from nacre.access.roles import Role
from nacre.config.tree import BruteForce, NeuralNetwork, Settings

FEEDBACK, MODE = "/api/v1/feedback", "/api/v1/learning-mode"


def _settings(**network: object) -> Settings:
    return Settings(brute_force=BruteForce(neural_network=NeuralNetwork(**network)))  # type: ignore[arg-type]


@pytest.fixture
async def inside(make_inside: MakeInside) -> Inside:
    """The application, with one failed attempt of erika's under the request id r1."""
    inside = await make_inside()
    await inside.guard.attempt(fields(request_id="r1", features={"device": "mobile"}), success=False)
    await written(inside.guard)
    return inside


@pytest.fixture
async def erika(inside: Inside) -> AsyncIterator[httpx.AsyncClient]:
    """A client with a token in the name of erika."""
    async with inside.client(token=inside.token(Role.ADMIN, name="erika")) as client:
        yield client


async def test_feedback_says_who_said_what_of_which_attempt(erika: httpx.AsyncClient) -> None:
    """
    The answer echoes the attempt, so that a slip is seen at once.
    """
    answer = await erika.post(FEEDBACK, json={"request_id": "r1", "is_brute_force": True})

    told = {"request_id": "r1", "is_brute_force": True, "giver": "erika", "client_ip": "192.0.2.7", "username": "erika"}
    assert answer.status_code == 200
    assert told.items() <= answer.json().items()
    assert told.items() <= (await erika.get(FEEDBACK)).json()["feedback"][0].items()


async def test_each_giver_has_one_word_about_an_attempt(inside: Inside, erika: httpx.AsyncClient) -> None:
    """
    The last one; what somebody else said stands beside it.
    """
    async with inside.client(token=inside.token(Role.HELPDESK, name="max")) as max_:
        await max_.post(FEEDBACK, json={"request_id": "r1", "is_brute_force": True})
    await erika.post(FEEDBACK, json={"request_id": "r1", "is_brute_force": True})
    await erika.post(FEEDBACK, json={"request_id": "r1", "is_brute_force": False})
    both = (await erika.get(FEEDBACK)).json()["feedback"]

    await erika.post(FEEDBACK, json={"request_id": "r1", "is_brute_force": None})
    one = (await erika.get(FEEDBACK)).json()["feedback"]

    assert [(each["giver"], each["is_brute_force"]) for each in both] == [("erika", False), ("max", True)]
    assert [each["giver"] for each in one] == ["max"]


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        ({"request_id": "r2", "is_brute_force": True}, 404, ("field", "request_id")),
        ({"request_id": "r1", "is_brute_force": True, "client_ip": "192.0.2.8"}, 409, ("code", "feedback_mismatch")),
        ({"request_id": "r1", "is_brute_force": True, "username": "max"}, 409, ("code", "feedback_mismatch")),
        ({"request_id": "r1"}, 422, ("field", "is_brute_force")),
        ({"request_id": "r1", "is_brute_force": "maybe"}, 422, ("field", "is_brute_force")),
    ],
)
async def test_feedback_that_fits_no_attempt_is_refused(
    erika: httpx.AsyncClient, body: dict[str, object], status: int, where: tuple[str, str]
) -> None:
    """
    Nothing of it is kept.
    """
    answer = await erika.post(FEEDBACK, json=body)

    assert (answer.status_code, answer.json()[where[0]]) == (status, where[1])
    assert "send the attempt's fields" not in answer.text, "that is advice for a report"
    assert (await erika.get(FEEDBACK)).json() == {"feedback": []}


async def test_learning_is_switched_and_handed_back(erika: httpx.AsyncClient) -> None:
    """
    `null` is the third answer: as soon as it may.
    """
    states = []
    for said in (False, True, None):
        put = await erika.put(MODE, json={"learning_mode": said})
        assert put.json() == (await erika.get(MODE)).json()
        states.append((put.json()["learning_mode"], put.json()["set_by_operator"]))

    assert states == [(False, True), (True, True), (True, False)]


async def test_dry_run_and_a_network_that_is_off_are_told_apart(make_inside: MakeInside) -> None:
    """
    Both are 409; the code says which, and reading works with either.
    """
    for settings, code in ((_settings(dry_run=True), "dry_run"), (_settings(enabled=False), "disabled")):
        inside = await make_inside(settings=settings)
        async with inside.client(Role.ADMIN) as client:
            refused = await client.put(MODE, json={"learning_mode": False})
            state = (await client.get(MODE)).json()
            status = (await client.get("/api/v1/network")).json()

        assert (refused.status_code, refused.json()["code"]) == (409, code)
        assert state["learning_mode"] is True
        assert (status["dry_run"], status["enabled"]) == (code == "dry_run", code != "disabled")


async def test_the_network_acts_once_it_is_told_to(inside: Inside, erika: httpx.AsyncClient) -> None:
    """
    What it would have done is in the decision either way; what it does hangs on the mode.
    """
    await erika.put(MODE, json={"learning_mode": False})
    strange = {"client_ip": "203.0.113.9", "username": "max", "password": "guess", "protocol": "imap"}

    acted = (await erika.post("/api/v1/check", json=strange)).json()
    await erika.put(MODE, json={"learning_mode": True})
    learned = (await erika.post("/api/v1/check", json=strange)).json()

    assert acted["rules_alone"] == learned["rules_alone"] == learned["action"] == "allow"
    assert 0 <= learned["score_accept"] <= 1
    assert learned["model"] == "shipped"
    limits = inside.guard.network_parts.following.scoring.champion
    assert limits is not None
    novel = limits.model.artifact.guess.thresholds["novel"]
    assert (acted["action"] != "allow") == (
        acted["score"] >= min(novel.values())
        or acted["score_accept"] >= min(limits.model.artifact.accept.thresholds["novel"].values())
    )


async def test_features_are_removed_by_query_or_by_body(inside: Inside, erika: httpx.AsyncClient) -> None:
    """
    Or by both; some clients send no body with DELETE.
    """
    for name in ("a", "b", "c"):
        await inside.guard.check(fields(features={name: 1}))
    await inside.guard.network_parts.look()
    listed = (await erika.get("/api/v1/features")).json()["features"]

    both = await erika.request(
        "DELETE", "/api/v1/features", params=[("name", "a"), ("name", "x")], json={"features": ["b", "a"]}
    )
    nothing = await erika.request("DELETE", "/api/v1/features")

    assert {"a", "b", "c", "device"} <= {each["name"] for each in listed if each["state"] == "proposed"}
    assert {each["state"] for each in listed} == {"standard", "proposed"}
    assert both.json() == {"removed": ["a", "b"], "unknown": ["x"]}
    assert (nothing.status_code, nothing.json()["field"]) == (422, "features")


@pytest.mark.parametrize("head", ["guess", "accept"])
async def test_a_score_is_explained_as_it_was_served(erika: httpx.AsyncClient, head: str) -> None:
    """
    Either of the two.
    """
    decision = (await erika.get("/api/v1/decisions/r1")).json()["decision"]

    found = (await erika.get("/api/v1/decisions/r1/explanation", params={"head": head})).json()
    unknown = await erika.get("/api/v1/decisions/r2/explanation")

    assert found["score"] == pytest.approx(decision["score" if head == "guess" else "score_accept"], abs=1e-6)
    assert all(each["text"] for each in found["contributions"])
    assert (unknown.status_code, unknown.json()["field"]) == (404, "request_id")


async def test_a_person_is_forgotten_over_http(erika: httpx.AsyncClient) -> None:
    """
    Event, sample and decision of the one attempt, and the profile; nothing the second time.
    """
    erased = [(await erika.request("DELETE", "/api/v1/accounts", params={"username": "ERIKA"})).json() for _ in "12"]

    assert erased == [{"erased": 4}, {"erased": 0}]
    assert (await erika.request("DELETE", "/api/v1/accounts")).status_code == 422


async def test_reset_goes_back_to_learning_with_the_shipped_model(erika: httpx.AsyncClient) -> None:
    """
    And answers how the network is now.
    """
    await erika.put(MODE, json={"learning_mode": False})

    status = (await erika.post("/api/v1/network/reset")).json()

    assert (status["learning"], status["set_by_operator"], status["model"]) == (True, False, "shipped")
    assert (await erika.get("/api/v1/audit", params={"count": 1})).json()["entries"][0]["action"] == "network.reset"


async def test_an_attempt_shows_the_additional_features_that_came_with_it(erika: httpx.AsyncClient) -> None:
    """
    Whoever asks why sees what the network saw.
    """
    attempt = (await erika.get("/api/v1/decisions/r1")).json()["attempt"]

    assert attempt["features"] == {"device": "mobile"}
    assert "embedded" not in attempt


async def test_feedback_on_a_block_is_feedback_on_its_attempts(make_inside: MakeInside) -> None:
    """
    An office that was blocked is one call, and so is taking it back.
    """
    inside = await make_inside(rule(limit=3))
    for number in range(3):
        await inside.guard.attempt(fields("192.0.2.9", request_id=f"office{number}"), success=False)
    await written(inside.guard)
    await inside.guard.check(fields("192.0.2.9"))
    await written(inside.guard)
    claim = {"block": {"subnet": "192.0.2.9/32", "rule": "address"}}

    async with inside.client(Role.HELPDESK) as client:
        given = await client.post(FEEDBACK, json={**claim, "is_brute_force": False})
        withdrawn = await client.post(FEEDBACK, json={**claim, "is_brute_force": None})
        nothing = await client.post(FEEDBACK, json={**claim, "is_brute_force": None})
        left = await client.get(FEEDBACK)

    assert (given.status_code, given.json()["attempts"], given.json()["is_brute_force"]) == (200, 3, False)
    assert given.json()["not_scored"] == 1, "the block was known: nobody looked"
    assert (withdrawn.json()["attempts"], withdrawn.json()["new"]) == (3, False)
    assert (nothing.status_code, nothing.json()["code"]) == (404, "unknown_block")
    assert left.json()["feedback"] == []


@pytest.mark.parametrize(
    ("meant", "field"),
    [
        ({}, "request_id"),
        ({"request_id": "r1", "campaign": "c1"}, "request_id"),
        ({"block": {"rule": "address"}}, "block"),
        ({"block": {"subnet": "192.0.2.9"}, "client_ip": "192.0.2.9"}, "client_ip"),
        ({"campaign": "c1", "username": "erika"}, "username"),
        ({"campaign": ""}, "campaign"),
    ],
)
async def test_feedback_means_one_thing(erika: httpx.AsyncClient, meant: dict[str, object], field: str) -> None:
    """
    What is missing is never guessed.
    """
    answer = await erika.post(FEEDBACK, json={**meant, "is_brute_force": True})

    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_feedback_on_what_nobody_knows_is_told_apart(erika: httpx.AsyncClient) -> None:
    """
    A program that sends it looks the id up again; a person types the subnet again.
    """
    campaign = await erika.post(FEEDBACK, json={"campaign": "never", "is_brute_force": True})
    unreadable = await erika.post(FEEDBACK, json={"block": {"subnet": "192.0.2.300"}, "is_brute_force": True})

    assert (campaign.status_code, campaign.json()["code"]) == (404, "unknown_campaign")
    assert (unreadable.status_code, unreadable.json()["code"]) == (422, "out_of_range")
