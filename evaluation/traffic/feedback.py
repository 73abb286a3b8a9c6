# SPDX-License-Identifier: Apache-2.0
"""What operators and helpdesks say about a few logins, hours later, and the lies of attackers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evaluation.traffic.calendar import HOUR, Span
from evaluation.traffic.rows import Places, Rows

_WRONG = 0.03
"""Share of what operators say that is not so."""


class Feedback(NamedTuple):
    """
    What somebody says about one login.

    Attributes:
        row: Index of the login.
        is_attack: What they say.
        source: Who says it.
        available_at: Unix seconds from which it is known.
    """

    row: int
    is_attack: bool
    source: str
    available_at: float


def feedback(rows: Rows, seed: int) -> list[Feedback]:
    """Return what operators say about one row in a thousand to one in a hundred, most of it right."""
    rng = np.random.default_rng([seed, 10])
    wanted = max(round(len(rows) * float(np.exp(rng.uniform(np.log(0.001), np.log(0.008))))), 20)
    guesses = np.flatnonzero(rows["attack"])
    failures = np.flatnonzero(~rows["attack"] & ~rows["success"])
    logins = np.flatnonzero(~rows["attack"] & rows["success"] & (rows["campaign"] == 0))
    picked = _some(rng, guesses, wanted // 2), _some(rng, failures, wanted // 4), _some(rng, logins, wanted // 4)
    chosen = np.concatenate(picked)
    said = rows["attack"][chosen] ^ (rng.random(len(chosen)) < _WRONG)
    sources = rng.choice(["operator-1", "operator-2", "operator-3", "helpdesk"], len(chosen))
    return _told(rng, rows, chosen, [*zip(said.tolist(), sources.tolist(), strict=True)])


def lies(rows: Rows, seed: int, span: Span, count: int) -> list[Feedback]:
    """Return false claims of "that was me" about attacks in the part for training, under a few names."""
    rng = np.random.default_rng([seed, 11])
    early = rows["attack"] & (rows["ts"] < span.at(0.5))
    campaigns = rng.permutation(np.unique(rows["campaign"][early]))
    sizes = np.cumsum([(early & (rows["campaign"] == campaign)).sum() for campaign in campaigns])
    enough = campaigns[: int(np.searchsorted(sizes, 2 * count)) + 1]
    chosen = _some(rng, np.flatnonzero(early & np.isin(rows["campaign"], enough)), count)
    sources = rng.choice([f"user-{number}" for number in range(1, 9)], len(chosen))
    return _told(rng, rows, chosen, [(False, source) for source in sources.tolist()])


def _some(rng: np.random.Generator, among: Places, count: int) -> Places:
    return rng.choice(among, min(count, len(among)), replace=False)


def _told(rng: np.random.Generator, rows: Rows, chosen: Places, said: list[tuple[bool, str]]) -> list[Feedback]:
    """Return who says what 4 to 48 hours after each login."""
    known = rows["ts"][chosen] + rng.uniform(4, 48, len(chosen)) * HOUR
    return [
        Feedback(row, is_attack, source, round(at, 3))
        for row, (is_attack, source), at in zip(chosen.tolist(), said, known.tolist(), strict=True)
    ]
