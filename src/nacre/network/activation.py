# SPDX-License-Identifier: Apache-2.0
"""
Activations of the hidden layers, with their derivatives.

Each writes into arrays that it is given: a training step touches the same few buffers again and again, and they
stay in the cache.  All are spelled with ``tanh``, which never overflows and which numpy computes a vector at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.floating[Any]]
"""An array of float32 (training, models as stored) or float64 (scoring, gradient checks)."""

Activation = Literal["sigmoid", "tanh", "relu", "leaky_relu", "silu"]

LEAK = 0.01
"""Slope of ``leaky_relu`` left of 0, as in the original."""


def sigmoid(z: Floats, out: Floats, slope: Floats | None) -> None:
    """Write ``1 / (1 + e^-z)`` to *out* and its derivative to *slope*."""
    np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1.0
    out *= 0.5
    if slope is not None:
        np.subtract(1.0, out, out=slope)
        slope *= out


def tanh(z: Floats, out: Floats, slope: Floats | None) -> None:
    """Write ``tanh z`` to *out* and its derivative to *slope*."""
    np.tanh(z, out=out)
    if slope is not None:
        np.multiply(out, out, out=slope)
        np.subtract(1.0, slope, out=slope)


def relu(z: Floats, out: Floats, slope: Floats | None) -> None:
    """Write ``max(0, z)`` to *out* and its derivative, 0 at 0, to *slope*."""
    if slope is not None:
        np.greater(z, 0.0, out=slope)
    np.maximum(z, 0.0, out=out)


def leaky_relu(z: Floats, out: Floats, slope: Floats | None) -> None:
    """Write ``max(0.01 z, z)`` to *out* and its derivative to *slope*."""
    if slope is not None:
        np.greater(z, 0.0, out=slope)
        slope *= 1.0 - LEAK
        slope += LEAK
    np.maximum(z, LEAK * z, out=out)


def silu(z: Floats, out: Floats, slope: Floats | None) -> None:
    """
    Write ``z / (1 + e^-z)`` to *out* and its derivative to *slope*.

    Source:
        S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-weighted linear units for neural network function approximation
        in reinforcement learning", Neural Networks 107, 2018.
    """
    if slope is None:
        half = np.multiply(z, 0.5)
        np.tanh(half, out=out)
        out += 1.0
        out *= half
        return
    sigmoid(z, slope, None)
    np.multiply(z, slope, out=out)
    # s + a (1 - s), written so that it needs one array beside the two.
    rest = np.subtract(1.0, slope)
    rest *= out
    slope += rest


FUNCTIONS: dict[Activation, Callable[[Floats, Floats, Floats | None], None]] = {
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "silu": silu,
}
"""``function(z, out, slope)``: arrays of one shape; *slope* ``None`` where no gradient is wanted, *out* never *z*."""
