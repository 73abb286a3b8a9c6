# SPDX-License-Identifier: Apache-2.0
"""What precedes the message in a line of a syslog file."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.replay.syslog import STAMP, Clock, is_stamped, parse_header

BERLIN = ZoneInfo("Europe/Berlin")


def seconds(clock: Clock, stamp: str, line: int = 1) -> float:
    """Return the time that a clock reads from a stamp."""
    match = STAMP.match(f"{stamp} ")
    assert match is not None
    return clock.read(match, line)


@pytest.mark.parametrize(
    ("line", "host", "pid"),
    [
        ("Mar 27 13:06:56 gate sshd[1291]: Hello", "gate", "1291"),
        ("Feb 7 16:01:07 gate sshd[1]: Hello", "gate", "1"),
        ("Mar 27 13:06:56.123456 gate sshd-session[1291]: Hello", "gate", "1291"),
        ("Mar 27 13:06:56 gate sshd-auth[1291]: Hello", "gate", "1291"),
        ("Mar 27 13:06:56 gate /usr/sbin/sshd[1291]: Hello", "gate", "1291"),
        ("Mar 27 13:06:56 sshd[1291]: Hello", "", "1291"),
        ("Mar 27 13:06:56 [sshd]: Hello", "", ""),
        ("Mar 27 13:06:56 [sshd] Hello", "", ""),
        ("Mar 27 13:06:56 <4.6> gate sshd[1291]: Hello", "gate", "1291"),
        ("Mar 27 13:06:56 <auth.info> gate sshd[1291]: Hello", "gate", "1291"),
        ("Mar 27 13:06:56 gate auth.info sshd[1291]: Hello", "gate", "1291"),
        ("Mar 27 13:06:56 gate sshd[1291]: [ID 800047 auth.info] Hello", "gate", "1291"),
        ("<86>Mar 27 13:06:56 gate sshd[1291]: Hello", "gate", "1291"),
        ("2026-03-01T12:00:00.123456+01:00 gate sshd[1291]: Hello", "gate", "1291"),
        ("2026-03-01T12:00:00+0100 gate sshd[1291]: Hello", "gate", "1291"),
        ("2026-03-01 12:00:00 gate sshd[1291]: Hello", "gate", "1291"),
        ("<38>1 2026-03-01T12:00:00Z gate sshd 1291 - - Hello", "gate", "1291"),
        ('<38>1 2026-03-01T12:00:00Z gate sshd 1291 - [a b="\\"]"][c@1 d="[e]"] Hello', "gate", "1291"),
    ],
)
def test_a_line_of_sshd_is_taken_apart_however_the_daemon_writes_it(line: str, host: str, pid: str) -> None:
    """
    rsyslog, syslog-ng, BusyBox, the BSDs, Solaris and journalctl agree on little.
    """
    header = parse_header(line)

    assert header is not None
    assert (header.host, header.pid, header.message) == (host, pid, "Hello")


@pytest.mark.parametrize(
    "line",
    [
        "Mar 27 13:06:56 gate CRON[1]: Hello",
        "Mar 27 13:06:56 gate su[7]: FAILED SU (to root) sshd[1]: Accepted password for root",
        "Mar 27 13:06:56 gate app: sshd[1]: Accepted password for root",
        "Mar 27 13:06:56 app: sshd[1]: Accepted password for root",
        "Mar 27 13:06:56 gate sshd_fake[1]: Accepted password for root",
        "gate sshd[1]: Hello",
        "",
    ],
)
def test_another_program_cannot_speak_for_sshd(line: str) -> None:
    """
    The name of the program has its place; what looks like it further on is text that somebody chose.
    """
    assert parse_header(line) is None


def test_lines_of_any_program_are_told_from_garbage() -> None:
    """
    What sshd did not write is skipped; what no daemon wrote is reported as not understood.
    """
    assert is_stamped(b"Mar 27 13:06:56 gate CRON[1]: \xff")
    assert is_stamped(b"2026-03-01T12:00:00Z gate kernel: hello")
    assert not is_stamped(b"root@gate:/var/log# cat auth.log")
    assert not is_stamped(b"Mar 27 13:0")


def test_fractions_offsets_and_leap_seconds_are_read() -> None:
    """
    2017-03-27 13:06:56 UTC is 1490620016.
    """
    clock = Clock(dt.UTC, [(1, 2017)])

    assert seconds(clock, "Mar 27 13:06:56.5") == 1490620016.5
    assert seconds(clock, "2017-03-27T15:06:56+02:00") == 1490620016
    assert seconds(clock, "2017-03-27 13:06:56,25") == 1490620016.25
    assert seconds(clock, "Mar 27 13:06:60") == 1490620020


def test_the_year_changes_at_the_marked_line() -> None:
    """
    Lines between the marks are of the year of the mark above them.
    """
    clock = Clock(dt.UTC, [(1, 2016), (10, 2017)])

    assert seconds(clock, "Dec 31 23:59:59", 9) + 2 == seconds(clock, "Jan  1 00:00:01", 12)


@pytest.mark.parametrize("stamp", ["Feb 30 10:00:00", "Feb 29 10:00:00", "Mar 27 25:00:00", "2017-13-01T00:00:00"])
def test_a_date_that_does_not_exist_is_refused(stamp: str) -> None:
    """
    The line is reported as not understood, rather than counted at another time.
    """
    clock = Clock(dt.UTC, [(1, 2017)])

    with pytest.raises(ValueError, match=r"must be in|out of range|month"):
        seconds(clock, stamp)


def test_stamps_without_an_offset_are_of_the_time_zone_given() -> None:
    """
    In Berlin clocks are an hour ahead of UTC in winter, two in summer.
    """
    utc, berlin = Clock(dt.UTC, [(1, 2017)]), Clock(BERLIN, [(1, 2017)])

    assert seconds(utc, "Jan 10 12:00:00") - seconds(berlin, "Jan 10 12:00:00") == 3600
    assert seconds(utc, "Jul 10 12:00:00") - seconds(berlin, "Jul 10 12:00:00") == 7200
    assert seconds(utc, "2017-07-10 12:00:00") - seconds(berlin, "2017-07-10 12:00:00") == 7200


def test_the_hour_that_clocks_show_twice_is_read_twice() -> None:
    """
    When summer time ended on 2017-10-29, 02:59 was followed by 02:00: the log goes on, it does not go back.
    """
    clock = Clock(BERLIN, [(1, 2017)])

    stamps = ["Oct 29 01:59:00", "Oct 29 02:59:00", "Oct 29 02:00:00", "Oct 29 02:59:00", "Oct 29 03:00:00"]
    times = [seconds(clock, stamp) for stamp in stamps]

    assert [later - earlier for earlier, later in pairwise(times)] == [3600, 60, 3540, 60]


@given(st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2200, 1, 1)))  # noqa: DTZ001
def test_what_a_daemon_writes_is_read_back_to_the_second(moment: dt.datetime) -> None:
    """
    The cache of minutes and years must not leak from one stamp into the next.
    """
    moment = moment.replace(microsecond=0, tzinfo=dt.UTC)
    clock = Clock(dt.UTC, [(1, moment.year)])
    seconds(clock, "Jan  1 00:00:59")

    assert seconds(clock, f"{moment:%b} {moment.day:2} {moment:%H:%M:%S}") == moment.timestamp()
    assert seconds(clock, moment.isoformat()) == moment.timestamp()
