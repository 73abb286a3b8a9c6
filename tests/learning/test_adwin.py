# SPDX-License-Identifier: Apache-2.0
"""Whether a rate has changed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.learning.adwin import DELTA, Adwin, last_rise


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


@given(st.floats(0.02, 0.5), st.floats(0.25, 0.5), st.integers(0, 2**32 - 1))
def test_a_step_is_noticed_whatever_the_rate_was(rate: float, step: float, seed: int) -> None:
    """
    By a quarter or more, after 2,000 values as before: a thousand more are enough.
    """
    rng = np.random.default_rng(seed)
    before, after = rng.random(2_000) < rate, rng.random(1_000) < rate + step

    found = last_rise(np.concatenate((before, after)).astype(float))

    assert found >= 2_000


@given(st.floats(0.0, 1.0), st.sampled_from([1, 8, 32]))
def test_a_rate_that_never_changes_is_no_alarm(rate: float, every: int) -> None:
    """
    The same value again and again: there is nothing to find, however often one looks.
    """
    assert last_rise([rate] * 600, every=every) == -1


def test_alarms_on_noise_are_rarer_than_promised() -> None:
    """
    The chance is that of one alarm in a whole stream: of 300 streams, less than one in theory, hardly any here.
    """
    streams = [np.random.default_rng(seed).random(800) < 0.05 + 0.9 * (seed % 10) / 10 for seed in range(300)]

    alarms = sum(last_rise(stream.astype(float)) >= 0 for stream in streams)

    assert alarms <= 300 * DELTA + 1


def test_a_fall_is_no_rise() -> None:
    """
    Fewer refusals are no reason to wake anybody.
    """
    rng = np.random.default_rng(5)

    assert last_rise(np.concatenate((rng.random(2_000) < 0.5, rng.random(2_000) < 0.1)).astype(float)) == -1


def test_of_two_rises_the_later_one_counts_and_none_twice() -> None:
    """
    A rise is seen again and again until the values from before it are gone; it is told as it was first seen.
    """
    rng = np.random.default_rng(3)
    steps = [rng.random(3_000) < rate for rate in (0.02, 0.1, 0.4)]

    first = last_rise(np.concatenate(steps[:2]).astype(float))
    second = last_rise(np.concatenate(steps).astype(float))

    assert 3_000 <= first < 3_600
    assert 6_000 <= second < 6_300
