# SPDX-License-Identifier: Apache-2.0
"""What the rules say to an attempt, from what the store knows of its subjects."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from nacre.entity import NEGATIVE, POSITIVE, Entity, last_day, tally
from nacre.rules.rule import Bucket, Kind, Watch
from nacre.rules.toleration import Terms
from nacre.window import EMPTY


class Trip(msgspec.Struct, frozen=True, gc=False):
    """
    A bucket that is full, or whose ban is in force.

    Attributes:
        bucket: The rule.
        index: Which of the attempt's subjects it counts.
        count: Failures within the period.
        until: Unix seconds at which the ban ends; 0 if none has begun yet.
    """

    bucket: Bucket
    index: int
    count: int
    until: float


class Verdict(NamedTuple):
    """
    What the rules say.

    Attributes:
        trips: Full buckets, in the order of the attempt's subjects.
        tolerated: Whether the origin's successes forgive its failures.
        known: Whether the account has signed in from this subnet or device before.
        pressure: How full the fullest bucket is, 0-1.
        counts: Rule to failures within its period; zeros are left out.
        crowded: Whether many accounts sign in from the address: then its rules refuse only whoever is new there.
        at_home: Whether the account signed in from this address or network before, as its profile tells, and is not
            being guessed itself.
    """

    trips: tuple[Trip, ...]
    tolerated: bool
    known: bool
    pressure: float
    counts: dict[str, int]
    crowded: bool = False
    at_home: bool = False


_CLEAR = Verdict((), tolerated=False, known=False, pressure=0.0, counts={})


def judge(
    watches: Sequence[Watch],
    entities: Sequence[Entity],
    *,
    now: float,
    terms: Callable[[], Terms],
    places: Callable[[], Sequence[int]],
    known_since: int = 0,
) -> Verdict:
    """
    Say which rules an attempt trips, and what speaks for it.

    Args:
        watches: Subjects of the attempt, the origin first if it has one.
        entities: What is known of each, in the same order.
        now: Unix seconds of the attempt.
        terms: Gives the terms of toleration for the origin; asked only if a rule trips.
        places: Gives the subnet and device of the attempt, as digests; asked only if a rule trips.
        known_since: Day since the epoch before which a login is too long ago to speak for its origin.

    >>> judge((), (), now=0.0, terms=lambda: Terms(0, 0.0), places=lambda: ())
    Verdict(trips=(), tolerated=False, known=False, pressure=0.0, counts={}, crowded=False, at_home=False)
    """
    trips: list[Trip] = []
    counts: dict[str, int] = {}
    pressure = 0.0
    for index, (watch, entity) in enumerate(zip(watches, entities, strict=True)):
        if not entity.ruled:
            continue
        for bucket in watch.buckets:
            found = tally(entity, bucket.tag, now, bucket.shape.period)
            if found is None:
                continue
            count, armed, until = found
            limit = bucket.rule.failed_requests
            if count:
                counts[bucket.rule.name] = count
            if now < until:
                trips.append(Trip(bucket, index, max(count, limit), until))
                pressure = 1.0
            elif count >= limit and armed:
                trips.append(Trip(bucket, index, count, 0.0))
                pressure = 1.0
            else:
                pressure = max(pressure, min(count / limit, 1.0))
    if not trips:
        return Verdict((), tolerated=False, known=False, pressure=pressure, counts=counts) if counts else _CLEAR
    return Verdict(
        tuple(trips),
        tolerated=_tolerated(watches, entities, now, terms()),
        known=_known(watches, entities, places(), known_since),
        pressure=pressure,
        counts=counts,
    )


def counters(origin: Entity, now: float, period: float) -> tuple[int, int]:
    """Return the logins of an origin that succeeded and that failed within *period* seconds."""
    positive = origin.windows.get(POSITIVE, EMPTY).count(now, period)
    return positive, origin.windows.get(NEGATIVE, EMPTY).count(now, period)


def _tolerated(watches: Sequence[Watch], entities: Sequence[Entity], now: float, terms: Terms) -> bool:
    if not watches or watches[0].kind is not Kind.ORIGIN or terms.ttl <= 0:
        return False
    return terms.tolerates(*counters(entities[0], now, terms.ttl))


def _known(watches: Sequence[Watch], entities: Sequence[Entity], places: Sequence[int], since: int) -> bool:
    for watch, entity in zip(watches, entities, strict=True):
        if watch.kind is Kind.ACCOUNT:
            return any(last_day(entity, place) >= since for place in places if place)
    return False
