# SPDX-License-Identifier: Apache-2.0
"""Axes of charts."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.pages.axes import Axis, linear, log_odds, logarithmic, tick_label

AXES = (linear("x"), linear("x", 0.5), logarithmic("x", 1e-5, 1.0), log_odds("x"))


@pytest.mark.parametrize("axis", AXES)
@given(one=st.floats(-1.0, 2.0), other=st.floats(-1.0, 2.0))
def test_a_greater_value_never_lies_further_left(axis: Axis, one: float, other: float) -> None:
    """
    And nothing lies outside of the chart.
    """
    low, high = sorted((one, other))

    assert 0.0 <= axis.place(low) <= axis.place(high) <= 1.0


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_is_marked_from_end_to_end(axis: Axis) -> None:
    """
    The marks rise, and no two are so close that their names could touch.
    """
    places = [axis.place(tick) for tick in axis.ticks]

    assert (places[0], places[-1]) == (0.0, 1.0)
    assert all(after - before > 0.12 for before, after in pairwise(places))


def test_tenfold_steps_are_even() -> None:
    """
    So that one in a thousand is not drawn on top of one in ten thousand.
    """
    places = [logarithmic("x", 1e-4, 1.0).place(10.0**at) for at in (-4, -3, -2, -1, 0)]

    assert places == pytest.approx([0, 0.25, 0.5, 0.75, 1])


def test_both_ends_of_a_probability_have_the_same_room() -> None:
    """
    One in a hundred lies as far from the left as 99 in a hundred from the right.
    """
    axis = log_odds("x")

    assert axis.place(0.01) == pytest.approx(1 - axis.place(0.99))
    assert axis.place(0.01) - axis.place(0.001) > 0.1


def test_marks_are_named_in_percent() -> None:
    """
    None of them needs more than seven characters.
    """
    names = [tick_label(tick) for axis in AXES for tick in axis.ticks]

    assert {"0.001 %", "0.1 %", "20 %", "99.9 %", "100 %"} <= set(names)
    assert max(map(len, names)) <= 7
