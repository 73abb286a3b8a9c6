# SPDX-License-Identifier: Apache-2.0
"""
How grave it is: evidence between 0 and 1, put together so that more of it never means less.

Independent pieces of evidence e combine to ``1 - (1 - e1)(1 - e2)...``.  A rise is believed at once; a fall takes
time, so that measures do not flicker: the level halves within a settable time.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import log10
from typing import NamedTuple

from nacre.campaign.picture import Threat

BANDS = ((0.9, "severe"), (0.7, "high"), (0.5, "moderate"))
"""Least levels, the gravest first; below it is normal."""

_LEAST_CAMPAIGN, _GAIN = 0.5, 0.4
_TAKEN = 0.3
_MOST_FAILURES, _FEWEST_FAILURES = 0.3, 50
_MOST_REASONS = 10


class Evidence(NamedTuple):
    """
    Something that speaks for an attack.

    Attributes:
        weight: 0-1.
        reason: Sentence for operators.
    """

    weight: float
    reason: str


def of_campaign(per_minute: float, taken: int) -> float:
    """
    Return the weight of a running campaign.

    Args:
        per_minute: Attempts per minute, lately.
        taken: Successes among its attempts.

    A quiet one is moderate, one of 31 attempts a minute high, one of 1,000 a minute severe; successes add to that.

    >>> [round(of_campaign(rate, taken=0), 2) for rate in (0, 1, 31, 1_000, 100_000)]
    [0.5, 0.54, 0.7, 0.9, 0.9]
    >>> round(of_campaign(31, taken=1), 2)
    0.79
    """
    weight = _LEAST_CAMPAIGN + _GAIN * min(log10(1 + max(per_minute, 0.0)) / 3, 1.0)
    return 1 - (1 - weight) * (1 - _TAKEN) if taken else weight


def of_failures(failures: int, usual: float | None) -> float:
    """
    Return the weight of the failures of a quarter of an hour.

    They alone never raise the threat above normal: a morning after a change of passwords has many.  With fewer than
    fifty, or nothing to compare with, they weigh nothing.

    Args:
        failures: That came.
        usual: That usually come, ``None`` if not known yet.

    >>> [round(of_failures(n, usual=20.0), 2) for n in (20, 49, 50, 80, 1_000)]
    [0.0, 0.0, 0.1, 0.2, 0.3]
    """
    if usual is None or failures < _FEWEST_FAILURES or failures <= usual:
        return 0.0
    return min(0.1 * (failures - usual) / max(usual, 1.0) / 1.5, _MOST_FAILURES)


def combined(evidence: Iterable[Evidence]) -> float:
    """
    Return the level that pieces of evidence make together, 0-1.

    >>> combined([Evidence(0.5, ""), Evidence(0.5, "")])
    0.75
    """
    rest = 1.0
    for piece in evidence:
        rest *= 1 - min(max(piece.weight, 0.0), 1.0)
    return 1 - rest


def band(level: float) -> str:
    """
    Return what a level is called.

    >>> [band(level) for level in (0.0, 0.49, 0.5, 0.7, 0.95)]
    ['normal', 'normal', 'moderate', 'high', 'severe']
    """
    return next((name for least, name in BANDS if level >= least), "normal")


def settle(before: float, elapsed: float, evidence: list[Evidence], *, half_life: float) -> Threat:
    """
    Return the threat now.

    Args:
        before: The level at the last look.
        elapsed: Seconds since then.
        evidence: What speaks for an attack now.
        half_life: Seconds within which a level halves that nothing holds up.
    """
    now = combined(evidence)
    fading = before * 0.5 ** (max(elapsed, 0.0) / half_life)
    level = max(now, fading)
    level = 0.0 if level < 0.01 else level
    reasons = [piece.reason for piece in sorted(evidence, key=lambda piece: -piece.weight) if piece.weight > 0]
    if fading > now and band(fading) != band(now):
        reasons.append("what was there shortly before has ceased and fades")
    return Threat(round(level, 4), band(round(level, 4)), tuple(reasons[:_MOST_REASONS]))
