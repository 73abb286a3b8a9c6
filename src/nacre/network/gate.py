# SPDX-License-Identifier: Apache-2.0
"""
The gate of publication: whether a new model may take the place of the one in use.

Every condition is told with its figures, whether it is met or not.  A figure that is not a number meets none.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nacre.network.evaluation import AtBudget, Comparison, Evaluation
from nacre.network.wording import percent

_ROUNDING = 1e-9


FEWEST = 10.0
"""Rows that a budget has to be for what is caught within it to be more than luck."""


LUCK = 2.0
"""Refused logins of established pairs that tell nothing: among some thousands, one or two are chance."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a new model has to keep.

    Attributes:
        budgets: Shares of legitimate rows at which recall is compared.
        loss: By how much recall may fall behind the champion, in [0, 1].
        ece: Greatest calibration error, in [0, 1].
        established_ratio: Refusals of established pairs, as a multiple of the champion's.
        established_least: Share of established pairs that may be refused even if the champion refuses fewer: a
            multiple of nothing would allow nothing.
        established_first: The same share where there is no champion.
    """

    budgets: tuple[float, ...] = (1e-3, 1e-4)
    loss: float = 0.01
    ece: float = 0.03
    established_ratio: float = 1.2
    established_least: float = 1e-4
    established_first: float = 1e-3


class Canned(msgspec.Struct, frozen=True, kw_only=True):
    """
    A case that every model has to get right.

    Attributes:
        name: What it is, in words.
        attack: Whether it is one, or else an innocent oddity.
        score: What the model says, in [0, 1].
        threshold: An attack has to reach it, an innocent oddity has to stay below.
    """

    name: str
    attack: bool
    score: float
    threshold: float

    @property
    def passed(self) -> bool:
        """Whether the model gets it right."""
        return self.score >= self.threshold if self.attack else self.score < self.threshold


class Check(msgspec.Struct, frozen=True, array_like=True):
    """
    One condition.

    Attributes:
        passed: Whether it is met; ``None`` where the rows cannot tell.
        sentence: The condition and its figures.
    """

    passed: bool | None
    sentence: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whether a model may be published.

    Attributes:
        passed: No condition failed.
        reasons: A sentence for each condition that failed.
        checks: All conditions.
    """

    passed: bool
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]


def judge(compared: Comparison, canned: Sequence[Canned], limits: Limits, *, untold: str = "") -> Verdict:
    """
    Decide whether the challenger may be published.

    Args:
        compared: Challenger, champion and rules alone, on the same rows.
        canned: The cases that every model has to get right, as the challenger scored them.
        limits: What it has to keep.
        untold: Why nobody was compared, although there is a champion.

    Raises:
        ValueError: recall was not measured at one of the budgets.
    """
    challenger, champion = compared.challenger, compared.champion
    checks = [
        *(
            _not_worse(challenger, champion, budget, limits.loss)
            for budget in _measurable(challenger, limits.budgets)
            if champion is not None
        ),
        *(
            _hits_not_worse(challenger, champion, budget, limits.loss)
            for budget in limits.budgets
            if champion is not None
        ),
        *([Check(None, untold)] if untold else []),
        _is_probability("guess", challenger.guess.ece, limits.ece),
        _is_probability("accept", challenger.accept.ece, limits.ece),
        _spares_owners(challenger, champion, limits),
        _beats_rules(challenger, compared.rules, _measurable(challenger, limits.budgets)),
        _gets_right(canned, attack=True),
        _gets_right(canned, attack=False),
    ]
    reasons = tuple(check.sentence for check in checks if check.passed is False)
    return Verdict(passed=not reasons, reasons=reasons, checks=tuple(checks))


def _measurable(challenger: Evaluation, budgets: Sequence[float]) -> tuple[float, ...]:
    """Return the budgets to compare at: as wanted, and where they are all luck here, the smallest that is not."""
    if any(_at(challenger.tries, budget).rows >= FEWEST for budget in budgets):
        return tuple(budgets)
    larger = sorted(each.budget for each in challenger.tries if each.rows >= FEWEST)
    return (*budgets, *larger[:1])


