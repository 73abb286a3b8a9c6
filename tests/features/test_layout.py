# SPDX-License-Identifier: Apache-2.0
"""What the profiles of each kind of subject hold."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.layout import CONTEXT, DAY, SOURCE, TOKEN, USER, Layout

LAYOUTS = [SOURCE, USER, TOKEN, CONTEXT]


@pytest.mark.parametrize("layout", LAYOUTS)
@given(half_lives=st.floats(0.0, 20.0))
def test_a_counter_halves_within_its_half_life(layout: Layout, half_lives: float) -> None:
    """
    Each at its own pace, whatever the others do.
    """
    for place, half_life in enumerate(layout.left_in):
        assert layout.left_after(half_lives * half_life)[place] == pytest.approx(0.5**half_lives)


def test_no_two_layouts_have_one_code() -> None:
    """
    A value says by its code what it holds.
    """
    assert len({layout.code for layout in LAYOUTS}) == len(LAYOUTS)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_counter_is_found_by_its_name(layout: Layout) -> None:
    """
    Its window is part of the name, and tells its half-life.
    """
    assert [layout.counter(name) for name in layout.names] == list(range(len(layout.names)))
    assert all(layout.left_in[layout.counter(name)] == DAY for name in layout.names if name.endswith("_24h"))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_profile_outlives_its_slowest_counter(layout: Layout) -> None:
    """
    What is forgotten had hardly anything left to tell.
    """
    assert layout.lives > max(layout.left_in)
