# SPDX-License-Identifier: Apache-2.0
"""Why a score is what it is."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from network.rows import QUICK, WIDTH, labelled, model, strangers

from nacre.network.activation import FUNCTIONS, Activation
from nacre.network.artifact import Artifact, Head, floats, raw
from nacre.network.explanation import MOST_CHANGES, Explainer
from nacre.network.model import Model
from nacre.network.plan import Plan, Shape
from nacre.network.scoring import Scorer

MADE = model().artifact


def logit(p: float) -> float:
    """The logit of a probability."""
    return log(p / (1 - p))


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_contributions_add_up_to_the_difference(activation: Activation, depth: int) -> None:
    """
    To 2 % of it, for every kind of net: what is left unexplained could be what decided.
    """
    made = model(Plan(shape=Shape(16, depth, activation), epochs=6, rate=1e-2, batch=128)).artifact
    explainer = Explainer(made, made.guess)

    for row in strangers(60, spread=3.0):
        found = explainer.contributions(row)
        assert found.values.sum() == pytest.approx(found.logit - found.base, rel=0.02, abs=1e-3)


@pytest.mark.parametrize("head", ["guess", "accept"])
def test_what_is_explained_is_what_was_scored(head: str) -> None:
    """
    Calibrated, and of the head that was asked for; the ordinary request is the centre of each column.
    """
    explainer, scorer = Explainer(MADE, getattr(MADE, head)), Scorer(MADE)
    row, place = strangers(1)[0], ("guess", "accept").index(head)

    found = explainer.contributions(row)

    assert found.logit == pytest.approx(logit(scorer.score_one(row)[place]))
    assert found.base == pytest.approx(logit(scorer.score_one(floats(MADE.centre))[place]))


def test_the_column_that_tells_attacks_is_named_first() -> None:
    """
    Attacks lie higher in column 0 and nowhere else.
    """
    attack = np.array([5, 0.1, -0.1, 0.1, 0, 0], np.float32)

    found = Explainer(MADE, MADE.guess).contributions(attack)

    assert found.top(3)[0] == 0
    assert found.values[0] > 0.8 * (found.logit - found.base)


def test_what_a_head_does_not_see_adds_nothing() -> None:
    """
    Nor does what lies at its centre.
    """
    row = strangers(1)[0]
    row[1] = floats(MADE.centre)[1]

    found = Explainer(MADE, MADE.accept).contributions(row)

    assert found.values[[1, 4, 5]].tolist() == [0.0, 0.0, 0.0]
    assert set(found.top(WIDTH)) == {0, 2, 3}


def test_a_counterfactual_lies_on_the_other_side() -> None:
    """
    Checked by scoring the changed row; attacks and others, and every column of it is needed.
    """
    explainer, scorer, turned = Explainer(MADE, MADE.guess), Scorer(MADE), 0
    for row in labelled(200, seed=5).x:
        above = scorer.score_one(row)[0] >= 0.5
        found = explainer.counterfactual(row, 0.5)
        if found is None:
            continue
        turned += 1
        changed = row.copy()
        changed[list(found.columns)] = found.values
        assert (scorer.score_one(changed)[0] >= 0.5) != above
        assert scorer.score_one(changed)[0] == pytest.approx(found.score)
        assert 1 <= len(found.columns) <= MOST_CHANGES
        for spared in found.columns[: len(found.columns) - 1]:
            almost = changed.copy()
            almost[spared] = row[spared]
            assert (scorer.score_one(almost)[0] >= 0.5) == above

    assert turned >= 40


def test_the_change_that_turns_an_attack_is_the_column_that_tells_it() -> None:
    """
    One column, moved to where it usually lies.
    """
    attack = np.array([5, 0, 0, 0, 0, 0], np.float32)

    found = Explainer(MADE, MADE.guess).counterfactual(attack, 0.5)

    assert found is not None
    assert found.columns == (0,)
    assert found.values == (floats(MADE.centre)[0],)


def test_what_turns_out_to_be_needless_is_not_part_of_the_change() -> None:
    """
    Of a + 4 min(b + c, 1) - 2: moving a helps most at first, and only b and c together turn it; then a may stay.
    """
    weights = [0, 0, 1, 1, 1, 1, 0, -0.95, 4, -4, -2, 1, 0, 0]
    head = Head(columns=(0, 1, 2), parameters=raw(np.array(weights, np.float32)), slope=1.0, intercept=0.0)
    made = Artifact(
        version="by hand",
        created=0.0,
        columns=("a", "b", "c"),
        schema="",
        shape=Shape(hidden=2, depth=1, activation="relu", skip=True, nets=1),
        centre=raw(np.zeros(3, np.float32)),
        gain=raw(np.ones(3, np.float32)),
        guess=head,
        accept=head,
    )

    found = Explainer(made, head).counterfactual(np.ones(3, np.float32), 0.5)

    assert found is not None
    assert found.columns == (1, 2)


def test_an_ordinary_request_is_turned_by_what_is_unusual() -> None:
    """
    None of its columns can be brought to the centre; within bounds, some can be brought far from it.
    """
    centre = floats(MADE.centre)
    explainer, bounds = Explainer(MADE, MADE.guess), (np.full(WIDTH, -1.0), np.full(WIDTH, 2.0))

    free, bound = explainer.counterfactual(centre, 0.5), explainer.counterfactual(centre, 0.5, bounds)

    assert free is not None
    assert free.score >= 0.5
    assert free.columns[0] == 0
    assert bound is None or max(map(abs, bound.values)) <= 2.0
    assert explainer.counterfactual(centre, 1.0 - 1e-15) is None


def test_a_row_with_gaps_is_explained_by_the_rest() -> None:
    """
    A missing value counts as usual, and adds nothing.
    """
    row = strangers(1)[0]
    row[2] = np.nan

    found = Explainer(MADE, MADE.guess).contributions(row)

    assert found.values[2] == 0.0
    assert np.isfinite(found.values).all()


def test_explaining_leaves_the_model_as_it_is() -> None:
    """
    The artifact is shared with whoever scores.
    """
    made: Artifact = model(QUICK).artifact
    row = strangers(1)[0]

    Explainer(made, made.guess).counterfactual(row, 0.5)

    assert made == MADE


def test_a_model_makes_what_explains_it_once() -> None:
    """
    It takes a tenth of a millisecond, and an operator asks for many explanations in a row.
    """
    made = Model(MADE)

    assert made.explainer("guess") is made.explainer("guess")
    assert made.explainer("guess") is not made.explainer("accept")
    with pytest.raises(KeyError):
        made.explainer("neither")
