# SPDX-License-Identifier: Apache-2.0
"""
How good a scorer is, on rows that it has not learned from.

A model, the model before it and the rules alone are judged on the same rows, so that their figures can be compared.
Two kinds of harm are told apart: *tries* are judged by the first score against all legitimate rows, *hits*
(attacks with the right password) by the second score against legitimate logins with the right password.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.network.curve import Bools, Curve, Floats
from nacre.network.evaluation import (
    BUDGETS,
    POINTS,
    THRESHOLDS,
    AtBudget,
    Comparison,
    Counts,
    Evaluation,
    KindRecall,
    Own,
    Point,
)
from nacre.network.reliability import reliability


class HeldOut(NamedTuple):
    """
    What is known of the rows to judge on.

    Attributes:
        attack: (n,) bool, the label.
        weight: (n,) float, how much a row counts, 0 or more: trust in its label, and what it stands for.
        success: (n,) bool, whether the backend accepted the password.
        pair_known: (n,) bool, whether account and network were an established pair at the time.
        time: (n,) float64, Unix seconds.
        kind: (n,) int, place of an attack in *kinds*; not read for legitimate rows.
        kinds: Kinds of attack, or reasons of labels, each of which counts the same in the macro recall.
    """

    attack: Bools
    weight: Floats
    success: Bools
    pair_known: Bools
    time: NDArray[np.float64]
    kind: NDArray[np.integer]
    kinds: tuple[str, ...]

    def only(self, chosen: Bools) -> HeldOut:
        """Return the rows where *chosen* is true."""
        return HeldOut(
            attack=self.attack[chosen],
            weight=self.weight[chosen],
            success=self.success[chosen],
            pair_known=self.pair_known[chosen],
            time=self.time[chosen],
            kind=self.kind[chosen],
            kinds=self.kinds,
        )


class Scores(NamedTuple):
    """
    What a scorer says about the rows, and where it acts.

    Attributes:
        guess: (n,) float in [0, 1], probability that the attempt is a guess.
        accept: (n,) float in [0, 1], the same where a right password is about to be accepted.
        guess_at: Value of *guess* from which on the scorer acts against an attempt.
        accept_at: Value of *accept* from which on it refuses.
    """

    guess: Floats
    accept: Floats
    guess_at: float
    accept_at: float


def compare(rows: HeldOut, *, challenger: Scores, champion: Scores | None, rules: Scores) -> Comparison:
    """Judge all scorers on the same rows; *rules* are the scores of the rules alone.  Raises as :func:`evaluate`."""
    return Comparison(
        challenger=evaluate(challenger, rows),
        champion=None if champion is None else evaluate(champion, rows),
        rules=evaluate(rules, rows),
    )


def evaluate(scores: Scores, rows: HeldOut) -> Evaluation:
    """
    Judge a scorer.

    Raises:
        ValueError: arrays differ in length, a score is no probability, a weight is negative or not a number, or one
            of the classes has no rows with weight.
    """
    _check(scores, rows)
    curve = Curve(scores.guess, rows.attack, rows.weight)
    tries = _at_budgets(scores.guess, rows)
    return Evaluation(
        rows=_counts(rows),
        auc_pr=curve.auc_pr,
        roc_auc=curve.roc_auc,
        curve=tuple(_point(curve, at) for at in curve.some(POINTS)),
        tries=tries,
        hits=_hits(scores.accept, rows),
        kinds=_kinds(scores.guess, rows, [each.threshold for each in tries]),
        guess=reliability(scores.guess, rows.attack, rows.weight),
        accept=reliability(scores.accept, rows.attack, rows.weight),
        thresholds=tuple(
            msgspec.structs.replace(_point(curve, curve.at(level)), threshold=level) for level in THRESHOLDS
        ),
        own=_own(scores, rows),
    )


def _check(scores: Scores, rows: HeldOut) -> None:
    length = rows.attack.size
    for name, values in (*rows._asdict().items(), ("guess", scores.guess), ("accept", scores.accept)):
        if name != "kinds" and values.shape != (length,):
            raise ValueError(f"{name}: {values.shape}, expected ({length},)")
    for name, values in (("guess", scores.guess), ("accept", scores.accept)):
        if not np.all((values >= 0) & (values <= 1)):
            raise ValueError(f"{name}: not all of it lies between 0 and 1")
    if not np.all((rows.weight >= 0) & np.isfinite(rows.weight)):
        raise ValueError("weight: negative or not a number")
    kinds = rows.kind[rows.attack]
    if not np.all((kinds >= 0) & (kinds < len(rows.kinds))):
        raise ValueError(f"kind: not all of it is a place among {len(rows.kinds)} kinds")


def _counts(rows: HeldOut) -> Counts:
    counts = rows.weight > 0
    attacks, legitimate, time = counts & rows.attack, counts & ~rows.attack, rows.time[counts]
    return Counts(
        attacks=int(attacks.sum()),
        legitimate=int(legitimate.sum()),
        hits=int((attacks & rows.success).sum()),
        logins=int((legitimate & rows.success).sum()),
        established=int((legitimate & rows.pair_known).sum()),
        attack_weight=float(rows.weight[attacks].sum()),
        legitimate_weight=float(rows.weight[legitimate].sum()),
        began=float(time.min()),
        ended=float(time.max()),
    )


def _point(curve: Curve, at: int) -> Point:
    columns = (curve.threshold, curve.recall, curve.precision, curve.false_positive_rate)
    return Point(*(float(column[at]) for column in columns))


def _at_budgets(scores: Floats, rows: HeldOut) -> tuple[AtBudget, ...]:
    curve = Curve(scores, rows.attack, rows.weight)
    legitimate = int(((rows.weight > 0) & ~rows.attack).sum())
    found = []
    for budget in BUDGETS:
        point = _point(curve, curve.within(budget))
        recalls = [share for _, _, share in _by_kind(scores >= point.threshold, rows)]
        found.append(
            AtBudget(
                budget=budget,
                rows=budget * legitimate,
                threshold=point.threshold,
                false_positive_rate=point.false_positive_rate,
                recall=point.recall,
                macro_recall=float(np.mean(recalls)),
                precision=point.precision,
            )
        )
    return tuple(found)


def _hits(accept: Floats, rows: HeldOut) -> tuple[AtBudget, ...]:
    counts = rows.success & (rows.weight > 0)
    if not (counts & rows.attack).any() or not (counts & ~rows.attack).any():
        return ()
    return _at_budgets(accept[counts], rows.only(counts))


def _kinds(guess: Floats, rows: HeldOut, levels: list[float]) -> tuple[KindRecall, ...]:
    at_levels = [_by_kind(guess >= level, rows) for level in levels]
    return tuple(
        KindRecall(kind=name, rows=number, recalls=tuple(kinds[place][2] for kinds in at_levels))
        for place, (name, number, _) in enumerate(at_levels[0])
    )


def _by_kind(caught: Bools, rows: HeldOut) -> list[tuple[str, int, float]]:
    """Return name, number of rows and share caught of each kind of attack that there is."""
    found = []
    for place, name in enumerate(rows.kinds):
        of_kind = rows.attack & (rows.weight > 0) & (rows.kind == place)
        if of_kind.any():
            found.append((name, int(of_kind.sum()), float(np.average(caught[of_kind], weights=rows.weight[of_kind]))))
    return found


def _own(scores: Scores, rows: HeldOut) -> Own:
    refused = scores.accept >= scores.accept_at
    acted = refused | (scores.guess >= scores.guess_at)
    legitimate = ~rows.attack
    return Own(
        guess_at=scores.guess_at,
        accept_at=scores.accept_at,
        established=_share(refused, legitimate & rows.pair_known, rows.weight),
        logins=_share(refused, legitimate & rows.success, rows.weight),
        legitimate=_share(acted, legitimate, rows.weight) or 0.0,
        tries=_share(acted, rows.attack, rows.weight) or 0.0,
        hits=_share(refused, rows.attack & rows.success, rows.weight),
    )


def _share(of: Bools, among: Bools, weight: Floats) -> float | None:
    total = weight[among].sum()
    return float(weight[among & of].sum() / total) if total else None
