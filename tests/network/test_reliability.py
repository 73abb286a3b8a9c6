# SPDX-License-Identifier: Apache-2.0
"""Whether a score is a probability."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.network.reliability import BARS, BINS, reliability


def test_a_score_that_keeps_its_word_has_no_error() -> None:
    """
    Of ten rows scored .1 one is an attack, of ten scored .9 nine are.
    """
    scores = np.repeat([0.1, 0.9], 10)
    attack = np.array([True] + [False] * 9 + [True] * 9 + [False])

    found = reliability(scores, attack, np.ones(20))

    assert found.ece == pytest.approx(0.0)
    # Each row lies .1 (18 of them) or .9 (2) from the truth; always saying 1/2 would cost 1/4.
    assert found.brier == pytest.approx(0.9 * 0.01 + 0.1 * 0.81)
    assert found.brier_skill == pytest.approx(1 - 0.09 / 0.25)


def test_a_score_that_says_too_much_is_off_by_how_much_it_says() -> None:
    """
    Always .9 where a fifth are attacks is .7 too much, and worse than always saying a fifth.
    """
    found = reliability(np.full(10, 0.9), np.arange(10) < 2, np.ones(10))

    assert found.ece == pytest.approx(0.7)
    assert found.brier_skill < 0
    assert [(each.low, each.high, each.share) for each in found.bins] == [(0.9, 0.9, 1.0)]


def test_bins_have_equal_weight_and_equal_scores_stay_together() -> None:
    """
    Even steps of the score would leave most of them empty: nearly all scores lie near 0 or 1.
    """
    rng = np.random.default_rng(0)
    scores = rng.beta(0.2, 0.4, 30_000)
    scores[:9000] = 0.25

    found = reliability(scores, rng.random(30_000) < scores, np.ones(30_000))

    assert 2 < len(found.bins) <= BINS
    assert all(before.high < after.low for before, after in zip(found.bins, found.bins[1:], strict=False))
    heavy = [each for each in found.bins if each.low <= 0.25 <= each.high]
    assert len(heavy) == 1
    assert heavy[0].share >= 0.3
    assert sum(each.share <= 2 / BINS for each in found.bins) == len(found.bins) - 1


def test_a_score_that_most_rows_share_has_a_bin_of_its_own() -> None:
    """
    It belongs where its middle lies: at its beginning it would swallow the rarer scores before it.
    """
    scores = np.repeat([0.1, 0.5, 0.9], [1, 60, 39])

    found = reliability(scores, np.arange(100) % 2 == 0, np.ones(100))

    assert [(each.low, each.high, each.share) for each in found.bins] == [
        (0.1, 0.1, 0.01), (0.5, 0.5, 0.6), (0.9, 0.9, 0.39),
    ]  # fmt: skip


def test_rows_of_different_scores_are_cut_into_fifteen_even_parts() -> None:
    """
    A hundred each.
    """
    scores = np.linspace(0.0, 1.0, BINS * 100)

    found = reliability(scores, scores > 0.3, np.ones(BINS * 100))

    assert [each.share for each in found.bins] == pytest.approx([1 / BINS] * BINS)


ROWS = st.lists(st.tuples(st.floats(0.0, 1.0), st.booleans(), st.sampled_from([0.0, 1.0, 2.0, 3.0])), max_size=40).map(
    lambda rows: [*rows, (0.2, True, 1.0), (0.7, False, 1.0)]
)


@given(rows=ROWS)
def test_a_weight_is_how_often_a_row_counts(rows: list[tuple[float, bool, float]]) -> None:
    """
    A row of weight 3 is three rows; one of weight 0 is none.
    """
    repeated = [(score, attack, 1.0) for score, attack, weight in rows for _ in range(int(weight))]

    one, other = (
        reliability(np.array(s, np.float64), np.array(a, np.bool_), np.array(w, np.float64))
        for s, a, w in (zip(*each, strict=True) for each in (rows, repeated))
    )

    assert one.ece == pytest.approx(other.ece)
    assert one.brier == pytest.approx(other.brier)
    assert one.attacks == pytest.approx(other.attacks)
    assert sum(each.share for each in one.bins) == pytest.approx(1.0)
    assert all(each.low - 1e-9 <= each.predicted <= each.high + 1e-9 for each in one.bins)


def test_the_bars_tell_how_often_each_class_gets_a_score() -> None:
    """
    Each class for itself, so that the rarer one can be seen.
    """
    scores = np.array([0.0, 0.01, 0.06, 1.0, 0.99])

    found = reliability(scores, np.array([False, False, False, True, True]), np.array([2.0, 1.0, 1.0, 1.0, 3.0]))

    assert found.legitimate == (0.75, 0.25, *[0.0] * (BARS - 2))
    assert found.attacks == (*[0.0] * (BARS - 1), 1.0)
