# SPDX-License-Identifier: Apache-2.0
"""Drift is found where it is, and not where chance alone is at work."""

from __future__ import annotations

import numpy as np
import pytest

from nacre.learning.drift import RETRAIN, WARN, Deciles


def test_the_index_is_the_sum_over_ten_bins() -> None:
    """
    Half the rows move from the lower five deciles into the sixth: five bins from 0.1 to 0.05, one to 0.35.
    """
    training = np.arange(1000.0)[:, None]
    moved = training.copy()
    moved[:500:2] = 550.0

    expected = 5 * (0.05 - 0.1) * np.log(0.05 / 0.1) + (0.35 - 0.1) * np.log(0.35 / 0.1)

    assert Deciles.of(training).psi(moved)[0] == pytest.approx(expected)


def test_a_column_that_moved_is_found_among_those_that_did_not() -> None:
    """
    One standard deviation is far beyond what calls for a training; noise stays below the warning.
    """
    rng = np.random.default_rng(1)
    training, now = rng.normal(size=(20_000, 3)), rng.normal(size=(2_000, 3))
    now[:, 1] += 1.0

    psi = Deciles.of(training).psi(now)

    assert psi[1] > RETRAIN
    assert max(psi[0], psi[2]) < WARN


def test_a_column_of_few_values_drifts_only_when_they_become_more() -> None:
    """
    Most counters are nearly always 0: nine deciles of ten are the same number.
    """
    training = np.zeros((1000, 2))
    training[:30, 0] = 1.0
    drifted = training.copy()
    drifted[:500, 0] = 1.0

    assert Deciles.of(training).psi(training).tolist() == [0.0, 0.0]
    # 970 of 1,000 in the lowest bin and 30 in the highest become 500 each; a column of one value says nothing.
    expected = (0.5 - 0.97) * np.log(0.5 / 0.97) + (0.5 - 0.03) * np.log(0.5 / 0.03)
    assert Deciles.of(training).psi(drifted).tolist() == pytest.approx([expected, 0.0])


def test_another_width_is_an_error() -> None:
    """
    Other columns are no drift.
    """
    with pytest.raises(ValueError, match="2 columns"):
        Deciles.of(np.zeros((5, 2))).psi(np.zeros((5, 3)))
