# SPDX-License-Identifier: Apache-2.0
"""Durations, as text and as numbers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.config.duration import Duration

TEN_YEARS = 10 * 365 * 86_400


@given(nanoseconds=st.integers(0, TEN_YEARS * 10**9))
def test_a_duration_written_and_read_again_is_the_same(nanoseconds: int) -> None:
    """
    What `config show` and the example write must mean what was set, to the nanosecond.
    """
    duration = Duration(nanoseconds / 1e9)

    assert Duration.parse(str(duration)) == duration
    assert Duration.parse(duration.spoken) == duration


@given(seconds=st.floats(0, TEN_YEARS))
def test_a_text_is_off_by_less_than_a_nanosecond(seconds: float) -> None:
    """
    Finer than Go's own unit nothing is promised; a double of that size is coarser anyway.
    """
    error = abs(Duration.parse(str(Duration(seconds))) - seconds)

    assert error <= max(5e-10, math.ulp(seconds)) * 1.001


@given(hours=st.integers(0, 9999), minutes=st.integers(0, 59), seconds=st.integers(0, 59))
def test_parts_add_up(hours: int, minutes: int, seconds: int) -> None:
    """
    `1h30m` is one duration, in the order in which people say it.
    """
    duration = Duration.parse(f"{hours}h{minutes}m{seconds}s")

    assert float(duration) == hours * 3600 + minutes * 60 + seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1.5h", 5400),
        (".5m", 30),
        ("2d", 172_800),
        ("1m30.5s", 90.5),
        ("300ms", 0.3),
        ("2us", 2e-6),
        ("2µs", 2e-6),
        ("7ns", 7e-9),
        ("0", 0),
        (" 15m ", 900),
        ("60", 60),
        ("1.25", 1.25),
        (60, 60),
        (0.5, 0.5),
    ],
)
def test_texts_of_go_and_plain_seconds_are_read(text: object, seconds: float) -> None:
    """
    Files of Nauthilus have both, and a plain number there was meant as seconds.
    """
    assert Duration.parse(text) == pytest.approx(seconds, abs=1e-12)


@pytest.mark.parametrize(
    "text", ["", "m", "15 minutes", "1h30", "1 h", "1h 30m", "-5m", "1e3s", "5w", "٣m", "1" * 99 + "m"]
)
def test_other_texts_are_refused_with_an_example(text: str) -> None:
    """
    Whoever writes `15 minutes` learns from the message what to write.
    """
    with pytest.raises(ValueError, match='is no duration; write "15m", "1h30m" or a number of seconds'):
        Duration.parse(text)


@pytest.mark.parametrize("value", [None, True, [], {}, b"1m"])
def test_values_that_are_no_text_and_no_number_are_refused(value: object) -> None:
    """
    `true` is a number to Python, and no duration to anybody.
    """
    with pytest.raises(ValueError, match="is no duration"):
        Duration.parse(value)


@pytest.mark.parametrize("value", [math.inf, math.nan, -1, -0.001])
def test_endless_and_negative_durations_are_refused(value: float) -> None:
    """
    A ban has an end, and begins now.
    """
    with pytest.raises(ValueError, match="a duration is finite and not negative"):
        Duration.parse(value)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (0.25, "250ms"),
        (1, "1s"),
        (59.9999999999, "1m"),
        (90, "1m30s"),
        (3600, "1h"),
        (3601.5, "1h1.5s"),
        (86_400, "24h"),
        (0.9999999999, "1s"),
    ],
)
def test_a_duration_is_written_as_short_as_go_would_and_carries_over(seconds: float, text: str) -> None:
    """
    59.9999999999 s is written as a minute; "60s" beside "1m" would look like two settings.
    """
    assert str(Duration(seconds)) == text


def test_a_multiple_of_a_duration_is_a_duration() -> None:
    """
    The tree writes its defaults as `8 * HOUR`, and shows them as `8h`.
    """
    assert repr(8 * Duration(3600)) == repr(Duration(3600) * 8) == "Duration('8h')"
