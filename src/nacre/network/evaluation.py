# SPDX-License-Identifier: Apache-2.0
"""What was measured of a scorer, as values that are kept, shown and sent as JSON."""

from __future__ import annotations

import msgspec

from nacre.network.reliability import Reliability

BUDGETS = (1e-2, 1e-3, 3e-4, 1e-4)
"""Shares of legitimate rows that may be harmed, at which scorers are compared."""

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99)
"""Round thresholds of the table."""

POINTS = 200
"""Points of a curve that are kept, at most."""


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """
    The rows that count, those of weight above 0.

    Attributes:
        attacks, legitimate: Rows of each class.
        hits: Attacks with the right password.
        logins: Legitimate rows with the right password.
        established: Legitimate rows of established pairs.
        attack_weight, legitimate_weight: Sums of their weights.
        began, ended: Unix seconds of the first and the last row.
    """

    attacks: int
    legitimate: int
    hits: int
    logins: int
    established: int
    attack_weight: float
    legitimate_weight: float
    began: float
    ended: float


class Point(msgspec.Struct, frozen=True, array_like=True):
    """One threshold of a curve; the rates are in [0, 1]."""

    threshold: float
    recall: float
    precision: float
    false_positive_rate: float


class AtBudget(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is caught if only so much may be harmed.

    Attributes:
        budget: Share of legitimate rows that may be harmed.
        rows: How many rows that share is.  Below about ten, the figures beside it are luck.
        threshold: The lowest score that keeps the budget.
        false_positive_rate: Share that it harms.
        recall: Share of the attacks caught, by weight.
        macro_recall: Mean of the shares caught of each kind.
        precision: Share of attacks in what is acted against.
    """

    budget: float
    rows: float
    threshold: float
    false_positive_rate: float
    recall: float
    macro_recall: float
    precision: float


class KindRecall(msgspec.Struct, frozen=True, kw_only=True):
    """
    How much of one kind of attack is caught.

    Attributes:
        kind: Its name.
        rows: Rows of it.
        recalls: Share caught at each of :data:`BUDGETS`.
    """

    kind: str
    rows: int
    recalls: tuple[float, ...]


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the scorer does at its own thresholds; all shares by weight, ``None`` where there are no such rows.

    Attributes:
        guess_at, accept_at: The thresholds.
        established: Share of the legitimate rows of established pairs that is refused.
        logins: Share of the legitimate logins with the right password that is refused.
        legitimate: Share of all legitimate rows acted against.
        tries: Share of the attacks acted against.
        hits: Share of the attacks with the right password that is refused.
    """

    guess_at: float
    accept_at: float
    established: float | None
    logins: float | None
    legitimate: float
    tries: float
    hits: float | None


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """
    How good one scorer is.

    Attributes:
        rows: What it was judged on.
        auc_pr, roc_auc: Areas of the first score, in [0, 1].
        curve: Of the first score, at most :data:`POINTS` points, thresholds falling.
        tries: The first score against all legitimate rows, at each of :data:`BUDGETS`.
        hits: The second score against legitimate logins, at each of them; empty if there are no hits or no logins.
        kinds: The first score by kind of attack.
        guess, accept: Whether the scores are probabilities.
        thresholds: The first score at :data:`THRESHOLDS`.
        own: What it does at its own thresholds.
    """

    rows: Counts
    auc_pr: float
    roc_auc: float
    curve: tuple[Point, ...]
    tries: tuple[AtBudget, ...]
    hits: tuple[AtBudget, ...]
    kinds: tuple[KindRecall, ...]
    guess: Reliability
    accept: Reliability
    thresholds: tuple[Point, ...]
    own: Own


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """
    Scorers judged on the same rows.

    Attributes:
        challenger: The model just trained.
        champion: The model in use, if there is one.
        rules: The rules alone.
    """

    challenger: Evaluation
    champion: Evaluation | None
    rules: Evaluation
