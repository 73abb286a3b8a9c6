# SPDX-License-Identifier: Apache-2.0
"""Whether traffic has moved away from what a model was trained on."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WARN, RETRAIN = 0.1, 0.25
"""Indices from which a column is said to have drifted, and from which a new training is due."""
_FLOOR = 1e-4


class Deciles(NamedTuple):
    """
    How the columns of a training were spread.

    Attributes:
        edges: (width, 9) float64, the inner deciles of each column.
        shares: (width, 10) float64, the share of the training in each bin: a tenth, but for columns of few values.
    """

    edges: NDArray[np.float64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, columns: NDArray[np.floating]) -> Deciles:
        """Return the spread of *columns*, (n, width), finite, with at least one row."""
        edges = np.quantile(columns, np.arange(1, 10) / 10, axis=0).T.astype(np.float64)
        return cls(edges, _shares(edges, columns))

    def psi(self, columns: NDArray[np.floating]) -> NDArray[np.float64]:
        """
        Return the population stability index of every column.

        Chance alone gives about ``9 x (1/n + 1/m)`` for *n* rows of training and *m* of *columns*; a hundred
        rows are too few to say anything.

        Args:
            columns: (m, width), finite, with at least one row; legitimate attempts, if drift is not to mean attack.

        Returns:
            (width,) float64, ``sum((now - then) x ln(now / then))`` over ten bins, 0 and above.

        Raises:
            ValueError: *columns* have another width.

        Source:
            N. Siddiqi, "Credit Risk Scorecards", Wiley, 2006, chapter 7.

        >>> spread = Deciles.of(np.linspace(0, 1, 1001)[:, None])
        >>> moved = np.linspace(0.5, 1.5, 1001)[:, None]
        >>> round(float(spread.psi(moved)[0]), 1) > RETRAIN, float(spread.psi(np.linspace(0, 1, 1001)[:, None])[0])
        (True, 0.0)
        """
        if columns.ndim != 2 or columns.shape[1] != len(self.edges):
            raise ValueError(f"the training had {len(self.edges)} columns, these are of shape {columns.shape}")
        then, now = np.maximum(self.shares, _FLOOR), np.maximum(_shares(self.edges, columns), _FLOOR)
        return np.asarray(((now - then) * np.log(now / then)).sum(axis=1))


def _shares(edges: NDArray[np.float64], columns: NDArray[np.floating]) -> NDArray[np.float64]:
    counts = [
        np.bincount(np.searchsorted(edge, column, side="left"), minlength=10)
        for edge, column in zip(edges, columns.T, strict=True)
    ]
    return np.array(counts, np.float64).reshape(len(edges), 10) / len(columns)
