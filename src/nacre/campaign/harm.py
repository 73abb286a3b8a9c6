# SPDX-License-Identifier: Apache-2.0
"""
What a measure does to those who sign in rightly, and whether that is within the budget.

The budget is a share of a day's good logins.  A measure that makes one login in a hundred show that it is no robot may
last for a hundredth of a day and stays within a budget of one in ten thousand.  What refuses is not weighed by time:
its whole share has to be within the budget.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from nacre.campaign.columns import Columns
from nacre.campaign.measure import EXPECTED_WEIGHT, OURS, Harm, Measure, Scope, State, Step
from nacre.campaign.pace import beyond
from nacre.campaign.people import People

DAY = 86_400.0


REFUSING = frozenset({Step.BLOCK, Step.RATE_LIMIT})
"""Steps that turn attempts away."""

NEW_SOURCES, STRANGERS = 0.01, 0.05
"""Shares of good logins that are expected from new sources, and from origins that are new to their account."""

UNLIKE, UNLIKE_EITHER, NEVER = 0.45, 0.7, 0.02
"""
Shares of strangers that are expected to come with one thing new to their account (system, client, country), with one of
two, and without any login before or the password of the last one.
"""

STRANGERS_WEIGHT = 20
"""Good logins of strangers that such an expectation weighs as much as."""

FEW = 10
"""Accounts under attack whose strangers may all be asked for something else, without a thought to travellers."""


class Crowd(NamedTuple):
    """
    The good logins by which an expectation is made.

    Attributes:
        strangers: How many of them were from origins new to their account.
        named: Share of them on the accounts that a scope names, 0-1.
    """

    strangers: int = 0
    named: float = 0.0

    @classmethod
    def of(cls, people: People, scope: Scope, *, refuses: bool = False) -> Crowd:
        """
        Return that of good logins.

        Args:
            people: They.
            scope: Whom a measure is for.
            refuses: Whether it refuses: it is judged by all of them, others by the later half.
        """
        named = people.share(scope.accounts) if len(scope.accounts) > FEW else 0.0
        return cls(len(people.strangers if refuses else people.lately), named)


def expected(step: Step, scope: Scope, crowd: Crowd | None = None) -> float:
    """
    Return the share of good logins that a measure meets, as far as that can be told before looking at their origins.

    Args:
        step: What it does.
        scope: Whom it is for.
        crowd: The good logins that there are, none if left out.

    >>> expected(Step.CHALLENGE, Scope(accounts=("erika",))), expected(Step.CHALLENGE, Scope(unknown_origins=False))
    (0.0, 1.0)
    """
    crowd = crowd or Crowd()
    if step in {Step.MONITOR, Step.RATE_LIMIT} or scope.subnets or 0 < len(scope.accounts) <= FEW:
        return 0.0
    if not scope.unknown_origins:
        return 1.0
    unlike = _unlike(scope.except_own)
    if scope.accounts:
        return STRANGERS * crowd.named * unlike
    beside = scope.except_subnets or scope.except_asns or scope.except_countries
    narrowed = scope.new_sources or scope.asns or scope.countries or scope.least_score or beside
    share = NEW_SOURCES if narrowed or step is Step.THRESHOLD else STRANGERS
    if scope.except_own:
        weight = STRANGERS_WEIGHT * (crowd.strangers + 1) / (crowd.strangers + STRANGERS_WEIGHT)
        share = min(share, unlike * weight / EXPECTED_WEIGHT)
    return share


@lru_cache(maxsize=64)
def _unlike(spared: tuple[str, ...]) -> float:
    """Return the share of strangers that are expected to have nothing of what is spared, 0-1."""
    if {"history", "password"} & set(spared):
        return NEVER
    things = [entry.replace("password+", "") for entry in spared]
    unlike = math.prod(UNLIKE_EITHER if "+" in thing else UNLIKE for thing in things)
    return min(unlike + NEVER * any("password" in entry for entry in spared), 1.0)


def estimate(measure: Measure, people: People) -> Harm:
    """
    Return how many of the recent good logins a measure would have met.

    Of a limit per address, that is what lay beyond it; where there is a sample of them, as much at least.

    Args:
        measure: Of any state.
        people: The good logins.

    Raises:
        ValueError: the scope names a subnet that is none, or excepts what accounts have not.
    """
    step, scope, refuses = measure.step, measure.scope, measure.step in REFUSING
    total = len(people.good if refuses else people.recent)
    if step is Step.MONITOR:
        return Harm(0, total)
    if scope.unknown_origins:
        good = people.strangers if refuses else people.lately
    else:
        good = Columns(people.good if refuses else people.recent)
    met = good.met(scope)
    if step is Step.THRESHOLD:
        met &= good.met(Scope(unknown_origins=False, least_score=measure.threshold))
    touched = int(met.sum())
    if step is Step.RATE_LIMIT:
        touched = len(beyond(compress(good.seen, met), measure.per_minute))
    return Harm(touched, total, expected(step, scope, Crowd.of(people, scope, refuses=refuses)))


def spent(measures: Iterable[Measure], now: float) -> float:
    """
    Return the share of a day's good logins that measures nobody asked for take up.

    Args:
        measures: The active ones, and those that ended within a day.
        now: Unix seconds.
    """
    return sum(
        each.harm.share * max(each.until - max(each.since, now - DAY), 0.0) / DAY
        for each in measures
        if each.harm is not None and each.owner == OURS and each.state is not State.PROPOSED
    )


def affordable(step: Step, harm: Harm, left: float, budget: float) -> float:
    """
    Return for how many seconds a measure may last.

    Args:
        step: What it does.
        harm: As estimated.
        left: Share of a day's good logins that is left of the budget, 0-1.
        budget: The whole of it.

    >>> affordable(Step.CHALLENGE, Harm(200, 19_900), left=0.0001, budget=0.0001)
    864.0
    >>> affordable(Step.BLOCK, Harm(200, 19_900), left=0.0001, budget=0.0001)
    0.0
    """
    share = harm.share
    if step in REFUSING and share > budget:
        return 0.0
    return max(left, 0.0) * DAY / share if share else math.inf
