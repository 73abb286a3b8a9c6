# SPDX-License-Identifier: Apache-2.0
"""Ordinary days: when users of each kind sign in, from where, and the slips that they make."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evaluation.traffic.calendar import DAY, HOUR, hours
from evaluation.traffic.people import OTHER, invent
from evaluation.traffic.places import ABROAD, FRONT, HOME, MOBILE, OFFICE, VPN, World
from evaluation.traffic.rows import IMAP, USER_KINDS, Floats, Places, Rows, join, mix, unit


class Habit(NamedTuple):
    """
    How a kind of user signs in.

    Attributes:
        daily: Logins on a working day, on average.
        weekend: Logins on a day of the weekend, as a share of that.
        rhythm: A name that :func:`hours` knows.
        places: Shares of home, mobile, office, front and VPN.
    """

    daily: float
    weekend: float
    rhythm: str
    places: tuple[float, float, float, float, float]


HABITS = {
    "office": Habit(3.2, 0.15, "work", (0.12, 0.13, 0.75, 0, 0)),
    "home": Habit(2.1, 1.15, "evening", (0.85, 0.15, 0, 0, 0)),
    "mobile": Habit(3.0, 0.95, "all", (0.2, 0.8, 0, 0, 0)),
    "mail_client": Habit(0.5, 0.6, "all", (0.4, 0.3, 0.3, 0, 0)),
    "webmail": Habit(1.8, 0.8, "evening", (0.04, 0.06, 0, 0.9, 0)),
    "shared_mailbox": Habit(18, 0.15, "work", (0.2, 0.15, 0.65, 0, 0)),
    "traveller": Habit(3.0, 0.7, "all", (0.3, 0.4, 0.3, 0, 0)),
    "occasional": Habit(0.12, 1.1, "all", (0.55, 0.45, 0, 0, 0)),
    "vpn": Habit(2.8, 0.9, "all", (0.12, 0.08, 0, 0, 0.8)),
    "newcomer": Habit(3.4, 0.15, "work", (0.1, 0.15, 0.75, 0, 0)),
}


def ordinary(world: World, rng: np.random.Generator) -> Rows:
    """Return the logins of ordinary days with the slips before them."""
    entered = [_of_kind(world, rng, kind, habit) for kind, habit in HABITS.items()]
    meant = join(entered)
    return join([meant, slips(world, rng, meant)])


def _of_kind(world: World, rng: np.random.Generator, kind: str, habit: Habit) -> Rows:
    people, span = world.people, world.people.span
    who = np.flatnonzero(people.of(kind))
    lively = rng.lognormal(-0.18, 0.6, len(who)).clip(0.1, 4)
    weekend = span.weekdays() >= 5
    factor = (
        np.where(weekend, habit.weekend, 1.0)
        * np.where(span.weekdays() == 0, 1.15, 1.0)
        * rng.uniform(0.92, 1.08, span.days)
    )
    counts = rng.poisson(habit.daily * lively[:, None] * factor[None, :])
    account = np.repeat(np.repeat(who, span.days), counts.ravel())
    day = np.repeat(np.tile(np.arange(span.days), len(who)), counts.ravel())
    hour = np.mod(hours(rng, habit.rhythm, len(day)) + people.phase[account], 24)
    ts = span.start + day * DAY + hour * HOUR
    ts += _crowd(world, rng, kind, day, hour)
    stays = (ts >= people.joined[account]) & (ts < span.end)
    account, ts = account[stays], ts[stays]
    place = rng.choice([HOME, MOBILE, OFFICE, FRONT, VPN], len(ts), p=np.divide(habit.places, sum(habit.places)))
    resident = account
    if kind == "shared_mailbox":
        resident = _members(world, rng, account)
    if kind == "traveller":
        place = np.where(_away(world, account, ts), ABROAD, place)
        place = np.where((place == ABROAD) & (rng.random(len(place)) < 0.12), VPN, place)
    rows = world.enter(resident, ts, place, account=account)
    rows["token"] = people.right(account, ts)
    return rows


def _crowd(world: World, rng: np.random.Generator, kind: str, day: Places, hour: Floats) -> Floats:
    """Return by how many seconds those who come on a Monday morning move together, before a quarter past nine."""
    if kind not in ("office", "newcomer", "shared_mailbox"):
        return np.zeros(len(day))
    monday = (world.people.span.weekdays()[day] == 0) & (hour > 6) & (hour < 12)
    return np.where(monday, (rng.normal(8.6, 0.3, len(day)) - hour) * HOUR, 0.0)


def _members(world: World, rng: np.random.Generator, account: Places) -> Places:
    """Return for each login to a shared mailbox which of its 5 to 20 members it is."""
    people = world.people
    staff = np.flatnonzero(people.of("office"))
    count = (5 + mix(people.seed, 110, account) % np.uint64(16)).astype(np.int64)
    member = (rng.random(len(account)) * count).astype(np.int64)
    colleagues = mix(people.seed, 111, account, member) % np.uint64(len(staff))
    return np.asarray(staff[colleagues.astype(np.int64)])


def _away(world: World, account: Places, ts: Floats) -> Places:
    """Whether a traveller is on one of their journeys, which fill about a third of the time."""
    people = world.people
    number = np.floor((ts - people.span.start) / DAY / world.trip_days + unit(mix(3, account))).astype(np.int64)
    return np.asarray(unit(mix(people.seed, 112, account, number)) < 0.35)


def slips(world: World, rng: np.random.Generator, meant: Rows) -> Rows:
    """
    Return the failures just before logins that were meant well.

    Typos, forgotten changes of the password, the password of another service, and mistyped names.
    """
    people = world.people
    account, ts = meant["account"], meant["ts"]
    weary = np.where((people.span.weekdays()[_day(world, ts)] == 0) & (meant["ts"] % DAY < 12 * HOUR), 1.8, 1.0)
    rusty = np.where(meant["user_kind"] == USER_KINDS.index("occasional"), 4.0, 1.0)
    by_hand = np.where((meant["protocol"] == IMAP) & (meant["user_kind"] != USER_KINDS.index("webmail")), 0.5, 1.0)
    fresh = np.where(ts - people.joined[account] < HOUR, 3.0, 1.0) if len(ts) else weary
    chance = (
        people.clumsy[account] * weary * rusty * by_hand * np.where(people.cohort[account] >= 0, fresh, 1.0)
    ).clip(0, 0.6)
    typos = meant[
        np.repeat(np.arange(len(ts)), (rng.random(len(ts)) < chance) * rng.choice([1, 1, 1, 2, 2, 3, 5], len(ts)))
    ]
    typos["token"] = people.typo(typos["account"], typos["ts"], rng.random(len(typos)))
    since = ts - people.change[account].clip(None, 1e12).max(
        axis=1, initial=0, where=people.change[account] <= ts[:, None]
    )
    confused = np.where(since < 5 * DAY, 0.45 * np.exp(-since / DAY), 0.0)
    older = meant[rng.random(len(ts)) < confused]
    older["token"] = people.password(older["account"], people.version(older["account"], older["ts"]) - 1)
    other = meant[rng.random(len(ts)) < chance * 0.15]
    other["token"] = mix(people.seed, OTHER, other["account"], rng.integers(0, 3, len(other)))
    named = meant[rng.random(len(ts)) < people.clumsy[account] * 0.08]
    named["account"] = _misspell(world, rng, named["account"])
    return join([_before(rng, part, world.people.span.start) for part in (typos, older, other, named)])


def _misspell(world: World, rng: np.random.Generator, account: Places) -> Places:
    """Return names near those of accounts; now and then the name is somebody else's."""
    people = world.people
    made = invent(rng, people, len(account))
    for place, original in zip(made.tolist(), account.tolist(), strict=True):
        name = people.names[original]
        cut = int(rng.integers(0, max(name.index("@") - 1, 1)))
        if rng.random() < 0.2:
            people.names[place] = name[: name.index("@")]
            continue
        people.names[place] = (
            f"{name[:cut]}{name[cut + 1 :]}" if rng.random() < 0.7 else f"{name[: cut + 1]}{name[cut:]}"
        )
    taken = rng.random(len(account)) < 0.1
    return np.where(taken, rng.integers(0, people.size, len(account)), made)


def _before(rng: np.random.Generator, rows: Rows, start: float) -> Rows:
    """Return rows moved some seconds back, though not before the start."""
    rows["ts"] = np.maximum(rows["ts"] - rng.gamma(2.0, 7.0, len(rows)) - 1.5, start)
    return rows


def _day(world: World, ts: Floats) -> Places:
    return np.minimum(((ts - world.people.span.start) // DAY).astype(np.int64), world.people.span.days - 1)
