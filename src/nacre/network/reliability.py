# SPDX-License-Identifier: Apache-2.0
"""Whether a score is a probability: of the rows scored .2, a fifth should be attacks."""

from __future__ import annotations

import msgspec
import numpy as np

from nacre.network.curve import Bools, Floats

BINS = 15
"""Bins of equal weight."""

BARS = 20
"""Bars of the histogram, equally wide."""


class Bin(msgspec.Struct, frozen=True, kw_only=True):
    """
    Rows with similar scores.

    Attributes:
        low, high: Least and greatest score among them.
        predicted: Mean score.
        observed: Share of attacks.
        share: Their share of all weight.
    """

    low: float
    high: float
    predicted: float
    observed: float
    share: float


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """
    How far a score is a probability.

    Attributes:
        bins: At most :data:`BINS`, scores rising.  Equal scores share a bin, so some may be heavier than others.
        ece: Expected calibration error: mean distance of predicted and observed, in [0, 1].
        brier: Mean squared distance of score and truth, in [0, 1].
        brier_skill: 1 for a perfect score, 0 for one that always says the share of attacks, below 0 for worse.
        attacks, legitimate: Share of each class in :data:`BARS` equal steps of the score.
    """

    bins: tuple[Bin, ...]
    ece: float
    brier: float
    brier_skill: float
    attacks: tuple[float, ...]
    legitimate: tuple[float, ...]


def reliability(scores: Floats, attack: Bools, weight: Floats) -> Reliability:
    """
    Compare a score with what it foretold.

    Args:
        scores: (n,) in [0, 1].
        attack: (n,), the truth; both classes occur with weight.
        weight: (n,), not negative.

    Source:
        M. P. Naeini, G. F. Cooper, M. Hauskrecht, "Obtaining Well Calibrated Probabilities Using Bayesian
        Binning", AAAI 2015 (ECE); G. W. Brier, "Verification of Forecasts Expressed in Terms of Probability", 1950.

    Of four rows scored .25, one is an attack:

    >>> reliability(np.full(4, 0.25), np.array([True, False, False, False]), np.ones(4)).ece
    0.0
    """
    counts = weight > 0
    scores, attack, weight = scores[counts].astype(np.float64), attack[counts], weight[counts].astype(np.float64)
    total = weight.sum()
    truth = attack.astype(np.float64)
    brier = float(np.sum(weight * (scores - truth) ** 2) / total)
    prevalence = float(np.sum(weight * truth) / total)
    bins = _bins(scores, truth, weight)
    return Reliability(
        bins=bins,
        ece=sum(each.share * abs(each.predicted - each.observed) for each in bins),
        brier=brier,
        brier_skill=1 - brier / (prevalence * (1 - prevalence)),
        attacks=_bars(scores[attack], weight[attack]),
        legitimate=_bars(scores[~attack], weight[~attack]),
    )


def _bins(scores: Floats, truth: Floats, weight: Floats) -> tuple[Bin, ...]:
    distinct, place = np.unique(scores, return_inverse=True)
    mass = np.bincount(place, weight)
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    at = np.minimum((middle * BINS).astype(np.intp), BINS - 1)
    heavy = np.bincount(at, mass, BINS)
    predicted = np.bincount(at, mass * distinct, BINS)
    observed = np.bincount(at, np.bincount(place, weight * truth), BINS)
    return tuple(
        Bin(
            low=float(distinct[at == each].min()),
            high=float(distinct[at == each].max()),
            predicted=float(predicted[each] / heavy[each]),
            observed=float(observed[each] / heavy[each]),
            share=float(heavy[each] / mass.sum()),
        )
        for each in np.flatnonzero(heavy)
    )


def _bars(scores: Floats, weight: Floats) -> tuple[float, ...]:
    heights = np.histogram(scores, BARS, (0.0, 1.0), weights=weight)[0]
    return tuple(float(height) for height in heights / weight.sum())
