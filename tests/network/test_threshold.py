# SPDX-License-Identifier: Apache-2.0
"""Thresholds that keep a budget."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.network.threshold import KNOWN, NOVEL, moved, renew, threshold

SCORES = st.lists(st.sampled_from([0.01, 0.02, 0.3, 0.5, 0.9, 0.97]) | st.floats(0.001, 0.999), min_size=1, max_size=60)


@given(scores=SCORES, budget=st.floats(0.0, 1.0), data=st.data())
def test_a_threshold_never_spends_more_than_its_budget(scores: list[float], budget: float, data: st.DataObject) -> None:
    """
    However the rows are weighed and however many have the same score.
    """
    weights = data.draw(st.lists(st.floats(0.1, 9.0), min_size=len(scores), max_size=len(scores)))
    values, weight = np.array(scores), np.array(weights)

    found = threshold(values, weight, budget)

    assert weight[values >= found].sum() <= budget * weight.sum() + 1e-6


@given(scores=SCORES, one=st.floats(0.0, 1.0), other=st.floats(0.0, 1.0))
def test_a_larger_budget_never_raises_a_threshold(scores: list[float], one: float, other: float) -> None:
    """
    So delay, challenge and refuse stay in this order if their budgets are.
    """
    values, weight = np.array(scores), np.ones(len(scores))

    assert threshold(values, weight, max(one, other)) <= threshold(values, weight, min(one, other))


def test_the_next_row_keeps_the_budget_too() -> None:
    """
    Of 998 rows and the next one, 1/1000 is nobody; of 1,999 and the next one it is two, and the next one may be one.
    """
    few, enough = np.arange(998) / 1000, np.arange(1999) / 2000

    assert threshold(few, np.ones(998), 1e-3) > few.max()
    assert np.count_nonzero(enough >= threshold(enough, np.ones(1999), 1e-3)) == 1


def test_equal_scores_at_the_edge_stay_below_together() -> None:
    """
    A scanner's thousand rows of one score would otherwise all be refused for the price of one.
    """
    scores = np.array([0.1] * 900 + [0.8] * 100)

    assert threshold(scores, np.ones(1000), 0.05) > 0.8


def test_a_score_that_was_rounded_on_its_way_stays_below() -> None:
    """
    Scores are kept as float32; the next attempt of the same kind is judged by the unrounded one.
    """
    exact = np.array([0.7, 0.9999999, 1.0 - 1e-9])

    assert np.all(exact[:2] < threshold(exact[:2].astype(np.float32).astype(np.float64), np.ones(2), 0.0))
    assert threshold(exact, np.ones(3), 0.0) <= 1.0


@given(previous=st.floats(0.001, 0.999), wanted=st.floats(0.0, 1.0))
def test_a_threshold_moves_by_one_logit_at_most(previous: float, wanted: float) -> None:
    """
    Who fills the legitimate rows of one day opens the door by a step, not by its width.
    """
    found = moved(previous, wanted)

    assert abs(log(found / (1 - found)) - log(previous / (1 - previous))) <= 1 + 1e-6
    assert min(previous, wanted) - 1e-12 <= found <= max(previous, wanted) + 1e-12


def test_each_group_keeps_the_budget_for_itself() -> None:
    """
    Travellers score higher; one threshold for all would spend the whole budget on them.
    """
    chance = np.random.default_rng(0)
    novel = np.arange(20_000) < 5000
    scores = np.where(novel, chance.beta(3, 8, 20_000), chance.beta(1, 30, 20_000))

    made = renew({}, scores, np.ones(20_000), novel=novel, budgets={"refuse": 1e-2})

    for group, members in ((KNOWN, ~novel), (NOVEL, novel)):
        assert 0.009 <= np.mean(scores[members] >= made[group]["refuse"]) <= 0.01


@pytest.mark.parametrize(("had", "kept"), [({}, {}), ({"known": {"refuse": 0.6, "delay": 0.4}}, {"refuse": 0.6})])
def test_a_group_with_few_rows_keeps_what_it_had(had: dict[str, dict[str, float]], kept: dict[str, float]) -> None:
    """
    A quiet weekend says nothing about one in a thousand.
    """
    scores = np.linspace(0.0, 0.9, 1999)

    made = renew(had, scores, np.ones(1999), novel=np.zeros(1999, np.bool_), budgets={"refuse": 1e-3})

    assert made == {KNOWN: kept, NOVEL: {}}


def test_rows_without_weight_are_no_evidence() -> None:
    """
    They do not count towards the minimum, nor spend the budget.
    """
    scores, weight, known = np.linspace(0.0, 0.9, 4000), np.ones(4000), np.zeros(4000, np.bool_)
    weight[3000:] = 0.0

    made = renew({}, scores, weight, novel=known, budgets={"refuse": 1e-2}, minimum=3000)
    bare = renew({}, scores[:3000], weight[:3000], novel=known[:3000], budgets={"refuse": 1e-2}, minimum=3000)
    none = renew({}, scores, weight, novel=known, budgets={"refuse": 1e-2}, minimum=3001)

    assert made == bare
    assert none == {KNOWN: {}, NOVEL: {}}
