# SPDX-License-Identifier: Apache-2.0
"""The sample of good logins."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.sample import GoodSample
from nacre.campaign.sighting import Mark, Sighting

T = 1_800_000_000.0 // 3600 * 3600
HOUR = 3600.0


def good(time: float, account: str = "erika") -> Sighting:
    """Return a good login."""
    return Sighting(T + time, bytes(4), account)


@given(st.lists(st.floats(0, 20 * HOUR), max_size=300), st.integers(5, 50))
def test_all_are_kept_while_there_is_room_and_never_more(times: list[float], most: int) -> None:
    """
    The estimate of harm is as good as what it is made of.
    """
    sample = GoodSample(most=most)
    for time in sorted(times):
        sample.add(good(time))
    kept = sample.all()

    assert len(sample) == len(kept) <= most
    assert len(kept) == len(times) or len(kept) > most // 3
    assert kept == sorted(kept, key=lambda each: each.time)


def test_a_busy_hour_does_not_push_a_quiet_one_out() -> None:
    """
    Who signs in at night is harmed by a measure like anybody else.
    """
    sample = GoodSample(most=100)
    for number in range(20):
        sample.add(good(number))
    for number in range(5000):
        sample.add(good(HOUR + number / 2))

    assert sum(each.time < T + HOUR for each in sample.all()) == 20


def test_the_sample_of_a_busy_hour_is_spread_over_it() -> None:
    """
    The last ten minutes must not stand for the hour.
    """
    sample = GoodSample(most=100)
    for number in range(3600):
        sample.add(good(float(number)))

    quarters = [sum(n * 900 <= each.time - T < (n + 1) * 900 for each in sample.all()) for n in range(4)]

    assert max(quarters) - min(quarters) <= 2


def test_a_week_later_it_is_gone() -> None:
    """
    Recent good logins are meant.
    """
    sample = GoodSample()
    sample.add(good(0.0))

    sample.add(good(168 * HOUR))

    assert [each.time for each in sample.all()] == [T + 168 * HOUR]


def test_an_account_is_forgotten() -> None:
    """
    Erasing a person reaches every corner.
    """
    sample = GoodSample()
    sample.add(good(0.0))
    sample.add(good(1.0, "otto"))

    assert sample.drop("erika")
    assert not sample.drop("erika")
    assert [each.account for each in sample.all()] == ["otto"]
    assert len(sample) == 1


def test_logins_from_new_places_are_forgotten_where_an_attack_may_have_made_them() -> None:
    """
    A right guess before the attack was named would count as a traveller, and travellers speak against measures.
    """
    sample = GoodSample()
    for number in range(10):
        sample.add(msgspec.structs.replace(good(HOUR + number, f"user{number}"), marks=int(Mark.HOME) * (number % 2)))

    sample.doubt(T + HOUR + 5, least=6)

    assert [seen.account for seen in sample.all()] == [f"user{number}" for number in (0, 1, 2, 3, 4, 5, 7, 9)]
    assert len(sample) == 8


def test_with_enough_before_an_attack_all_logins_since_are_forgotten() -> None:
    """
    Those at home alone would say that nobody travels, and what meets travellers would seem to harm nobody.
    """
    sample = GoodSample()
    for number in range(10):
        sample.add(msgspec.structs.replace(good(HOUR + number, f"user{number}"), marks=int(Mark.HOME) * (number % 2)))

    sample.doubt(T + HOUR + 5, least=5)

    assert [seen.account for seen in sample.all()] == [f"user{number}" for number in range(5)]
    assert len(sample) == 5
