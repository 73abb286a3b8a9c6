# SPDX-License-Identifier: Apache-2.0
"""
Feedback: what people and systems say that an attempt was.

Whoever may give feedback may lie or err.  So all of it together weighs little beside the weak labels, one
giver little beside the others, and one giver alone does not turn a firm label round: the row is left out until
somebody else says the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.learning.labels import FIRM, Labels
from nacre.learning.reason import Reason

WEIGHT = 5.0
"""Weight of a claim that no cap lowers; a firm weak label has 0.6 to 1."""
FEEDBACK_SHARE, GIVER_SHARE = 0.05, 0.2
"""
Share of all weight that feedback has at most, and share of that which one giver has at most.

The same of the weight that weak labels of one kind have is what claims may take away: a row that waits for a second
giver, or was turned round, is one less to learn from, and thousands of lies would leave nothing.
"""
FEW = 20.0
"""Weight of weak labels that each giver may contradict however few there are; all together five times that."""


class Claim(msgspec.Struct, frozen=True, gc=False):
    """
    What somebody says of one attempt.

    Attributes:
        id: Digest of the request id, as in EVENT.
        is_attack: What the attempt was; ``None`` withdraws what the giver said of it before.
        giver: Who says so.
        time: Unix seconds from which it is known.
        weight: Weight before the caps, above 0.
    """

    id: int
    is_attack: bool | None
    giver: str
    time: float
    weight: float = WEIGHT


class Counted(msgspec.Struct, frozen=True):
    """
    What became of the claims.

    Attributes:
        used: Rows whose label claims made or strengthened.
        waiting: Rows left out because a second giver has to confirm what contradicts a firm label.
        disputed: Rows left out because as many givers say the one as the other.
        replaced: Claims that a later one of the same giver replaced.
        withdrawn: Claims that take an earlier one back.
        unknown: Claims about attempts that are not among the rows.
        later: Claims that are not known yet.
        beyond: Claims against weak labels that are not heard, as their giver, or all, had contradicted enough.
        weight: Weight of all feedback after the caps.
        lowered: The same before the caps, less what is left.
    """

    used: int = 0
    waiting: int = 0
    disputed: int = 0
    replaced: int = 0
    withdrawn: int = 0
    unknown: int = 0
    later: int = 0
    beyond: int = 0
    weight: float = 0.0
    lowered: float = 0.0


def apply_claims(
    events: NDArray[np.void], labels: Labels, claims: Iterable[Claim], now: float
) -> tuple[Labels, Counted]:
    """
    Return labels that take account of what was said.

    Args:
        events: (n,) EVENT.
        labels: Their weak labels; they stay as they are.
        claims: In the order in which they came; of two of one giver at the same time the later one holds.
        now: Unix seconds.

    A claim alone against a firm label leaves the row out, two givers turn it round:

    >>> from nacre.learning.event import EVENT
    >>> rows = np.zeros(1, EVENT)
    >>> firm = Labels(np.ones(1, np.float32), np.ones(1, np.float32), np.array([Reason.SOURCE], np.uint8))
    >>> one, two = Claim(0, False, "erika", 1.0), Claim(0, False, "max", 2.0)
    >>> [apply_claims(rows, firm, said, 3.0)[0].attack.tolist() for said in ([one], [one, two])]
    [[nan], [0.0]]
    """
    heard, counts = _heard(claims, now)
    made = Labels(labels.attack.copy(), labels.weight.copy(), labels.reason.copy())
    found = _find(events, {claim.id for claim in heard}, now)
    by_row: dict[int, list[Claim]] = {}
    for claim in _affordable(heard, found, labels, counts):
        if claim.id in found:
            by_row.setdefault(found[claim.id], []).append(claim)
        else:
            counts["unknown"] += 1
    given: list[tuple[int, Claim]] = []
    for row, said in by_row.items():
        given += _settle(made, row, said, counts)
    weights = _lowered(made, given)
    for (row, _), weight in zip(given, weights, strict=True):
        made.weight[row] += weight
    full = sum(claim.weight for _, claim in given)
    counts["used"] = len({row for row, _ in given})
    return made, Counted(**counts, weight=float(weights.sum()), lowered=float(full - weights.sum()))


def _heard(claims: Iterable[Claim], now: float) -> tuple[list[Claim], dict[str, int]]:
    """Return the last word of each giver about each attempt."""
    counts = dict.fromkeys(("used", "waiting", "disputed", "replaced", "withdrawn", "unknown", "later", "beyond"), 0)
    last: dict[tuple[int, str], Claim] = {}
    for claim in sorted(claims, key=lambda claim: claim.time):
        if claim.time > now:
            counts["later"] += 1
            continue
        if (claim.id, claim.giver) in last:
            counts["replaced"] += 1
        last[claim.id, claim.giver] = claim
    counts["withdrawn"] = sum(claim.is_attack is None for claim in last.values())
    return [claim for claim in last.values() if claim.is_attack is not None], counts


def _affordable(heard: list[Claim], found: dict[int, int], labels: Labels, counts: dict[str, int]) -> list[Claim]:
    """Leave out claims against weak labels once their giver, or all together, took away what they may."""
    most = [FEEDBACK_SHARE * float(labels.weight[labels.attack == kind].sum()) for kind in (0, 1)]
    spent: dict[tuple[str, bool], float] = {}
    contradicted: list[set[int]] = [set(), set()]
    total = [0.0, 0.0]
    kept = []
    for claim in sorted(heard, key=lambda claim: claim.time):
        row, kind = found.get(claim.id), not claim.is_attack
        if row is not None and labels.attack[row] == kind:
            cost, own = float(labels.weight[row]), spent.get((claim.giver, kind), 0.0)
            further = 0.0 if row in contradicted[kind] else cost
            if (
                own + cost > max(GIVER_SHARE * most[kind], FEW)
                or total[kind] + further > max(most[kind], FEW / GIVER_SHARE)
            ):  # fmt: skip
                counts["beyond"] += 1
                continue
            spent[claim.giver, kind] = own + cost
            total[kind] += further
            contradicted[kind].add(row)
        kept.append(claim)
    return kept


def _find(events: NDArray[np.void], ids: set[int], now: float) -> dict[int, int]:
    """Return the rows that are known by now and have one of these ids."""
    wanted = np.array(sorted(ids), np.uint64)
    rows = np.flatnonzero(np.isin(events["id"], wanted) & (events["time"] <= now))
    return {int(events["id"][row]): int(row) for row in rows}


def _settle(labels: Labels, row: int, said: list[Claim], counts: dict[str, int]) -> list[tuple[int, Claim]]:
    """Label one row as the greater part of its givers say; return the claims that count."""
    attack = sum(claim.is_attack is True for claim in said)
    legitimate = len(said) - attack
    verdict = attack > legitimate
    weak, firm = labels.attack[row], labels.weight[row] >= FIRM
    against = bool(weak == (not verdict))
    if attack == legitimate or (against and firm and abs(attack - legitimate) < 2):
        counts["disputed" if attack == legitimate else "waiting"] += 1
        labels.attack[row], labels.weight[row], labels.reason[row] = np.nan, 0, Reason.DISPUTED
        return []
    if weak != verdict:
        labels.weight[row] = 0
    labels.attack[row] = verdict
    labels.reason[row] = Reason.CLAIMED_ATTACK if verdict else Reason.CLAIMED_LEGITIMATE
    agreeing = [claim for claim in said if claim.is_attack == verdict]
    return [(row, msgspec.structs.replace(claim, weight=claim.weight / len(agreeing))) for claim in agreeing]


def _lowered(labels: Labels, given: list[tuple[int, Claim]]) -> NDArray[np.float64]:
    """Return the weights of claims after the caps: each giver's first, then that of all together."""
    weights = np.array([claim.weight for _, claim in given], np.float64)
    weak = float(labels.weight[~np.isnan(labels.attack)].sum())
    most = weak * FEEDBACK_SHARE / (1 - FEEDBACK_SHARE)
    givers = np.array([claim.giver for _, claim in given], np.str_)
    for giver in np.unique(givers):
        own = givers == giver
        weights[own] *= min(1.0, most * GIVER_SHARE / weights[own].sum())
    return weights * min(1.0, most / weights.sum()) if len(weights) and weights.sum() else weights
