# SPDX-License-Identifier: Apache-2.0
"""One row, many rows, and rows with gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from network.rows import SMALL, WIDTH, labelled, model, strangers
from numpy.typing import NDArray

from nacre.network.artifact import Artifact, floats
from nacre.network.plan import Plan, Shape
from nacre.network.scoring import Scorer

DEEP = model(Plan(shape=SMALL, epochs=2), labelled(600)).artifact
FLAT = model(Plan(shape=Shape(10, 1, "sigmoid", skip=False, nets=1), epochs=2), labelled(600)).artifact


@pytest.mark.parametrize("artifact", [DEEP, FLAT])
def test_a_row_has_the_same_score_alone_and_among_others(artifact: Artifact) -> None:
    """
    What was scored alone at the door is scored again in a batch when a threshold is found.
    """
    scorer, x = Scorer(artifact), strangers(3000)

    together = scorer.score(x)
    alone = np.array([scorer.score_one(row) for row in x])

    assert alone == pytest.approx(together, rel=1e-9)


@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_changes_no_score(seed: int) -> None:
    """
    A row's score depends on nothing but the row.
    """
    scorer, x = Scorer(DEEP), strangers(200)
    order = np.random.default_rng(seed).permutation(200)

    assert scorer.score(x[order]) == pytest.approx(scorer.score(x)[order], rel=1e-9)


@given(row=hnp.arrays(np.float32, WIDTH, elements=st.floats(width=32)))
def test_a_score_lies_between_nil_and_one_whatever_comes(row: NDArray[np.float32]) -> None:
    """
    Callers bring features of their own, and not all of them are sane.
    """
    scorer = Scorer(DEEP)

    alone, together = scorer.score_one(row), scorer.score(np.stack([row, row]))

    assert 0.0 < min(alone) <= max(alone) < 1.0
    assert together[1] == pytest.approx(alone, rel=1e-9)


def test_a_missing_value_is_the_columns_centre_and_is_counted() -> None:
    """
    The other columns still speak, and a source that sends gaps is noticed.
    """
    scorer, filled = Scorer(DEEP), strangers(2)
    gaps = filled.copy()
    filled[0, 1] = filled[1, 2] = filled[1, 3] = 0.0
    filled[0, 1], filled[1, 2:4] = floats(DEEP.centre)[1], floats(DEEP.centre)[2:4]
    gaps[0, 1], gaps[1, 2:4] = np.nan, (np.inf, -np.inf)

    assert scorer.score(gaps) == pytest.approx(scorer.score(filled), rel=1e-12)
    assert scorer.score_one(gaps[1]) == pytest.approx(scorer.score_one(filled[1]), rel=1e-12)
    assert scorer.replaced == 3 + 2


def test_a_row_with_a_gap_leaves_no_trace_in_the_next() -> None:
    """
    A single row is computed in arrays that are kept.
    """
    scorer, x = Scorer(DEEP), strangers(2)
    before = scorer.score_one(x[0])

    scorer.score_one(np.full(WIDTH, np.nan, np.float32))

    assert scorer.score_one(x[0]) == before


def test_no_rows_have_no_scores() -> None:
    """
    A quiet minute is no error.
    """
    assert Scorer(DEEP).score(strangers(0)).shape == (0, 2)


@pytest.mark.parametrize("width", [0, WIDTH - 1, WIDTH + 1])
def test_a_row_of_another_width_is_an_error(width: int) -> None:
    """
    Each number would mean something else.
    """
    with pytest.raises(ValueError, match=f"a row has {WIDTH} columns"):
        Scorer(DEEP).score_one(np.zeros(width, np.float32))
    with pytest.raises(ValueError, match=f"a row has {WIDTH} columns"):
        Scorer(DEEP).score(np.zeros((0, width), np.float32))
