# SPDX-License-Identifier: Apache-2.0
"""
From which score on an attempt is refused, challenged or delayed: as far as a budget of harm to good logins allows.

Thresholds are found for pairs of account and network that signed in before and for new ones apart.  Most of the
budget goes to new pairs, where guesses are; a known pair is its owner's until much speaks against it.
"""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from nacre.learning.event import Flag
from nacre.learning.keep import Stratum
from nacre.learning.labels import Labels
from nacre.network.model import ACCEPT, GUESS, Model
from nacre.network.threshold import KNOWN, NOVEL, moved, threshold

REFUSE, CHALLENGE, DELAY = "refuse", "challenge", "delay"
ANSWERS = {REFUSE: 1.0, CHALLENGE: 2.0, DELAY: 10.0}
"""How many times the budget each answer may reach: the milder, the more."""

FLOOR = {KNOWN: {REFUSE: 0.6, CHALLENGE: 0.5, DELAY: 0.3}, NOVEL: {REFUSE: 0.35, CHALLENGE: 0.2, DELAY: 0.1}}
"""Scores below which nothing happens, however much of the budget is left, by group of pairs."""

AIM = 0.5
"""
Share of a budget that thresholds aim at.

They are found on days that are over.  On the first day of a wave of attacks, every login from a new place looks
more like one of them than it did the day before, and more of them are refused than were aimed at.
"""

WORST_DAY = 3.0
"""How many times its aim a threshold may have cost on the worst of the recent days."""

RECENT = 4 * 86_400.0
"""Seconds back that legitimate rows speak for tomorrow's."""

_NOVEL_SHARE = 0.9
_LEAST = 200
_UNMEASURED = 0.995
_MOST = 0.2

Share = Annotated[float, Meta(gt=0.0, le=0.1)]
Thresholds = dict[str, dict[str, float]]


class Budgets(msgspec.Struct, frozen=True):
    """
    How much harm to legitimate attempts is accepted.

    Attributes:
        attempts: Share of all legitimate attempts, wrong passwords included, that the guess score may refuse.
        logins: Share of legitimate logins with the right password that the accept score may refuse.
        novel: Share of the attempts from places new to their account that either may refuse at most.
    """

    attempts: Share = 2e-3
    logins: Share = 1e-3
    novel: Share = 2e-2


class Legitimate(NamedTuple):
    """
    Scores of recent attempts that are labelled legitimate.

    Attributes:
        guess, accept: (n,) scores.
        weight: (n,) what each stands for.
        day: (n,) days since the epoch.
        novel: (n,) whether the account had not signed in from this address or network before.
        login: (n,) whether it signed in.
    """

    guess: NDArray[np.float64]
    accept: NDArray[np.float64]
    weight: NDArray[np.float64]
    day: NDArray[np.int64]
    novel: NDArray[np.bool_]
    login: NDArray[np.bool_]


