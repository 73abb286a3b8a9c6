# SPDX-License-Identifier: Apache-2.0
"""Trainings as they are asked for and looked after."""

from __future__ import annotations

import asyncio

import pytest
from builders import Clock, MakeGuard
from traffic import network

from nacre.errors import NetworkRefused
from nacre.jobs import LOG, Jobs, pack_job, put
from nacre.network_desk import Job
from nacre.service import Guard


class _Starts:
    """Counts how often a process was asked for; none ever comes."""

    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


def _jobs(guard: Guard, clock: Clock) -> tuple[Jobs, _Starts]:
    starts = _Starts()
    return Jobs(guard.network_parts.shelves.state, clock, starts, patience=0.6), starts


async def test_of_many_who_ask_at_once_one_starts_a_training(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The others are told of it.
    """
    guard = await make_guard(settings=network())
    jobs, _ = _jobs(guard, clock)

    asked = await asyncio.gather(*(jobs.ask(samples=0, epochs=0, who=f"who{n}", why="asked for") for n in range(8)))

    assert sum(new for _, new in asked) == 1
    assert len({job.id for job, _ in asked}) == 1


async def test_a_process_is_started_only_where_nobody_trains(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A service keeps one; a library has none.
    """
    guard = await make_guard(settings=network())
    jobs, starts = _jobs(guard, clock)
    state = guard.network_parts.shelves.state

    await state.lease("service")
    job, _ = await jobs.ask(samples=0, epochs=0, who="test", why="asked for")
    assert starts.count == 0
    await state.release("service")
    assert await jobs.cancel(job.id)

    assert starts.count == 1


async def test_who_waits_for_a_process_that_never_comes_is_told(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A broken installation shows in the answer, not in a request that hangs for ever.
    """
    guard = await make_guard(settings=network())
    jobs, starts = _jobs(guard, clock)
    job, _ = await jobs.ask(samples=0, epochs=0, who="test", why="asked for")

    ended = await jobs.wait(job.id)

    assert ended.state == "failed"
    assert starts.count > 1
    assert "no process" in ended.why
    assert LOG in ended.why
    assert await jobs.open_one() is None


async def test_what_has_ended_cannot_be_called_off(make_guard: MakeGuard, clock: Clock) -> None:
    """
    And of what never was, nothing is known.
    """
    guard = await make_guard(settings=network())
    jobs, _ = _jobs(guard, clock)

    with pytest.raises(NetworkRefused, match="no training '5'"):
        await jobs.cancel("5")


async def test_a_training_of_ones_own_needs_the_lease(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Who lost it asks for nothing.
    """
    guard = await make_guard(settings=network())
    state = guard.network_parts.shelves.state
    old = await state.lease("one")
    await state.release("one")
    await state.lease("other")

    _, new = await put(
        state, samples=0, epochs=0, who="nacre", why="schedule", now=clock(), changes={"tried": 1.0}, fence=old
    )  # fmt: skip

    assert not new
    assert (await state.read()).tried == 0.0


async def test_trainings_are_listed_newest_first(make_guard: MakeGuard, clock: Clock) -> None:
    """
    By their numbers as numbers: the tenth is newer than the ninth.
    """
    guard = await make_guard(settings=network())
    jobs, _ = _jobs(guard, clock)
    state = guard.network_parts.shelves.state
    for number in (1, 9, 10):
        job = Job(id=str(number), state="failed", why="asked for", who="test", samples=0, epochs=0, asked=clock())
        await state.change({}, jobs={job.id: pack_job(job)})

    assert [job.id for job in await jobs.newest(2)] == ["10", "9"]
    assert [job.id for job in await guard.network.jobs()] == ["10", "9", "1"]
