# SPDX-License-Identifier: Apache-2.0
"""Where the threads of scripts run."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest

from nacre.hooks.nearby import ANYWHERE, Nearby

EVERYWHERE = os.sched_getaffinity(0)
HERE = min(EVERYWHERE)
CALM = 40
"""Pieces of work that are enough for threads to be kept near."""


@pytest.fixture
def thread() -> Iterator[threading.Thread]:
    """A thread that waits for the end of the test."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    yield thread
    end.set()
    thread.join()


def _where(thread: threading.Thread) -> set[int]:
    assert thread.native_id is not None
    return os.sched_getaffinity(thread.native_id)


def _near(thread: threading.Thread) -> Nearby:
    nearby = Nearby(lambda: HERE)
    for _ in range(CALM):
        nearby.call([thread], 1)
        nearby.took(0.00005)
    return nearby


def test_threads_whose_work_is_short_are_kept_near(thread: threading.Thread) -> None:
    """
    To wake one up elsewhere takes longer than the work does.
    """
    nearby = _near(thread)

    assert nearby.at == HERE
    assert _where(thread) == {HERE}


def test_a_few_pieces_of_work_say_nothing_yet(thread: threading.Thread) -> None:
    """
    To move threads costs more than to let them be.
    """
    nearby = Nearby(lambda: HERE)

    for _ in range(3):
        nearby.call([thread], 1)

    assert nearby.at == ANYWHERE
    assert _where(thread) == EVERYWHERE


def test_threads_follow_the_loop(thread: threading.Thread) -> None:
    """
    The system moves it now and then.
    """
    place = [HERE]
    nearby = Nearby(lambda: place[0])
    for _ in range(CALM):
        nearby.call([thread], 1)

    place[0] = max(EVERYWHERE)
    nearby.call([thread], 1)

    assert _where(thread) == {max(EVERYWHERE)}


def test_threads_run_anywhere_where_there_is_much_to_do(thread: threading.Thread) -> None:
    """
    What they compute would hold the loop up, and one another.
    """
    nearby = _near(thread)

    nearby.call([thread], 2)

    assert _where(thread) == EVERYWHERE


def test_threads_whose_work_is_long_run_anywhere(thread: threading.Thread) -> None:
    """
    A script that computes for a while has no business next to the loop.
    """
    nearby = _near(thread)

    nearby.took(0.1)
    nearby.call([thread], 1)

    assert _where(thread) == EVERYWHERE


def test_a_thread_that_does_not_come_back_may_go_anywhere(thread: threading.Thread) -> None:
    """
    How long it takes is known only when it ends.
    """
    nearby = _near(thread)

    nearby.free([thread])

    assert _where(thread) == EVERYWHERE


def test_a_thread_that_begins_goes_to_where_the_others_are(thread: threading.Thread) -> None:
    """
    It takes the place of one that was lost.
    """
    nearby = _near(thread)
    found: list[set[int]] = []

    def begin() -> None:
        nearby.begin()
        found.append(os.sched_getaffinity(0))

    later = threading.Thread(target=begin)
    later.start()
    later.join()

    assert found == [{HERE}]


def test_a_thread_that_has_ended_is_no_matter() -> None:
    """
    Threads end at any moment.
    """
    ended = threading.Thread(target=lambda: None)
    ended.start()
    ended.join()

    nearby = _near(ended)

    assert nearby.at == HERE


def test_where_the_system_does_not_let_us_nothing_is_moved(thread: threading.Thread) -> None:
    """
    A processor that is not there, for one; scripts run all the same.
    """
    nearby = Nearby(lambda: 100_000)

    for _ in range(CALM):
        nearby.call([thread], 1)

    assert nearby.at == ANYWHERE
    assert _where(thread) == EVERYWHERE


def test_threads_are_let_go_where_they_cannot_follow(thread: threading.Thread) -> None:
    """
    What they may run on can be narrowed from outside at any moment; they must not stay where the loop once was.
    """
    place = [HERE]
    nearby = Nearby(lambda: place[0])
    for _ in range(CALM):
        nearby.call([thread], 1)

    place[0] = 100_000
    nearby.call([thread], 1)

    assert nearby.at == ANYWHERE
    assert _where(thread) == EVERYWHERE


def test_nothing_is_moved_where_nobody_knows_the_processor(thread: threading.Thread) -> None:
    """
    Not every system tells.
    """
    nearby = Nearby(None)

    for _ in range(CALM):
        nearby.call([thread], 1)

    assert _where(thread) == EVERYWHERE
