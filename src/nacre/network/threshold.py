# SPDX-License-Identifier: Apache-2.0
"""
Thresholds that keep a budget of wrong refusals.

A threshold frozen with the model drifts to ten times its budget within days, so they are found anew each night
from recent legitimate rows.  Pairs of account and network that are known and those that are new get thresholds of
their own (Mondrian conformal prediction): each group keeps the budget for itself, where one threshold for all would
spend it on those who travel.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import exp, log

import numpy as np
from numpy.typing import NDArray

MINIMUM = 2000
"""Legitimate rows of a group without which its thresholds stay."""

STEP = 1.0
"""Logits that a threshold moves at most at a time: one poisoned night opens no door."""

KNOWN, NOVEL = "known", "novel"
"""The groups: the account signed in from this network before, or did not."""

_EDGE = 1e-12


def threshold(scores: NDArray[np.float64], weight: NDArray[np.float64], budget: float) -> float:
    """
    Return the threshold that at most *budget* of the weight reaches, with room for one more row.

    The row to come may be as heavy as any before it and is reckoned among those that reach the threshold, as in
    conformal prediction: with fewer than ``1/budget`` rows none may reach it.  Rows of one score are
    above or below together.

    Args:
        scores: (n,) of legitimate rows, 0-1, n at least 1.
        weight: (n,) at least 0.
        budget: 0-1.

    Returns:
        0-1, for ``score >= threshold``.

    Source:
        V. Vovk, A. Gammerman, G. Shafer, "Algorithmic learning in a random world", 2005, section 4.5.

    >>> scores = np.arange(100) / 100
    >>> [round(threshold(scores, np.ones(100), budget), 6) for budget in (0.001, 0.02, 0.5)]
    [0.99, 0.98, 0.5]
    """
    order = np.argsort(-scores, kind="stable")
    ranked, heap = scores[order], np.cumsum(weight[order])
    spare = budget * (heap[-1] + weight.max()) - weight.max()
    # The first row that may not reach it; the one above it is that of the next higher score.
    place = int(np.searchsorted(heap, spare * (1.0 + 1e-9) + 1e-12, side="right"))
    if place >= len(ranked):
        return 0.0
    # Scores that were kept as float32 may have been rounded down: the next float32 is above them in any case.
    return float(min(np.nextafter(np.float32(ranked[place]), np.float32(2.0)), np.float32(1.0)))


def moved(previous: float | None, wanted: float) -> float:
    """
    Return a threshold as near to the wanted one as a step from the previous one allows.

    >>> moved(0.5, 0.9), moved(0.5, 0.6), moved(None, 0.9)
    (0.7310585786300049, 0.6, 0.9)
    """
    if previous is None:
        return wanted
    low, high = (_sigmoid(_logit(previous) + step) for step in (-STEP, STEP))
    return min(max(wanted, low), high)


def renew(
    previous: Mapping[str, Mapping[str, float]],
    scores: NDArray[np.float64],
    weight: NDArray[np.float64],
    *,
    novel: NDArray[np.bool_],
    budgets: Mapping[str, float],
    minimum: int = MINIMUM,
) -> dict[str, dict[str, float]]:
    """
    Return the thresholds of a head by group and answer.

    Args:
        previous: The thresholds in force, by group and answer; empty if there were none.
        scores: (n,) calibrated scores of recent legitimate rows.
        weight: (n,) at least 0.
        novel: (n,) which of them belong to the group of new pairs.
        budgets: By answer (``refuse``, ``challenge``, ``delay``), the share of a group that may get it.
        minimum: Rows of a group without which it keeps what it had.

    >>> scores, novel = np.linspace(0, 0.8, 5000), np.arange(5000) < 10
    >>> tonight = renew({}, scores, np.ones(5000), novel=novel, budgets={"refuse": 1e-3})
    >>> round(tonight["known"]["refuse"], 4), tonight["novel"]
    (0.7995, {})
    """
    thresholds = {}
    for group, members in ((KNOWN, ~novel), (NOVEL, novel)):
        had, here = previous.get(group, {}), members & (weight > 0.0)
        if np.count_nonzero(here) < minimum:
            thresholds[group] = {answer: had[answer] for answer in budgets if answer in had}
            continue
        thresholds[group] = {
            answer: moved(had.get(answer), threshold(scores[here], weight[here], budget))
            for answer, budget in budgets.items()
        }
    return thresholds


def _logit(p: float) -> float:
    inside = min(max(p, _EDGE), 1.0 - _EDGE)
    return log(inside / (1.0 - inside))


def _sigmoid(z: float) -> float:
    return 1.0 / (1.0 + exp(-z))
