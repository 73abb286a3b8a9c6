# SPDX-License-Identifier: Apache-2.0
"""Which rows an epoch learns from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.network.drawing import ATTACK, LEGIT_FAILURE, LEGIT_SUCCESS, Draw, newest

SHARES = (0.4, 0.3, 0.3)


def test_groups_come_at_their_shares_however_rare_they_are() -> None:
    """
    20 attacks among 2,000 rows: 400 of 1,000 drawn, so that each comes about twenty times.
    """
    group = np.array([ATTACK] * 20 + [LEGIT_FAILURE] * 480 + [LEGIT_SUCCESS] * 1500)

    drawn, _ = Draw(group, np.ones(2000), SHARES, count=1000).epoch(np.random.default_rng(0))

    assert np.bincount(group[drawn]).tolist() == [400, 300, 300]
    assert np.bincount(drawn)[:20].tolist() == [20] * 20


@given(seed=st.integers(0, 1000), weights=st.lists(st.floats(0.01, 5.0), min_size=2, max_size=30))
def test_a_row_comes_as_often_as_its_weight_says(seed: int, weights: list[float]) -> None:
    """
    Not as chance has it: the number differs from what is due by less than one.
    """
    weight = np.array([*weights, 1.0, 1.0])
    group = np.array([ATTACK] * len(weights) + [LEGIT_FAILURE, LEGIT_SUCCESS])

    drawn, _ = Draw(group, weight, SHARES, count=100).epoch(np.random.default_rng(seed))
    times = np.bincount(drawn, minlength=len(weight))[: len(weights)]

    assert np.all(np.abs(times - 40 * np.array(weights) / sum(weights)) < 1 + 1e-6)


def test_a_row_without_weight_is_never_drawn() -> None:
    """
    Weight 0 means that nothing is known about it, be it the only row of its group.
    """
    group = np.array([ATTACK, ATTACK, LEGIT_FAILURE, LEGIT_SUCCESS, LEGIT_SUCCESS])

    drawn, _ = Draw(group, np.array([0.0, 1.0, 0.0, 1.0, 0.0]), SHARES, count=50).epoch(np.random.default_rng(0))

    assert set(drawn.tolist()) == {1, 3}


def test_what_an_empty_group_would_get_goes_to_the_others() -> None:
    """
    A site where nobody mistypes a password still trains: 4 to 3, as the shares of the others are.
    """
    group = np.array([ATTACK] * 10 + [LEGIT_SUCCESS] * 10)

    drawn, _ = Draw(group, np.ones(20), SHARES, count=700).epoch(np.random.default_rng(0))

    assert np.bincount(group[drawn], minlength=3).tolist() == [400, 0, 300]


def test_a_group_drawn_more_often_than_it_occurs_counts_less() -> None:
    """
    Attacks are .1 of the traffic and .4 of the draw, successes .9 and .6: sqrt(.1/.4) to sqrt(.9/.6).
    """
    group = np.array([ATTACK] * 10 + [LEGIT_SUCCESS] * 90)

    draw = Draw(group, np.ones(100), (0.4, 0.0, 0.6), count=100)
    _, counts = draw.epoch(np.random.default_rng(0))

    assert draw.importance[ATTACK] / draw.importance[LEGIT_SUCCESS] == pytest.approx(np.sqrt(0.25 / 1.5))
    assert counts.mean() == pytest.approx(1.0)


@given(times=st.lists(st.integers(0, 20), min_size=1, max_size=50), share=st.floats(0, 0.9))
def test_held_out_rows_are_later_than_all_others(times: list[int], share: float) -> None:
    """
    Two attempts of the same second may be one attack: it must not lie on both sides.
    """
    time = np.array(times, np.float64)

    held = newest(time, share)

    assert held.sum() <= share * len(times)
    assert not held.any() or time[held].min() > time[~held].max()
