# SPDX-License-Identifier: Apache-2.0
"""Attacks that hide: few tries, good addresses, right passwords, crowds."""

from __future__ import annotations

import numpy as np

from evaluation.traffic.attackers import Attacker
from evaluation.traffic.calendar import DAY, HOUR
from evaluation.traffic.internet import Sources, merge
from evaluation.traffic.people import OTHER
from evaluation.traffic.rows import HTTP, IMAP, USER_KINDS, Floats, Places, Rows, join, mix


def low_slow(by: Attacker) -> Rows:
    """Each address tries once or twice an hour, each account is tried a few times a day, for days."""
    number = max(by.count(15, 120, floor=8), 5)
    duration = by.lasting(30, 100)
    gap = float(by.rng.uniform(0.5, 2.5)) * HOUR
    sources = by.hosts(number)
    counts = by.rng.poisson(max(duration / gap, 2), number) + 1
    which = np.repeat(np.arange(number), counts)
    ts = by.begin + by.rng.random(len(which)) * duration
    names = by.listed(max(by.count(80, 600), 10), float(by.rng.uniform(0, 0.3)))
    account = by.rng.choice(names, len(which))
    guess = by.common(by.rng.integers(0, 400, len(which)))
    tokens = np.where(by.rng.random(len(which)) < 0.6, guess, by.leaked(account, ts, 0.02))
    return by.tries(ts, account, tokens, sources.take(which))


def monday_stuffing(by: Attacker) -> Rows:
    """Leaked pairs within the hours when everybody comes to work, most from lines like the customers'."""
    span = by.people.span
    day = int(by.rng.choice(span.mornings(since=by.begin, until=by.until)))
    size = by.count(900, 3_500)
    ts = np.sort(by.rng.normal(span.start + day * DAY + 8.7 * HOUR, 0.5 * HOUR, size))
    number = max(round(size / float(by.rng.uniform(2, 8))), 5)
    sources = merge(by.neighbours(number - number // 3), by.hosts(number // 3))
    names = by.listed(size, float(by.rng.uniform(0.1, 0.5)))
    return by.tries(
        ts,
        names,
        by.leaked(names, ts, float(by.rng.uniform(0.003, 0.03))),
        sources.take(by.rng.integers(0, number, size)),
    )


def residential(by: Attacker) -> Rows:
    """Leaked pairs through proxies on the lines of customers' own providers, a few tries each, by day."""
    size = by.count(1_200, 4_500)
    number = max(round(size / float(by.rng.uniform(1.3, 4))), 5)
    sources = by.neighbours(number).take(by.rng.integers(0, number, size))
    names = by.listed(size, float(by.rng.uniform(0.1, 0.6)))
    ts = by.daytime(by.steady(size, by.lasting(5, 50)))
    return by.tries(ts, names, by.leaked(names, ts, float(by.rng.uniform(0.003, 0.03))), sources)


def poisoning(by: Attacker) -> Rows:
    """Days of right logins to accounts of their own from the addresses that then guess."""
    number = int(by.rng.integers(2, 7))
    sources = by.hosts(number) if by.rng.random() < 0.5 else by.neighbours(number)
    size = by.count(350, 1_600)
    names = by.listed(size, float(by.rng.uniform(0.05, 0.5)))
    ts = by.steady(size, min(size * float(by.rng.uniform(4, 60)), by.room * 0.9))
    share = float(by.rng.uniform(0.002, 0.02))
    loud = by.tries(ts, names, by.leaked(names, ts, share), sources.take(by.rng.integers(0, number, size)))
    days = float(by.rng.uniform(1.5, 4)) * by.people.span.days / 14
    calm = max(by.count(150, 500), 20)
    begin = max(by.begin - days * DAY, by.people.span.start)
    when = by.rng.uniform(begin, max(float(ts[-1]), by.begin), calm)
    return join([loud, harmless(by, by.rng.integers(0, number, calm), when, sources)])


def harmless(by: Attacker, which: Places, when: Floats, sources: Sources) -> Rows:
    """Return right logins of an attacker to some accounts of their own."""
    own = by.rng.choice(by.people.own, int(by.rng.integers(3, 12)), replace=False)
    account = own[which % len(own)]
    rows = by.tries(when, account, by.people.right(account, when), sources.take(which))
    rows["attack"], rows["user_kind"] = False, USER_KINDS.index("own_account")
    return rows


def variants(by: Attacker) -> Rows:
    """Two to four variants of a leaked password for each account: a year, a capital, an exclamation mark."""
    accounts = by.users(by.count(300, 1_300))
    each = by.rng.integers(2, 5, len(accounts))
    account = np.repeat(accounts, each)
    turn = np.arange(len(account)) - np.repeat(np.cumsum(each) - each, each)
    duration = by.lasting(3, 30)
    gap = float(by.rng.choice([2.0, 40.0, 900.0]))
    ts = (
        by.begin
        + np.repeat(by.rng.random(len(accounts)) * duration, each)
        + turn * gap * by.rng.uniform(0.7, 1.5, len(account))
    )
    tokens = mix(by.people.seed, OTHER, account, 20 + turn)
    hit = (by.rng.random(len(account)) < by.rng.uniform(0.003, 0.015)) & (turn > 0)
    tokens[hit] = by.people.right(account[hit], ts[hit])
    number = max(round(len(accounts) / float(by.rng.uniform(4, 30))), 3)
    sources = by.hosts(number) if by.rng.random() < 0.6 else by.neighbours(number)
    return by.tries(ts, account, tokens, sources.take(np.repeat(by.rng.integers(0, number, len(accounts)), each)))


def person(by: Attacker) -> Rows:
    """Somebody after chosen accounts, one to three tries an hour, awake by day."""
    victims = by.users(int(by.rng.integers(1, 7)))
    duration = by.lasting(20, 90)
    ts = by.begin + np.cumsum(by.rng.exponential(HOUR / by.rng.uniform(1, 3), 400))
    ts = ts[(ts < by.begin + duration) & (ts % DAY > 8 * HOUR)][:200]
    account = by.rng.choice(victims, len(ts))
    tokens = mix(by.people.seed, OTHER, account, by.rng.integers(3, 200, len(ts)))
    version = by.people.version(account, ts)
    former = (by.rng.random(len(ts)) < 0.1) & (version > 0)
    tokens[former] = by.people.password(account[former], version[former] - 1)
    if len(ts) and by.rng.random() < 0.4:
        tokens[-1] = by.people.right(account[-1:], ts[-1:])[0]
    by.protocol = HTTP if by.rng.random() < 0.7 else IMAP
    number = int(by.rng.integers(1, 4))
    sources = by.neighbours(number) if by.rng.random() < 0.5 else by.hosts(number)
    return by.tries(ts, account, tokens, sources.take((np.arange(len(ts)) * number) // max(len(ts), 1)))


def phished(by: Attacker) -> Rows:
    """Right passwords of people who typed them elsewhere, each used once, from elsewhere."""
    accounts = by.users(by.count(12, 50, floor=6))
    duration = by.lasting(3, 40)
    ts = np.sort(by.begin + by.rng.random(len(accounts)) * duration)
    number = max(round(len(accounts) / float(by.rng.uniform(1, 8))), 1)
    sources = by.hosts(number).take(by.rng.integers(0, number, len(accounts)))
    return by.tries(ts, accounts, by.people.right(accounts, ts), sources)
