# SPDX-License-Identifier: Apache-2.0
"""
All nets of some heads as one pile of matrices, so that a pass through all of them is a pass through one.

The first layers stand side by side in one matrix, with zeros where a head does not see a column; the skips are
further columns of it, one for each head, and the biases its last row.  The last layers follow in the same way.
The weights are float32 as trained and the arithmetic is float64: however a library blocks its sums, a row
alone and the same row among others differ by 1e-13, and not by the 1e-6 that lets decisions flicker at a threshold.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nacre.network.activation import FUNCTIONS
from nacre.network.artifact import Artifact, Head, floats
from nacre.network.net import layers


class Stack:
    """
    The weights of some heads, calibration included, and the passes through them.

    Inputs are computed in thirds, ``(z/3) / sqrt(1 + (z/3)^2)``, and the first weights make up for it.

    Args:
        artifact: The model; its fields fit together.
        heads: Its heads that are wanted, side by side.

    Attributes:
        width: Columns of a row.
        centre, third: (width,) what a row is scaled with.
        nets, hidden, wide: Nets in all, units of a first layer, units of all first layers.
        first: (width + 1, wide + heads).
        second, second_bias: (nets, hidden, half) and (nets, 1, half); ``None`` for the former with one hidden layer.
        last: (heads, units of all last hidden layers).
        function: The activation.
    """

    def __init__(self, artifact: Artifact, heads: tuple[Head, ...]) -> None:
        shape = artifact.shape
        self.width = width = len(artifact.columns)
        self.centre = floats(artifact.centre).astype(np.float64)
        self.third = floats(artifact.gain).astype(np.float64) / 3.0
        self.function = FUNCTIONS[shape.activation]
        self.nets, self.hidden, half = len(heads) * shape.nets, shape.hidden, shape.hidden // 2
        self.wide = self.nets * shape.hidden
        units = half if shape.depth == 2 else shape.hidden
        self.first = np.zeros((width + 1, self.wide + len(heads)))
        self.second = np.zeros((self.nets, shape.hidden, half)) if shape.depth == 2 else None
        self.second_bias = np.zeros((self.nets, 1, half))
        self.last = np.zeros((len(heads), self.nets * units))
        for index, head in enumerate(heads):
            columns, share, out = list(head.columns), head.slope / shape.nets, self.wide + index
            self.first[width, out] = head.intercept
            for number, flat in enumerate(floats(head.parameters).reshape(shape.nets, -1)):
                place, net = index * shape.nets + number, layers(flat, shape, len(columns))
                here = slice(place * shape.hidden, (place + 1) * shape.hidden)
                self.first[columns, here] = 3.0 * net.first
                self.first[width, here] = net.first_bias
                if self.second is not None and net.second is not None and net.second_bias is not None:
                    self.second[place], self.second_bias[place, 0] = net.second, net.second_bias
                self.last[index, place * units : (place + 1) * units] = share * net.last
                self.first[width, out] += share * net.last_bias[0]
                if net.skip is not None:
                    self.first[columns, out] += 3.0 * share * net.skip

    def scaled(self, x: NDArray[np.float32]) -> NDArray[np.float64]:
        """
        Return rows as the nets see them, in thirds: (n, width) between -1 and 1, and 0 for what was not finite.

        Args:
            x: (n, width) float32.

        Raises:
            ValueError: A row has another width.
        """
        if x.ndim != 2 or x.shape[1] != self.width:
            raise ValueError(f"a row has {self.width} columns, and an array of shape {x.shape} was given")
        z = np.where(np.isfinite(x), x, self.centre)
        z -= self.centre
        z *= self.third
        z /= np.sqrt(z * z + 1.0)
        return z

    def logits(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Return calibrated logits, (n, heads).

        Args:
            z: (n, width), as :meth:`scaled` returns them.
        """
        sums = z @ self.first[:-1]
        sums += self.first[-1]
        inner = np.ascontiguousarray(sums[:, : self.wide])
        units = np.empty_like(inner)
        self.function(inner, units, None)
        if self.second is not None:
            deep = self._apart(units) @ self.second
            deep += self.second_bias
            out = np.empty_like(deep)
            self.function(deep, out, None)
            units = self._together(out)
        logits: NDArray[np.float64] = units @ self.last.T
        logits += sums[:, self.wide :]
        return logits

    def gradients(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Return the derivatives by *z* of the logits, added up over the heads, (n, width).

        Args:
            z: (n, width), as :meth:`scaled` returns them.
        """
        inner = z @ self.first[:-1, : self.wide]
        inner += self.first[-1, : self.wide]
        units, slopes = np.empty_like(inner), np.empty_like(inner)
        self.function(inner, units, slopes)
        last = self.last.sum(axis=0)
        if self.second is None:
            slopes *= last
        else:
            deep = self._apart(units) @ self.second
            deep += self.second_bias
            out, deep_slopes = np.empty_like(deep), np.empty_like(deep)
            self.function(deep, out, deep_slopes)
            deep_slopes *= last.reshape(self.nets, 1, -1)
            slopes *= self._together(deep_slopes @ self.second.transpose(0, 2, 1))
        return np.asarray(slopes @ self.first[:-1, : self.wide].T + self.first[:-1, self.wide :].sum(axis=1))

    def _apart(self, units: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn (n, nets * units) into (nets, n, units)."""
        n, wide = units.shape
        return units.reshape(n, self.nets, wide // self.nets).transpose(1, 0, 2)

    def _together(self, units: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn (nets, n, units) into (n, nets * units)."""
        nets, n, width = units.shape
        return units.transpose(1, 0, 2).reshape(n, nets * width)
