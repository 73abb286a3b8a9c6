# SPDX-License-Identifier: Apache-2.0
"""Sightings of days that look like an attack and are none; manner and names as in :mod:`sightings`."""

from __future__ import annotations

from collections.abc import Iterator

from campaign.sightings import HOME, START, chance, foreign, normal, of_user, together, wrong

from nacre.campaign.sighting import Mark, Sighting


def in_order(sightings: list[Sighting]) -> Iterator[Sighting]:
    """Yield sightings in the order of time."""
    return iter(sorted(sightings, key=lambda sighting: sighting.time))


def flash_crowd(
    seed: int,
    *,
    start: float = START,
    users: int = 3000,
    lasting: float = 1200.0,
    new_places: float = 0.15,
    typos: float = 0.1,
) -> Iterator[Sighting]:
    """Yield a Monday morning: everybody at once, some from new places, more typos than usual."""
    rng = chance(f"crowd {seed}")
    found: list[Sighting] = []
    for user in range(users):
        time = start + min(max(rng.gauss(lasting / 2, lasting / 5), 0.0), lasting)
        marks = 0 if rng.random() < new_places else int(HOME)
        there = None if marks else bytes((11, rng.randrange(4), rng.randrange(256), rng.randrange(256)))
        for _ in range(rng.choice((1, 1, 2, 3)) if rng.random() < typos else 0):
            found.append(of_user(time, user, marks, address=there, token=wrong(rng)))
            time += rng.uniform(4, 30)
        if rng.random() > 0.01:
            found.append(of_user(time, user, marks | Mark.SUCCESS, address=there))
    return in_order(found)


def reconnect_storm(seed: int, *, start: float = START, users: int = 4000, lasting: float = 60.0) -> Iterator[Sighting]:
    """Yield the minute after an outage: known places, thousands at once, some with yesterday's password."""
    rng = chance(f"storm {seed}")
    found: list[Sighting] = []
    for user in range(users):
        time = start + rng.expovariate(4 / lasting)
        stale = rng.random() < 0.04
        marks = HOME | Mark.REPEAT if stale else HOME | Mark.SUCCESS
        found.extend(of_user(time + again * 15, user, int(marks)) for again in range(rng.choice((1, 1, 2))))
    return in_order(found)


def office(
    seed: int, *, start: float = START, users: int = 500, newcomers: int = 60, days: int = 1
) -> Iterator[Sighting]:
    """
    Yield days of an office behind one address: known people, newcomers, typos, mistyped names.

    Newcomers sign in for the first time, with one initial password that all of them have.
    """
    rng = chance(f"office {seed}")
    nat = bytes((10, 255, 0, 1))
    found: list[Sighting] = []
    for day in range(days):
        for user in range(users):
            new = user < newcomers and day == 0
            marks = int(Mark.KNOWN_SOURCE if new else HOME)
            token = 4242 if new else 0
            for _ in range(rng.randrange(1, 4)):
                time = start + day * 86_400 + rng.uniform(0, 8 * 3600)
                if rng.random() < (0.25 if new else 0.05):
                    found.append(of_user(time, user, marks, address=nat, token=4243 if new else wrong(rng)))
                    time += rng.uniform(5, 40)
                if rng.random() < 0.01:
                    slip = foreign(rng, time, f"usr{user}", address=nat, marks=int(Mark.UNKNOWN | Mark.KNOWN_SOURCE))
                    found.append(slip)
                    time += 10
                found.append(of_user(time, user, marks | Mark.SUCCESS, address=nat, token=token))
                marks = int(HOME)
    return in_order(found)


