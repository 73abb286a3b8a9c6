# SPDX-License-Identifier: Apache-2.0
"""
More strangers failing than is usual: what is left where attempts share no name, no password and no place.

A *stranger* is a suspicious attempt from an address from which nobody signed in before, and that nothing explained.
Their number is held against what is usual at this hour and against good logins from new places: people who come from
new places mistype too, so a crowd of them excuses strangers, and an attack brings no such crowd.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.campaign.baseline import Baseline, Usual

ATTEMPTS, FAILURES, STRANGERS, FRESH, CLAIMED, CLAIMED_FAILURES = range(6)
"""Columns: all, failed, strangers, good logins from new places; what campaigns claim, and how much of that failed."""

MINUTES = 1441
_LAG_HOURS = 1

WINDOWS = {5: (40, 24), 15: (60, 30), 60: (90, 36), 360: (180, 70), 1440: (400, 140)}
"""
Minutes of a window, and how many strangers are needed: as long as nothing is learned, and from then on.

As long as nothing is learned, a site of few good logins needs fewer: a quarter of them.
"""

FAST = 60
"""
Strangers within the running minute and the one before it that are needed.

There was no time yet for explanations, so others have to be many too.  Wherever in a minute they begin, sixty within a
minute lie within these two.
"""


class Crossed(NamedTuple):
    """
    A line that was crossed.

    Attributes:
        minutes: Of the window.
        strangers: That came.
        line: That would still have been unsuspicious.
    """

    minutes: int
    strangers: float
    line: float


class Counts(msgspec.Struct):
    """
    What is kept of the minutes.

    Attributes:
        number: Of the running minute, from the epoch.
        began: Of the first minute.
        columns: (1441, 6) int32 as bytes, a minute stands in the row of its number modulo 1441.
        learned: Number of the last hour that was looked at, from the epoch.
        raised: Hours in which the threat was raised, the last few.
        baseline: What is usual.
    """

    number: int
    began: int
    columns: bytes
    learned: int
    raised: list[int]
    baseline: Baseline


class Surge:
    """
    Counts strangers by the minute, for a day.

    Args:
        counts: What was kept before.

    Attributes:
        baseline: What is usual.
        fast: Strangers within the running minute and the one before it that cross the line, as of the last look or the
            beginning of the minute.
        hot: Whether they did since the last look.
    """

    def __init__(self, counts: Counts | None = None) -> None:
        self._table: NDArray[np.int32] = np.zeros((MINUTES, 6), np.int32)
        self._number, self._began, self._learned = 0, 0, 0
        self._raised: list[int] = []
        self.baseline = Baseline()
        if counts is not None:
            self._table = np.frombuffer(counts.columns, np.int32).reshape(MINUTES, 6).copy()
            self._number, self._began = counts.number, counts.began
            self._learned, self._raised, self.baseline = counts.learned, counts.raised, counts.baseline
        self._now = [0, 0, 0, 0, 0, 0]
        self._before = self._minute_before()
        self.fast = float(FAST)
        self.hot = False
        self._usual: tuple[int, Usual | None] = (-1, None)
        self._settled: dict[tuple[int, int], int] = {}

    def counts(self) -> Counts:
        """Return what is to be kept."""
        self._flush()
        return Counts(self._number, self._began, self._table.tobytes(), self._learned, self._raised, self.baseline)

    def roll(self, number: int) -> None:
        """Begin the minute of this number, if it is newer than the running one."""
        if number <= self._number:
            return
        self._flush()
        table = self._table
        if number - self._number >= MINUTES:
            table[:] = 0
        else:
            table[np.arange(self._number + 1, number + 1) % MINUTES] = 0
        if not self._number:
            self._began, self._learned = number, number // 60
        self._number = number
        self._before = self._minute_before()
        self._settled.clear()
        self._learn()
        self.fast = self._fast()

    def count(self, column: int) -> None:
        """Count an attempt in the running minute."""
        self._now[column] += 1

    def stranger(self) -> int:
        """Count a stranger and return the number of the minute, by which it can be taken back."""
        now = self._now
        now[STRANGERS] += 1
        if now[STRANGERS] + self._before >= self.fast:
            self.hot = True
        return self._number

    def claim(self, minute: int, *, failed: bool) -> None:
        """Let a campaign claim an attempt of some minute."""
        self._change(minute, CLAIMED, 1)
        if failed:
            self._change(minute, CLAIMED_FAILURES, 1)

    def take_back(self, minute: int) -> None:
        """Take a stranger back that was explained or claimed."""
        self._change(minute, STRANGERS, -1)

    def within(self, minutes: int, column: int, *, settled: bool = False) -> int:
        """
        Return the count of a window.

        Args:
            minutes: Of the window, the running one included.
            column: Which count.
            settled: Whether the window ends a minute ago: what is younger may still be explained.
        """
        if settled:
            known = self._settled.get((minutes, column))
            if known is None:
                known = self._settled[minutes, column] = self._sum(self._number - 1, minutes, column)
            return known
        return self._now[column] + self._sum(self._number, minutes, column)

    def _sum(self, last: int, minutes: int, column: int) -> int:
        return int(self._table[np.arange(last - minutes + 1, last + 1) % MINUTES, column].sum())

    def usual(self) -> Usual | None:
        """Return what is usual in this hour."""
        hour = self._number // 60
        if self._usual[0] != hour:
            self._usual = hour, self.baseline.usual(hour)
        return self._usual[1]

    def fresh_rate(self) -> float:
        """Return how many good logins from new places come per second: usually, else in the last hour."""
        usual = self.usual()
        if usual is not None:
            return usual.fresh / 3600
        return self.within(60, FRESH) / 60 / min(max(self._number - self._began, 1), 60)

    def goes_on(self, strangers: float, minutes: int, stopped_fresh: float) -> bool:
        """
        Whether a surge goes on.

        Args:
            strangers: That came within its window.
            minutes: Of the window.
            stopped_fresh: Good logins from new places that were stopped with them, about, give or take their root.
        """
        return strangers - stopped_fresh - 4 * sqrt(stopped_fresh) > self.line(minutes) / 2

    def line(self, minutes: int) -> float:
        """Return how many strangers of a settled window are still unsuspicious."""
        usual, fresh = self.usual(), self.within(minutes, FRESH, settled=True)
        cold, learned = WINDOWS[minutes]
        if usual is None:
            answered = self.within(minutes, ATTEMPTS, settled=True) - self.within(minutes, FAILURES, settled=True)
            return max(min(float(cold), max(float(learned), answered / 4)), 0.15 * fresh)
        share = minutes / 60
        expected = usual.strangers * share
        return max(float(learned), 2 * expected + 5 * sqrt(expected + 1) + 0.15 * max(fresh - usual.fresh * share, 0.0))

    def look(self) -> Crossed | None:
        """Return the line that is crossed by most, if one is."""
        self.fast = self._fast()
        self.hot = False
        lately = self.within(2, STRANGERS)
        found = Crossed(2, float(lately), self.fast) if lately > self.fast else None
        for minutes in WINDOWS:
            strangers, line = self.within(minutes, STRANGERS, settled=True), self.line(minutes)
            if strangers > line and (found is None or strangers / line > found.strangers / found.line):
                found = Crossed(minutes, float(strangers), line)
        return found

    def _fast(self) -> float:
        usual = self.usual()
        return max(float(FAST), 0.5 * self.within(2, FRESH), usual.strangers / 15 if usual is not None else 0.0)

    def raised(self, now: float) -> None:
        """Note that the threat is raised: this hour teaches nothing."""
        hour = int(now // 3600)
        if hour not in self._raised[-1:]:
            self._raised.append(hour)
            del self._raised[:-4]

    def _change(self, minute: int, column: int, by: int) -> None:
        if minute == self._number:
            self._now[column] += by
        elif self._number - MINUTES < minute < self._number:
            self._table[minute % MINUTES, column] += by
            self._before = self._minute_before()
            self._settled.clear()

    def _minute_before(self) -> int:
        """Return the strangers of the minute before the running one."""
        return int(self._table[(self._number - 1) % MINUTES, STRANGERS])

    def _flush(self) -> None:
        if any(self._now):
            self._table[self._number % MINUTES] += np.array(self._now, np.int32)
            self._now = [0, 0, 0, 0, 0, 0]

    def _learn(self) -> None:
        """Learn the hours that have been over for an hour, so that what campaigns adopt later is not among them."""
        last = self._number // 60 - 1 - _LAG_HOURS
        for hour in range(max(self._learned + 1, last - 20), last + 1):
            rows = self._table[np.arange(hour * 60, hour * 60 + 60) % MINUTES].sum(axis=0)
            if hour not in self._raised and rows[ATTEMPTS]:
                attempts = float(rows[ATTEMPTS] - rows[CLAIMED])
                failures = float(rows[FAILURES] - rows[CLAIMED_FAILURES])
                self.baseline.learn(hour, (attempts, failures, float(rows[STRANGERS]), float(rows[FRESH])))
        self._learned = max(self._learned, last)
