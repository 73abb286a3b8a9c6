# SPDX-License-Identifier: Apache-2.0
"""
All thresholds of a score at once: what each would catch, and what it would cost.

Rows with equal scores stand or fall together.  A threshold never lies within such a tie, so that a
budget read from the curve is kept by every comparison ``score >= threshold`` afterwards.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]

_ROUNDING = 1e-12
"""Relative error that sums of weights may have."""

_RAREST = 1e-5
"""False positive rate below which a curve is not drawn in detail."""


class Curve:
    """
    The weighted curve of a score against the truth.

    Attributes:
        threshold: (k + 1,) float64, falling.  The first lies above every score: nothing is caught there.
        caught: (k + 1,) float64, weight of the attacks at or above each threshold.
        harmed: (k + 1,) float64, weight of the legitimate rows at or above it.
        recall: (k + 1,) float64 in [0, 1], share of the attacks caught.
        false_positive_rate: (k + 1,) float64 in [0, 1], share of the legitimate rows harmed.
        precision: (k + 1,) float64 in [0, 1], share of attacks in what is caught or harmed; 1 where that is nothing.

    Two attacks score .9 and .6, three legitimate rows .6, .2 and .1.  To harm at most a tenth, .6 is too low:

    >>> curve = Curve(
    ...     np.array([0.9, 0.6, 0.6, 0.2, 0.1]), np.array([True, True, False, False, False]), np.ones(5)
    ... )
    >>> at = curve.within(0.1)
    >>> float(curve.threshold[at]), float(curve.recall[at])
    (0.9, 0.5)
    """

    def __init__(self, scores: Floats, attack: Bools, weight: Floats) -> None:
        """
        Sort the rows once.

        Args:
            scores: (n,), higher for attacks.
            attack: (n,), the truth.
            weight: (n,), not negative; rows of weight 0 do not count.

        Raises:
            ValueError: one of the two classes has no weight.
        """
        counts = weight > 0
        scores, attack, weight = scores[counts], attack[counts], weight[counts].astype(np.float64)
        if attack.all() or not attack.any():
            missing = "legitimate row" if attack.any() else "attack"
            raise ValueError(f"nothing to measure: no {missing} among {scores.size} rows with weight")
        order = np.argsort(-scores, kind="stable")
        ordered = scores[order]
        last = np.append(np.flatnonzero(np.diff(ordered)), scores.size - 1)
        # In the precision of the scores: the next float64 above a float32 is rounded back to it when they are compared.
        nothing = np.nextafter(ordered[0], ordered.dtype.type(np.inf))
        self.threshold = np.append(nothing, ordered[last]).astype(np.float64)
        self.caught = np.append(0.0, np.cumsum(np.where(attack, weight, 0.0)[order])[last])
        self.harmed = np.append(0.0, np.cumsum(np.where(attack, 0.0, weight)[order])[last])
        self.recall = self.caught / self.caught[-1]
        self.false_positive_rate = self.harmed / self.harmed[-1]
        self.precision = np.ones_like(self.caught)
        self.precision[1:] = self.caught[1:] / (self.caught[1:] + self.harmed[1:])

    @property
    def auc_pr(self) -> float:
        """
        The area under precision and recall, in [0, 1], as a sum of steps.

        Straight lines between the points would promise more than any threshold gives.

        Source:
            J. Davis, M. Goadrich, "The Relationship Between Precision-Recall and ROC Curves", ICML 2006.
        """
        return float(np.sum(np.diff(self.recall) * self.precision[1:]))

    @property
    def roc_auc(self) -> float:
        """The chance that an attack scores above a legitimate row, in [0, 1]; a tie counts half."""
        return float(np.sum(np.diff(self.false_positive_rate) * (self.recall[1:] + self.recall[:-1]) / 2))

    def within(self, budget: float) -> int:
        """Return the place of the lowest threshold that harms at most a share *budget* of the legitimate rows."""
        most = budget * self.harmed[-1] * (1 + _ROUNDING)
        return int(np.searchsorted(self.harmed, most, side="right")) - 1

    def at(self, threshold: float) -> int:
        """Return the place that tells what ``score >= threshold`` catches."""
        return max(int(np.searchsorted(-self.threshold, -threshold, side="right")) - 1, 0)

    def some(self, most: int) -> NDArray[np.intp]:
        """
        Return at most *most* places from which the curve can be drawn.

        A third of them is spread evenly over the recall, the others over the logarithm of the false positive
        rate, where the thresholds in use lie.  Both ends are among them.
        """
        evenly = np.searchsorted(self.recall, np.linspace(0, 1, most // 3))
        rates = np.geomspace(_RAREST, 1, most - most // 3 - 2)
        rarely = np.searchsorted(self.false_positive_rate, rates, side="right") - 1
        end = self.threshold.size - 1
        return np.unique(np.concatenate(([0, end], np.minimum(evenly, end), rarely)).astype(np.intp))
