# SPDX-License-Identifier: Apache-2.0
"""What is usual, and who cannot teach it."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.baseline import Baseline, Usual

MONDAY_NINE = (4 + 7 * 2000) * 24 + 9
"""Hours from the epoch."""


def learned(*values: float, step: int = 168) -> Baseline:
    """Return a baseline of some Mondays at nine, all four numbers alike."""
    baseline = Baseline()
    for week, value in enumerate(values):
        baseline.learn(MONDAY_NINE + week * step, (value, value, value, value))
    return baseline


def test_nothing_is_usual_before_half_a_day() -> None:
    """
    Three quiet hours in the night say nothing of the morning.
    """
    baseline = Baseline()

    for hour in range(11):
        baseline.learn(MONDAY_NINE + hour, (1.0, 1.0, 1.0, 1.0))

    assert baseline.usual(MONDAY_NINE + 14) is None


def test_the_same_hour_of_the_week_comes_first_then_that_of_the_day_then_all() -> None:
    """
    A Monday morning is unlike a Sunday's, but better that than midnight.
    """
    baseline = Baseline()
    for hour in range(24 * 14):
        value = 100.0 if hour % 24 == 9 else 10.0
        baseline.learn(MONDAY_NINE - 9 + hour, (value, value, value, value))
    baseline.learn(MONDAY_NINE + 14 * 24, (200.0, 200.0, 200.0, 200.0))

    assert baseline.usual(MONDAY_NINE + 168) == Usual(100.0, 100.0, 100.0, 100.0)
    assert baseline.usual(MONDAY_NINE + 24) == Usual(100.0, 100.0, 100.0, 100.0)
    assert baseline.usual(MONDAY_NINE + 1) == Usual(10.0, 10.0, 10.0, 10.0)


@given(st.lists(st.floats(0, 1e9), max_size=3))
def test_three_wild_weeks_of_eight_move_nothing(wild: list[float]) -> None:
    """
    The median of five calm ones and three attacks lies among the calm ones.
    """
    baseline = learned(20.0, 20.0, 20.0, 20.0, 20.0, *wild)

    usual = baseline.usual(MONDAY_NINE)

    assert usual is not None
    assert usual.strangers == 20.0


@given(st.floats(30, 1e9))
def test_a_single_hour_counts_three_times_the_usual_at_most(value: float) -> None:
    """
    Who wants to teach it has to come week after week, and is seen by then.
    """
    baseline = learned(20.0, 20.0, 20.0)

    baseline.learn(MONDAY_NINE + 3 * 168, (value, value, value, value))

    assert max(max(values) for values in baseline.hours[9]) <= 60.0


def test_eight_weeks_are_kept() -> None:
    """
    A site changes, and what is learned is bounded.
    """
    baseline = learned(*[10.0] * 30)

    assert sum(map(len, baseline.hours)) == 8
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(baseline), type=Baseline) == baseline