def legitimate(rows: NDArray[np.void], labels: Labels, guess: NDArray[np.float64], accept: NDArray[np.float64],
               weight: NDArray[np.float64]) -> Legitimate:  # fmt: skip
    """
    Return the scores of those rows that are legitimate, as far as one knows.

    A row of which nothing is known counts for as much as its scores leave over: travellers and occasional users are
    among these, and a budget that forgot them would be spent on them.  Nor are those left out that we refused:
    thresholds found without them would only ever fall.
    """
    flags = rows["flags"]
    unknown = np.isnan(labels.attack)
    chosen = (labels.attack == 0) | unknown
    flags = flags[chosen]
    left = np.where(unknown, 1.0 - np.maximum(guess, accept), 1.0)
    return Legitimate(
        guess[chosen],
        accept[chosen],
        (weight * left)[chosen],
        (rows["time"][chosen] // 86_400).astype(np.int64),
        (flags & (Flag.SEEN_NET | Flag.SEEN_IP)) == 0,
        (flags & Flag.SUCCESS) != 0,
    )


def limits(
    rows: Legitimate, budgets: Budgets, previous: Model | None = None, *, fallback: Model | None = None
) -> tuple[Thresholds, Thresholds]:
    """
    Return the thresholds of both heads, by group of pairs and answer.

    Args:
        rows: Recent legitimate attempts, scored by what had not learned from them.
        budgets: What may be refused of them.
        previous: The same model with its present thresholds: they move by a bounded step.
        fallback: A model whose thresholds stand in where the rows are too few to tell.
    """
    everybody = np.ones(len(rows.guess), np.bool_)
    guess, accept = (
        [getattr(model.artifact, head).thresholds if model is not None else {} for model in (previous, fallback)]
        for head in (GUESS, ACCEPT)
    )
    return (
        _head(rows.guess, rows, everybody, budgets.attempts, budgets.novel, *guess),
        _head(rows.accept, rows, rows.login, budgets.logins, budgets.novel, *accept),
    )


def _head(
    scores: NDArray[np.float64],
    rows: Legitimate,
    concerned: NDArray[np.bool_],
    budget: float,
    most: float,
    previous: Thresholds,
    fallback: Thresholds,
) -> Thresholds:
    weight = np.where(concerned, rows.weight, 0.0)
    total = max(float(weight.sum()), 1e-9)
    share = float(weight[rows.novel].sum()) / total
    allowed = {NOVEL: min(most, _NOVEL_SHARE * budget / max(share, 1e-9))}
    allowed[KNOWN] = max(budget - allowed[NOVEL] * share, (1.0 - _NOVEL_SHARE) * budget) / max(1.0 - share, 1e-9)
    found: Thresholds = {}
    for group, members in ((KNOWN, ~rows.novel), (NOVEL, rows.novel)):
        here = members & (weight > 0.0)
        had = previous.get(group, {})
        if np.count_nonzero(here) < _LEAST:
            other = fallback.get(group, {})
            found[group] = {answer: had.get(answer, other.get(answer, _UNMEASURED)) for answer in ANSWERS}
            continue
        for answer, times in ANSWERS.items():
            aim = min(AIM * allowed[group] * times, _MOST)
            days = [threshold(scores[day], weight[day], WORST_DAY * aim) for day in _days(rows.day, here)]
            wanted = max([threshold(scores[here], weight[here], aim), *days])
            found.setdefault(group, {})[answer] = float(moved(had.get(answer), max(FLOOR[group][answer], wanted)))
    return found


def _days(day: NDArray[np.int64], here: NDArray[np.bool_]) -> list[NDArray[np.bool_]]:
    """Return the rows of each day that has enough of them."""
    return [here & (day == one) for one, count in zip(*np.unique(day[here], return_counts=True), strict=True)
            if count >= _LEAST]  # fmt: skip


class Came(NamedTuple):
    """
    How many attempts came, by day and kind.

    Attributes:
        slices: (k,) int64, day and kind as one number, ascending.
        events: (k,) int64.
    """

    slices: NDArray[np.int64]
    events: NDArray[np.int64]

    @classmethod
    def of(cls, events: NDArray[np.void]) -> Came:
        """Return how many of some events lie in each day and kind."""
        return cls(*np.unique(_slice(events), return_counts=True))


def natural_weight(samples: NDArray[np.void], came: Came) -> NDArray[np.float64]:
    """
    Return how many attempts each sample stands for: those of its day and kind, over the samples of these.

    Args:
        samples: (m,) samples.
        came: How many attempts came in the same time.
    """
    names, place, kept = np.unique(_slice(samples), return_inverse=True, return_counts=True)
    events = dict(zip(came.slices.tolist(), came.events.tolist(), strict=True))
    many = np.array([events.get(name, 0) for name in names.tolist()], np.int64)
    return np.asarray(np.maximum(many / kept, 1.0)[place])


def _slice(rows: NDArray[np.void]) -> NDArray[np.int64]:
    """Return day and kind of rows as one number; the kind as :func:`nacre.learning.keep.stratum` tells it."""
    flags = rows["flags"]
    expected = np.full(len(rows), int(Flag.SEEN_NET), np.uint32)
    for name, flag in (("asn", Flag.SEEN_ASN), ("client", Flag.SEEN_CLIENT), ("country", Flag.SEEN_COUNTRY)):
        expected |= np.where(rows[name] != 0, np.uint32(flag), np.uint32(0))
    routine = (flags & expected) == expected
    success, orphan = (flags & Flag.SUCCESS) != 0, (flags & Flag.ORPHAN) != 0
    kind = np.where(
        success,
        np.where(routine, Stratum.ROUTINE, Stratum.NOVEL),
        np.where(orphan, Stratum.GUESS, Stratum.FAILURE),
    )
    return np.asarray((rows["time"] // 86_400.0).astype(np.int64) * 4 + kind)
