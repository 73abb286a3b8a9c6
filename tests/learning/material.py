# SPDX-License-Identifier: Apache-2.0
"""Something to learn from, made in no time: people who sign in from home, and strangers who go through a list."""

from __future__ import annotations

from functools import cache

import numpy as np
from learning.journal import DAY, HOUR, Try, digest, journal

from nacre.features.catalogue import Catalogue
from nacre.features.columns import STANDARD
from nacre.learning.claims import Claim
from nacre.learning.event import EVENT
from nacre.learning.journal import Material
from nacre.learning.row import row_dtype
from nacre.learning.train import Recipe, Trained, train
from nacre.network.model import Model
from nacre.network.plan import Plan, Shape

DAYS, USERS, TRIED = 10, 80, 30
BEGAN = 20_000 * DAY
NOW = BEGAN + (DAYS + 1) * DAY

TELLING = [
    STANDARD.place(f"{where}.failing_users_{span}") for where in ("address", "network") for span in ("1h", "24h")
]
"""Columns in which attacks of this material differ; both heads see them."""

QUICK = Recipe(
    plan=Plan(shape=Shape(hidden=4, depth=1, nets=1), epochs=8, batch=64, rate=2e-2, least=20), rows=2_000, prior=False
)


@cache
def _tries(days: int) -> tuple[Try, ...]:
    found = []
    for day in range(days):
        began = BEGAN + day * DAY
        for user in range(USERS):
            home, at = f"10.1.{user}.1", began + 8 * HOUR + user * 60
            if day and (user + day) % 4 == 0:
                found.append(Try(at - 20, f"user{user}", home, f"typo {day}"))
            found.append(Try(at, f"user{user}", home, f"user{user}'s", ok=True))
        evening = began + 20 * HOUR
        found += [
            Try(evening + user * 30, f"user{user}", f"198.51.{day}.7", "summer", asn="far") for user in range(TRIED)
        ]
    return tuple(found)


def material(days: int = DAYS, *, seed: int = 0) -> Material:
    """Return some days of it; every event has a sample."""
    events = journal(_tries(days))
    events["id"] += 1
    events["score"] = events["accept"] = np.nan
    chance = np.random.default_rng(seed)
    samples = np.zeros(len(events), row_dtype())
    for name in EVENT.names or ():
        samples[name] = events[name]
    samples["vector"] = chance.normal(size=samples["vector"].shape)
    samples["vector"][:, TELLING] += 4.0 * guesses(events)[:, None]
    samples["rules"] = 0.1 * guesses(events)
    return Material(events, samples)


def guesses(rows: np.ndarray[tuple[int], np.dtype[np.void]]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows are attempts of the strangers."""
    return np.asarray(rows["asn"] == digest("far"))


def trained(
    given: Material, *, now: float = NOW, version: str = "v1", recipe: Recipe = QUICK,
    champion: Model | None = None, claims: tuple[Claim, ...] = (), catalogue: Catalogue | None = None,
) -> Trained:  # fmt: skip
    """Train, without what takes long."""
    return train(
        given, now=now, version=version, recipe=recipe, claims=claims, champion=champion,
        catalogue=catalogue or Catalogue(), importance=False,
    )  # fmt: skip
