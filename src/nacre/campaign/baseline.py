# SPDX-License-Identifier: Apache-2.0
"""
What is usual at this hour of the week, learned so that an attack cannot teach it.

Only calm hours are learned, without what campaigns claim, and a value of more than three times the usual counts as
three times.  The usual is a median: of the same hour of the week, while there are too few weeks of the same hour of
the day, and before that of all hours, where it is their upper quartile.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

HOURS = 168
_WEEKS = 8
_LEAST, _LEAST_ALL = 3, 12
_CLIP, _SLACK = 3.0, 10.0
_MONDAY = 4 * 24
"""The epoch was a Thursday: so many hours later a Monday began."""


class Usual(msgspec.Struct, frozen=True):
    """
    What an hour usually has.

    Attributes:
        attempts, failures: Of attempts.
        strangers: Suspicious ones.
        fresh: Good logins from places that are new to the account.
    """

    attempts: float
    failures: float
    strangers: float
    fresh: float


class Baseline(msgspec.Struct):
    """
    Hours that were learned.

    Attributes:
        hours: For each hour of the week, from Monday 0:00 UTC, the last eight of four numbers each, in the order of
            :class:`Usual`.
    """

    hours: list[list[tuple[float, float, float, float]]] = msgspec.field(
        default_factory=lambda: [[] for _ in range(HOURS)]
    )

    def learn(self, hour: int, values: tuple[float, float, float, float]) -> None:
        """
        Take the numbers of a calm hour.

        Args:
            hour: Hours from the epoch.
            values: Attempts, failures, strangers and fresh logins of it.
        """
        usual = self.usual(hour)
        if usual is not None:
            most = [_CLIP * max(each, _SLACK) for each in msgspec.structs.astuple(usual)]
            attempts, failures, strangers, fresh = (min(pair) for pair in zip(values, most, strict=True))
            values = (attempts, failures, strangers, fresh)
        kept = self.hours[(hour - _MONDAY) % HOURS]
        kept.append(values)
        del kept[:-_WEEKS]

    def usual(self, hour: int) -> Usual | None:
        """
        Return what is usual.

        Args:
            hour: Hours from the epoch.

        Returns:
            ``None`` before twelve hours were learned.
        """
        place = (hour - _MONDAY) % HOURS
        same = self.hours[place]
        if len(same) < _LEAST:
            same = [values for other in range(place % 24, HOURS, 24) for values in self.hours[other]]
        if len(same) >= _LEAST:
            return Usual(*_quantile(same, 0.5))
        known = [values for slot in self.hours for values in slot]
        return Usual(*_quantile(known, 0.75)) if len(known) >= _LEAST_ALL else None


def _quantile(rows: list[tuple[float, float, float, float]], share: float) -> list[float]:
    table: NDArray[np.float64] = np.array(rows)
    return [float(value) for value in np.quantile(table, share, axis=0)]
