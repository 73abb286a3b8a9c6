# SPDX-License-Identifier: Apache-2.0
"""
Why a score is what it is: what each column added to it, and what would have turned the decision.

Everything is said against the ordinary request, all of whose columns lie at their centres, and in logits, where
contributions add up: to the difference between the two.
"""

from __future__ import annotations

from functools import cache
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.network.artifact import Artifact, Head
from nacre.network.calibration import probability
from nacre.network.stack import Stack

PANELS = (1, 4, 16, 64)
"""
Equal parts of the way from the ordinary request to the row, with 16 points each.

One is enough where the activation is smooth; only the kinks of ``relu`` take more.
"""

TOLERANCE = 0.01
"""Share of the difference by which contributions may miss it before more points are tried."""

MOST_CHANGES = 3
"""Columns that a counterfactual brings to their centres at most, before it looks for larger steps."""

MOST_STEPS = 32
"""Columns that a counterfactual changes at most, whatever to."""

FAR = 3.0
"""Spreads of a column from its centre that a value may lie which is unusual and not unheard of."""

SECOND_TRIES = 24
"""Columns that are tried beside a first change: those that helped most alone."""


Bounds = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The least and the greatest value of each column."""


class Contributions(NamedTuple):
    """
    What made a logit.

    Attributes:
        values: (width,) logits that each column added; 0 for one that the head does not see.
        logit: Of the row, calibrated.
        base: Of the ordinary request, calibrated.
    """

    values: NDArray[np.float64]
    logit: float
    base: float

    def top(self, count: int) -> list[int]:
        """Return the columns that moved the score most, the strongest first."""
        order = np.argsort(-np.abs(self.values), kind="stable")[:count]
        return [int(column) for column in order if self.values[column] != 0.0]


class Counterfactual(NamedTuple):
    """
    A small change after which the decision is the other one.

    Attributes:
        columns: What is changed, in the order in which it helps most.
        values: What each of them is changed to: the centre of the column, or a value far from it.
        score: The probability then.
    """

    columns: tuple[int, ...]
    values: tuple[float, ...]
    score: float


class Explainer:
    """
    Explains the scores of one head.

    Args:
        artifact: The model.
        head: One of its heads.
    """

    def __init__(self, artifact: Artifact, head: Head) -> None:
        self._stack = Stack(artifact, (head,))
        self._seen = np.array(head.columns, np.int64)

    def contributions(self, row: NDArray[np.float32]) -> Contributions:
        """
        Return what each column added to the logit, by integrated gradients.

        The gradient is taken at points of the straight way from the ordinary request to the row, as scaled, and
        weighted by Gauss and Legendre: 16 points are exact where it is a polynomial of degree 31.

        Args:
            row: (width,) float32; what is not finite counts as its column's centre.

        Source:
            M. Sundararajan, A. Taly, Q. Yan, "Axiomatic attribution for deep networks", ICML 2017, arXiv:1703.01365.
        """
        z = self._stack.scaled(row[None, :])[0]
        base, logit = self._logits(np.stack([np.zeros_like(z), z])).tolist()
        values = np.zeros_like(z)
        for points, weights in map(_way, PANELS):
            values = z * (weights @ self._stack.gradients(points[:, None] * z))
            if abs(values.sum() - (logit - base)) <= TOLERANCE * abs(logit - base):
                break
        return Contributions(values, logit, base)

    def counterfactual(
        self, row: NDArray[np.float32], threshold: float, bounds: Bounds | None = None
    ) -> Counterfactual | None:
        """
        Return the smallest change that brings a row to the other side of a threshold.

        Columns are moved to their centres one by one, each time the one that helps most; at the end, those that turn
        out not to be needed are put back.  What helped little alone is not tried beside others.  Where
        :data:`MOST_CHANGES` of them do not suffice, columns are moved far to either side, too.

        Args:
            row: (width,) float32.
            threshold: Between 0 and 1; a score that reaches it is on the upper side.
            bounds: The least and the greatest value of each column, (width,) each; ``None`` if any will do.

        Returns:
            ``None`` if :data:`MOST_STEPS` columns do not suffice.
        """
        limit, z = log(threshold / (1.0 - threshold)), self._stack.scaled(row[None, :])[0]
        here, ordinary = self._logits(np.stack([z, np.zeros_like(z)])) >= limit
        above = bool(here)
        centred = self._to_centres(z, limit, above=above) if here != ordinary else None
        return centred or self._far(z, limit, bounds, above=above)

    def _to_centres(self, before: NDArray[np.float64], limit: float, *, above: bool) -> Counterfactual | None:
        """Bring columns to their centres, each time the one that helps most."""
        z, chosen = before, list[int]()
        free = self._seen[z[self._seen] != 0.0]
        for _ in range(MOST_CHANGES):
            if not len(free):
                return None
            tries = np.repeat(z[None, :], len(free), axis=0)
            tries[np.arange(len(free)), free] = 0.0
            logits = self._logits(tries)
            order = np.argsort(logits if above else -logits, kind="stable")
            best = int(order[0])
            chosen.append(int(free[best]))
            z = tries[best]
            if (logits[best] >= limit) != above:
                chosen = self._needed(before, z, chosen, chosen, limit)
                return self._counterfactual(before, z, chosen, self._stack.centre)
            free = np.sort(free[order[1 : SECOND_TRIES + 1]])
        return None

    def _far(
        self, z: NDArray[np.float64], limit: float, bounds: Bounds | None, *, above: bool
    ) -> Counterfactual | None:
        """Move the columns that the gradient names, as many as it takes, to their centres or far from them."""
        stack = self._stack
        gain = 3.0 * stack.third
        away = np.divide(FAR, gain, out=np.zeros_like(gain), where=gain > 0.0)
        low, high = bounds or (-np.inf, np.inf)
        values = stack.centre + np.array([[0.0], [1.0], [-1.0]]) * away
        values[1:] = np.clip(values[1:], low, high)
        targets = (values - stack.centre) * stack.third
        targets /= np.sqrt(targets * targets + 1.0)
        effects = stack.gradients(z[None, :]) * (targets - z)
        effects = -effects if above else effects
        best, every = effects.argmax(axis=0), np.arange(len(z))
        values, targets, effects = values[best, every], targets[best, every], effects[best, every]
        helpful = self._seen[effects[self._seen] > 0.0]
        order = helpful[np.argsort(-effects[helpful], kind="stable")][:MOST_STEPS]
        tries = np.repeat(z[None, :], len(order), axis=0)
        for count in range(len(order)):
            tries[count:, order[count]] = targets[order[count]]
        turned = np.flatnonzero((self._logits(tries) >= limit) != above) if len(order) else order
        if not len(turned):
            return None
        after, chosen = tries[turned[0]], order[: turned[0] + 1].tolist()
        chosen = self._needed(z, after, chosen, chosen[::-1], limit)  # what helps least is put back first
        return self._counterfactual(z, after, chosen, values)

    def _needed(
        self, before: NDArray[np.float64], after: NDArray[np.float64], chosen: list[int], tried: list[int], limit: float
    ) -> list[int]:
        """Return the changes that are left where those are put back without which a row stays on the other side."""
        goal = self._moved(before, after, chosen) >= limit
        for one in tried:
            rest = [column for column in chosen if column != one]
            if rest and (self._moved(before, after, rest) >= limit) == goal:
                chosen = rest
        return chosen

    def _counterfactual(
        self, before: NDArray[np.float64], after: NDArray[np.float64], chosen: list[int], values: NDArray[np.float64]
    ) -> Counterfactual:
        score = probability(self._moved(before, after, chosen))
        return Counterfactual(tuple(chosen), tuple(values[chosen].tolist()), score)

    def _moved(self, before: NDArray[np.float64], after: NDArray[np.float64], chosen: list[int]) -> float:
        """Return the logit of a row of which only some columns have moved."""
        z = before.copy()
        z[chosen] = after[chosen]
        return float(self._logits(z[None, :])[0])

    def _logits(self, z: NDArray[np.float64]) -> NDArray[np.float64]:
        return self._stack.logits(z)[:, 0]


@cache
def _way(panels: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the points of the way, between 0 and 1, and their weights, 1 in all."""
    points, weights = np.polynomial.legendre.leggauss(16)
    starts = np.arange(panels)[:, None]
    return ((starts + 0.5 + 0.5 * points) / panels).ravel(), np.tile(0.5 * weights / panels, panels)
