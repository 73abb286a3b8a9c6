# SPDX-License-Identifier: Apache-2.0
"""
The model that nacre comes with, from simulated traffic and its truth.

Several sites are simulated.  Some of them tell less, as real ones do: no digests of passwords, no countries and
operators, no directory.  Most of the sites teach; the others, which the networks never saw, calibrate nothing and
give the thresholds, so that these hold for a site that is new.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray

from evaluation.traffic.rows import USER_KINDS
from evaluation.traffic.simulate import Story, simulate
from evaluation.traffic.write import Event, events_of
from nacre.account import AccountNames
from nacre.attempt import AttemptFields, admit
from nacre.features.changes import Outcome
from nacre.features.columns import STANDARD
from nacre.features.facts import Digests
from nacre.features.flags import Flag
from nacre.features.standard import see
from nacre.identity import Identity
from nacre.learning.limits import Budgets, Legitimate, limits
from nacre.learning.shipped import KEY
from nacre.learning.train import HEADS
from nacre.network.drawing import Rows
from nacre.network.model import Model
from nacre.network.plan import Plan
from nacre.network.training import fit
from nacre.replay.profiles import PrivateProfiles
from nacre.store.keys import Keys

_PIECE = 50_000
PRIOR_ROWS = 24_000

COLD = 0.15
"""Share of a large site's time in which profiles only fill.  Small ones are looked at from their first attempt on."""

SMALL = 8_000
"""Logins of a small site, about."""


class Site(NamedTuple):
    """
    One simulated site.

    Attributes:
        story: Its traffic.
        passwords, places, directory, clients: Whether it tells digests of passwords, countries and operators, known
            names, client strings.
        cold: Share of its time in which profiles only fill.
    """

    story: Story
    passwords: bool = True
    places: bool = True
    directory: bool = True
    clients: bool = True
    cold: float = COLD


class Seen(NamedTuple):
    """
    The attempts of a site, with what is known of them and what they were.

    Attributes:
        x: (n, width) float32.
        attack, success, novel: (n,) bool.
        time: (n,) Unix seconds.
    """

    x: NDArray[np.float32]
    attack: NDArray[np.bool_]
    success: NDArray[np.bool_]
    novel: NDArray[np.bool_]
    time: NDArray[np.float64]


def sites(events: int) -> tuple[list[Site], list[Site]]:
    """Return the sites to learn from, and those that only give thresholds."""
    teach = [
        Site(Story(seed=101, events=events)),
        Site(Story(seed=102, events=events, clients="customers")),
        Site(Story(seed=103, events=events)),
        Site(Story(seed=104, events=events), passwords=False),
        Site(Story(seed=105, events=events), places=False),
        Site(Story(seed=106, events=events), passwords=False, places=False, directory=False),
        Site(Story(seed=107, events=events, clients="customers"), directory=False),
        *(
            Site(Story(seed=seed, events=SMALL), passwords, places, directory, clients, cold=0.0)
            for seed, passwords, places, directory, clients in (
                (111, True, True, True, True),
                (112, True, False, True, False),
                (113, True, False, False, True),
                (114, False, False, True, False),
                (115, False, False, False, False),
                (116, True, True, False, False),
            )
        ),
    ]
    return teach, [Site(Story(seed=201, events=events)), Site(Story(seed=202, events=events, clients="customers"))]


def look(site: Site) -> Seen:
    """Return what nacre sees of a site, attempt by attempt, before each counts."""
    study = simulate(site.story)
    rows = study.rows
    identity = Identity(blake2b(b"%d" % site.story.seed, digest_size=32).digest())
    names, digests, profiles = AccountNames(), Digests(identity), PrivateProfiles(Keys("", identity))
    x = np.empty((len(rows), len(STANDARD)), np.float32)
    novel = np.empty(len(rows), np.bool_)
    for start in range(0, len(rows), _PIECE):
        piece = rows[start : start + _PIECE]
        for place, event in enumerate(events_of(study, piece, [str(start + n) for n in range(len(piece))]), start):
            attempt = admit(_fields(event, site), names=names, identity=identity, now=0.0, request_id=event.request_id)
            facts = digests.facts(attempt)
            around = profiles.around(profiles.want(attempt, facts), ())
            seen = see(facts, around, time=attempt.time, protocol=attempt.protocol, known=attempt.known_user)
            x[place] = STANDARD.vector(seen.values)
            novel[place] = not seen.facts.flags & (Flag.SEEN_IP | Flag.SEEN_NET)
            profiles.count(attempt, Outcome(seen.facts, attempt.time, event.success))
    time = rows["ts"]
    used = (time >= time[0] + site.cold * (time[-1] - time[0])) & (rows["user_kind"] != USER_KINDS.index("own_account"))
    return Seen(x[used], rows["attack"][used], rows["success"][used], novel[used], time[used])


