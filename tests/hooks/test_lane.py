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

    found = await lane.run(lambda state: (says("return 1", state=state), threading.current_thread()), 60)

    assert found[0] == [1]
    assert found[1] is not threading.current_thread()


async def test_a_thread_keeps_its_state_until_it_is_spent(make_lane: MakeLane) -> None:
    """
    Compiled scripts and modules are worth keeping; what hit a limit is not.
    """
    lane = make_lane()
    first = await lane.run(lambda state: state, 60)
    second = await lane.run(lambda state: state, 60)

    with pytest.raises(HookError, match="computed for more than"):
        await lane.run(lambda state: says("while true do end", state=state), 60)
    third = await lane.run(lambda state: state, 60)

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
        await lane.run(lambda _: None, 60)
    hold.set()

    assert await asyncio.gather(*waiting) == [True, True]


async def test_a_run_that_does_not_come_back_is_answered_for_and_its_thread_replaced(make_lane: MakeLane) -> None:
    """
    A function of C, or a library, may take longer than anything that watches; the next login must find a thread.
    """
    lane = make_lane()
    hold = threading.Event()
    await lane.run(lambda _: None, 60)  # from here on there is a thread with a state

    with pytest.raises(HookError, match="did not come back in its time") as caught:
        await lane.run(lambda _: hold.wait(), 0.5)
    found = await lane.run(lambda _: "served", 60)
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
    await lane.run(lambda _: None, 60)
    for _ in range(4):
        with pytest.raises(HookError):
            await lane.run(lambda _: hold.wait(), 0.3)

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

    lane.post(done.append, 60)
    await lane.settle()

    assert len(done) == 1


async def test_what_nobody_waits_for_any_more_is_not_begun(make_lane: MakeLane) -> None:
    """
    The check that asked for it ended with an error.
    """
    lane = make_lane()
    hold = threading.Event()
    begun: list[State] = []
    first = lane.begin(lambda: lambda _: hold.wait(), 60)
    later = [lane.begin(lambda: begun.append, 60) for _ in range(9)]  # some are handed over, others wait for that

    for one in later:
        one.cancel()
    hold.set()
    await first
    await lane.settle()

    assert begun == []


async def test_work_is_not_handed_over_before_the_next_turn_of_the_loop(make_lane: MakeLane) -> None:
    """
    The check that asks for it has the store to ask first, and a thread that wakes up wants Python's lock.
    """
    lane = make_lane()
    await lane.run(lambda _: None, 60)
    order, posted = [], threading.Event()

    def post(_: State) -> None:
        order.append("at once")
        posted.set()

    done = lane.begin(lambda: lambda _: order.append("in the next turn"), 60)
    lane.post(post, 60)
    posted.wait(60)  # the loop is about something else
    await done

    assert order == ["at once", "in the next turn"]


async def test_work_that_cannot_be_made_is_an_error_to_whoever_waits(make_lane: MakeLane) -> None:
    """
    It is made behind the turn in which it was asked for, where no caller sees what is raised.
    """
    lane = make_lane()

    def broken() -> Callable[[State], None]:
        raise LookupError("no such request")

    with pytest.raises(LookupError, match="no such request"):
        await lane.begin(broken, 60)
    found = await lane.run(lambda _: "served", 60)

    assert found == "served"


async def test_where_there_is_no_room_the_future_says_so(make_lane: MakeLane) -> None:
    """
    Whoever begins something else at the same time needs no other way for that.
    """
    lane = make_lane()
    await lane.stop()

    done = lane.begin(lambda: lambda _: None, 60)

    assert isinstance(done.exception(), HooksBusy)


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
    begun, hold = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def work(_: State) -> bool:
        loop.call_soon_threadsafe(begun.set)
        return hold.wait()

    runs = [lane.begin(lambda: work, 60) for _ in range(6)]
    await begun.wait()

    loop.call_later(0.05, hold.set)
    await lane.stop()
    answers = await asyncio.gather(*runs, return_exceptions=True)

    assert [type(answer) for answer in answers] == [bool, bool, bool, bool, HooksBusy, HooksBusy]


async def test_a_stopped_lane_takes_nothing_more(make_lane: MakeLane) -> None:
    """
    The process is about to end.
    """
    lane = make_lane()
    await lane.run(lambda _: None, 60)

    await lane.stop()

    with pytest.raises(HooksBusy):
        lane.post(lambda _: None, 60)
    await eventually(lambda: "nacre-lua-tests" not in [thread.name for thread in threading.enumerate()])
