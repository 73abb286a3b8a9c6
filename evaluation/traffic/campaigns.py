# SPDX-License-Identifier: Apache-2.0
"""Which attacks come when, and the story of those who poison what is learned."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from evaluation.traffic import loud, quiet
from evaluation.traffic.attackers import Attacker, dress
from evaluation.traffic.internet import Sources
from evaluation.traffic.people import invent
from evaluation.traffic.places import World
from evaluation.traffic.rows import ATTACK_KINDS, Rows, blank, join, mix

KINDS: dict[str, Callable[[Attacker], Rows]] = {
    each.__name__: each
    for each in (
        loud.dictionary,
        loud.spray_fast,
        loud.spray_slow,
        loud.stuffing_few,
        loud.stuffing_wide,
        loud.botnet_account,
        quiet.low_slow,
        loud.ipv6_rotation,
        loud.nat_insider,
        loud.enumeration,
        quiet.monday_stuffing,
        quiet.residential,
        quiet.poisoning,
        quiet.variants,
        quiet.person,
        quiet.phished,
    )
}
"""How each kind of attack is made; the names are those of the truth."""

_EARLY, _LATE = (0.05, 0.5), (0.605, 0.86)
"""When campaigns begin, as shares of the time: some in the part for training, some in the judged one."""


class Plan(NamedTuple):
    """
    One campaign to come.

    Attributes:
        number: 1, 2, ...
        kind: A name of KINDS.
        begin: Unix seconds of its first try.
    """

    number: int
    kind: str
    begin: float


def plan(world: World, attacks: str) -> list[Plan]:
    """
    Return the campaigns: each kind in either part, and four or five more.

    Args:
        world: Where.
        attacks: ``all``, ``none``, or ``after-TRAIN``: none in the part for training.
    """
    if attacks == "none":
        return []
    rng, span = np.random.default_rng([world.people.seed, 5]), world.people.span
    extra = [str(kind) for kind in rng.choice([*KINDS], int(rng.integers(4, 6)), replace=False)]
    parts = [(kind, _LATE) for kind in (*KINDS, *extra)]
    if attacks == "all":
        parts[len(KINDS) :] = [(kind, (_EARLY, _LATE)[int(rng.integers(2))]) for kind in extra]
        parts = [(kind, _EARLY) for kind in KINDS] + parts
    begins = [span.at(float(rng.uniform(*part))) for _, part in parts]
    for place, (kind, part) in enumerate(parts):
        if kind == "monday_stuffing":
            begins[place] = span.at(0.02) if part is _EARLY else span.train
    return [
        Plan(number, kind, begin) for number, ((kind, _), begin) in enumerate(zip(parts, begins, strict=True), start=1)
    ]


def campaign(world: World, planned: Plan, scale: float, *, as_customers: bool) -> Rows:
    """
    Return the tries of one campaign, and the harmless logins that prepare it.

    Args:
        world: Where.
        planned: Which.
        scale: Size of the study, 1 for half a million logins.
        as_customers: Whether it sends client strings of customers in any case.
    """
    seed = world.people.seed
    span = world.people.span
    until = span.train if planned.begin < span.train else span.end
    by = Attacker(world, np.random.default_rng([seed, 6, planned.number]), planned.begin, until, scale)
    rows = KINDS[planned.kind](by)
    rows["kind"], rows["campaign"] = ATTACK_KINDS.index(planned.kind), planned.number
    dress(rows, np.random.default_rng([seed, 7, planned.number]), as_customers=as_customers)
    return rows


def courtship(world: World, attacks: Rows, scale: float) -> Rows:
    """Return days of right logins to attackers' own accounts, from addresses that attack in the judged part."""
    rng, span = np.random.default_rng([world.people.seed, 8]), world.people.span
    later = attacks[(attacks["ts"] > span.train) & attacks["attack"]]
    if not len(later):
        return blank(0)
    number = min(200, len(later))
    chosen = rng.choice(later, number, replace=False)
    by = Attacker(world, rng, span.at(0.2), span.end, scale)
    which = np.repeat(np.arange(number), max(round(12 * scale**0.5), 3))
    when = rng.uniform(by.begin, span.at(0.7), len(which))
    rows = quiet.harmless(by, which, when, Sources(chosen["hi"], chosen["lo"], chosen["provider"].astype(np.int64)))
    rows["kind"], rows["campaign"] = ATTACK_KINDS.index("flood"), np.iinfo(np.int16).max
    dress(rows, rng, as_customers=True)
    return rows


def flood(world: World, scale: float) -> Rows:
    """Return a flood in the last days of training, to wash out the rest: junk tries and logins to own accounts."""
    rng, span = np.random.default_rng([world.people.seed, 9]), world.people.span
    size = max(round(60_000 * scale), 500)
    by = Attacker(world, rng, span.at(0.45), span.train, scale)
    ts = np.sort(rng.uniform(span.at(0.45), span.at(0.59), size))
    names = invent(rng, world.people, max(size // 4, 10))
    sources = by.world.net.draw(rng, "abroad", max(size // 10, 10), six=0.3)
    picked = sources.take(rng.integers(0, len(sources), size))
    junk = by.tries(ts, rng.choice(names, size), mix(world.people.seed, 130, rng.integers(0, 1 << 40, size)), picked)
    calm = quiet.harmless(by, rng.integers(0, len(sources), size // 2), rng.uniform(ts[0], ts[-1], size // 2), sources)
    rows = join([junk, calm])
    rows["kind"], rows["campaign"] = ATTACK_KINDS.index("flood"), np.iinfo(np.int16).max
    dress(rows, rng, as_customers=True)
    return rows
