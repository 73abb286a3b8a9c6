# SPDX-License-Identifier: Apache-2.0
"""AdamW on one flat array, and the one cycle that its learning rate goes through."""

from __future__ import annotations

from math import cos, pi, sqrt

import numpy as np

from nacre.network.activation import Floats

FIRST, SECOND = 0.9, 0.999
"""How slowly the means of the gradient and of its square forget."""

TINY = 1e-8

RISE = 0.3
"""Share of the steps in which the rate rises."""


def one_cycle(step: int, steps: int, highest: float) -> float:
    """
    Return the learning rate of a step: from a 25th up to the highest, then down to a ten-thousandth, on cosines.

    Args:
        step: From 0.
        steps: In all.
        highest: The rate at the top.

    Source:
        L. N. Smith, N. Topin, "Super-convergence", 2018, arXiv:1708.07120.

    >>> [round(one_cycle(step, 11, 1.0), 4) for step in (0, 3, 10)]
    [0.04, 1.0, 0.0001]
    """
    at = step / max(steps - 1, 1)
    begin, end, share = (1 / 25, 1.0, at / RISE) if at < RISE else (1.0, 1e-4, (at - RISE) / (1.0 - RISE))
    return highest * (end + (begin - end) * (1.0 + cos(pi * share)) / 2.0)


class AdamW:
    """
    Changes weights in place, one step at a time.

    Args:
        flat: The weights.
        decays: Like *flat*: 1 where a weight decays, else 0.
        decay: Weight decay, in units of the learning rate.

    Source:
        I. Loshchilov, F. Hutter, "Decoupled weight decay regularization", ICLR 2019, arXiv:1711.05101.

    >>> weights = np.array([1.0, -1.0])
    >>> AdamW(weights, np.array([1.0, 0.0]), decay=0.0).step(np.array([3.0, -0.1]), rate=0.1)
    >>> weights.round(4).tolist()
    [0.9, -0.9]
    """

    def __init__(self, flat: Floats, decays: Floats, decay: float) -> None:
        self._flat = flat
        self._decays = decays * flat.dtype.type(decay)
        self._mean, self._square, self._room = np.zeros_like(flat), np.zeros_like(flat), np.empty_like(flat)
        self._steps = 0

    def step(self, gradient: Floats, rate: float) -> None:
        """Follow a gradient, shaped like the weights, at a learning rate."""
        self._steps += 1
        room, mean, square = self._room, self._mean, self._square
        mean *= FIRST
        np.multiply(gradient, 1.0 - FIRST, out=room)
        mean += room
        square *= SECOND
        np.multiply(gradient, gradient, out=room)
        room *= 1.0 - SECOND
        square += room
        np.multiply(self._flat, self._decays, out=room)
        room *= rate
        self._flat -= room
        late = sqrt(1.0 - SECOND**self._steps)
        np.sqrt(square, out=room)
        room += TINY * late
        np.divide(mean, room, out=room)
        room *= rate * late / (1.0 - FIRST**self._steps)
        self._flat -= room