def _fields(event: Event, site: Site) -> AttemptFields:
    return AttemptFields(
        client_ip=event.client_ip,
        username=event.username,
        protocol=event.protocol,
        user_agent=event.user_agent if site.clients else "",
        password_digest=event.password_token if site.passwords else "",
        attributes={"country": event.country, "asn": event.asn} if site.places else {},
        known_user=event.known_user if site.directory else None,
        time=event.ts,
    )


def make(events: int, rows: int, out: Path, prior: Path) -> None:
    """Train the model and write it to a file, and some of what it learned from to another."""
    teach, judge = sites(events)
    large = sum(site.cold > 0 for site in teach)
    taught = [_drawn(_told(look, site), rows // large if site.cold else SMALL // 2, site.story.seed) for site in teach]
    together = Rows(
        np.concatenate([each.x for each in taught]),
        np.concatenate([each.attack for each in taught]).astype(np.float32),
        np.concatenate([each.weight for each in taught]),
        np.random.default_rng(0).permutation(sum(len(each.x) for each in taught)).astype(np.float64),
        np.concatenate([np.where(each.attack, 0, np.where(each.success, 2, 1)) for each in taught]),
    )
    _write_prior(together, prior)
    learned = fit(
        together,
        Plan(),
        HEADS,
        on_progress=lambda each: print(f"{each.share:5.0%} {each.head}", flush=True),
    )
    stories = [f"{site.story.seed}" for site in teach]
    model = Model.of(
        learned,
        version="shipped",
        created=0.0,
        columns=STANDARD.names,
        schema=STANDARD.digest,
        provenance={"source": "simulated traffic", "seeds": ", ".join(stories), "events": events},
    )
    unseen = [_told(look, site) for site in judge]
    x, attack = np.concatenate([each.x for each in unseen]), np.concatenate([each.attack for each in unseen])
    guess, accept = model.score(x)
    legit = ~attack
    given = Legitimate(
        guess[legit],
        accept[legit],
        np.ones(int(legit.sum())),
        (np.concatenate([each.time for each in unseen])[legit] // 86_400).astype(np.int64),
        np.concatenate([each.novel for each in unseen])[legit],
        np.concatenate([each.success for each in unseen])[legit],
    )
    model = model.with_thresholds(*limits(given, Budgets()))
    out.write_bytes(model.to_bytes(KEY))
    print(f"{out}: {out.stat().st_size / 1024:.0f} kB")
    for head in (model.artifact.guess, model.artifact.accept):
        print(head.thresholds)


def _write_prior(rows: Rows, path: Path) -> None:
    """Write the rows that trainings elsewhere may lean on; two bytes a number are precise enough for that."""
    chosen = np.sort(np.random.default_rng(1).permutation(len(rows.x))[:PRIOR_ROWS])
    np.savez_compressed(
        path,
        schema=np.array(STANDARD.digest),
        x=rows.x[chosen].astype(np.float16),
        attack=rows.y[chosen].astype(np.uint8),
        group=rows.group[chosen].astype(np.uint8),
        weight=rows.weight[chosen].astype(np.float32),
    )
    print(f"{path}: {path.stat().st_size / 1024:.0f} kB")


class _Drawn(NamedTuple):
    x: NDArray[np.float32]
    attack: NDArray[np.bool_]
    success: NDArray[np.bool_]
    weight: NDArray[np.float32]


def _drawn(seen: Seen, size: int, seed: int) -> _Drawn:
    """Return some attempts of a site, 40 % of them attacks, each with what it stands for."""
    chance = np.random.default_rng(seed)
    parts, weights = [], []
    for members, share in (
        (seen.attack, 0.4),
        (~seen.attack & ~seen.success, 0.3),
        (~seen.attack & seen.success, 0.3),
    ):
        there = np.flatnonzero(members)
        chosen = chance.permutation(there)[: int(size * share)]
        parts.append(chosen)
        weights.append(np.full(len(chosen), len(there) / max(len(chosen), 1), np.float32))
    place = np.concatenate(parts)
    return _Drawn(seen.x[place], seen.attack[place], seen.success[place], np.concatenate(weights))


def _told(work: Callable[[Site], Seen], site: Site) -> Seen:
    print(f"site {site.story.seed} ...", file=sys.stderr, flush=True)
    return work(site)
