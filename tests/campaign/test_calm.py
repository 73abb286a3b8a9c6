# SPDX-License-Identifier: Apache-2.0
"""Days that look like an attack and are none, and what ordinary people did beside one that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
import pytest
from campaign.crowds import (
    carrier,
    flash_crowd,
    office,
    onboarding,
    password_day,
    reconnect_storm,
    scanner,
    traveller,
    working_days,
)
from campaign.looking import after, pictures
from campaign.sightings import START, normal, stuffing, together

from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.watch import Watch

HOUR, DAY = 3600.0, 86_400.0


@pytest.fixture(scope="module")
def settled() -> bytes:
    """Two quiet days before the Monday: something is learned, and lines are lower than at the first start."""
    watch = Watch()
    for _ in pictures(watch, working_days(3, start=START - 2 * DAY, days=2, rate=0.2), every=60.0):
        pass
    return watch.snapshot()


DAYS: dict[str, Callable[[int], Iterator[Sighting]]] = {
    "a Monday morning": flash_crowd,
    "a Monday morning with many new places": lambda seed: flash_crowd(seed, users=5000, new_places=0.4),
    "all at once after an outage": reconnect_storm,
    "an office behind one address": office,
    "a carrier behind four addresses": carrier,
    "a morning after a change of passwords": password_day,
    "a cohort with one initial password": onboarding,
    "a scanner with a wrong password for ever": scanner,
    "somebody on the road": traveller,
    "an ordinary hour": lambda seed: normal(seed, rate=8.0),
}


@pytest.mark.parametrize("day", DAYS)
def test_no_campaign_is_named_and_the_threat_stays_normal(day: str, settled: bytes) -> None:
    """
    A false alarm locks people out at the very moment when many come; on the first day, and when something is learned.
    """
    for watch in (Watch(), Watch.restore(settled)):
        for picture in pictures(watch, DAYS[day](1), every=20.0):
            assert picture.campaigns == ()
            assert picture.accounts == ()
            assert picture.threat.band == "normal"


def test_three_attempts_where_there_was_one_are_no_attack() -> None:
    """
    Relative change without a least number calls a night with three logins severe.
    """
    stream = [Sighting(START + n * HOUR, bytes((45, 1, 1, n)), f"user{n}") for n in (1, 2)]
    stream += [Sighting(START + 3 * HOUR + n, bytes((46, 1, 1, n)), f"user{n}") for n in (3, 4, 5)]

    assert all(picture.threat.level == 0 for picture in pictures(Watch(), stream))


def test_strangers_that_we_stop_after_the_attack_do_not_keep_it_alive() -> None:
    """
    While a surge is answered, everybody who comes from a new place is stopped: that is no proof that it goes on.
    """
    watch = Watch()
    rows = together(normal(3, rate=3, duration=2.2 * HOUR), stuffing(1, start=START + 600, attempts=600, rate=2.0))

    def answered() -> Iterator[Sighting]:
        for row in rows:
            challenged = attacked and not row.marks & (Mark.HOME | Mark.KNOWN_SOURCE)
            marks = (row.marks & ~Mark.SUCCESS) | Mark.STOPPED if challenged else row.marks
            yield msgspec.structs.replace(row, marks=int(marks))

    attacked = False
    last = watch.assess(START)
    for last in pictures(watch, answered(), every=5.0):
        attacked = any(not campaign.ended for campaign in last.campaigns)

    assert [campaign.ended > 0 for campaign in last.campaigns] == [True]
    assert last.threat.band == "normal"


def test_a_surge_that_comes_again_takes_back_no_more_than_its_own_time() -> None:
    """
    The campaign that it continues may be a week old; without what people did since, nobody seems to travel.
    """
    watch = Watch()
    first = stuffing(1, start=START + 1200, attempts=600, rate=2.0)
    again = stuffing(2, start=START + 7800, attempts=200, rate=2.0)
    last = after(watch, together(normal(3, rate=3, duration=8000.0), first, again), every=5.0)

    assert len(last.campaigns) == 1
    assert last.campaigns[0].since < START + 1300
    between = [seen for seen in watch.good if START + 4000 < seen.time < START + 7000]
    strangers = sum(not seen.marks & Mark.HOME for seen in between) / len(between)
    assert 0.015 < strangers < 0.045
