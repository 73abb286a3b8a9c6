# SPDX-License-Identifier: Apache-2.0
"""Whether a rate has changed, however slowly, without saying beforehand over which time."""

from __future__ import annotations

from collections.abc import Iterable
from math import log, sqrt

DELTA = 0.002
"""Chance that a rate which never changed is said to have changed."""

_BUCKETS, _EVERY, _LEAST = 5, 32, 5


class Adwin:
    """
    A window over a rate that forgets what lies before a change.

    It keeps at most five buckets of each power of two, so a million values take some hundred numbers.

    Args:
        delta: Chance that a rate which never changed is said to have changed.
        every: Values between two looks at whether it has.

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

    def __init__(self, delta: float = DELTA, *, every: int = _EVERY) -> None:
        self.delta = delta
        self._every = every
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
        """Take a value, 0 to 1, and say whether the rate has changed, if it is time to look."""
        if self.width:
            self._spread += self.width / (self.width + 1) * (value - self.mean) ** 2
        self.width += 1
        self.total += value
        self._added += 1
        self._rows[0].append((value, 0.0))
        self._compress()
        changed = False
        while self._added % self._every == 0 and self._cut():
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


def last_rise(values: Iterable[float], delta: float = DELTA, *, every: int = _EVERY) -> int:
    """
    Return at which value the last rise of a rate was first seen, counted from 0; -1 if it never rose.

    Args:
        values: 0 to 1, in their order.
        delta: Chance that a rate which never changed is said to have changed.
        every: Values between two looks.

    >>> last_rise([0.0] * 500 + [1.0] * 500) > 500, last_rise([1.0] * 500 + [0.0] * 500)
    (True, -1)
    """
    watch, at = Adwin(delta, every=every), -1
    for place, value in enumerate(values):
        before, since = watch.mean, place - watch.width
        # As long as the window held values from before it was seen, it is the same rise that is seen again.
        if watch.add(value) and watch.mean > before and (at < 0 or since > at):
            at = place
    return at
