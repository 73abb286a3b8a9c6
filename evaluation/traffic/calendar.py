# SPDX-License-Identifier: Apache-2.0
"""The days of a study, and when people sign in on them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evaluation.traffic.rows import Floats, Places

DAY, HOUR = 86_400.0, 3_600.0
TRAIN_SHARE = 0.6
"""Share of the time that is for training; what comes later is judged."""

_MONDAY = 1_767_571_200.0
"""5 January 2026, 00:00 UTC, a Monday."""


class Span(NamedTuple):
    """
    The time of a study.

    Attributes:
        start: Unix seconds, midnight at the service.
        days: How many days, 1 or more.
    """

    start: float
    days: int

    @classmethod
    def draw(cls, rng: np.random.Generator, days: int) -> Span:
        """Return a span that begins on a Tuesday to Friday: then each part of two weeks has its Monday."""
        return cls(_MONDAY + DAY * (7 * int(rng.integers(30)) + int(rng.integers(1, 5))), days)

    @property
    def end(self) -> float:
        """Unix seconds at which it ends."""
        return self.start + self.days * DAY

    @property
    def train(self) -> float:
        """
        Unix seconds until which the past is for training.

        >>> (Span(0.0, 10).train - 0.0) / DAY
        6.0
        """
        return self.start + self.days * DAY * TRAIN_SHARE

    def at(self, share: float) -> float:
        """Return the time when a share of the span has gone by."""
        return self.start + self.days * DAY * share

    def weekdays(self) -> Places:
        """
        Return the weekday of each day, 0 for Monday.

        >>> Span(_MONDAY + DAY, 3).weekdays().tolist()
        [1, 2, 3]
        """
        first = round((self.start - _MONDAY) / DAY)
        return (first + np.arange(self.days)) % 7

    def mornings(self, *, since: float, until: float) -> Places:
        """
        Return the days within some time that begin with a crowd: Mondays, else other working days, else any.

        >>> Span(_MONDAY + DAY, 14).mornings(since=_MONDAY, until=_MONDAY + 20 * DAY).tolist()
        [6, 13]
        """
        weekday = self.weekdays()
        begins = self.start + np.arange(self.days) * DAY
        inside = (begins + 7 * HOUR >= since) & (begins + 11 * HOUR <= until)
        for wanted in (weekday == 0, weekday < 5, weekday >= 0):
            if (inside & wanted).any():
                return np.flatnonzero(inside & wanted)
        return np.array([self.days - 1])


_HOURS = {
    # kind of day: share, mean hour and spread of each peak; the rest is spread from 7 to 22
    "work": ((0.38, 8.5, 0.7), (0.25, 13.0, 1.2), (0.3, 15.5, 1.6)),
    "evening": ((0.2, 8.0, 1.0), (0.2, 12.5, 2.5), (0.5, 19.5, 1.8)),
    "all": ((0.12, 7.5, 0.8), (0.2, 12.3, 1.5), (0.28, 18.0, 2.0)),
}


def hours(rng: np.random.Generator, rhythm: str, size: int) -> Floats:
    """
    Return hours of the day at which people sign in, 0-24.

    Args:
        rng: What draws.
        rhythm: ``work``, ``evening`` or ``all``.
        size: How many.
    """
    found = rng.uniform(6.5, 22.5, size)
    draw = rng.random(size)
    reached = 0.0
    for share, mean, spread in _HOURS[rhythm]:
        inside = (draw >= reached) & (draw < reached + share)
        found[inside] = rng.normal(mean, spread, int(inside.sum()))
        reached += share
    night = rng.random(size) < 0.012
    found[night] = rng.uniform(0, 24, int(night.sum()))
    return np.mod(found, 24.0)
