# SPDX-License-Identifier: Apache-2.0
"""Probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.network.calibration import FLATTEST, STEEPEST, Calibration, calibrate, probability


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), slope=st.floats(0.5, 2.5), intercept=st.floats(-2.0, 1.0))
def test_a_distortion_is_found_and_undone(seed: int, slope: float, intercept: float) -> None:
    """
    Labels are drawn from known probabilities; the network's logits are what calibration has to bring to them.
    """
    chance = np.random.default_rng(seed)
    logits = chance.normal(0, 2, 40_000)
    y = (chance.random(40_000) < 1 / (1 + np.exp(-(slope * logits + intercept)))).astype(np.float32)

    found = calibrate(logits, y, np.ones(40_000))

    assert found.slope == pytest.approx(slope, rel=0.15)
    assert found.intercept == pytest.approx(intercept, abs=0.25)


def test_weights_are_rows() -> None:
    """
    One legitimate row may stand for a hundred attempts: the probability is that of the traffic, not of the sample.
    """
    chance = np.random.default_rng(3)
    logits = chance.normal(0, 1, 4000)
    y = (chance.random(4000) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    weight = np.where(y > 0.5, 1.0, 3.0)
    copies = np.where(y > 0.5, 1, 3)

    weighed = calibrate(logits, y, weight)
    repeated = calibrate(np.repeat(logits, copies), np.repeat(y, copies), np.ones(copies.sum()))

    assert weighed == pytest.approx(repeated, abs=1e-6)


def test_separable_rows_get_a_finite_slope() -> None:
    """
    A network that makes no mistake on the last days will make one tomorrow: no score becomes a certainty.
    """
    logits = np.repeat([-1.0, 1.0], 50)

    found = calibrate(logits, np.repeat([0.0, 1.0], 50), np.ones(100))

    # The targets are 1/52 and 51/52: log(51) at a logit of 1, in the middle between the two.
    assert found.slope == pytest.approx(np.log(51), abs=1e-4)
    assert found.intercept == pytest.approx(0.0, abs=1e-6)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), tilt=st.floats(-50.0, 50.0))
def test_calibration_never_turns_the_order_of_scores_round(seed: int, tilt: float) -> None:
    """
    Even where the held-out labels contradict the network, or have nothing to do with it.
    """
    chance = np.random.default_rng(seed)
    logits = chance.normal(0, 1, 300)
    y = (chance.random(300) < 1 / (1 + np.exp(-tilt * np.clip(logits, -1, 1)))).astype(np.float32)

    found = calibrate(logits, y, np.ones(300))

    assert FLATTEST <= found.slope <= STEEPEST
    assert np.all(np.diff(found.apply(np.linspace(-4, 4, 50))) > 0)


def test_too_few_of_a_class_leave_logits_as_they_are() -> None:
    """
    24 attacks say too little about what a score of .9 is worth.
    """
    logits, y = np.linspace(-3, 3, 1000), np.arange(1000) >= 976

    assert calibrate(logits, y.astype(np.float32), np.ones(1000)) == Calibration(1.0, 0.0)


@given(logit=st.floats(allow_nan=False))
def test_a_probability_is_neither_nil_nor_one(logit: float) -> None:
    """
    A threshold of 1 refuses nobody and one of 0 everybody, whatever the network says.
    """
    assert 0.0 < probability(logit) < 1.0
    assert 0.0 < Calibration().apply(np.array([logit]))[0] < 1.0
