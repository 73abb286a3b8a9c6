# SPDX-License-Identifier: Apache-2.0
"""Local counts: exact, bounded, and only of what an address does."""

from __future__ import annotations

import pytest
from builders import rule
from hypothesis import given
from hypothesis import strategies as st

from nacre.outage import LocalCounters
from nacre.rules.rule import Bucket, Kind, Watch

KEY = [b"key"]


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
        counters.add(watches, KEY, now)

    trips = counters.trips(watches, KEY, now + later)

    within = sum(time > now + later - 60.0 for time in times)
    assert [trip.count for trip in trips] == ([limit] if within >= limit else [])


@pytest.mark.parametrize(("kind", "counts"), [(kind, kind in {Kind.ORIGIN, Kind.SUBNET, Kind.CLIENT}) for kind in Kind])
def test_rules_about_accounts_rest(kind: Kind, *, counts: bool) -> None:
    """
    Who an account's owner is stands in the store: without it such a rule would lock owners out.
    """
    watches, counters = watch(kind, limit=1), LocalCounters()

    counters.add(watches, KEY, 1000.0)

    assert bool(counters.trips(watches, KEY, 1000.0)) is counts


def test_subjects_and_rules_are_counted_apart() -> None:
    """
    Neither another address nor another rule for the same address fills this bucket.
    """
    counters, watches = LocalCounters(), watch(limit=1)
    other = (Watch(Kind.ORIGIN, 32, (Bucket.of(rule("other", limit=1)),)),)

    counters.add(watches, KEY, 1000.0)

    assert counters.trips(watches, [b"elsewhere"], 1000.0) == []
    assert counters.trips(other, KEY, 1000.0) == []


def test_memory_is_bounded_and_the_longest_unseen_goes_first() -> None:
    """
    A botnet that comes during an outage must not take the process with it.
    """
    counters, watches = LocalCounters(), watch(limit=2)
    counters.add(watches, [b"busy"], 1000.0)
    counters.add(watches, [b"quiet"], 1000.0)

    for number in range(49_998):
        counters.add(watches, [str(number).encode()], 1000.0)
    counters.add(watches, [b"busy"], 1001.0)
    counters.add(watches, [b"one more"], 1001.0)
    counters.add(watches, [b"quiet"], 1001.0)

    assert counters.trips(watches, [b"busy"], 1001.0)
    assert not counters.trips(watches, [b"quiet"], 1001.0)


def test_it_forgets_when_the_store_is_back() -> None:
    """
    What was spooled is in the store then; counting it twice would refuse people twice.
    """
    counters, watches = LocalCounters(), watch(limit=1)
    counters.add(watches, KEY, 1000.0)

    counters.clear()

    assert counters.trips(watches, KEY, 1000.0) == []
