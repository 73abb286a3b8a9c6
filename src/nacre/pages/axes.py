# SPDX-License-Identifier: Apache-2.0
"""Axes of charts: where a value lies between two ends, and which values are named."""

from __future__ import annotations

from collections.abc import Callable
from math import floor, log, log10
from typing import NamedTuple

from nacre.network.wording import percent


class Axis(NamedTuple):
    """
    One axis.

    Attributes:
        label: What it measures.
        low, high: Its ends.
        ticks: Values that are marked.
        scale: Bends the values before they are spread evenly.
    """

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    scale: Callable[[float], float] = float

    def place(self, value: float) -> float:
        """
        Return where a value lies, 0 at the low end and 1 at the high one; what lies beyond an end is drawn there.

        >>> shares = linear("recall")
        >>> shares.place(0.25), shares.place(7.0)
        (0.25, 1.0)
        """
        low, high = self.scale(self.low), self.scale(self.high)
        return (self.scale(min(max(value, self.low), self.high)) - low) / (high - low)


def linear(label: str, low: float = 0.0) -> Axis:
    """
    Return an axis of shares from *low* to 1 in five or so even steps.

    >>> linear("precision", 0.5).ticks
    (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    """
    step = 0.2 if low < 0.4 else 0.1
    first = floor(round(low / step, 9)) * step
    count = round((1 - first) / step)
    return Axis(label, first, 1.0, tuple(round(first + step * at, 9) for at in range(count + 1)))


def logarithmic(label: str, low: float, high: float) -> Axis:
    """
    Return an axis on which each step is ten times the one before.

    >>> logarithmic("false positives", 1e-3, 1.0).ticks
    (0.001, 0.01, 0.1, 1.0)
    """
    return Axis(label, low, high, tuple(10.0**at for at in range(round(log10(low)), round(log10(high)) + 1)), log10)


def log_odds(label: str) -> Axis:
    """
    Return an axis of probabilities on which 1 in 1000 and 1 in 100 are as far apart as .01 and .1.

    Nearly all scores lie close to 0 or 1; even steps would draw them on top of each other.

    >>> round(log_odds("predicted").place(0.5), 9)
    0.5
    """
    return Axis(label, 0.001, 0.999, (0.001, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999), lambda share: log(share / (1 - share)))


def tick_label(value: float) -> str:
    """
    Return how a share is written beside an axis.

    >>> tick_label(0.001), tick_label(1.0)
    ('0.1 %', '100 %')
    """
    return percent(value)
