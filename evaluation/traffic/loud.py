# SPDX-License-Identifier: Apache-2.0
"""Attacks that many tries give away: one machine, one list, one account."""

from __future__ import annotations

import numpy as np

from evaluation.traffic.attackers import Attacker
from evaluation.traffic.calendar import HOUR
from evaluation.traffic.internet import Sources
from evaluation.traffic.people import OTHER, invent
from evaluation.traffic.rows import SSH, Floats, Places, Rows, mix


def dictionary(by: Attacker) -> Rows:
    """One machine works through a word list on a few accounts."""
    size = by.count(900, 4_000)
    victims = by.users(int(by.rng.integers(1, 6)))
    if by.rng.random() < 0.3:
        victims, by.protocol = np.append(victims, invent(by.rng, by.people, 3)), SSH
    ts = by.steady(size, size * float(by.rng.uniform(0.15, 6)))
    account = victims[np.arange(size) * len(victims) // size] if by.rng.random() < 0.5 else by.rng.choice(victims, size)
    return by.tries(ts, account, by.common(np.arange(size)), by.hosts(1).take(np.zeros(size, np.int64)))


def spray_fast(by: Attacker) -> Rows:
    """One to three common passwords on a long list of names, within minutes to hours."""
    names = by.listed(by.count(1_200, 4_500), float(by.rng.uniform(0.05, 0.4)))
    rounds = int(by.rng.integers(1, 4))
    account = np.tile(names, rounds)[: by.count(5_000, 6_000)]
    ranks = by.rng.integers(0, 30, rounds).repeat(len(names))[: len(account)]
    sources = by.hosts(int(by.rng.integers(1, 12)))
    ts = by.steady(len(account), len(account) * float(by.rng.uniform(0.15, 2.5)))
    return by.tries(ts, account, by.common(ranks), sources.take(by.rng.integers(0, len(sources), len(account))))


def spray_slow(by: Attacker) -> Rows:
    """A password every few hours on many names, for days."""
    names = by.listed(by.count(400, 1_500), float(by.rng.uniform(0, 0.25)))
    rounds = int(by.rng.integers(2, 5))
    duration = by.lasting(14, 80)
    sources = by.hosts(max(by.count(4, 60, floor=4), 3))
    parts = []
    for number in range(rounds):
        part = Attacker(by.world, by.rng, by.begin + duration / rounds * number, by.until, by.scale)
        part.protocol = by.protocol
        ts = part.steady(len(names), min(duration / rounds * 0.8, max(part.room * 0.95, 60)))
        tokens = np.broadcast_to(by.common(int(by.rng.integers(0, 60))), len(names))
        parts.append(
            part.tries(
                ts, by.rng.permutation(names), tokens, sources.take(by.rng.integers(0, len(sources), len(names)))
            )
        )
    return np.concatenate(parts)


def stuffing_few(by: Attacker) -> Rows:
    """A list of leaked pairs from a handful of machines."""
    size = by.count(2_500, 7_000)
    names = by.listed(size, float(by.rng.uniform(0.2, 0.7)))
    sources = by.hosts(int(by.rng.integers(3, 30)))
    ts = by.steady(size, size * float(by.rng.uniform(0.3, 8)))
    return _stuff(by, names, ts, sources.take(by.rng.integers(0, len(sources), size)))


def _stuff(by: Attacker, names: Places, ts: Floats, sources: Sources) -> Rows:
    """Return the tries of leaked pairs, of which one in a thousand to one in fifty is right."""
    right = 0.001 + 0.019 * float(by.rng.random()) ** 1.5
    share = min(right * len(names) / max(int((names < by.people.size).sum()), 1), 0.08)
    return by.tries(ts, names, by.leaked(names, ts, share), sources)


def stuffing_wide(by: Attacker) -> Rows:
    """The same from ten thousand addresses, one or two tries each."""
    size = by.count(8_000, 15_000)
    names = by.listed(size, float(by.rng.uniform(0.25, 0.7)))
    number = min(max(by.count(9_500, 10_500), 40), size)
    sources = by.lines(number) if by.rng.random() < 0.6 else by.world.net.draw(by.rng, "abroad", number, six=0.25)
    ts = by.steady(size, by.lasting(6, 48))
    return _stuff(by, names, ts, sources.take(by.rng.permutation(np.arange(size) % number)))


def enumeration(by: Attacker) -> Rows:
    """Which names have an account: many that have none, a known one now and then, any password."""
    size = by.count(1_200, 5_000)
    names = by.listed(size, float(by.rng.uniform(0.8, 0.97)))
    sources = by.hosts(int(by.rng.integers(1, 8)))
    ts = by.steady(size, size * float(by.rng.uniform(0.2, 5)))
    tokens = by.common(by.rng.integers(0, int(by.rng.choice([1, 3, 2_000])), size))
    return by.tries(ts, names, tokens, sources.take(by.rng.integers(0, len(sources), size)))


def ipv6_rotation(by: Attacker) -> Rows:
    """A new IPv6 address for each try, all within one /64, /60 or /56."""
    size = by.count(900, 3_500)
    bits = int(by.rng.choice([64, 60, 56]))
    base = by.world.net.draw(by.rng, str(by.rng.choice(["hoster", "isp", "abroad"])), 1, six=1.0).take(
        np.zeros(size, np.int64)
    )
    inside = by.rng.integers(0, 1 << (64 - bits), size).astype(np.uint64)
    lowest = np.uint64((1 << 64) - (1 << (64 - bits)))
    machine = by.rng.integers(1, 1 << 63, size).astype(np.uint64) * np.uint64(2)
    sources = Sources((base.hi & lowest) | inside, machine, base.provider)
    ts = by.steady(size, size * float(by.rng.uniform(0.5, 15)))
    if by.rng.random() < 0.5:
        return _stuff(by, by.listed(size, float(by.rng.uniform(0.1, 0.6))), ts, sources)
    victims = by.users(int(by.rng.integers(3, 40)))
    return by.tries(ts, by.rng.choice(victims, size), by.common(by.rng.integers(0, 5_000, size)), sources)


def botnet_account(by: Attacker) -> Rows:
    """A botnet after one to three accounts, one or two tries from each address."""
    size = by.count(500, 2_200)
    victims = by.users(int(by.rng.integers(1, 4)))
    number = max(round(size / float(by.rng.uniform(1.1, 2))), 10)
    sources = by.lines(number).take(by.rng.permutation(np.arange(size) % number))
    account = by.rng.choice(victims, size)
    ranks = by.common(by.rng.permutation(size))
    own = mix(by.people.seed, OTHER, account, by.rng.integers(4, 400, size))
    tokens = np.where(by.rng.random(size) < 0.5, ranks, own)
    ts = by.steady(size, by.lasting(3, 40))
    if by.rng.random() < 0.6:
        last = size - 1 - int(by.rng.integers(0, max(size // 10, 1)))
        tokens[last] = by.people.right(account[last : last + 1], ts[last : last + 1])[0]
    return by.tries(ts, account, tokens, sources)


def nat_insider(by: Attacker) -> Rows:
    """An infected machine behind the address of an office where hundreds work."""
    size = by.count(250, 1_100)
    offices = np.bincount(by.people.office[by.people.office >= 0])
    office = int(by.rng.choice(np.argsort(offices)[::-1][:4]))
    sources = by.world.office(np.full(size, office))
    names = by.listed(max(round(size / float(by.rng.uniform(1, 6))), 3), float(by.rng.uniform(0, 0.3)))
    account = by.rng.choice(names, size)
    ts = by.steady(size, float(min(size * by.rng.uniform(3, 90), 30 * HOUR, by.room * 0.95)))
    if by.rng.random() < 0.5:
        return by.tries(ts, account, by.common(by.rng.integers(0, 3_000, size)), sources)
    return by.tries(ts, account, by.leaked(account, ts, 0.01), sources)
