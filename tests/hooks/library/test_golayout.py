# SPDX-License-Identifier: Apache-2.0
"""Times as Go writes and reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.hooks.library.golayout import read, written, zone

AT = 1136214245.678  # 15:04:05.678 UTC on 2 January 2006


@pytest.mark.parametrize(
    ("layout", "location", "text"),
    [
        ("Mon Jan _2 15:04:05 2006", "UTC", "Mon Jan  2 15:04:05 2006"),
        ("Mon Jan _2 15:04:05 MST 2006", "Europe/Berlin", "Mon Jan  2 16:04:05 CET 2006"),
        ("02 Jan 06 15:04 -0700", "Europe/Berlin", "02 Jan 06 16:04 +0100"),
        ("Monday, 02-Jan-06 15:04:05 MST", "UTC", "Monday, 02-Jan-06 15:04:05 UTC"),
        ("2006-01-02T15:04:05Z07:00", "UTC", "2006-01-02T15:04:05Z"),
        ("2006-01-02T15:04:05.999999999Z07:00", "Asia/Kolkata", "2006-01-02T20:34:05.678+05:30"),
        ("2006-01-02T15:04:05 -07:00", "Europe/Berlin", "2006-01-02T16:04:05 +01:00"),
        ("3:04PM", "UTC", "3:04PM"),
        ("03:04pm", "America/New_York", "10:04am"),
        ("2006-002 __2", "UTC", "2006-002   2"),
        ("Jan _2 15:04:05.000000", "UTC", "Jan  2 15:04:05.678000"),
        ("1/2/06 5s", "UTC", "1/2/06 5s"),
        ("January", "UTC", "January"),
        ("-07 Z0700 Z07", "Asia/Kolkata", "+05 +0530 +05"),
        ("20060102150405", "UTC", "20060102150405"),
    ],
)
def test_a_time_is_written_as_the_layout_shows(layout: str, location: str, text: str) -> None:
    """
    The layouts are the constants of Go's package, and those that plug-ins use.
    """
    assert written(AT, layout, location) == text


@given(
    seconds=st.integers(0, 4_000_000_000),
    location=st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kolkata", "America/New_York"]),
    layout=st.sampled_from(
        [
            "2006-01-02T15:04:05Z07:00",
            "Mon, 02 Jan 2006 15:04:05 -0700",
            "2006-002 15:04:05 -07:00",
            "1/2/2006 3:4:5PM -0700",
        ]
    ),
)
def test_what_was_written_is_read_again(seconds: int, location: str, layout: str) -> None:
    """
    A layout with an offset means one moment, wherever it was written.
    """
    assert read(written(seconds, layout, location), layout) == seconds


@pytest.mark.parametrize(
    ("value", "layout", "location", "seconds"),
    [
        ("Dec  2 03:33:05 2018", "Jan  2 15:04:05 2006", "UTC", 1543721585.0),
        ("Dec  2 04:33:05 2018", "Jan  2 15:04:05 2006", "Europe/Berlin", 1543721585.0),
        ("2018-12-02T03:33:05.25Z", "2006-01-02T15:04:05Z07:00", "UTC", 1543721585.25),
        ("02.12.18", "02.01.06", "UTC", 1543708800.0),
        ("02.12.70", "02.01.06", "UTC", 28944000.0),
    ],
)
def test_a_text_is_read_by_its_layout(value: str, layout: str, location: str, seconds: float) -> None:
    """
    A fraction may follow the seconds whether the layout shows one or not.
    """
    assert read(value, layout, location) == seconds


@pytest.mark.parametrize(
    ("value", "layout"),
    [("soon", "2006-01-02"), ("2018-13-02", "2006-01-02"), ("2018-02-30", "2006-01-02"), ("Foo 2", "Jan 2")],
)
def test_what_does_not_fit_is_an_error(value: str, layout: str) -> None:
    """
    There is no thirteenth month.
    """
    with pytest.raises(ValueError):  # noqa: PT011  the words are Python's for some
        read(value, layout)


def test_a_zone_has_to_exist() -> None:
    """
    Nor is a path one.
    """
    for name in ("Nowhere/City", "../../etc/passwd", "/etc/localtime"):
        with pytest.raises(ValueError, match="unknown time zone"):
            zone(name)
