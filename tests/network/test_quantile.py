# SPDX-License-Identifier: Apache-2.0
"""Quantiles of weighted values."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nacre.network.quantile import deciles, weighted_quantiles

WEIGHED = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 5)), min_size=1, max_size=40)


@given(pairs=WEIGHED, at=st.floats(0.01, 1.0))
def test_a_row_of_weight_three_is_three_rows(pairs: list[tuple[int, int]], at: float) -> None:
    """
    A sample that stands for many attempts counts as they would have.
    """
    values, weight = (np.array(side, np.float64) for side in zip(*pairs, strict=True))
    repeated = np.repeat(values, weight.astype(int)) if weight.any() else values

    one = weighted_quantiles(values, weight, np.array([at]))
    other = weighted_quantiles(repeated, np.ones(len(repeated)), np.array([at]))

    assert one.tolist() == other.tolist()


@given(pairs=WEIGHED, at=st.floats(0.0, 1.0))
def test_a_quantile_is_a_value_that_counts(pairs: list[tuple[int, int]], at: float) -> None:
    """
    A row of weight 0 stands for nothing, and does not become the centre of a column.
    """
    values, weight = (np.array(side, np.float64) for side in zip(*pairs, strict=True))

    quantile = weighted_quantiles(values, weight, np.array([max(at, 1e-9)]))[0]

    assert quantile in (values[weight > 0] if weight.any() else values)


def test_the_bins_between_deciles_hold_all_of_the_weight() -> None:
    """
    A watch on drift compares shares with shares: 1 to 100 fill each bin with ten.
    """
    edges, shares = deciles(np.arange(1, 101, dtype=np.float32)[:, None], np.ones(100))

    assert edges[0].tolist() == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert shares[0].round(6).tolist() == [np.float32(0.1).round(6)] * 10


def test_the_deciles_of_some_rows_are_those_of_these_rows_alone() -> None:
    """
    Looked at in their place: a copy of all that is legitimate would be as much memory again.
    """
    chance = np.random.default_rng(0)
    x, weight, among = chance.normal(size=(500, 3)).astype(np.float32), chance.random(500), chance.random(500) < 0.3

    inside, alone = deciles(x, weight, among=among), deciles(x[among], weight[among])

    assert [each.tobytes() for each in inside] == [each.tobytes() for each in alone]
