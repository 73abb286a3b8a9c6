# SPDX-License-Identifier: Apache-2.0
"""All thresholds of a score at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from nacre.network.curve import Curve

LEVELS = st.sampled_from([0.0, 0.1, 0.5, 0.50001, 0.9, 1.0]) | st.floats(0.0, 1.0, width=32)
WEIGHTS = st.sampled_from([0.0, 0.25, 1.0]) | st.floats(0.01, 9.0)
ROWS = st.tuples(
    st.lists(st.tuples(LEVELS, st.booleans(), WEIGHTS), max_size=25),
    st.tuples(LEVELS, st.just(value=True), st.floats(0.1, 3.0)),
    st.tuples(LEVELS, st.just(value=False), st.floats(0.1, 3.0)),
).map(lambda drawn: [*drawn[0], drawn[1], drawn[2]])
"""Score, truth and weight of rows of which at least one of either class counts."""

Row = tuple[float, bool, float]


def drawn(rows: list[Row]) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
    """Return scores, truth and weights as arrays."""
    scores, attack, weight = zip(*rows, strict=True)
    return np.array(scores, np.float64), np.array(attack, np.bool_), np.array(weight, np.float64)


def caught(rows: list[Row], level: float, *, attack: bool) -> float:
    """Return the share of a class that a threshold reaches, by going through the rows."""
    return sum(w for s, a, w in rows if a == attack and s >= level) / sum(w for _, a, w in rows if a == attack)


@given(rows=ROWS)
def test_the_area_under_roc_is_the_chance_that_an_attack_scores_higher(rows: list[Row]) -> None:
    """
    Asked of every pair of an attack and a legitimate row, each by the product of its weights; a tie is half won.
    """
    pairs = [(s, t, v * w) for s, a, v in rows if a for t, b, w in rows if not b]
    won = sum(both * (1.0 if s > t else 0.5 if s == t else 0.0) for s, t, both in pairs)

    assert Curve(*drawn(rows)).roc_auc == pytest.approx(won / sum(both for _, _, both in pairs), abs=1e-9)


@given(rows=ROWS)
def test_the_area_under_precision_is_the_mean_precision_at_each_attack(rows: list[Row]) -> None:
    """
    Each attack asks how much was an attack among all that scores as high as itself.
    """
    total, area = sum(w for _, a, w in rows if a), 0.0
    for score, attack, weight in rows:
        if attack and weight:
            above = [(a, w) for s, a, w in rows if s >= score]
            area += weight / total * sum(w for a, w in above if a) / sum(w for _, w in above)

    assert Curve(*drawn(rows)).auc_pr == pytest.approx(area, abs=1e-9)


def test_areas_of_a_case_worked_out_by_hand() -> None:
    """
    From above: attack, legitimate, attack, legitimate of weight 1, 1, 3, 2.
    """
    curve = Curve(np.array([0.9, 0.7, 0.5, 0.3]), np.array([True, False, True, False]), np.array([1.0, 1, 3, 2]))

    # Recall rises by 1/4 at precision 1, and by 3/4 at precision 4/5.
    assert curve.auc_pr == pytest.approx(1 / 4 + 3 / 4 * 4 / 5)
    # Of 4 * 3 units of pairs the first attack wins its 3, the second 3 * 2 of 3 * 3.
    assert curve.roc_auc == pytest.approx(9 / 12)


def test_one_score_for_all_is_worth_no_more_than_chance() -> None:
    """
    Half of the pairs, and a precision that is the share of attacks.
    """
    curve = Curve(np.full(10, 0.3), np.arange(10) < 2, np.ones(10))

    assert (curve.roc_auc, curve.auc_pr) == (0.5, 0.2)


@given(rows=ROWS, budget=st.sampled_from([0.0, 1e-4, 0.1, 0.25, 0.5, 1.0]) | st.floats(0.0, 1.0))
def test_a_budget_is_kept_among_ties_and_used_up(rows: list[Row], budget: float) -> None:
    """
    What reaches the threshold costs no more than the budget, and the next lower score would cost too much.
    """
    curve = Curve(*drawn(rows))

    at = curve.within(budget)

    level = float(curve.threshold[at])
    assert caught(rows, level, attack=False) <= budget + 1e-9
    assert caught(rows, level, attack=True) == pytest.approx(curve.recall[at])
    if at + 1 < curve.threshold.size:
        assert caught(rows, float(curve.threshold[at + 1]), attack=False) > budget


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_the_threshold_that_catches_nothing_lies_above_every_score(kind: type[np.floating]) -> None:
    """
    The float64 above a float32 is rounded back when the two are compared, and would catch what it must not.
    """
    scores = np.array([0.9, 0.9, 0.1], kind)
    curve = Curve(scores, np.array([True, False, False]), np.ones(3))

    level = float(curve.threshold[curve.within(0.1)])

    assert not (scores >= level).any()


@given(rows=ROWS, seed=st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(rows: list[Row], seed: int) -> None:
    """
    Not even within a tie.
    """
    mixed = [rows[at] for at in np.random.default_rng(seed).permutation(len(rows))]

    one, other = Curve(*drawn(rows)), Curve(*drawn(mixed))

    assert one.threshold.tolist() == other.threshold.tolist()
    assert one.recall == pytest.approx(other.recall)
    assert one.harmed == pytest.approx(other.harmed)


@given(rows=ROWS, times=st.integers(2, 4))
def test_a_weight_is_how_often_a_row_counts(rows: list[Row], times: int) -> None:
    """
    A row of weight 3 is three of weight 1, rows without weight are none, and only the ratio of weights matters.
    """
    whole = [(score, attack, float(np.ceil(weight))) for score, attack, weight in rows]
    repeated = [(s, a, 1.0) for s, a, w in whole for _ in range(int(w))]
    heavier = [(s, a, w * times) for s, a, w in whole]

    areas = [(curve.auc_pr, curve.roc_auc) for curve in (Curve(*drawn(each)) for each in (whole, repeated, heavier))]

    assert areas[0] == pytest.approx(areas[1])
    assert areas[0] == pytest.approx(areas[2])


@pytest.mark.parametrize(
    ("attack", "weight", "missing"),
    [
        ([True, True], [1, 1], "no legitimate row among 2"),
        ([False, False], [1, 1], "no attack among 2"),
        ([True, False], [1, 0], "no legitimate row among 1"),
        ([True, False], [0, 0], "no attack among 0"),
    ],
)
def test_without_both_classes_there_is_nothing_to_measure(attack: list[bool], weight: list[int], missing: str) -> None:
    """
    And it is said which of them is missing.
    """
    with pytest.raises(ValueError, match=missing):
        Curve(np.array([0.1, 0.9]), np.array(attack), np.array(weight, np.float64))


@given(rows=ROWS, level=st.floats(-0.5, 1.5))
def test_a_place_tells_what_a_threshold_catches(rows: list[Row], level: float) -> None:
    """
    For thresholds between, below and above the scores as well.
    """
    curve = Curve(*drawn(rows))

    at = curve.at(level)

    assert curve.recall[at] == pytest.approx(caught(rows, level, attack=True))
    assert curve.false_positive_rate[at] == pytest.approx(caught(rows, level, attack=False))


def test_a_short_curve_keeps_both_ends_and_the_strict_budgets() -> None:
    """
    Of 100,000 rows, as many points lie below a thousandth as between a thousandth and a tenth.
    """
    rng = np.random.default_rng(3)
    attack = rng.random(100_000) < 0.2
    curve = Curve(rng.normal(size=100_000) + 2 * attack, attack, np.ones(100_000))

    some = curve.some(200)

    rates = curve.false_positive_rate[some]
    assert some.size <= 200
    assert (some[0], some[-1]) == (0, curve.threshold.size - 1)
    assert np.count_nonzero(rates < 1e-3) >= 40
    assert np.count_nonzero((rates >= 1e-3) & (rates < 0.1)) >= 40
