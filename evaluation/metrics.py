# SPDX-License-Identifier: Apache-2.0
"""Figures of a score against the truth; ties are one value, and never split in anybody's favour."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]

_BINS = 15


def threshold(legitimate: Floats, budget: float) -> float:
    """
    Return the lowest threshold that keeps a budget when whatever lies strictly above it is refused.

    Args:
        legitimate: (n,) scores of the logins that may not be refused.
        budget: Share of them that may be, 0-1.

    One in four may go; a second one shares the score of the next, so both stay:

    >>> threshold(np.array([0.9, 0.5, 0.5, 0.1]), 0.25), threshold(np.array([0.5, 0.5, 0.5, 0.1]), 0.25)
    (0.5, 0.5)
    >>> threshold(np.array([0.9, 0.5]), 0.0)
    0.9
    """
    allowed = math.floor(budget * len(legitimate) + 1e-9)
    if allowed >= len(legitimate):
        return -math.inf
    return float(np.partition(legitimate, len(legitimate) - 1 - allowed)[len(legitimate) - 1 - allowed])


def share(flags: Flags) -> float:
    """
    Return the share that holds, NaN of nothing.

    >>> share(np.array([True, False])), share(np.array([], bool))
    (0.5, nan)
    """
    return float(flags.mean()) if len(flags) else math.nan


def average_precision(score: Floats, attack: Flags) -> float:
    """
    Return the area under the curve of precision and recall, in steps.

    Source:
        M. Zhu, "Recall, precision and average precision", University of Waterloo, 2004.

    >>> average_precision(np.array([0.9, 0.8, 0.7]), np.array([True, False, True])) == (1 + 2 / 3) / 2
    True
    >>> average_precision(np.array([0.5, 0.5]), np.array([True, False]))
    0.5
    """
    found, refused = _ranks(score, attack)
    if not len(found) or not found[-1]:
        return math.nan
    steps = np.diff(found, prepend=0)
    return float((found / refused * steps).sum() / found[-1])


def ranking(score: Floats, attack: Flags) -> float:
    """
    Return the area under the ROC curve: how often an attack scores higher than a login, a tie being half.

    >>> ranking(np.array([0.9, 0.8, 0.7]), np.array([True, False, True]))
    0.5
    >>> ranking(np.array([0.5, 0.5]), np.array([True, False]))
    0.5
    """
    found, refused = _ranks(score, attack)
    if not len(found) or found[-1] in (0, len(score)):
        return math.nan
    wrong = refused - found
    return float(np.trapezoid(np.append(0, found), np.append(0, wrong)) / found[-1] / wrong[-1])


def _ranks(score: Floats, attack: Flags) -> tuple[Numbers, Numbers]:
    """Return for each distinct score, highest first, how many attacks and how many rows reach it."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.append(np.diff(score[order]) != 0, True))[: len(score)]
    return np.cumsum(attack[order], dtype=np.int64)[last], last.astype(np.int64) + 1


def calibration_error(score: Floats, attack: Flags) -> float:
    """
    Return the expected calibration error over 15 bins of equal width.

    Source:
        C. Guo et al., "On calibration of modern neural networks", ICML 2017, equation 3.

    >>> float(round(calibration_error(np.array([0.8, 0.8, 0.1, 0.1]), np.array([True, True, False, False])), 9))
    0.15
    """
    place = np.minimum((score * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.abs(np.bincount(place, score, _BINS) - np.bincount(place, attack.astype(np.float64), _BINS))
    return float(gaps.sum() / len(score))


def skill(score: Floats, attack: Flags) -> float:
    """
    Return the Brier skill score: 1 for certainty that is right, 0 for knowing no more than the share of attacks.

    Source:
        G. W. Brier, "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1950.

    >>> skill(np.array([1.0, 0.0]), np.array([True, False])), skill(np.array([0.5, 0.5]), np.array([True, False]))
    (1.0, 0.0)
    """
    base = float(attack.mean())
    if base in (0.0, 1.0):
        return math.nan
    return 1 - float(((score - attack) ** 2).mean()) / (base * (1 - base))


def recalls(stopped: Flags, groups: NDArray[np.str_]) -> dict[str, float]:
    """
    Return the share stopped of each group.

    >>> recalls(np.array([True, False, True]), np.array(["a", "a", "b"]))
    {'a': 0.5, 'b': 1.0}
    """
    return {str(group): float(stopped[groups == group].mean()) for group in np.unique(groups)}
