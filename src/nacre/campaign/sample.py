# SPDX-License-Identifier: Apache-2.0
"""A bounded sample of good logins, fair to every hour of the last week."""

from __future__ import annotations

from itertools import chain

import msgspec

from nacre.campaign.sighting import Mark, Sighting

MOST = 20_000
"""Good logins that are kept."""

_HOME = Mark.HOME.value
_HOUR = 3600
_HOURS = 168


class Hour(msgspec.Struct):
    """
    The good logins of an hour.

    Attributes:
        number: Hours from the epoch.
        every: One of so many was kept.
        seen: How many there were.
        kept: Some of them, in the order in which they came.
    """

    number: int
    every: int = 1
    seen: int = 0
    kept: list[Sighting] = msgspec.field(default_factory=list)


class GoodSample:
    """
    Keeps up to 20,000 good logins of the last week.

    All of them as long as there are no more; then the hour that has most loses every second one.  So a quiet night
    keeps all of its logins beside a busy morning that keeps one of four, and nobody pushes others out by coming often.

    Args:
        hours: What was kept before, oldest first.
        most: How many to keep.
    """

    def __init__(self, hours: list[Hour] | None = None, most: int = MOST) -> None:
        self.hours: list[Hour] = hours or []
        self._most = most
        self._size = sum(len(hour.kept) for hour in self.hours)

    def __len__(self) -> int:
        return self._size

    def add(self, sighting: Sighting) -> None:
        """Take a good login."""
        number = int(sighting.time // _HOUR)
        if not self.hours or number > self.hours[-1].number:
            self.hours.append(Hour(number))
            while self.hours[0].number <= number - _HOURS:
                self._size -= len(self.hours.pop(0).kept)
        hour = self.hours[-1]
        if hour.seen % hour.every == 0:
            hour.kept.append(sighting)
            self._size += 1
            if self._size > self._most:
                self._thin()
        hour.seen += 1

    def _thin(self) -> None:
        densest = max(self.hours, key=lambda hour: len(hour.kept))
        if len(densest.kept) < 2:
            densest = self.hours.pop(0)
            self._size -= len(densest.kept)
            return
        self._size -= len(densest.kept) // 2
        densest.kept = densest.kept[::2]
        densest.every *= 2

    def doubt(self, since: float, *, least: float) -> None:
        """
        Forget the logins since a time, for an attack may have made some of them.

        All of them: without those from new places alone, what is left would say that nobody comes from one.

        Args:
            since: Unix seconds.
            least: Logins that have to be left; where fewer would be, those at known places of their accounts stay,
                always so with infinity.
        """
        spared = 0 if sum(seen.time < since for hour in self.hours for seen in hour.kept) >= least else _HOME
        for hour in self.hours:
            if (hour.number + 1) * _HOUR > since:
                hour.kept = [seen for seen in hour.kept if seen.time < since or seen.marks & spared]
        self._size = sum(len(hour.kept) for hour in self.hours)

    def drop(self, account: str) -> bool:
        """Forget the logins of an account and say whether there were any."""
        before = self._size
        for hour in self.hours:
            hour.kept = [sighting for sighting in hour.kept if sighting.account != account]
        self._size = sum(len(hour.kept) for hour in self.hours)
        return self._size < before

    def all(self) -> list[Sighting]:
        """Return them, oldest first."""
        return list(chain.from_iterable(hour.kept for hour in self.hours))
