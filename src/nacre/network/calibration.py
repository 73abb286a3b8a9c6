# SPDX-License-Identifier: Apache-2.0
"""From logits to probabilities that mean what they say."""

from __future__ import annotations

from math import exp, log
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

LEAST = 25
"""Rows of each class without which logits stay as they are."""

FLATTEST, STEEPEST = 0.05, 5.0
"""Bounds of the slope: a calibration never turns the order of scores round, nor makes a step of them."""

FARTHEST = 30.0
"""Logits are cut to this on both sides: every probability lies strictly between 0 and 1."""

_ROUNDS = 100


class Calibration(NamedTuple):
    """
    ``sigmoid(slope * logit + intercept)``.

    Attributes:
        slope: Between :data:`FLATTEST` and :data:`STEEPEST`.
        intercept: In logits.
    """

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """
        Return probabilities, strictly between 0 and 1.

        >>> Calibration().apply(np.array([-1000.0, 0.0, 2.0])).round(3).tolist()
        [0.0, 0.5, 0.881]
        """
        z = np.clip(self.slope * logits.astype(np.float64) + self.intercept, -FARTHEST, FARTHEST)
        return np.asarray(1.0 / (1.0 + np.exp(-z)))


def probability(logit: float) -> float:
    """
    Return the probability behind a calibrated logit, strictly between 0 and 1.

    >>> probability(0.0), probability(-1e6) > 0.0
    (0.5, True)
    """
    return 1.0 / (1.0 + exp(-min(max(logit, -FARTHEST), FARTHEST)))


def calibrate(
    logits: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], weight: NDArray[np.floating[Any]]
) -> Calibration:
    """
    Return the calibration that fits some rows best; the identity if they are too few of one class.

    The targets are not 0 and 1 but ``1/(N- + 2)`` and ``(N+ + 1)/(N+ + 2)``, with the weights of the classes for
    N: where the logits part the classes without an error, the slope would otherwise grow for ever.

    Args:
        logits: (n,) finite.
        y: (n,) 0 or 1.
        weight: (n,) what each row stands for in the traffic that the probabilities are meant for.

    Source:
        J. Platt, "Probabilistic outputs for support vector machines", 1999; the Newton steps as in H.-T. Lin,
        C.-J. Lin, R. C. Weng, "A note on Platt's probabilistic outputs", Machine Learning 68, 2007.
    """
    s, w, attack = logits.astype(np.float64), weight.astype(np.float64), y > 0.5
    if min(np.count_nonzero(attack & (w > 0)), np.count_nonzero(~attack & (w > 0))) < LEAST:
        return Calibration()
    positive, negative = w[attack].sum(), w[~attack].sum()
    target = np.where(attack, (positive + 1.0) / (positive + 2.0), 1.0 / (negative + 2.0))
    slope, intercept = _newton(s, target, w, 1.0, log((positive + 1.0) / (negative + 1.0)), free=True)
    if not FLATTEST <= slope <= STEEPEST:
        slope = min(max(slope, FLATTEST), STEEPEST)
        slope, intercept = _newton(s, target, w, slope, intercept, free=False)
    return Calibration(slope, intercept)


def _newton(
    s: NDArray[np.float64],
    target: NDArray[np.float64],
    weight: NDArray[np.float64],
    slope: float,
    intercept: float,
    *,
    free: bool,
) -> tuple[float, float]:
    """Minimise the log-loss over the intercept and, if it is *free*, the slope; halve steps that do not help."""

    def loss(slope: float, intercept: float) -> float:
        z = slope * s + intercept
        return float(weight @ (np.logaddexp(0.0, z) - target * z))

    best = loss(slope, intercept)
    for _ in range(_ROUNDS):
        p = Calibration(slope, intercept).apply(s)
        error, curve = weight * (p - target), weight * p * (1.0 - p)
        gradient = np.array([error @ s if free else 0.0, error.sum()])
        bent = float(curve @ s) if free else 0.0
        ridge = 1e-9 * weight.sum()
        hessian = np.array([[float(curve @ (s * s)) + ridge if free else 1.0, bent], [bent, curve.sum() + ridge]])
        step = np.linalg.solve(hessian, gradient)
        for halving in range(20):
            tried = slope - step[0] / 2**halving, intercept - step[1] / 2**halving
            found = loss(*tried)
            if found < best:
                break
        else:
            break
        gained, best = best - found, found
        slope, intercept = float(tried[0]), float(tried[1])
        if gained < 1e-12 * weight.sum():
            break
    return slope, intercept
