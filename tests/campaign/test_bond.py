# SPDX-License-Identifier: Apache-2.0
"""Bonds, and from when on they are hot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.bond import DAY, HOUR, MOST, Bond, Lately, Lines

T = 1_800_000_000.0 // HOUR * HOUR


def bound(*times: float, tokens: int = 4) -> Bond:
    """Return a bond of different items at these times."""
    bond = Bond.begun("0", times[0], 1, known=False)
    for number, time in enumerate(times[1:], start=1):
        bond.tie(str(number), time, 1 + number % tokens)
    return bond


@given(st.lists(st.tuples(st.integers(0, 200), st.floats(0, 7200)), min_size=1, max_size=200))
def test_a_bond_keeps_the_last_items_with_their_times(ties: list[tuple[int, float]]) -> None:
    """
    Bounded, the oldest go first, whatever an attacker chooses.
    """
    bond = Bond(T, T)
    ties.sort(key=lambda tie: tie[1])
    for item, time in ties:
        bond.tie(str(item), T + time)
    last = {str(item): T + time for item, time in ties}
    kept = sorted(last.items(), key=lambda pair: pair[1])[-MOST:]

    assert len(bond.items) == min(len(last), MOST)
    assert min(bond.items.values()) == kept[0][1]


def test_a_bond_of_many_keeps_the_last_and_counts_the_others() -> None:
    """
    A botnet of thousands on one account takes no more room than one of a hundred.
    """
    bond = bound(*(T + number for number in range(500)))

    assert list(bond.items) == [str(number) for number in range(500 - MOST, 500)]
    assert bond.arrivals.read(T + 500) == 500


def test_what_is_taken_back_is_not_counted() -> None:
    """
    Somebody mistyped and got it right.
    """
    bond = bound(T, T + 1, T + 2)

    bond.untie("1")
    bond.untie("never")

    assert list(bond.items) == ["0", "2"]
    assert (bond.tries.current, bond.arrivals.current) == (2, 2)


def test_a_day_without_an_attempt_begins_anew() -> None:
    """
    Last week's attack says nothing of today's attempt.
    """
    bond = bound(T, T + 1)
    bond.campaign = "c1"

    bond.tie("x", T + 2 * DAY)

    assert (list(bond.items), bond.campaign, bond.first) == (["x"], "", T + 2 * DAY)


def test_the_line_is_crossed_within_an_hour_or_a_day() -> None:
    """
    A slow botnet needs more addresses to be told from a traveller.
    """
    lines = Lines(3, 5)

    assert lines.crossed(bound(T, T + 1, T + 2), T + 3)
    assert not lines.crossed(bound(T, T + 1, T + 2), T + 2 * HOUR)
    assert lines.crossed(bound(*(T + number * 4 * HOUR for number in range(5))), T + 16 * HOUR)


def test_one_password_from_many_places_is_a_device_on_the_road() -> None:
    """
    A phone with a wrong password changes its address all day, though not eleven times within an hour.
    """
    lines = Lines(8, 24, tokens=3, blind=3)
    slow, fast = ([T + number * gap for number in range(30)] for gap in (1800, 300))

    assert not lines.crossed(bound(*slow, tokens=1), slow[-1])
    assert lines.crossed(bound(*slow, tokens=3), slow[-1])
    assert lines.crossed(bound(*fast, tokens=1), fast[-1])


def test_where_passwords_are_not_known_more_are_needed() -> None:
    """
    Nobody can tell the phone from the botnet then, so that it takes the original's eleven addresses.
    """
    lines = Lines(8, 24, tokens=3, blind=3)
    blind = Bond(T, T, {str(number): T for number in range(10)})

    assert not lines.crossed(blind, T)
    blind.tie("x", T)
    assert lines.crossed(blind, T)


def test_good_logins_and_known_sources_excuse_failures() -> None:
    """
    An office has many accounts that fail, and many more that do not.
    """
    lines = Lines(4, 4, goods=0.5, known=3)
    office, known = bound(T, T, T, T, T), bound(T, T, T, T, T)
    for _ in range(3):
        office.praise(T)
    known.known = True

    assert not lines.crossed(office, T)
    assert not lines.crossed(known, T)
    assert lines.crossed(office, T) is lines.crossed(bound(T, T, T, T), T + 30 * DAY)


@given(st.lists(st.floats(0, 5 * HOUR), max_size=50), st.floats(0, 6 * HOUR))
def test_lately_is_off_by_less_than_the_hour_before(times: list[float], age: float) -> None:
    """
    Two numbers stand for a log of times; the spread within the older hour is all that is lost.
    """
    lately = Lately()
    for time in sorted(time for time in times if time <= age):
        lately.add(T + time)
    truth = sum(age - HOUR <= time <= age for time in times)
    before = sum(int(time // HOUR) == int(age // HOUR) - 1 for time in times)

    assert abs(lately.read(T + age) - truth) <= before


def test_another_period_goes_on_with_about_the_same() -> None:
    """
    A campaign that turns out to be a surge is followed over the surge's window.
    """
    lately = Lately(period=300.0)
    for second in range(100):
        lately.add(T + second)

    hourly = lately.over(HOUR, T + 100)
    hourly.add(T + 101)

    assert round(hourly.read(T + 101)) == 101
    assert hourly.read(T + 3 * HOUR) == 0