def carrier(seed: int, *, start: float = START, users: int = 3000, lasting: float = 7200.0) -> Iterator[Sighting]:
    """Yield phones behind four addresses of a carrier: for a fifth of them the address is new to the account."""
    rng = chance(f"carrier {seed}")
    found: list[Sighting] = []
    for user in range(users):
        time = start + rng.uniform(0, lasting)
        there = bytes((10, 254, 0, rng.randrange(4)))
        marks = int(Mark.KNOWN_SOURCE if rng.random() < 0.2 else HOME)
        if rng.random() < 0.06:
            found.append(of_user(time, user, marks, address=there, token=wrong(rng)))
            time += rng.uniform(5, 60)
        if rng.random() > 0.01:
            found.append(of_user(time, user, marks | Mark.SUCCESS, address=there))
    return in_order(found)


def password_day(seed: int, *, start: float = START, users: int = 2000, lasting: float = 7200.0) -> Iterator[Sighting]:
    """Yield a morning after which everybody has a new password: old ones at home, on the road, from devices."""
    rng = chance(f"policy {seed}")
    found: list[Sighting] = []
    for user in range(users):
        time = start + rng.uniform(0, lasting)
        away = rng.random() < 0.1
        there = bytes((12, user >> 8 & 255, user & 255, 1)) if away else None
        marks = 0 if away else int(HOME)
        for _ in range(rng.choice((0, 1, 1, 2, 4))):
            found.append(of_user(time, user, marks | Mark.REPEAT, address=there))
            time += rng.uniform(5, 120)
        found.append(of_user(time, user, marks | Mark.SUCCESS, address=there, token=9_000_000 + user))
    return in_order(found)


def onboarding(seed: int, *, start: float = START, users: int = 150, lasting: float = 3600.0) -> Iterator[Sighting]:
    """Yield a cohort that signs in for the first time, from anywhere, with one password that some mistype alike."""
    rng = chance(f"onboarding {seed}")
    found: list[Sighting] = []
    for user in range(users):
        time = start + rng.uniform(0, lasting)
        there = bytes((13, rng.randrange(40), rng.randrange(256), rng.randrange(256)))
        if rng.random() < 0.3:
            found.append(of_user(time, 90_000 + user, 0, address=there, token=rng.choice((51, 51, 52, 53))))
            time += rng.uniform(8, 60)
        found.append(of_user(time, 90_000 + user, int(Mark.SUCCESS), address=there, token=50))
    return in_order(found)


def scanner(seed: int, *, start: float = START, lasting: float = 86_400.0, gap: float = 300.0) -> Iterator[Sighting]:
    """Yield a device that has one wrong password for ever, from an address that was never right."""
    there = bytes((14, seed % 256, 1, 9))
    for number in range(int(lasting / gap)):
        marks = int(Mark.REPEAT) if number else 0
        yield of_user(start + number * gap, 7, marks, address=there, token=666)


def traveller(seed: int, *, start: float = START, days: int = 5) -> Iterator[Sighting]:
    """Yield somebody on the road: another country each day, a typo now and then."""
    rng = chance(f"traveller {seed}")
    found: list[Sighting] = []
    for day in range(days):
        for hour in (8, 13, 19, 22):
            time = start + day * 86_400 + hour * 3600 + rng.uniform(0, 1800)
            there = bytes((15, day, hour, rng.randrange(256)))
            for _ in range(rng.choice((0, 0, 1, 2))):
                found.append(of_user(time, 8, 0, address=there, token=wrong(rng)))
                time += rng.uniform(5, 40)
            found.append(of_user(time, 8, int(Mark.SUCCESS), address=there))
    return in_order(found)


def working_days(seed: int, *, start: float = START, days: int = 1, **fields: float) -> Iterator[Sighting]:
    """Yield some ordinary days in a row, busier by day than by night."""
    rate = fields.pop("rate", 5.0)
    parts = []
    for hour in range(24 * days):
        share = 1.0 if 7 <= (start // 3600 + hour) % 24 < 19 else 0.2
        parts.append(normal(seed * 1000 + hour, start=start + hour * 3600, duration=3600, rate=rate * share, **fields))  # type: ignore[arg-type]
    return together(*parts)
