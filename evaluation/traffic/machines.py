# SPDX-License-Identifier: Apache-2.0
"""Logins that no hand makes: mail clients, forgotten devices, broken scanners, and all at once after an outage."""

from __future__ import annotations

import numpy as np

from evaluation.traffic.calendar import DAY, HOUR
from evaluation.traffic.clients import DEVICES, pick
from evaluation.traffic.people import DEVICE, OTHER
from evaluation.traffic.places import HOME, MOBILE, OFFICE, World
from evaluation.traffic.rows import IMAP, SMTP, USER_KINDS, Floats, Places, Rows, join, mix, unit

_MOST_STALE = 300
"""Failures of one forgotten device, at most: then somebody asks why the mail stays away."""


def machines(world: World, rng: np.random.Generator) -> Rows:
    """Return the logins of machines."""
    return join([polls(world, rng), forgotten(world, rng), scanners(world, rng), storms(world, rng)])


def _spread(
    rng: np.random.Generator, begin: Floats, length: Floats, interval: Floats, *, most: int = 100_000
) -> tuple[Places, Floats]:
    """
    Return regular times with some jitter.

    Returns:
        Which of the begins each time belongs to, and the times.
    """
    counts = np.clip(length / interval, 0, most).astype(np.int64)
    which = np.repeat(np.arange(len(begin)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    jitter = rng.normal(0, 0.06, len(which)) * interval[which]
    return which, begin[which] + step * interval[which] + np.abs(jitter)


def polls(world: World, rng: np.random.Generator) -> Rows:
    """Return the polls of mail clients, every few minutes, some with yesterday's password for some hours."""
    people, span = world.people, world.people.span
    who = np.flatnonzero(people.of("mail_client"))
    interval = rng.choice([5, 10, 15, 20, 30], len(who), p=[0.15, 0.25, 0.3, 0.15, 0.15]) * 60.0
    always = rng.random(len(who)) < 0.15
    account = np.repeat(who, span.days)
    begin = np.repeat(np.where(always, 0.0, 7.4), span.days) + rng.normal(0, 0.5, len(account))
    length = np.where(np.repeat(always, span.days), 23.5, rng.normal(8.5, 2.0, len(account)).clip(1, 15))
    works = people.office[account] >= 0
    weekend = np.tile(span.weekdays() >= 5, len(who))
    length *= np.where(weekend & works & ~np.repeat(always, span.days), rng.random(len(account)) < 0.2, 1.0)
    opened = span.start + np.tile(np.arange(span.days), len(who)) * DAY + begin.clip(0) * HOUR
    which, ts = _spread(rng, opened, length * HOUR, np.repeat(interval, span.days))
    keep = ts < span.end
    account, ts = account[which[keep]], ts[keep]
    place = np.where(people.office[account] >= 0, OFFICE, HOME)
    rows = world.enter(account, ts, place)
    delay = np.where(
        unit(mix(people.seed, 120, account)) < 0.6, unit(mix(people.seed, 121, account)) ** 2 * 40 * HOUR, 0.0
    )
    rows["token"] = people.right(account, ts - delay)
    rows["protocol"] = np.where(rows["protocol"] == SMTP, IMAP, rows["protocol"])
    return rows


def forgotten(world: World, rng: np.random.Generator) -> Rows:
    """Return the failures of phones and tablets that still have the password from before a change."""
    people, span = world.people, world.people.span
    account, which_change = np.nonzero(np.isfinite(people.change[: people.size]))
    begin = people.change[account, which_change]
    forgot = (
        (rng.random(len(account)) < 0.06) & (begin > span.start) & (begin < span.end) & (people.cohort[account] < 0)
    )
    forgot &= people.kind[account] != USER_KINDS.index("occasional")
    account, begin = account[forgot], begin[forgot]
    interval = rng.choice([1.0, 2.0, 5.0, 10.0, 15.0], len(account), p=[0.2, 0.15, 0.25, 0.2, 0.2]) * 60
    length = rng.exponential(5, len(account)).clip(0.2, 72) * HOUR
    which, ts = _spread(rng, begin + rng.uniform(60, 7200, len(account)), length, interval, most=_MOST_STALE)
    keep = ts < span.end
    which, ts = which[keep], ts[keep]
    place = rng.choice([HOME, MOBILE, OFFICE], len(account), p=[0.5, 0.3, 0.2])[which]
    rows = world.enter(account[which], ts, place)
    rows["client"], rows["protocol"] = people.phone[account[which]], IMAP
    before = people.version(account, begin) - 1
    rows["token"] = people.password(account[which], before[which])
    return rows


def scanners(world: World, rng: np.random.Generator) -> Rows:
    """Return the logins of scanners and alarm boxes; most have had the same wrong password for ever."""
    people, span = world.people, world.people.span
    who = np.flatnonzero(people.of("scanner"))
    interval = rng.choice([5, 10, 15, 30, 60], len(who), p=[0.1, 0.2, 0.3, 0.2, 0.2]) * 60.0
    which, ts = _spread(
        rng,
        np.full(len(who), span.start) + rng.uniform(0, HOUR, len(who)),
        np.full(len(who), span.days * DAY),
        interval,
    )
    night = (ts % DAY < 6 * HOUR) & (unit(mix(people.seed, 122, which)) < 0.5)
    keep = (ts < span.end) & ~night
    which, ts = which[keep], ts[keep]
    rows = world.enter(who[which], ts, np.where(people.office[who[which]] >= 0, OFFICE, HOME))
    broken = unit(mix(people.seed, 123, who[which])) < 0.75
    rows["token"] = np.where(broken, mix(people.seed, DEVICE, who[which]), people.right(who[which], ts))
    rows["client"], rows["protocol"] = pick(DEVICES, mix(people.seed, 124, who[which])), SMTP
    return rows


def outages(world: World) -> list[tuple[float, float]]:
    """Return from when till when nobody gets an answer: once in either part, by day."""
    span = world.people.span
    rng = np.random.default_rng([world.people.seed, 12])
    found = []
    for after, before in ((0.05, 0.55), (0.62, 0.97)):
        first = int(after * span.days)
        end = (
            span.start
            + int(rng.integers(first, max(int(before * span.days), first + 1))) * DAY
            + rng.uniform(9, 18) * HOUR
        )
        found.append((end - rng.uniform(10, 70) * 60, end))
    return found


def storms(world: World, rng: np.random.Generator) -> Rows:
    """Return the minutes after each outage: all that was connected comes back at once."""
    people, span = world.people, world.people.span
    parts = []
    for _, moment in outages(world):
        busy = ~(people.of("occasional") | people.of("scanner") | people.of("own_account")) & (people.joined < moment)
        who = rng.permutation(np.flatnonzero(busy))[: int(people.size * rng.uniform(0.12, 0.3))]
        ts = np.minimum(moment + rng.gamma(1.5, 50, len(who)), span.end - 1)
        place = np.where(people.office[who] >= 0, OFFICE, np.where(rng.random(len(who)) < 0.5, HOME, MOBILE))
        rows = world.enter(who, ts, place)
        rows["token"] = people.right(who, ts)
        again = rows[rng.random(len(rows)) < 0.2]
        again["ts"] += rng.uniform(5, 90, len(again))
        wrong = rng.random(len(again)) < 0.06
        again["token"] = np.where(wrong, mix(people.seed, OTHER, again["account"], 1), again["token"])
        parts += [rows, again]
    return join(parts)
