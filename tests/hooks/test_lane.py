# SPDX-License-Identifier: Apache-2.0
"""Threads for scripts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest
from builders import eventually
from seats import says, seat

from nacre.errors import HookError, HooksBusy
from nacre.hooks.lane import Lane
from nacre.hooks.state import State

MakeLane = Callable[..., Lane]


@pytest.fixture
async def make_lane() -> AsyncIterator[MakeLane]:
    """Make lanes that end with the test."""
    lanes = []

    def make(threads: int = 1, room: int = 10) -> Lane:
        lane = Lane("tests", threads=threads, room=room, make=seat, grace=0.05)
        lanes.append(lane)
        return lane

    yield make
    for lane in lanes:
        await lane.stop()


async def test_work_is_done_in_another_thread(make_lane: MakeLane) -> None:
    """
    The event loop serves everybody else meanwhile.
    """
    lane = make_lane()

    found = await lane.run(lambda state: (says("return 1", state=state), threading.current_thread()), 5)

    assert found[0] == [1]
    assert found[1] is not threading.current_thread()


async def test_a_thread_keeps_its_state_until_it_is_spent(make_lane: MakeLane) -> None:
    """
    Compiled scripts and modules are worth keeping; what hit a limit is not.
    """
    lane = make_lane()
    first = await lane.run(lambda state: state, 5)
    second = await lane.run(lambda state: state, 5)

    with pytest.raises(HookError, match="computed for more than"):
        await lane.run(lambda state: says("while true do end", state=state), 5)
    third = await lane.run(lambda state: state, 5)

    assert first is second
    assert third is not first


async def test_what_has_no_room_is_refused_at_once(make_lane: MakeLane) -> None:
    """
    A queue without an end would answer everybody too late.
    """
    lane = make_lane(threads=1, room=1)
    hold = threading.Event()
    waiting = [asyncio.create_task(lane.run(lambda _: hold.wait(), 5)) for _ in range(2)]
    await asyncio.sleep(0)

    with pytest.raises(HooksBusy, match="all 1 threads for tests are taken, and 1 runs wait"):
        await lane.run(lambda _: None, 5)
    hold.set()

    assert await asyncio.gather(*waiting) == [True, True]


async def test_a_run_that_does_not_come_back_is_answered_for_and_its_thread_replaced(make_lane: MakeLane) -> None:
    """
    A function of C, or a library, may take longer than anything that watches; the next login must find a thread.
    """
    lane = make_lane()
    hold = threading.Event()

    with pytest.raises(HookError, match="did not come back in its time") as caught:
        await lane.run(lambda _: hold.wait(), 0.05)
    found = await lane.run(lambda _: "served", 5)
    hold.set()

    assert found == "served"
    assert caught.value.limit
    await lane.settle()


async def test_no_more_threads_are_lost_than_there_are(make_lane: MakeLane) -> None:
    """
    A script that hangs each time must not fill the process with threads.
    """
    lane = make_lane(threads=1, room=10)
    hold = threading.Event()
    for _ in range(4):
        with pytest.raises(HookError):
            await lane.run(lambda _: hold.wait(), 0.05)

    names = [thread.name for thread in threading.enumerate()]
    hold.set()
    await lane.settle()

    assert names.count("nacre-lua-tests") == 2


async def test_what_waited_too_long_is_not_begun(make_lane: MakeLane) -> None:
    """
    Whoever asked has been answered; the work would be for nobody.
    """
    lane = make_lane()
    hold = threading.Event()
    begun: list[State] = []
    first = asyncio.create_task(lane.run(lambda _: hold.wait(), 5))
    await asyncio.sleep(0)
    second = asyncio.create_task(lane.run(begun.append, 0.0))
    await asyncio.sleep(0)

    hold.set()
    await first
    with pytest.raises(HookError, match="no thread was free in its time"):
        await second

    assert begun == []


async def test_work_that_nobody_waits_for_is_done_all_the_same(make_lane: MakeLane) -> None:
    """
    Actions follow a decision that was given long ago.
    """
    lane = make_lane()
    done: list[State] = []

    lane.post(done.append, 5)
    await lane.settle()

    assert len(done) == 1


async def test_many_runs_at_once_are_handed_over_a_few_at_a_time(make_lane: MakeLane) -> None:
    """
    All of them are done, in their order; the loop has other work in between.
    """
    lane = make_lane(threads=1, room=1000)
    order: list[int] = []

    def note(number: int, _: State) -> None:
        order.append(number)

    await asyncio.gather(*(lane.run(partial(note, number), 30) for number in range(300)))

    assert order == list(range(300))


async def test_who_waits_for_a_turn_waits_no_longer_than_for_a_thread(make_lane: MakeLane) -> None:
    """
    A thread that hangs holds up all that come behind; each is answered in its time all the same.
    """
    lane = make_lane(threads=1, room=100)
    hold = threading.Event()
    runs = [asyncio.create_task(lane.run(lambda _: hold.wait(), 0.05)) for _ in range(20)]

    answers = await asyncio.gather(*runs, return_exceptions=True)
    hold.set()

    assert all(isinstance(answer, HookError) for answer in answers)
    await lane.settle()


async def test_who_waits_when_the_lane_stops_is_told(make_lane: MakeLane) -> None:
    """
    Nobody hangs on a process that ends.
    """
    lane = make_lane(threads=1, room=100)
    hold = threading.Event()
    runs = [asyncio.create_task(lane.run(lambda _: hold.wait(), 30)) for _ in range(6)]
    await asyncio.sleep(0)

    asyncio.get_running_loop().call_later(0.05, hold.set)
    await lane.stop()
    answers = await asyncio.gather(*runs, return_exceptions=True)

    assert [type(answer) for answer in answers] == [bool, bool, bool, bool, HooksBusy, HooksBusy]


async def test_a_stopped_lane_takes_nothing_more(make_lane: MakeLane) -> None:
    """
    The process is about to end.
    """
    lane = make_lane()
    await lane.run(lambda _: None, 5)

    await lane.stop()

    with pytest.raises(HooksBusy):
        lane.post(lambda _: None, 5)
    await eventually(lambda: "nacre-lua-tests" not in [thread.name for thread in threading.enumerate()])
