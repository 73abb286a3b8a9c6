# SPDX-License-Identifier: Apache-2.0
"""Local counts: exact, bounded, and only of what an address does."""

from __future__ import annotations

import pytest
from builders import fields, rule
from hypothesis import given
from hypothesis import strategies as st

from nacre.account import AccountNames
from nacre.attempt import Attempt, admit
from nacre.identity import Identity
from nacre.outage import LocalCounters
from nacre.rules.rule import Bucket, Kind, Watch

KEY = [b"key"]


def failure(now: float = 1000.0, password: str = "") -> Attempt:
    """A failed attempt; without further words nobody saw its password."""
    sent = fields(password=password, time=now)
    return admit(sent, names=AccountNames(), identity=Identity(b"k" * 32), now=now, request_id="r")


def watch(kind: Kind = Kind.ORIGIN, *, limit: int = 5, period: float = 60.0) -> tuple[Watch, ...]:
    """One subject with one rule."""
    return (Watch(kind, 32, (Bucket.of(rule("r", limit=limit, period=period)),)),)


@given(gaps=st.lists(st.floats(0, 30), max_size=40), limit=st.integers(1, 20), later=st.floats(0, 100))
def test_it_trips_exactly_while_the_limit_is_reached(gaps: list[float], limit: int, later: float) -> None:
    """
    A log of times has no error to allow for; only the newest ones that the limit asks for are kept.
    """
    watches, counters, now, times = watch(limit=limit), LocalCounters(), 1000.0, []
    for gap in gaps:
        now += gap
        times.append(now)
        counters.add(watches, KEY, failure(now))

    trips = counters.trips(watches, KEY, now + later)

    within = sum(time > now + later - 60.0 for time in times)
    assert [trip.count for trip in trips] == ([limit] if within >= limit else [])


@pytest.mark.parametrize(("kind", "counts"), [(kind, kind in {Kind.ORIGIN, Kind.SUBNET, Kind.CLIENT}) for kind in Kind])
def test_rules_about_accounts_rest(kind: Kind, *, counts: bool) -> None:
    """
    Who an account's owner is stands in the store: without it such a rule would lock owners out.
    """
    watches, counters = watch(kind, limit=1), LocalCounters()

    counters.add(watches, KEY, failure())

    assert bool(counters.trips(watches, KEY, 1000.0)) is counts


def test_subjects_and_rules_are_counted_apart() -> None:
    """
    Neither another address nor another rule for the same address fills this bucket.
    """
    counters, watches = LocalCounters(), watch(limit=1)
    other = (Watch(Kind.ORIGIN, 32, (Bucket.of(rule("other", limit=1)),)),)

    counters.add(watches, KEY, failure())

    assert counters.trips(watches, [b"elsewhere"], 1000.0) == []
    assert counters.trips(other, KEY, 1000.0) == []


def test_the_same_wrong_password_counts_once_here_too() -> None:
    """
    A phone that retries through the outage is one mistake; it is no reason to refuse its household.
    """
    watches, counters = watch(limit=2), LocalCounters()

    for password, counted in (("old", 1), ("old", 1), ("older", 2), ("old", 2), ("older", 2)):
        counters.add(watches, KEY, failure(1000.0, password))
        assert bool(counters.trips(watches, KEY, 1000.0)) is (counted == 2)


def test_memory_is_bounded_and_the_longest_unseen_goes_first() -> None:
    """
    A botnet that comes during an outage must not take the process with it.
    """
    counters, watches = LocalCounters(), watch(limit=2)
    counters.add(watches, [b"busy"], failure())
    counters.add(watches, [b"quiet"], failure())

    for number in range(49_998):
        counters.add(watches, [str(number).encode()], failure())
    counters.add(watches, [b"busy"], failure(1001.0))
    counters.add(watches, [b"one more"], failure(1001.0))
    counters.add(watches, [b"quiet"], failure(1001.0))

    assert counters.trips(watches, [b"busy"], 1001.0)
    assert not counters.trips(watches, [b"quiet"], 1001.0)


def test_it_forgets_when_the_store_is_back() -> None:
    """
    What was spooled is in the store then; counting it twice would refuse people twice.
    """
    counters, watches = LocalCounters(), watch(limit=1)
    counters.add(watches, KEY, failure())

    counters.clear()

    assert counters.trips(watches, KEY, 1000.0) == []
