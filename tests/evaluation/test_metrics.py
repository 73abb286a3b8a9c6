# SPDX-License-Identifier: Apache-2.0
"""Figures of scores, and that ties favour nobody."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.metrics import Floats, average_precision, calibration_error, ranking, recalls, share, skill, threshold

coarse = st.lists(st.integers(0, 5), min_size=1, max_size=60).map(lambda values: np.array(values) / 5)


@given(scores=coarse, budget=st.floats(0, 1))
def test_a_threshold_keeps_its_budget_and_the_next_lower_score_does_not(scores: Floats, budget: float) -> None:
    """
    Whatever ties there are: no more are refused than may be, and no higher threshold was taken than needed.
    """
    limit = threshold(scores, budget)
    allowed = math.floor(budget * len(scores) + 1e-9)

    assert (scores > limit).sum() <= allowed
    lower = scores[scores < limit]
    assert limit == -math.inf or not len(lower) or (scores > lower.max()).sum() > allowed


def test_a_tie_of_attack_and_login_at_the_threshold_stops_neither() -> None:
    """
    Ten logins and a budget of one: the second highest is the threshold, and what equals it passes.
    """
    legitimate = np.array([0.9, 0.8] + [0.1] * 8)
    attacks = np.array([0.95, 0.8, 0.79])

    limit = threshold(legitimate, 0.1)

    assert limit == 0.8
    assert (attacks > limit).tolist() == [True, False, False]


@given(scores=coarse, data=st.data())
def test_the_ranking_is_the_share_of_pairs_in_order(scores: Floats, data: st.DataObject) -> None:
    """
    The area under the curve is that of all pairs of attack and login, ties being half.
    """
    attack = np.array(data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))))
    pairs = [(a > b) + (a == b) / 2 for a in scores[attack] for b in scores[~attack]]

    if pairs:
        assert ranking(scores, attack) == pytest.approx(np.mean(pairs))
    else:
        assert math.isnan(ranking(scores, attack))


def test_precision_is_averaged_at_each_recall() -> None:
    """
    Found at rank 1 and 3 of 4: (1/1 + 2/3) / 2; scores that say nothing are worth the share of attacks.
    """
    attack = np.array([True, False, True, False])

    assert average_precision(np.array([0.9, 0.8, 0.7, 0.1]), attack) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(np.full(4, 0.5), attack) == pytest.approx(0.5)


def test_calibration_is_the_gap_between_what_was_said_and_what_was() -> None:
    """
    Of ten at 0.7 seven are attacks: no gap.  Of ten at 0.7 none: 0.7.
    """
    said = np.full(10, 0.7)

    assert calibration_error(said, np.arange(10) < 7) == pytest.approx(0)
    assert calibration_error(said, np.zeros(10, bool)) == pytest.approx(0.7)
    assert calibration_error(np.ones(2), np.ones(2, bool)) == 0


def test_skill_is_measured_against_the_share_of_attacks() -> None:
    """
    Brier score .0625 beside .25 for a half: skill .75.
    """
    assert skill(np.array([0.75, 0.25]), np.array([True, False])) == pytest.approx(0.75)
    assert math.isnan(skill(np.array([0.5]), np.array([True])))


def test_recall_is_counted_for_each_kind_and_a_share_of_nothing_is_not_a_number() -> None:
    """
    A kind of three tries counts as much as one of three thousand, in their mean.
    """
    assert recalls(np.array([True, False, True]), np.array(["a", "a", "b"])) == {"a": 0.5, "b": 1.0}
    assert math.isnan(share(np.zeros(0, bool)))
