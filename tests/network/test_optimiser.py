# SPDX-License-Identifier: Apache-2.0
"""AdamW and its cycle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.network.optimiser import AdamW, one_cycle


def textbook(gradients: list[float], rate: float, decay: float) -> float:
    """Algorithm 2 of the paper for one weight that begins at 1."""
    weight, mean, square = 1.0, 0.0, 0.0
    for step, gradient in enumerate(gradients, 1):
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        unbiased, spread = mean / (1 - 0.9**step), np.sqrt(square / (1 - 0.999**step))
        weight -= rate * unbiased / (spread + 1e-8) + rate * decay * weight
    return weight


@given(
    gradients=st.lists(st.floats(-100, 100), min_size=1, max_size=20),
    rate=st.floats(1e-4, 0.1),
    decay=st.floats(0, 0.1),
)
def test_a_weight_goes_where_the_paper_says(gradients: list[float], rate: float, decay: float) -> None:
    """
    The order of operations saves arrays, and must change nothing.
    """
    weight = np.array([1.0])
    optimiser = AdamW(weight, np.ones(1), decay)

    for gradient in gradients:
        optimiser.step(np.array([gradient]), rate)

    assert weight[0] == pytest.approx(textbook(gradients, rate, decay), rel=1e-9, abs=1e-9)


def test_a_bias_does_not_decay() -> None:
    """
    Without a gradient the one shrinks and the other stays.
    """
    weights = np.array([1.0, 1.0])
    optimiser = AdamW(weights, np.array([1.0, 0.0]), decay=0.5)

    optimiser.step(np.zeros(2), rate=0.1)

    assert weights.tolist() == [0.95, 1.0]


@given(steps=st.integers(1, 500), highest=st.floats(1e-4, 1.0))
def test_a_cycle_rises_once_and_falls_once(steps: int, highest: float) -> None:
    """
    It begins gently, never exceeds the highest rate, and ends in tiny steps.
    """
    rates = [one_cycle(step, steps, highest) for step in range(steps)]
    top = int(np.argmax(rates))

    assert max(rates) <= highest * (1 + 1e-9)
    assert np.all(np.diff(rates[: top + 1]) >= 0)
    assert np.all(np.diff(rates[top:]) <= 1e-12)