def _not_worse(challenger: Evaluation, champion: Evaluation, budget: float, loss: float) -> Check:
    what = f"Macro recall at {percent(budget)} false positives"
    ours, theirs = _at(challenger.tries, budget), _at(champion.tries, budget)
    if ours.rows < FEWEST:
        return Check(None, f"{what}: not measured, as that is {ours.rows:.1f} rows here; it takes {FEWEST:.0f}.")
    return _compare(what, ours.macro_recall, theirs.macro_recall, loss)


def _hits_not_worse(challenger: Evaluation, champion: Evaluation, budget: float, loss: float) -> Check:
    what = f"Hits stopped at {percent(budget)} refused logins"
    if not challenger.hits or not champion.hits:
        return Check(None, f"{what}: not measured, as the rows hold no guess that was right.")
    ours, theirs = _at(challenger.hits, budget), _at(champion.hits, budget)
    if ours.rows < FEWEST:
        return Check(None, f"{what}: not measured, as that is {ours.rows:.1f} rows here; it takes {FEWEST:.0f}.")
    return _compare(what, ours.recall, theirs.recall, loss)


def _compare(what: str, ours: float, theirs: float, loss: float) -> Check:
    figures = f"{what}: {percent(ours)}, the champion's {percent(theirs)}"
    points = f"{loss * 100:.3g}"
    unit = "point" if points == "1" else "points"
    return Check(ours >= theirs - loss - _ROUNDING, f"{figures}; it may lose {points} {unit}.")


def _is_probability(head: str, ece: float, most: float) -> Check:
    return Check(ece <= most, f"Calibration error of the {head} score: {ece:.4f}; at most {most:.4g}.")


def _spares_owners(challenger: Evaluation, champion: Evaluation | None, limits: Limits) -> Check:
    ours = challenger.own.established
    what = "Refused logins of established pairs"
    if ours is None:
        return Check(None, f"{what}: not measured, as the rows hold none.")
    theirs = champion.own.established if champion is not None else None
    if theirs is None:
        most = limits.established_first
        return Check(ours <= most, f"{what}: {percent(ours)}; at most {percent(most)} without a champion.")
    luck = LUCK / max(challenger.rows.established, 1)
    most = max(theirs * limits.established_ratio, limits.established_least, luck)
    return Check(
        ours <= most + _ROUNDING,
        f"{what}: {percent(ours)}, the champion's {percent(theirs)}; at most {percent(most)}.",
    )


def _beats_rules(challenger: Evaluation, rules: Evaluation, budgets: Sequence[float]) -> Check:
    budgets = [each for each in budgets if _at(challenger.tries, each).rows >= FEWEST] or list(budgets)
    pairs = [(_at(challenger.tries, each).macro_recall, _at(rules.tries, each).macro_recall) for each in budgets]
    passed = all(ours >= theirs for ours, theirs in pairs) and any(ours > theirs for ours, theirs in pairs)
    figures = ", ".join(
        f"{percent(ours)} to {percent(theirs)} at {percent(budget)}"
        for budget, (ours, theirs) in zip(budgets, pairs, strict=True)
    )
    return Check(passed, f"Macro recall against the rules alone: {figures}; it has to be better and nowhere worse.")


def _gets_right(canned: Sequence[Canned], *, attack: bool) -> Check:
    cases = [case for case in canned if case.attack == attack]
    what = "Known attacks recognised" if attack else "Innocent oddities left alone"
    if not cases:
        return Check(False, f"{what}: there was no case to try.")  # noqa: FBT003
    wrong = [f"{case.name} ({case.score:.3f}, threshold {case.threshold:.3f})" for case in cases if not case.passed]
    missed = f"; not {', '.join(wrong)}" if wrong else ""
    return Check(not wrong, f"{what}: {len(cases) - len(wrong)} of {len(cases)}{missed}.")


def _at(measured: Sequence[AtBudget], budget: float) -> AtBudget:
    for each in measured:
        if each.budget == budget:
            return each
    raise ValueError(f"recall was not measured at a budget of {budget:g}")
