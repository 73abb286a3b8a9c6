# SPDX-License-Identifier: Apache-2.0
"""The years that a syslog file leaves out."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from nacre.replay.years import Years


def marks(*days: str, modified: dt.date = dt.date(2024, 7, 1), years: Years | None = None) -> list[tuple[int, int]]:
    """Return the lines at which another year begins, of a file with these stamps."""
    lines = [(number, f"{day} host sshd[1]: ...".encode()) for number, day in enumerate(days, 1)]
    return (years or Years(None)).marks(lines, lambda: modified)


def test_the_last_line_is_not_after_the_file_was_modified() -> None:
    """
    A log of March that was written in February is of the year before.
    """
    assert marks("Mar 27 13:06:56", modified=dt.date(2026, 3, 27)) == [(1, 2026)]
    assert marks("Mar 27 13:06:56", modified=dt.date(2026, 2, 1)) == [(1, 2025)]


def test_a_log_may_be_a_day_ahead_of_the_file_system() -> None:
    """
    The host may stand in Auckland, and the stamps be of its wall clock.
    """
    assert marks("Jan  1 03:00:00", modified=dt.date(2025, 12, 31)) == [(1, 2026)]


def test_the_year_turns_where_the_months_jump_back() -> None:
    """
    The end of the file counts: what precedes New Year is of the year before the last line's.
    """
    assert marks("Nov  1 00:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01", "Feb  3 00:00:00") == [(1, 2023), (3, 2024)]
    assert marks("Nov 30 00:00:00", "Jan  2 00:00:00", "Nov 30 00:00:00", "Jan  2 00:00:00") == [
        (1, 2022),
        (2, 2023),
        (4, 2024),
    ]


def test_a_step_back_of_the_clock_turns_no_year() -> None:
    """
    Clocks are corrected by seconds, and daemons write out of order, also at midnight and at New Year.
    """
    assert marks("Mar 27 00:00:01", "Mar 26 23:59:58", "Mar 27 00:00:02") == [(1, 2024)]
    assert marks("Dec 31 23:59:58", "Jan  1 00:00:01", "Dec 31 23:59:59", "Jan  1 00:00:02") == [
        (1, 2023),
        (2, 2024),
        (3, 2023),
        (4, 2024),
    ]


def test_rotated_logs_concatenated_backwards_stay_in_their_year() -> None:
    """
    ``zcat auth.log*`` puts the newest part first; each part begins two weeks before the end of the one above.
    """
    assert marks("Mar 20 00:00:00", "Mar 27 00:00:00", "Mar 13 00:00:00", "Mar 20 00:00:00") == [(1, 2024)]


def test_the_29th_of_february_decides_the_year() -> None:
    """
    It is known to be of a leap year, whatever the file system says.
    """
    assert marks("Feb 29 10:00:00", "Mar  1 00:00:00", modified=dt.date(2026, 6, 1)) == [(1, 2024)]
    assert marks("Dec  1 10:00:00", "Feb 29 00:00:00", modified=dt.date(2026, 6, 1)) == [(1, 2023), (2, 2024)]


def test_a_line_with_a_year_decides_for_all() -> None:
    """
    Daemons are switched to RFC 3339 in the middle of a file.
    """
    assert marks("Dec 31 10:00:00", "Jan  2 00:00:00", "2019-01-03T00:00:00Z") == [(1, 2018), (2, 2019)]


def test_the_year_that_is_given_is_that_of_the_first_line() -> None:
    """
    It wins over what would be inferred, and turns like any other.
    """
    assert marks("Dec 31 10:00:00", "Jan  2 00:00:00", years=Years(2016)) == [(1, 2016), (2, 2017)]


def test_the_next_file_continues_the_year_that_was_given() -> None:
    """
    Logs are rotated at any time, also on New Year's Eve; a shell names the newest part first.
    """
    years = Years(2016)
    assert marks("Dec 20 10:00:00", "Dec 31 00:00:00", years=years) == [(1, 2016)]
    assert marks("Jan  1 10:00:00", "Jan  7 00:00:00", years=years) == [(1, 2017)]
    assert marks("Dec 20 10:00:00", "Dec 31 00:00:00", years=years) == [(1, 2016)]


def test_priorities_blank_lines_and_garbage_do_not_hide_a_day() -> None:
    """
    Some daemons write the priority in front, and crashes leave garbage.
    """
    assert marks("<38>Dec 31 10:00:00", "", "\0\0", "<38>Dec 31 11:00:00", "<38>Jan  1 00:00:00") == [
        (1, 2023),
        (5, 2024),
    ]
    assert marks("nothing", "Mar 99x") == []


@given(
    start=st.dates(dt.date(2001, 1, 1), dt.date(2020, 1, 1)),
    gaps=st.lists(st.integers(0, 300), max_size=30),
    delay=st.integers(0, 300),
)
def test_years_are_found_if_no_gap_is_longer_than_ten_months(start: dt.date, gaps: list[int], delay: int) -> None:
    """
    Whatever the length of a log, every line gets the year in which it was written.
    """
    days = [start]
    for gap in gaps:
        days.append(days[-1] + dt.timedelta(days=gap))

    found = marks(*(f"{day:%b} {day.day:2} 12:00:00" for day in days), modified=days[-1] + dt.timedelta(days=delay))

    years = dict(found)
    current = 0
    for number, day in enumerate(days, 1):
        current = years.get(number, current)
        assert current == day.year
