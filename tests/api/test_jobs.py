# SPDX-License-Identifier: Apache-2.0
"""What the routes of trainings answer."""

from __future__ import annotations

import asyncio
import itertools
import json

import httpx
import pytest
from inside import MakeInside

from nacre.access.roles import Role
from nacre.network_desk import Job

TRAIN = "/api/v1/train"


async def test_whoever_waits_is_told_how_it_ended(make_inside: MakeInside) -> None:
    """
    A training that fails is no error of the request: the job says what is missing.
    """
    inside = await make_inside()

    async with inside.client(Role.ADMIN) as client:
        answer = await client.post(TRAIN, params={"wait": "1"})

    assert (answer.status_code, answer.json()["state"]) == (200, "failed")
    assert "50 of 50 missing" in answer.json()["why"]


async def test_a_caller_that_goes_away_does_not_stop_the_training(make_inside: MakeInside) -> None:
    """
    A proxy that gives up after a minute must not cost the model.
    """
    inside = await make_inside()
    async with inside.client(Role.ADMIN) as client:
        asking = asyncio.ensure_future(client.post(TRAIN, params={"wait": "1"}))
        while (status := await inside.guard.network.status()).job is None:
            await asyncio.wait([asking], timeout=0.01)
        asking.cancel()
        await asyncio.wait([asking])

    job = await inside.guard.network.wait(status.job.id)

    assert asking.cancelled()
    assert job.state == "failed", "it came to its own end"


async def test_a_training_is_asked_for_and_followed_under_its_own_path(make_inside: MakeInside) -> None:
    """
    202 names it; whoever asks again meanwhile gets the same one.  Server-sent events tell each change until it ends.
    """
    inside = await make_inside()

    async with inside.client(Role.ADMIN) as client:
        asked = await client.post(TRAIN, json={"samples": 5000, "epochs": 50})
        again = await client.post(TRAIN)
        followed = await client.get(asked.headers["location"])
        answer = await client.get(f"{asked.headers['location']}/events")

    assert (asked.status_code, asked.headers["location"]) == (202, "/api/v1/jobs/1")
    assert {"id": "1", "state": "waiting", "samples": 5000, "epochs": 50}.items() <= asked.json().items()
    assert again.json()["id"] == followed.json()["id"] == "1"
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = [part.split("\n") for part in answer.text.strip().split("\n\n")]
    assert [lines[0] for lines in events][-1] == "event: end"
    assert all(lines[0] == "event: progress" for lines in events[:-1])
    jobs = [Job(**json.loads(lines[1].removeprefix("data: "))) for lines in events]
    assert jobs[-1].state == "failed"
    assert all(one != other for one, other in itertools.pairwise(jobs))


async def test_a_training_is_cancelled_by_its_path(make_inside: MakeInside) -> None:
    """
    Cancelling what has ended changes nothing.
    """
    inside = await make_inside()
    async with inside.client(Role.ADMIN) as client:
        await client.post(TRAIN)
        await client.delete("/api/v1/jobs/1")
        ended = await inside.guard.network.wait("1")
        again = (await client.delete("/api/v1/jobs/1")).json()

    assert ended.state in {"cancelled", "failed"}, "it may have been faster"
    assert again["state"] == ended.state


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("DELETE", ""), ("GET", "/events")])
async def test_a_training_that_nobody_asked_for_is_not_there(admin: httpx.AsyncClient, method: str, path: str) -> None:
    """
    With the code that says what is missing.
    """
    answer = await admin.request(method, f"/api/v1/jobs/no-such{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_job")


@pytest.mark.parametrize("body", [{"samples": 0}, {"samples": 1_000_001}, {"epochs": 0}, {"epochs": 1001}])
async def test_a_training_out_of_range_names_the_field(admin: httpx.AsyncClient, body: dict[str, int]) -> None:
    """
    The original trained on whatever number it was given, and blocked meanwhile.
    """
    answer = await admin.post(TRAIN, json=body)

    assert (answer.status_code, answer.json()["field"]) == (422, next(iter(body)))


async def test_trainings_are_listed_newest_first(make_inside: MakeInside) -> None:
    """
    As many as are asked for, at most as many as are known.
    """
    inside = await make_inside()
    async with inside.client(Role.ADMIN) as client:
        for _ in range(2):
            await client.post(TRAIN, params={"wait": "1"})
    async with inside.client(Role.VIEWER) as client:
        listed = (await client.get("/api/v1/jobs")).json()["jobs"]
        newest = (await client.get("/api/v1/jobs", params={"count": "1"})).json()["jobs"]
        beyond = await client.get("/api/v1/jobs", params={"count": "51"})

    assert [job["id"] for job in listed] == ["2", "1"]
    assert [job["id"] for job in newest] == ["2"]
    assert (beyond.status_code, beyond.json()["field"]) == (422, "count")
