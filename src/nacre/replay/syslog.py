# SPDX-License-Identifier: Apache-2.0
"""What precedes the message in a line of a syslog file: when, where, and from which process."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from typing import NamedTuple

from nacre.replay.sshd import PROGRAMS
from nacre.replay.years import MONTHS

_AMBIGUOUS_HOUR = 1800
"""Seconds that the time must seem to step back before an hour that is shown twice is the second one."""

STAMP = re.compile(
    r"(?:<\d{1,3}>)?"
    rf"(?:(?P<month>{'|'.join(MONTHS)}) +(?P<day>\d\d?) (?P<minute>\d\d:\d\d):(?P<second>\d\d(?:\.\d{{1,9}})?)"
    r"|(?P<structured>1 )?(?P<dated>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S*))"
    r" "
)
"""
RFC 3164 (with fractions, as some daemons write), RFC 3339, and the beginning of RFC 5424.
"""

_SSHD = rf"(?:/\S*/)?(?:{'|'.join(sorted(PROGRAMS))})"
_SENDER = re.compile(
    r"(?:<[\w.]+> )?"  # facility and level, as syslogd -vv of the BSDs writes them
    rf"(?:(?P<host>(?!\[?{_SSHD}[\[\]:])\S*[^\s:]) )?"
    r"(?:\w+\.\w+ )?"  # the same, as BusyBox does
    rf"\[?{_SSHD}\]?(?:\[(?P<pid>\d+)\])?:? +"
    r"(?:\[ID \d+ [\w.]+\] )?"  # Solaris
)
_STRUCTURED_SENDER = re.compile(
    rf"(?P<host>\S+) {_SSHD} (?P<pid>\S+) \S+ "
    r'(?:-|(?:\[(?:[^]"]|"(?:[^"\\]|\\.)*")*\])+) ?'
    "(?:\ufeff)?"
)


class Header(NamedTuple):
    """
    What precedes a message of sshd.

    Attributes:
        stamp: The match of its time, for :meth:`Clock.read`.
        host: Host that wrote it, ``""`` if the line does not say.
        pid: Process that wrote it, ``""`` if the line does not say.
        message: The rest of the line.
    """

    stamp: re.Match[str]
    host: str
    pid: str
    message: str


def parse_header(line: str) -> Header | None:
    """
    Return the parts of a line that sshd wrote, ``None`` if it is of another program or no syslog line.

    >>> parse_header("Mar 27 13:06:56 gate sshd[1291]: Server listening on :: port 22.")[1:]
    ('gate', '1291', 'Server listening on :: port 22.')
    >>> parse_header("Mar 27 13:06:56 gate su[7]: FAILED SU (to root) sshd[1]: Accepted password") is None
    True
    """
    stamp = STAMP.match(line)
    if stamp is None:
        return None
    pattern = _STRUCTURED_SENDER if stamp["structured"] else _SENDER
    sender = pattern.match(line, stamp.end())
    if sender is None:
        return None
    return Header(stamp, sender["host"] or "", sender["pid"] or "", line[sender.end() :].rstrip())


_STAMPED = re.compile(STAMP.pattern.encode())


def is_stamped(line: bytes) -> bool:
    """Whether a line begins as those of a syslog file do."""
    return _STAMPED.match(line) is not None


class Clock:
    """
    Turns stamps into Unix seconds.

    Args:
        timezone: Of stamps that name none.
        marks: Lines at which another year begins, with that year, as :class:`~nacre.replay.years.Years` finds them.

    >>> clock = Clock(dt.UTC, [(1, 2017)])
    >>> clock.read(STAMP.match("Mar 27 13:06:56 "), line=1)
    1490620016.0
    >>> clock.read(STAMP.match("2017-03-27T15:06:56.5+02:00 "), line=2)
    1490620016.5
    """

    def __init__(self, timezone: dt.tzinfo, marks: Sequence[tuple[int, int]]) -> None:
        self._timezone = timezone
        self._year = marks[0][1] if marks else 1970
        self._marks = list(reversed(marks[1:]))
        self._minute: tuple[int, str, str, str] | None = None
        self._minute_time = 0.0
        self._last = 0.0
        self._second_hour = False

    def read(self, stamp: re.Match[str], line: int) -> float:
        """
        Return the time that a stamp in *line* means; lines come in ascending order.

        Raises:
            ValueError: there is no such date or time of day.
        """
        while self._marks and self._marks[-1][0] <= line:
            self._year = self._marks.pop()[1]
        month, day, minute, second, _, dated = stamp.groups()
        if dated:
            time = dt.datetime.fromisoformat(dated)
            return self._seconds(time) if time.tzinfo is None else time.timestamp()
        key = (self._year, month, day, minute)
        if key != self._minute:
            hour = dt.datetime(self._year, MONTHS[month], int(day), int(minute[:2]), int(minute[3:]))  # noqa: DTZ001
            self._minute_time = self._seconds(hour)
            self._minute = key
        return self._minute_time + float(second)

    def _seconds(self, local: dt.datetime) -> float:
        """
        Return the time that a clock on the wall shows.

        When summer time ends an hour is shown twice: the second one begins where the log seems to go back.
        """
        first = local.replace(tzinfo=self._timezone).timestamp()
        second = local.replace(tzinfo=self._timezone, fold=1).timestamp()
        self._second_hour = second > first and (self._second_hour or first < self._last - _AMBIGUOUS_HOUR)
        self._last = second if self._second_hour else first
        return self._last
