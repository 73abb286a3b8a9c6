# SPDX-License-Identifier: Apache-2.0
"""Whether traffic has moved away from what a model was trained on: columns by PSI, rates by ADWIN."""

from __future__ import annotations

from math import log, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

WARN, RETRAIN = 0.1, 0.25
"""Indices from which a column is said to have drifted, and from which a new training is due."""
DELTA = 0.002
"""Chance that a rate which never changed is said to have changed."""
_FLOOR = 1e-4
_BUCKETS, _EVERY, _LEAST = 5, 32, 5


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


class Adwin:
    """
    A window over a rate that forgets what lies before a change.

    It keeps at most five buckets of each power of two, so a million values take some hundred numbers.

    Args:
        delta: Chance that a rate which never changed is said to have changed.

    Attributes:
        width: Values in the window.
        total: Their sum.

    Source:
        A. Bifet, R. Gavaldà, "Learning from time-changing data with adaptive windowing", SIAM International
        Conference on Data Mining, 2007.

    >>> watch = Adwin()
    >>> any([watch.add(0.0) for _ in range(1000)]), any([watch.add(1.0) for _ in range(1000)])
    (False, True)
    >>> watch.mean > 0.9
    True
    """

    def __init__(self, delta: float = DELTA) -> None:
        self.delta = delta
        self.width = 0
        self.total = 0.0
        self._spread = 0.0
        self._added = 0
        self._rows: list[list[tuple[float, float]]] = [[]]

    @property
    def mean(self) -> float:
        """The rate now, 0 before the first value."""
        return self.total / self.width if self.width else 0.0

    @property
    def buckets(self) -> int:
        """Buckets in use."""
        return sum(map(len, self._rows))

    def add(self, value: float) -> bool:
        """
        Take a value, 0 to 1, and say whether the rate has changed.

        Whether it has is looked at every 32 values.
        """
        if self.width:
            self._spread += self.width / (self.width + 1) * (value - self.mean) ** 2
        self.width += 1
        self.total += value
        self._added += 1
        self._rows[0].append((value, 0.0))
        self._compress()
        changed = False
        while self._added % _EVERY == 0 and self._cut():
            changed = True
        return changed

    def _compress(self) -> None:
        """Join the two oldest buckets of each size that has one too many."""
        for level, row in enumerate(self._rows):
            if len(row) <= _BUCKETS:
                return
            if level + 1 == len(self._rows):
                self._rows.append([])
            (a, spread_a), (b, spread_b) = row[:2]
            del row[:2]
            half = 1 << level
            self._rows[level + 1].append((a + b, spread_a + spread_b + (a - b) ** 2 / (2 * half)))

    def _cut(self) -> bool:
        """Drop the oldest bucket if the values before any cut differ too much from those after it."""
        if self.width <= 2 * _LEAST:
            return False
        old, total = 0, 0.0
        for level in range(len(self._rows) - 1, -1, -1):
            for value, _ in self._rows[level]:
                old, total = old + (1 << level), total + value
                new = self.width - old
                if new < _LEAST:
                    return False
                if old >= _LEAST and abs(total / old - (self.total - total) / new) > self._bound(old, new):
                    self._drop()
                    return True
        return False

    def _bound(self, old: int, new: int) -> float:
        harmonic = 1 / (1 / old + 1 / new)
        confidence = log(2 * log(self.width) / self.delta)
        variance = self._spread / self.width
        return sqrt(2 / harmonic * variance * confidence) + 2 / 3 / harmonic * confidence

    def _drop(self) -> None:
        level = len(self._rows) - 1
        value, spread = self._rows[level].pop(0)
        size = 1 << level
        self.width -= size
        self.total -= value
        gap = value / size - self.mean
        self._spread = max(0.0, self._spread - spread - size * self.width / (size + self.width) * gap**2)
        while len(self._rows) > 1 and not self._rows[-1]:
            self._rows.pop()
