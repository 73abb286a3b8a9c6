# SPDX-License-Identifier: Apache-2.0
"""What right guesses weigh in a training."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.columns import STANDARD
from nacre.learning.hits import MOST, TIMES, dearer
from nacre.network.drawing import ATTACK, LEGIT_SUCCESS, Rows

RIGHT = STANDARD.names.index("token.right")

told = st.lists(
    st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from([0.0, 1.0, float("nan")]), st.floats(0.0, 100.0)),
    min_size=1,
    max_size=30,
)


def rows(given: list[tuple[int, float, float]]) -> Rows:
    """Return rows of a group, whether the password was right, and a weight."""
    group = np.array([each for each, _, _ in given])
    x = np.zeros((len(given), len(STANDARD)), np.float32)
    x[:, RIGHT] = [right for _, right, _ in given]
    weight = np.array([weight for _, _, weight in given], np.float32)
    return Rows(x, (group == ATTACK).astype(np.float32), weight, np.zeros(len(given)), group)


@given(told)
def test_attacks_together_and_every_legitimate_row_weigh_what_they_did(given: list[tuple[int, float, float]]) -> None:
    """
    The calibration reads the mix of attacks and legitimate attempts from these weights.
    """
    before = rows(given)
    attack = before.group == ATTACK

    after = dearer(before)

    assert after.weight.dtype == np.float32
    assert after.weight[~attack].tolist() == before.weight[~attack].tolist()
    assert after.weight[attack].sum() == pytest.approx(before.weight[attack].sum(), rel=1e-4)


def test_a_right_guess_weighs_some_times_a_wrong_one() -> None:
    """
    Whoever signs in with the right password and is no attacker weighs no more for it.
    """
    mixed = rows([(ATTACK, 1.0, 1.0), (ATTACK, 0.0, 900.0), (ATTACK, float("nan"), 99.0), (LEGIT_SUCCESS, 1.0, 1.0)])

    hit, wrong, not_told, owner = dearer(mixed).weight.tolist()

    assert (hit / wrong * 900, not_told / wrong * 900) == (pytest.approx(TIMES), pytest.approx(99.0))
    assert owner == 1.0


def test_a_few_right_guesses_do_not_become_the_lesson() -> None:
    """
    One attack in ten was right: counted ten times, these few would be half of what is learned, by heart.
    """
    few = dearer(rows([(ATTACK, 1.0, 4.0), (ATTACK, 0.0, 96.0)])).weight
    many = dearer(rows([(ATTACK, 1.0, 10.0), (ATTACK, 0.0, 90.0)])).weight

    assert few.tolist() == pytest.approx([100 * MOST, 100 - 100 * MOST])
    assert many.tolist() == pytest.approx([10.0, 90.0])


def test_attacks_that_weigh_nothing_stay_as_they_are() -> None:
    """
    Every one of them may have been thinned out.
    """
    assert dearer(rows([(ATTACK, 1.0, 0.0), (LEGIT_SUCCESS, 1.0, 2.0)])).weight.tolist() == [0.0, 2.0]
