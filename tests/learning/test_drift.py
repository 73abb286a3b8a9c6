# SPDX-License-Identifier: Apache-2.0
"""Drift is found where it is, and not where chance alone is at work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.learning.drift import RETRAIN, WARN, Adwin, Deciles


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


def test_a_rate_that_changes_is_noticed_and_the_past_forgotten() -> None:
    """
    From one in a hundred to one in ten, within some hundred values.
    """
    rng, watch = np.random.default_rng(2), Adwin()
    quiet = [watch.add(float(rng.random() < 0.01)) for _ in range(5_000)]
    changed = [watch.add(float(rng.random() < 0.1)) for _ in range(1_000)]

    assert not any(quiet)
    assert any(changed[:600])
    assert watch.mean == pytest.approx(0.1, abs=0.03)
    assert watch.width < 2_000


def test_a_rate_that_stays_is_hardly_ever_said_to_change() -> None:
    """
    Ten runs of 5,000 values; the bound allows far less than one alarm in each.
    """
    alarms = 0
    for seed in range(10):
        watch = Adwin()
        alarms += sum(watch.add(float(x)) for x in np.random.default_rng(seed).random(5_000) < 0.2)

    assert alarms == 0


def test_memory_grows_with_the_logarithm_of_the_window() -> None:
    """
    Five buckets of each power of two: after 2^15 values there are 13 sizes or so.
    """
    watch = Adwin()
    for _ in range(2**15):
        watch.add(1.0)

    assert watch.width == 2**15
    assert watch.buckets <= 5 * 15


@given(st.lists(st.sampled_from([0.0, 0.25, 1.0]), max_size=300))
def test_the_window_is_always_the_newest_values(values: list[float]) -> None:
    """
    Whatever is dropped, the sum and the width are those of the rest.
    """
    watch = Adwin()
    for value in values:
        watch.add(value)

    assert watch.total == pytest.approx(sum(values[len(values) - watch.width :]))
