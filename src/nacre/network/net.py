# SPDX-License-Identifier: Apache-2.0
"""
One net: its weights in one flat array, its forward and its backward pass.

Flat weights make the optimiser a handful of operations on one array, and a model file a copy of it.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.network.activation import FUNCTIONS, Floats
from nacre.network.plan import Shape


class Layers(NamedTuple):
    """
    Views into the flat weights of one net.

    Attributes:
        first, first_bias: (inputs, hidden) and (hidden,).
        second, second_bias: (hidden, hidden // 2) and (hidden // 2,), ``None`` with one hidden layer.
        last, last_bias: (units of the layer before,) and (1,).
        skip: (inputs,), ``None`` without.
    """

    first: Floats
    first_bias: Floats
    second: Floats | None
    second_bias: Floats | None
    last: Floats
    last_bias: Floats
    skip: Floats | None


def layers(flat: Floats, shape: Shape, inputs: int) -> Layers:
    """
    Return the layers of a net whose weights are *flat*, ``shape.parameters(inputs)`` of them.

    >>> layers(np.zeros(221), Shape(hidden=10, depth=1, skip=False, nets=1), inputs=20).first.shape
    (20, 10)
    """
    at = 0

    def cut(*size: int) -> Floats:
        nonlocal at
        begin, at = at, at + int(np.prod(size))
        return flat[begin:at].reshape(size)

    hidden, half = shape.hidden, shape.hidden // 2
    two = shape.depth == 2
    return Layers(
        first=cut(inputs, hidden),
        first_bias=cut(hidden),
        second=cut(hidden, half) if two else None,
        second_bias=cut(half) if two else None,
        last=cut(half if two else hidden),
        last_bias=cut(1),
        skip=cut(inputs) if shape.skip else None,
    )


def draw_weights(shape: Shape, inputs: int, chance: np.random.Generator) -> NDArray[np.float32]:
    """
    Return the weights that a training begins with: normal, scaled by the units that feed a layer; the skip 0.

    Source:
        K. He et al., "Delving deep into rectifiers", ICCV 2015, for activations that are about 0 on one side;
        Y. LeCun et al., "Efficient BackProp", 1998, for the others.
    """
    flat = np.zeros(shape.parameters(inputs), np.float32)
    net = layers(flat, shape, inputs)
    boost = 1.0 if shape.activation in {"sigmoid", "tanh"} else 2.0
    net.first[...] = chance.normal(0.0, sqrt(boost / max(inputs, 1)), net.first.shape)
    if net.second is not None:
        net.second[...] = chance.normal(0.0, sqrt(boost / shape.hidden), net.second.shape)
    net.last[...] = chance.normal(0.0, sqrt(1.0 / len(net.last)), net.last.shape)
    return flat


def decaying(shape: Shape, inputs: int) -> NDArray[np.float32]:
    """Return 1 for each weight of a net that decays and 0 for each bias."""
    flat = np.ones(shape.parameters(inputs), np.float32)
    net = layers(flat, shape, inputs)
    for bias in (net.first_bias, net.second_bias, net.last_bias):
        if bias is not None:
            bias[...] = 0.0
    return flat


class Net:
    """
    A net with the room that its passes need.

    Args:
        shape: Its form.
        inputs: Its inputs.
        flat: Its weights, changed in place by whoever trains it; float32, or float64 to check gradients.
        most: Rows of a pass at most.

    Attributes:
        flat: As given.
        gradient: Like *flat*: what the last backward pass found.
    """

    def __init__(self, shape: Shape, inputs: int, flat: Floats, *, most: int) -> None:
        self.flat, self.gradient = flat, np.zeros_like(flat)
        self._layers, self._gradients = layers(flat, shape, inputs), layers(self.gradient, shape, inputs)
        self._function = FUNCTIONS[shape.activation]
        widths = [shape.hidden, shape.hidden // 2][: shape.depth]
        self.widths = tuple(widths)
        self._sums = [np.empty((most, width), flat.dtype) for width in widths]
        self._units = [np.empty((most, width), flat.dtype) for width in widths]
        self._slopes = [np.empty((most, width), flat.dtype) for width in widths]
        self._rows: Floats = np.empty((0, inputs), flat.dtype)

    def forward(self, x: Floats, masks: tuple[Floats, ...] | None = None, *, learn: bool = True) -> Floats:
        """
        Return the logits of some rows.

        Args:
            x: (n, inputs) scaled, of the weights' type.
            masks: What each hidden unit of each layer is multiplied by, (n, its width), to drop some out.
            learn: Whether a backward pass may follow.

        Returns:
            (n,) of the weights' type, a new array.
        """
        net, n = self._layers, len(x)
        self._rows = before = x
        for index, (weights, bias) in enumerate(((net.first, net.first_bias), (net.second, net.second_bias))):
            if weights is None or bias is None:
                continue
            sums, units, slopes = self._sums[index][:n], self._units[index][:n], self._slopes[index][:n]
            np.dot(before, weights, out=sums)
            sums += bias
            self._function(sums, units, slopes if learn else None)
            if masks is not None:
                units *= masks[index]
                slopes *= masks[index]
            before = units
        logits: Floats = before @ net.last
        logits += net.last_bias
        if net.skip is not None:
            logits += x @ net.skip
        return logits

    def backward(self, error: Floats) -> None:
        """
        Fill :attr:`gradient` for the rows of the last forward pass.

        Args:
            error: (n,) derivative of the loss by each row's logit, of the weights' type.
        """
        net, out, n = self._layers, self._gradients, len(error)
        units, deltas = [u[:n] for u in self._units], [s[:n] for s in self._slopes]
        np.dot(error, units[-1], out=out.last)
        out.last_bias[0] = error.sum()
        if out.skip is not None:
            np.dot(error, self._rows, out=out.skip)
        delta = deltas[-1]
        delta *= net.last
        delta *= error[:, None]
        if net.second is not None and out.second is not None and out.second_bias is not None:
            np.dot(units[0].T, delta, out=out.second)
            np.sum(delta, axis=0, out=out.second_bias)
            back = self._sums[0][:n]
            np.dot(delta, net.second.T, out=back)
            deltas[0] *= back
            delta = deltas[0]
        np.dot(self._rows.T, delta, out=out.first)
        np.sum(delta, axis=0, out=out.first_bias)
