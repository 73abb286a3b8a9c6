# SPDX-License-Identifier: Apache-2.0
"""
The years that a syslog file leaves out.

``Mar 27 13:06:56`` names no year (RFC 3164).  What is known: lines follow one another, nothing was written
after the file was last modified, and the 29th of February needs a leap year.
"""

from __future__ import annotations

import datetime as dt
import re
from calendar import isleap
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}

STEP_BACK = 31
"""
Days that a line may lie before the line above it in the same year.

Clocks are set back by seconds, logs are concatenated in the wrong order by weeks; to look like more takes
a log without a line for eleven months.
"""

_YEAR = 366
_DAY = re.compile(
    rb"(?:<\d{1,3}>)?(?:(?P<month>" + "|".join(MONTHS).encode() + rb") +(?P<day>\d{1,2}) \d\d:"
    rb"|(?:1 )?(?P<year>\d{4})-(?P<month_number>\d\d)-(?P<day_of_month>\d\d)[T ])"
)
_DAYS_BEFORE = (0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335)


class Day(NamedTuple):
    """A month, 1-12, and a day in it, as a stamp names them; some year must have it."""

    month: int
    day: int

    def years_to(self, following: Day) -> int:
        """
        Return the years that passed if the next line is of the day *following*.

        >>> Day(12, 31).years_to(Day(1, 1)), Day(3, 27).years_to(Day(3, 26)), Day(1, 1).years_to(Day(12, 31))
        (1, 0, -1)
        """
        days = _DAYS_BEFORE[following.month] + following.day - _DAYS_BEFORE[self.month] - self.day
        if days < -STEP_BACK:
            return 1
        return -1 if days > _YEAR - STEP_BACK else 0


class Years:
    """
    Finds the years of a file's lines, and of the files that continue it.

    Args:
        first: Year of the first line, ``None`` to infer it for each file.

    >>> lines = [(1, b"Dec 31 23:59:59 host sshd[1]: ..."), (2, b"Jan  1 00:00:01 host sshd[1]: ...")]
    >>> Years(2016).marks(lines, modified=lambda: dt.date(2024, 7, 1))
    [(1, 2016), (2, 2017)]
    >>> Years(None).marks(lines, modified=lambda: dt.date(2024, 7, 1))
    [(1, 2023), (2, 2024)]
    """

    def __init__(self, first: int | None) -> None:
        self._first = first
        self._end: tuple[int, Day] | None = None

    def marks(self, lines: Iterable[tuple[int, bytes]], modified: Callable[[], dt.date]) -> list[tuple[int, int]]:
        """
        Return the lines at which another year begins, each with that year.

        Args:
            lines: Number and bytes of each line of the file.
            modified: Tells the day on which the file was last written; asked after the last line.
        """
        walk = _Walk()
        for number, stated, day in _days(lines):
            walk.step(number, stated, day)
        if walk.first is None or walk.last is None:
            return []
        base = self._base(walk.first, walk, modified)
        self._end = (base + walk.passed, walk.last)
        return [(number, base + passed) for number, passed in walk.turns]

    def _base(self, first: Day, walk: _Walk, modified: Callable[[], dt.date]) -> int:
        if walk.stated is not None:
            return walk.stated
        if self._first is None:
            return walk.latest_base(modified())
        if self._end is None:
            return self._first
        year, day = self._end
        return year + day.years_to(first)


class _Walk:
    """The days of a file, in years since the unknown one of its first line."""

    def __init__(self) -> None:
        self.first: Day | None = None
        self.last: Day | None = None
        self.passed = 0
        self.turns: list[tuple[int, int]] = []
        self.stated: int | None = None
        self.leaps: set[int] = set()

    def step(self, number: int, stated: int | None, day: Day) -> None:
        turn = self.last.years_to(day) if self.last else 0
        if self.first is None:
            self.first = day
        if turn or not self.turns:
            self.passed += turn
            self.turns.append((number, self.passed))
        if stated is not None and self.stated is None:
            self.stated = stated - self.passed
        if day == (2, 29):
            self.leaps.add(self.passed)
        self.last = day

    def latest_base(self, modified: dt.date) -> int:
        """Return the latest year of the first line for which the last is not after *modified*."""
        # The stamps may be of a time zone that is a day ahead of ours.
        limit = modified + dt.timedelta(days=1)
        last = self.last or Day(1, 1)
        latest = limit.year - self.passed - (last > (limit.month, limit.day))
        # Two leap years may lie eight years apart, as 1896 and 1904 do.
        for base in range(latest, latest - 9, -1):
            if all(isleap(base + passed) for passed in self.leaps):
                return base
        return latest


def _days(lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, int | None, Day]]:
    """Yield line number, year if stated, and day, where they differ from the line above."""
    previous = b""
    for number, line in lines:
        # Ten bytes hold the day unless a priority comes first: "Mar 27 13:", "2017-03-27", "<38>Mar 27 13:".
        start = line[:10]
        if start == previous:
            continue
        if match := _DAY.match(line):
            previous = b"" if start.startswith(b"<") else start
            if match["month"]:
                day = Day(MONTHS[match["month"].decode()], int(match["day"]))
                yield number, None, day
            elif 1 <= int(match["month_number"]) <= len(MONTHS):
                yield number, int(match["year"]), Day(int(match["month_number"]), int(match["day_of_month"]))
