# SPDX-License-Identifier: Apache-2.0
"""What figures should be, for the mean of the seeds and for the worst of them."""

from __future__ import annotations

import math
from typing import NamedTuple

from evaluation.judge import Figures


class Bar(NamedTuple):
    """
    A bar for one figure.

    Attributes:
        row: Number in the list of demands.
        what: What is measured, in words.
        figure: Name of the figure.
        mean: What the mean of the seeds should reach.
        worst: What the worst seed should reach; the same as the mean, if ``None``.
        at_least: Whether more is better.
        strict: Whether the bar holds for every seed rather than for the mean.
    """

    row: int
    what: str
    figure: str
    mean: float
    worst: float | None = None
    at_least: bool = True
    strict: bool = False

    def of(self, values: list[float]) -> tuple[float, float]:
        """
        Return the mean and the worst of the seeds.

        >>> Bar(1, "recall", "macro", 0.95).of([0.9, 1.0])
        (0.95, 0.9)
        """
        known = [value for value in values if not math.isnan(value)]
        if not known:
            return math.nan, math.nan
        return sum(known) / len(known), min(known) if self.at_least else max(known)

    def verdict(self, values: list[float]) -> str:
        """
        Return whether the bar is met.

        >>> bar = Bar(1, "recall", "macro", 0.95, 0.93)
        >>> [bar.verdict(values) for values in ([0.94, 0.97], [0.9, 1.0], [math.nan])]
        ['met', 'missed', 'nothing to judge']
        """
        mean, worst = self.of(values)
        if math.isnan(mean):
            return "nothing to judge"
        wanted = [] if self.strict else [(mean, self.mean)]
        if self.strict or self.worst is not None:
            wanted.append((worst, self.mean if self.worst is None else self.worst))
        met = all(value >= bar if self.at_least else value <= bar for value, bar in wanted)
        return "met" if met else "missed"

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        return f"{sign} {self.mean:g}" + ("" if self.worst is None else f" / {self.worst:g}")


DETECTION = (
    Bar(1, "macro recall, A 1e-3", "macro_a1e-03", 0.95, 0.93),
    Bar(2, "macro recall, A 1e-4", "macro_a1e-04", 0.80, 0.70),
    Bar(3, "worst kind but nat_insider, A 1e-3", "worst_a1e-03", 0.80),
    Bar(3, "nat_insider, A 1e-3", "recall.nat_insider", 0.50, strict=True),
    Bar(4, "hits stopped, S 1e-3", "hits_s1e-03", 0.88, 0.82),
    Bar(5, "hits stopped, S 1e-4", "hits_s1e-04", 0.42, 0.30),
    Bar(6, "AUC-PR", "auc_pr", 0.99),
    Bar(7, "ECE", "ece", 0.04, at_least=False),
    Bar(7, "Brier skill", "brier_skill", 0.85),
    Bar(8, "own: S refused", "own_s", 1e-3, at_least=False),
    Bar(8, "own: all legitimate refused", "own_a", 3e-3, at_least=False),
    Bar(8, "own: macro recall", "own_macro", 0.90),
    Bar(8, "own: accounts lost", "own_lost", 0.25, at_least=False),
    Bar(8, "own: user-days locked", "own_locked", 1e-4, at_least=False),
    Bar(9, "own: S realised / aim", "budget_s", 2.0, at_least=False, strict=True),
    Bar(9, "own: A realised / aim", "budget_a", 2.0, at_least=False, strict=True),
    Bar(13, "campaigns contained, A 1e-3", "contained", 0.90),
    Bar(13, "seconds to the 5th refusal, median", "contained_seconds", 240, at_least=False),
)
"""Traffic with attacks before and after."""

PEACE = (
    Bar(10, "no attack: S refused", "own_s", 1e-3, at_least=False),
    Bar(10, "no attack: A refused", "own_a", 3e-3, at_least=False),
    Bar(10, "no attack: S of the worst kind of user", "worst_users", 5e-2, at_least=False, strict=True),
)
"""Traffic without any attack."""

INNOCENT = (
    Bar(12, "no attack before: macro recall, own", "own_macro", 0.85),
    Bar(12, "no attack before: S refused", "own_s", 1e-3, at_least=False),
)
"""Traffic without an attack in the past."""

DISGUISED = (
    Bar(11, "customers' client strings: loss of #1", "loss.macro_a1e-03", 0.03, at_least=False),
    Bar(11, "customers' client strings: loss of #4", "loss.hits_s1e-03", 0.03, at_least=False),
)
"""Beside the same seeds with the attackers' own client strings."""

POISONED = (Bar(14, "lies and flood: loss of #1", "loss.macro_a1e-03", 0.02, at_least=False),)
"""Beside the same seeds without lies and flood."""

WITHOUT_BARS = (
    ("ROC-AUC", "roc_auc"),
    ("recall of all tries, A 1e-3", "tries_a1e-03"),
    ("recall of all tries, A 1e-4", "tries_a1e-04"),
    ("accounts lost, S 1e-3", "lost_s1e-03"),
    ("accounts lost, S 1e-4", "lost_s1e-04"),
    ("own: hits stopped", "own_hits"),
    ("own: accounts with a right guess", "own_targeted"),
    ("own: accounts lost if a challenge does not stop", "own_lost_unless_refused"),
    ("own: user-days locked, of two logins or more", "own_locked_twice"),
    ("own: right passwords challenged", "own_challenged"),
    ("own: legitimate challenged", "own_challenged_a"),
    ("own: user-days locked or challenged", "own_locked_or_challenged"),
    ("user-days", "user_days"),
    ("campaigns of five tries or more", "campaigns"),
    ("events judged", "events"),
    ("share of attacks", "attack_share"),
)
"""Figures that explain the others: words and name."""


def chosen(*, attacks: bool, attacked_before: bool) -> tuple[Bar, ...]:
    """Return the bars that fit the truth of a study."""
    if not attacks:
        return PEACE
    return DETECTION if attacked_before else INNOCENT


def loss(figures: Figures, reference: Figures) -> Figures:
    """
    Return by how much each figure is below that of a reference.

    >>> loss({"macro": 0.5}, {"macro": 0.75, "other": 1.0})
    {'loss.macro': 0.25}
    """
    return {f"loss.{name}": reference[name] - value for name, value in figures.items() if name in reference}
