# SPDX-License-Identifier: Apache-2.0
"""Windows as they are read; that the store writes what they promise is in store/test_observations.py."""

from __future__ import annotations

from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.window import COARSE, EMPTY, EXACT_LIMIT, FINE, Shape, Window

NOW = 1_800_000_000.0


def window(times: list[float], grain: float) -> Window:
    """A window as the store would have written it, had it kept everything."""
    ticks = sorted({floor(time / grain) for time in times})
    return Window(grain, tuple(ticks), tuple(sum(floor(time / grain) == tick for time in times) for tick in ticks))


@given(
    ages=st.lists(st.floats(0, 2000), max_size=30),
    period=st.floats(0.5, 1000),
    limit=st.sampled_from([1, 5, EXACT_LIMIT, EXACT_LIMIT + 1, 1_000_000]),
)
def test_a_count_errs_by_less_than_one_grain_and_to_one_side(ages: list[float], period: float, limit: int) -> None:
    """
    A limit cannot be slipped under, and nobody is held to a failure for noticeably longer than the period.
    """
    grain = Shape.of(period, limit).grain
    times = [NOW - age for age in ages]

    count = window(times, grain).count(NOW, period)

    assert count >= sum(time > NOW - period for time in times)
    assert count <= sum(time > NOW - period - 1.001 * grain for time in times)


@given(age=st.floats(0, 100), period=st.floats(0.5, 1000), later=st.floats(0, 5000))
def test_an_event_that_has_left_its_window_does_not_come_back(age: float, period: float, later: float) -> None:
    """
    Time only takes events out of a window: no order of rounding brings one in again.
    """
    one = window([NOW - age], Shape.of(period, 10).grain)

    assert one.count(NOW + later, period) <= one.count(NOW, period)


@pytest.mark.parametrize(
    ("limit", "parts", "cap"),
    [
        (1, FINE, 1),
        (EXACT_LIMIT, FINE, EXACT_LIMIT),
        # Whole ticks of a period, the one that began before it, and the one that has just begun: 64 + 2.  A tick
        # holds 65,535 events; the next ones need an entry more.
        (EXACT_LIMIT + 1, COARSE, 67),
        (65_535, COARSE, 67),
        (65_536, COARSE, 68),
        (1_000_000, COARSE, 82),
        (1 << 30, COARSE, 255),
    ],
)
def test_a_shape_holds_as_many_events_as_its_limit_asks_for(limit: int, parts: int, cap: int) -> None:
    """
    Up to 64 events each has a time of its own; beyond, events share ticks and the number of ticks is what is bounded.
    """
    shape = Shape.of(3600.0, limit)

    assert shape == (3600.0, 3600.0 / parts, cap)


def test_a_smooth_shape_has_as_many_ticks_as_a_value_can_hold() -> None:
    """
    A toleration of an hour is read from a window of a day: six minutes of error, where 64 ticks would have 22.
    """
    assert Shape.smooth(86_400.0) == (86_400.0, 360.0, 255)


def test_a_window_that_nothing_was_counted_in_counts_nothing() -> None:
    """
    What is not in the store needs no case of its own where it is read.
    """
    assert EMPTY.count(NOW, 3600.0) == 0
