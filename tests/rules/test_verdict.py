# SPDX-License-Identifier: Apache-2.0
"""Verdicts from values alone."""

from __future__ import annotations

import pytest
from builders import rule

from nacre.entity import NEGATIVE, NOTHING, POSITIVE, Entity
from nacre.rules.rule import Bucket, Kind, Watch
from nacre.rules.toleration import Terms
from nacre.rules.verdict import Verdict, counters, judge
from nacre.window import Window

NOW = 1_800_000_000.0
HERE, DEVICE, ELSEWHERE = 7, 8, 9
FIVE = Bucket.of(rule("five", limit=5, period=600))
TWO = Bucket.of(rule("two", limit=2, period=600))
TODAY = 20_833


def failures(count: int, *, armed: bool = True, until: float = 0.0) -> Window:
    """A window in which so many failures lie one second back."""
    return Window(1.0, (int(NOW) - 1,), (count,), armed=armed, until=until)


def judged(
    watch: Watch, entity: Entity, *more: tuple[Watch, Entity], terms: Terms | None = None, since: int = 0
) -> Verdict:
    """The verdict on an attempt from one place, by the device that is known there."""
    watches, entities = zip((watch, entity), *more, strict=True)
    return judge(
        watches,
        entities,
        now=NOW,
        terms=lambda: terms or Terms(0, 600.0),
        places=lambda: (HERE, DEVICE),
        known_since=since,
    )


@pytest.mark.parametrize(("count", "trips"), [(0, False), (4, False), (5, True), (6, True)])
def test_a_full_bucket_trips(count: int, *, trips: bool) -> None:
    """
    Five failures are allowed: the attempt after the fifth is the first that is not.
    """
    verdict = judged(Watch(Kind.SUBNET, 24, (FIVE,)), Entity({FIVE.tag: failures(count)}, {}))

    assert bool(verdict.trips) is trips
    assert verdict.pressure == min(count / 5, 1.0)
    assert verdict.counts == ({"five": count} if count else {})


def test_a_full_bucket_whose_ban_is_over_trips_only_after_one_more_failure() -> None:
    """
    A ban that ends must let the next attempt through, or it would never end.
    """
    subnet = Watch(Kind.SUBNET, 24, (FIVE,))
    over, again = (failures(5, armed=armed, until=NOW - 1) for armed in (False, True))

    assert judged(subnet, Entity({FIVE.tag: over}, {})).trips == ()
    (trip,) = judged(subnet, Entity({FIVE.tag: again}, {})).trips
    assert trip.until == 0.0


def test_a_ban_in_force_trips_however_empty_its_window() -> None:
    """
    A block lasts as long as it was pronounced, and tells a count that explains it.
    """
    (trip,) = judged(Watch(Kind.SUBNET, 24, (FIVE,)), Entity({FIVE.tag: Window(1.0, until=NOW + 1)}, {})).trips

    assert (trip.until, trip.count) == (NOW + 1, 5)


def test_a_ban_ends_at_its_end() -> None:
    """
    The first moment after a ban is the first one at which an attempt may go on.
    """
    assert judged(Watch(Kind.SUBNET, 24, (FIVE,)), Entity({FIVE.tag: Window(1.0, until=NOW)}, {})).trips == ()


def test_every_rule_that_trips_is_in_the_verdict() -> None:
    """
    Operators see all that spoke against an attempt, not the first.
    """
    subnet = (Watch(Kind.SUBNET, 24, (FIVE, TWO)), Entity({FIVE.tag: failures(5), TWO.tag: failures(2)}, {}))
    account = (Watch(Kind.ACCOUNT, 0, (FIVE,)), Entity({FIVE.tag: failures(9)}, {}))

    verdict = judged(*subnet, account)

    assert [(trip.index, trip.bucket.rule.name, trip.count) for trip in verdict.trips] == [
        (0, "five", 5),
        (0, "two", 2),
        (1, "five", 9),
    ]


@pytest.mark.parametrize(
    ("origins", "since", "known"),
    [
        ({HERE: TODAY}, 0, True),
        ({DEVICE: TODAY}, 0, True),
        ({ELSEWHERE: TODAY}, 0, False),
        ({}, 0, False),
        ({HERE: TODAY}, TODAY, True),
        ({HERE: TODAY - 1}, TODAY, False),  # too long ago
    ],
)
def test_an_account_knows_the_places_it_signed_in_from(origins: dict[int, int], since: int, *, known: bool) -> None:
    """
    The subnet or the device suffices, unless the last time lies too far back.
    """
    verdict = judged(Watch(Kind.ACCOUNT, 0, (FIVE,)), Entity({FIVE.tag: failures(5)}, origins), since=since)

    assert verdict.known is known


def test_a_place_that_is_not_known_is_in_no_list() -> None:
    """
    Zero stands for "no device"; it must not match an entry, whatever the store holds.
    """
    verdict = judge(
        (Watch(Kind.ACCOUNT, 0, (FIVE,)),),
        (Entity({FIVE.tag: failures(5)}, {0: TODAY}),),
        now=NOW,
        terms=lambda: Terms(0, 0.0),
        places=lambda: (HERE, 0),
    )

    assert not verdict.known


@pytest.mark.parametrize(("positive", "negative", "tolerated"), [(0, 0, False), (10, 5, True), (10, 6, False)])
def test_the_origins_successes_decide_on_toleration(positive: int, negative: int, *, tolerated: bool) -> None:
    """
    A full bucket of the subnet is forgiven to the address from which people sign in, and to nobody else in it.
    """
    origin = Entity({POSITIVE: failures(positive), NEGATIVE: failures(negative)}, {})
    subnet = (Watch(Kind.SUBNET, 24, (FIVE,)), Entity({FIVE.tag: failures(5)}, {}))

    verdict = judged(Watch(Kind.ORIGIN, 32, ()), origin, subnet, terms=Terms(50, 600.0))

    assert verdict.tolerated is tolerated
    assert counters(origin, NOW, 600.0) == (positive, negative)


def test_nothing_is_asked_unless_a_rule_trips() -> None:
    """
    Terms and places cost digests and look-ups that the ordinary attempt does not pay for.
    """

    def asked() -> Terms:
        raise AssertionError("nobody has to know")

    verdict = judge(
        (Watch(Kind.ORIGIN, 32, (FIVE,)),), (NOTHING,), now=NOW, terms=asked, places=lambda: [int(asked().ttl)]
    )

    assert verdict == Verdict((), tolerated=False, known=False, pressure=0.0, counts={})
