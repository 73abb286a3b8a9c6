# SPDX-License-Identifier: Apache-2.0
"""Strangers against what is usual."""

from __future__ import annotations

from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.campaign.surge import ATTEMPTS, FAST, FRESH, STRANGERS, WINDOWS, Surge

MINUTE = 30_000_000 // 60 * 60
"""Minutes from the epoch; the first of an hour."""


def come(surge: Surge, minute: int, *, strangers: int = 0, fresh: int = 0, attempts: int = 1) -> None:
    """Let some come within a minute."""
    surge.roll(minute)
    for _ in range(strangers):
        surge.stranger()
    for _ in range(fresh):
        surge.count(FRESH)
    for _ in range(attempts):
        surge.count(ATTEMPTS)


def learned(strangers: int, hours: int = 48) -> Surge:
    """Return a surge that has seen so many strangers an hour."""
    surge = Surge()
    for hour in range(hours):
        come(surge, MINUTE - (hours - hour) * 60, strangers=strangers)
    surge.roll(MINUTE)
    return surge


def test_too_many_strangers_within_five_minutes_cross_the_line() -> None:
    """
    What is younger than a minute does not count: it may still be explained.
    """
    surge = Surge()
    for minute in range(5):
        come(surge, MINUTE + minute, strangers=9, attempts=100)

    before = surge.look()
    surge.roll(MINUTE + 5)
    crossed = surge.look()

    assert before is None
    assert crossed is not None
    assert (crossed.minutes, crossed.strangers) == (5, 45.0)


def test_where_hardly_anybody_signs_in_fewer_strangers_are_enough() -> None:
    """
    On the first day of a small site too a spray is more than its logins.
    """
    small, large = Surge(), Surge()
    for minute in range(40):
        come(small, MINUTE + minute, strangers=1)
        come(large, MINUTE + minute, strangers=1, attempts=20)

    assert small.look() is not None
    assert large.look() is None


def test_a_rush_within_a_minute_alarms_at_once() -> None:
    """
    A hundred a second should not wait for explanations.
    """
    surge = Surge()
    come(surge, MINUTE, strangers=FAST)
    alarmed = surge.hot
    surge.stranger()

    crossed = surge.look()

    assert alarmed
    assert crossed is not None
    assert crossed.minutes == 2


@given(
    begin=st.floats(0, 60, exclude_max=True),
    gaps=st.lists(st.floats(0, 1), min_size=FAST - 1, max_size=FAST - 1),
)
def test_a_rush_alarms_with_the_same_stranger_wherever_in_a_minute_it_begins(begin: float, gaps: list[float]) -> None:
    """
    An attacker who begins a few seconds before a minute's turn gains nothing: sixty within a minute are sixty.
    """
    surge = Surge()

    alarmed = []
    for time in accumulate(gaps, initial=MINUTE * 60 + begin):
        surge.roll(int(time // 60))
        surge.stranger()
        alarmed.append(surge.hot)

    assert alarmed == [False] * (FAST - 1) + [True]


def test_strangers_that_were_explained_in_the_minute_before_alarm_nobody() -> None:
    """
    Typos that are put right after the minute's turn are still typos.
    """
    surge = Surge()
    surge.roll(MINUTE)
    minutes = [surge.stranger() for _ in range(FAST - 1)]
    surge.roll(MINUTE + 1)
    for minute in minutes:
        surge.take_back(minute)

    come(surge, MINUTE + 1, strangers=FAST - 1)
    calm = not surge.hot
    surge.stranger()

    assert calm
    assert surge.hot


def test_a_crowd_of_a_while_ago_raises_the_line_no_longer() -> None:
    """
    Nobody may have looked since.
    """
    surge = Surge()
    come(surge, MINUTE, fresh=1000)
    surge.look()
    crowded = surge.fast

    come(surge, MINUTE + 3, strangers=FAST)

    assert crowded == 500
    assert surge.hot


def test_good_logins_from_new_places_excuse_strangers() -> None:
    """
    A crowd that comes from new places mistypes there.
    """
    surge = Surge()
    for minute in range(6):
        come(surge, MINUTE + minute, strangers=9, fresh=90)
    surge.roll(MINUTE + 6)

    assert surge.look() is None


def test_what_is_taken_back_or_claimed_does_not_count() -> None:
    """
    An explained failure is no stranger's, in whichever minute it came.
    """
    surge = Surge()
    surge.roll(MINUTE)
    minutes = [surge.stranger() for _ in range(50)]
    surge.roll(MINUTE + 2)
    for minute in minutes:
        surge.take_back(minute)
        surge.claim(minute, failed=True)

    assert surge.within(5, STRANGERS) == 0
    assert surge.look() is None


def test_the_usual_number_of_strangers_makes_the_line() -> None:
    """
    A site that has eighty an hour is not alarmed by eighty, and one that has two is by forty.
    """
    noisy, quiet = learned(80), learned(2)

    assert noisy.line(60) > 160
    assert quiet.line(60) == WINDOWS[60][1]


def test_an_hour_of_raised_threat_teaches_nothing() -> None:
    """
    An attack must not become usual.
    """
    surge = learned(5)
    for hour in range(12):
        come(surge, MINUTE + hour * 60, strangers=5000)
        surge.raised((MINUTE + hour * 60) * 60.0)
    surge.roll(MINUTE + 24 * 60)

    assert {strangers for hour in surge.baseline.hours for _, _, strangers, _ in hour} == {5.0}


@settings(max_examples=20)
@given(st.lists(st.integers(0, 3000), min_size=12, max_size=12))
def test_what_campaigns_claim_teaches_nothing(claims: list[int]) -> None:
    """
    Also where the threat was not raised.
    """
    calm, attacked = learned(5, 30), learned(5, 30)
    for hour, number in enumerate(claims):
        come(calm, MINUTE + hour * 60, strangers=5)
        come(attacked, MINUTE + hour * 60, strangers=5, attempts=1 + number)
        for _ in range(number):
            attacked.claim(MINUTE + hour * 60, failed=False)
    for surge in (calm, attacked):
        surge.roll(MINUTE + 24 * 60)

    assert attacked.usual() == calm.usual()


def test_a_surge_goes_on_above_half_its_line_beyond_what_we_stopped_ourselves() -> None:
    """
    Hysteresis, and good people who were stopped with the others.
    """
    surge = learned(0)

    assert surge.goes_on(13, 5, 0.0)
    assert not surge.goes_on(11, 5, 0.0)
    assert not surge.goes_on(120, 5, 100.0)
    assert surge.goes_on(160, 5, 100.0)


def test_counts_survive_as_values() -> None:
    """
    A restart keeps what is usual and what came today.
    """
    surge = learned(7)
    come(surge, MINUTE + 1, strangers=3)

    again = Surge(surge.counts())

    assert again.within(60, STRANGERS) == surge.within(60, STRANGERS)
    assert again.usual() == surge.usual()
    assert again.line(60) == surge.line(60)


def test_a_long_pause_leaves_nothing_behind() -> None:
    """
    Yesterday's minutes must not stand in the rows of today's.
    """
    surge = Surge()
    come(surge, MINUTE, strangers=100)

    surge.roll(MINUTE + 5000)

    assert surge.within(1440, STRANGERS) == 0
