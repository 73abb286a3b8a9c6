# SPDX-License-Identifier: Apache-2.0
"""Activations and their derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from nacre.network.activation import FUNCTIONS, Activation

POINTS = np.array([-9.0, -2.0, -0.3, 0.4, 1.0, 7.0])

FORMULAS = {
    "sigmoid": 1 / (1 + np.exp(-POINTS)),
    "tanh": np.tanh(POINTS),
    "relu": np.where(POINTS > 0, POINTS, 0),
    "leaky_relu": np.where(POINTS > 0, POINTS, 0.01 * POINTS),
    "silu": POINTS / (1 + np.exp(-POINTS)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_activation_is_what_its_formula_says(name: Activation) -> None:
    """
    They are written with few operations and no overflow, not as in the books.
    """
    learning, scoring, slope = (np.empty_like(POINTS) for _ in range(3))

    FUNCTIONS[name](POINTS, learning, slope)
    FUNCTIONS[name](POINTS, scoring, None)

    assert learning == pytest.approx(FORMULAS[name], rel=1e-12)
    assert scoring == pytest.approx(FORMULAS[name], rel=1e-12)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_slope_is_the_derivative(name: Activation) -> None:
    """
    Central differences with a step of 1e-6 err by about 1e-10.
    """
    out, slope, above, below = (np.empty_like(POINTS) for _ in range(4))

    FUNCTIONS[name](POINTS, out, slope)
    FUNCTIONS[name](POINTS + 1e-6, above, None)
    FUNCTIONS[name](POINTS - 1e-6, below, None)

    assert slope == pytest.approx((above - below) / 2e-6, abs=1e-8)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_absurd_sum_overflows_nowhere(name: Activation) -> None:
    """
    A warning would be an error here, and a NaN a score that no threshold stops.
    """
    z = np.array([-1e30, 1e30], np.float32)
    out, slope = np.empty_like(z), np.empty_like(z)

    FUNCTIONS[name](z, out, slope)

    assert np.isfinite(out).all()
    assert np.isfinite(slope).all()
