# SPDX-License-Identifier: Apache-2.0
"""Inputs brought to one size."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from nacre.network.scaling import Scaling

ANY_ROWS = hnp.arrays(np.float32, st.tuples(st.integers(1, 40), st.just(3)), elements=st.floats(width=32))


def scaling(x: NDArray[np.float32]) -> Scaling:
    """The scaling for rows that are all legitimate and count alike."""
    return Scaling.of(x, np.ones(len(x), np.bool_), np.ones(len(x)))


def test_the_bulk_of_the_rows_lies_within_plus_and_minus_one_and_a_half() -> None:
    """
    The quantiles of 0, 1, ... 100 are 2 and 98: the gain is 3/96, and 98 lies at z = 1.5, bent by 1/sqrt(1.25).
    """
    x = np.arange(101, dtype=np.float32)[:, None]

    made = scaling(x)

    assert made.centre.tolist() == [50.0]
    assert made.gain.tolist() == [pytest.approx(3 / 96)]
    assert made.apply(x)[98, 0] == pytest.approx(1.5 / np.sqrt(1.25))


@given(x=ANY_ROWS, later=ANY_ROWS)
def test_whatever_comes_stays_between_minus_three_and_three(x: NDArray[np.float32], later: NDArray[np.float32]) -> None:
    """
    Callers send their own numbers: one that is absurd or missing must not decide alone, nor break anything.
    """
    scaled = scaling(x).apply(later)

    assert np.isfinite(scaled).all()
    assert np.abs(scaled).max() <= 3.0


def test_a_column_that_never_varied_contributes_nothing_later() -> None:
    """
    Nothing was learned about it: a weight that it met by chance must not act when the column comes to life.
    """
    made = scaling(np.full((50, 1), 7.0, np.float32))

    assert made.apply(np.array([[7.0], [1e9]], np.float32)).tolist() == [[0.0], [0.0]]


def test_a_rare_flag_is_scaled_by_its_range() -> None:
    """
    Set in one row of a hundred it lies outside both quantiles, and is still what tells an attack.
    """
    x = np.zeros((100, 1), np.float32)
    x[7] = 1.0

    assert scaling(x).gain.tolist() == [3.0]


def test_the_centre_is_that_of_the_legitimate_rows() -> None:
    """
    Explanations compare with the ordinary request, and an ordinary request is no attack.
    """
    x = np.array([[1.0], [2.0], [3.0], [90.0], [90.0], [90.0], [90.0]], np.float32)

    made = Scaling.of(x, np.array([True, True, True, False, False, False, False]), np.ones(7))

    assert made.centre.tolist() == [2.0]


def test_a_missing_value_is_scaled_as_the_centre() -> None:
    """
    Then a row with a gap is judged by its other columns.
    """
    x = np.arange(20, dtype=np.float32)[:, None]

    assert scaling(x).apply(np.array([[np.nan], [np.inf]], np.float32)).tolist() == [[0.0], [0.0]]


@given(x=ANY_ROWS, chosen=st.lists(st.booleans(), min_size=40, max_size=40), weights=st.randoms(use_true_random=False))
def test_rows_among_others_are_scaled_as_if_there_were_no_others(
    x: NDArray[np.float32], chosen: list[bool], weights: Random
) -> None:
    """
    To the bit: whoever leaves rows out need not copy those that stay.
    """
    among = np.array(chosen[: len(x)])
    typical, weight = among.copy(), np.array([float(weights.randrange(3)) for _ in x])

    inside = Scaling.of(x, typical, weight, among=among)
    alone = Scaling.of(x[among], typical[among], weight[among])

    assert inside.centre.tobytes() == alone.centre.tobytes()
    assert inside.gain.tobytes() == alone.gain.tobytes()


@given(x=ANY_ROWS, columns=st.lists(st.integers(0, 2), min_size=1, max_size=4))
def test_some_columns_are_scaled_as_they_are_among_all(x: NDArray[np.float32], columns: list[int]) -> None:
    """
    A head sees its columns only, and has them scaled without those of the other.
    """
    made = scaling(x)

    assert np.array_equal(made.apply(x, columns), made.apply(x)[:, columns])
