# SPDX-License-Identifier: Apache-2.0
"""How good a scorer is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from trainings import held_out, scored, scores, traffic

from nacre.network.evaluate import HeldOut, Scores, compare, evaluate
from nacre.network.evaluation import BUDGETS, POINTS, THRESHOLDS

PAIR = held_out([1, 0])
"""An attack and a legitimate row."""


def some(number: int = 3000, *, seed: int = 0, skill: float = 3.0) -> tuple[HeldOut, Scores]:
    """Return rows and what a scorer says about them."""
    rng = np.random.default_rng(seed)
    rows = traffic(number, rng)
    return rows, scores(rows, rng, skill=skill)


def picked(rows: HeldOut, said: Scores, which: NDArray[np.intp]) -> tuple[HeldOut, Scores]:
    """Return the rows at the places given, and what is said about them."""
    taken = HeldOut(
        attack=rows.attack[which],
        weight=rows.weight[which],
        success=rows.success[which],
        pair_known=rows.pair_known[which],
        time=rows.time[which],
        kind=rows.kind[which],
        kinds=rows.kinds,
    )
    return taken, Scores(said.guess[which], said.accept[which], said.guess_at, said.accept_at)


def test_a_perfect_scorer_catches_all_at_every_budget() -> None:
    """
    And harms nobody.
    """
    found = evaluate(scored([1.0, 1.0, 0.0, 0.0]), held_out([1, 1, 0, 0]))

    assert (found.auc_pr, found.roc_auc, found.guess.brier) == (1.0, 1.0, 0.0)
    assert [(at.budget, at.recall, at.macro_recall, at.precision) for at in found.tries] == [
        (budget, 1.0, 1.0, 1.0) for budget in BUDGETS
    ]
    assert (found.own.tries, found.own.legitimate) == (1.0, 0.0)


def test_a_tie_that_costs_more_than_the_budget_is_not_touched() -> None:
    """
    An attack and ten legitimate rows of one score: all or none of them are refused.
    """
    guess = [0.9, 0.8, *[0.8] * 10, *[0.1] * 190]

    found = evaluate(scored(guess), held_out([1, 1, *[0] * 200]))

    assert [(at.threshold, at.recall, at.false_positive_rate) for at in found.tries] == [(0.9, 0.5, 0.0)] * 4


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_where_no_threshold_keeps_the_budget_nothing_is_caught(kind: type[np.floating]) -> None:
    """
    Of no kind of attack either, however exact the scores are.
    """
    guess = np.array([0.9, 0.5, 0.9, 0.1], kind)

    found = evaluate(Scores(guess, guess, 0.5, 0.5), held_out([1, 1, 0, 0]))

    assert {(at.recall, at.macro_recall) for at in found.tries} == {(0.0, 0.0)}
    assert found.kinds[0].recalls == (0.0,) * len(BUDGETS)


@given(seed=st.integers(0, 50))
def test_every_budget_is_kept_by_the_threshold_it_names(seed: int) -> None:
    """
    As whoever compares ``score >= threshold`` finds, by weight.
    """
    rows, given_ = some(400, seed=seed, skill=2.0)
    legitimate, heavy = ~rows.attack, rows.weight

    for at in evaluate(given_, rows).tries:
        reached = given_.guess >= at.threshold
        harmed = heavy[legitimate & reached].sum() / heavy[legitimate].sum()
        assert harmed == pytest.approx(at.false_positive_rate)
        assert harmed <= at.budget + 1e-9
        assert at.recall == pytest.approx(heavy[rows.attack & reached].sum() / heavy[rows.attack].sum())


def test_each_kind_counts_the_same_in_the_macro_recall() -> None:
    """
    Eight of a common kind are caught and two of a rare one are not: 80 % of the rows, half of the kinds.
    """
    rows = held_out([1] * 10 + [0] * 5)._replace(kind=np.repeat([0, 1, 2], [8, 2, 5]), kinds=("common", "rare", "none"))

    found = evaluate(scored([0.9] * 8 + [0.1] * 2 + [0.2] * 5), rows)

    assert (found.tries[0].recall, found.tries[0].macro_recall) == (0.8, 0.5)
    assert [(kind.kind, kind.rows, kind.recalls[0]) for kind in found.kinds] == [("common", 8, 1.0), ("rare", 2, 0.0)]


def test_rows_of_a_kind_count_by_their_weight() -> None:
    """
    One of weight 3 is caught and one of weight 1 is not; one without weight is no row, and no kind by itself.
    """
    rows = held_out([1, 1, 1, 1, 0], weight=[3, 1, 0, 0, 1])
    rows = rows._replace(kind=np.array([0, 0, 0, 1, 0]), kinds=("trusted", "left out"))

    found = evaluate(scored([0.9, 0.1, 0.9, 0.9, 0.2]), rows)

    assert [(kind.kind, kind.rows, kind.recalls[0]) for kind in found.kinds] == [("trusted", 2, 0.75)]
    assert (found.rows.attacks, found.tries[0].macro_recall) == (2, 0.75)


def test_hits_are_judged_by_the_second_score_among_logins() -> None:
    """
    The failed attempts, and the first score, would say otherwise.
    """
    rows = held_out([1, 1, 0, 0, 0], success=[1, 0, 1, 1, 0])

    found = evaluate(scored([0.1, 0.9, 0.8, 0.7, 0.99], accept=[0.8, 0.1, 0.2, 0.3, 0.99]), rows)

    assert found.hits[0].recall == 1.0
    assert found.hits[0].rows == pytest.approx(0.01 * 2)
    assert found.tries[0].recall == 0.0


@pytest.mark.parametrize("success", [[0, 0, 1, 1], [1, 1, 0, 0]])
def test_without_hits_or_logins_hits_are_not_measured(success: list[int]) -> None:
    """
    An empty list, no zeros.
    """
    assert evaluate(scored([0.9, 0.8, 0.1, 0.2]), held_out([1, 1, 0, 0], success=success)).hits == ()


def test_what_a_scorer_does_at_its_own_thresholds() -> None:
    """
    It acts against two legitimate rows of five, and refuses one login of two and one established pair of one.
    """
    rows = held_out([1, 1, 1, 0, 0, 0, 0, 0], success=[1, 1, 0, 1, 1, 0, 0, 0])
    rows = rows._replace(pair_known=np.array([0, 0, 0, 1, 0, 0, 0, 0], bool))
    accept = [0.9, 0.2, 0.9, 0.9, 0.2, 0.2, 0.2, 0.2]

    own = evaluate(scored([0.1, 0.2, 0.9, 0.1, 0.1, 0.5, 0.1, 0.1], accept=accept), rows).own

    assert (own.established, own.logins, own.hits) == (1.0, 0.5, 0.5)
    assert own.tries == pytest.approx(2 / 3)
    assert own.legitimate == pytest.approx(2 / 5)


def test_a_share_of_nothing_is_not_given() -> None:
    """
    Nobody is established here, and nobody signs in: that is not the same as nobody being refused.
    """
    own = evaluate(scored([0.9, 0.1]), held_out([1, 0])).own

    assert (own.established, own.logins, own.hits) == (None, None, None)


def test_weights_of_one_are_no_weights() -> None:
    """
    All equally heavy, only the sums of weights tell.
    """
    rows, given_ = some()
    one, nine = (evaluate(given_, rows._replace(weight=np.full(3000, weight))) for weight in (1.0, 9.0))

    truth = given_.guess[~rows.attack] >= one.tries[0].threshold

    assert one.tries[0].false_positive_rate == pytest.approx(truth.mean())
    assert one.rows.attack_weight == one.rows.attacks
    assert nine.auc_pr == pytest.approx(one.auc_pr)
    assert [at.recall for at in nine.tries] == pytest.approx([at.recall for at in one.tries])
    assert nine.guess.ece == pytest.approx(one.guess.ece)


def test_the_order_of_rows_does_not_matter() -> None:
    """
    Nor do rows without weight.
    """
    rows, given_ = some()
    mixed, mixed_scores = picked(rows, given_, np.random.default_rng(1).permutation(3000))
    more, more_scores = picked(rows, given_, np.append(np.arange(3000), [0, 1, 2]))
    more.weight[-3:], more_scores.guess[-3:], more_scores.accept[-3:] = 0.0, 1.0, 1.0

    plain = evaluate(given_, rows)

    for other in (evaluate(mixed_scores, mixed), evaluate(more_scores, more)):
        assert (other.rows.attacks, other.rows.hits, other.rows.logins) == (
            plain.rows.attacks, plain.rows.hits, plain.rows.logins,
        )  # fmt: skip
        assert (other.rows.began, other.rows.ended) == (plain.rows.began, plain.rows.ended)
        assert other.auc_pr == pytest.approx(plain.auc_pr)
        assert [at.threshold for at in other.tries] == [at.threshold for at in plain.tries]
        assert [at.macro_recall for at in other.tries] == pytest.approx([at.macro_recall for at in plain.tries])
        assert other.own.tries == pytest.approx(plain.own.tries)


def test_a_curve_and_round_thresholds_are_kept() -> None:
    """
    Enough to draw, and few enough to send.
    """
    rows, given_ = some()

    found = evaluate(given_, rows)

    assert 50 < len(found.curve) <= POINTS
    assert [point.threshold for point in found.curve] == sorted((p.threshold for p in found.curve), reverse=True)
    assert tuple(point.threshold for point in found.thresholds) == THRESHOLDS
    half = next(point for point in found.thresholds if point.threshold == 0.5)
    weight = rows.weight * rows.attack
    assert half.recall == pytest.approx(weight[given_.guess >= 0.5].sum() / weight.sum())


def test_all_scorers_are_judged_on_the_same_rows() -> None:
    """
    Without a model in use, two are left.
    """
    rows, good = some()
    poor = some(skill=1.0)[1]

    both, alone = (compare(rows, challenger=good, champion=other, rules=poor) for other in (poor, None))

    assert both.champion == both.rules
    assert both.challenger.rows == both.rules.rows
    assert both.challenger.auc_pr > both.rules.auc_pr
    assert alone.champion is None


@pytest.mark.parametrize(("labels", "missing"), [([1, 1], "no legitimate row"), ([0, 0], "no attack")])
def test_rows_of_one_class_are_refused(labels: list[int], missing: str) -> None:
    """
    And it is said which class is missing.
    """
    with pytest.raises(ValueError, match=missing):
        evaluate(scored([0.1, 0.9]), held_out(labels))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (PAIR._replace(weight=np.array([1.0, -1.0])), "weight: negative"),
        (PAIR._replace(weight=np.array([1.0, np.nan])), "weight: negative or not a number"),
        (PAIR._replace(weight=np.ones(3)), r"weight: \(3,\), expected \(2,\)"),
        (PAIR._replace(kind=np.array([1, 0])), "place among 1 kinds"),
    ],
)
def test_rows_that_make_no_sense_are_refused(rows: HeldOut, told: str) -> None:
    """
    With the name of what is wrong with them.
    """
    with pytest.raises(ValueError, match=told):
        evaluate(scored([0.9, 0.1]), rows)


@pytest.mark.parametrize("wrong", [1.5, -0.1, float("nan")])
def test_a_score_that_is_no_probability_is_refused(wrong: float) -> None:
    """
    In either head.
    """
    with pytest.raises(ValueError, match="guess: not all"):
        evaluate(scored([wrong, 0.1]), held_out([1, 0]))
    with pytest.raises(ValueError, match="accept: not all"):
        evaluate(scored([0.9, 0.1], accept=[wrong, 0.1]), held_out([1, 0]))
