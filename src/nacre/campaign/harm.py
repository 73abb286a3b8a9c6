# SPDX-License-Identifier: Apache-2.0
"""
What a measure does to those who sign in rightly, and whether that is within the budget.

The budget is a share of a day's good logins.  A measure that makes one login in a hundred show that it is no robot may
last for a hundredth of a day and stays within a budget of one in ten thousand.  What refuses is not weighed by time:
its whole share has to be within the budget.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from nacre.campaign.measure import OURS, Harm, Measure, Scope, State, Step
from nacre.campaign.pace import Pace
from nacre.campaign.reach import Reach
from nacre.campaign.sighting import Sighting

DAY = 86_400.0

REFUSING = frozenset({Step.BLOCK, Step.RATE_LIMIT})
"""Steps that turn attempts away."""

NEW_SOURCES, STRANGERS = 0.01, 0.05
"""Shares of good logins that are expected from new sources, and from origins that are new to their account."""


def expected(step: Step, scope: Scope) -> float:
    """
    Return the share of good logins that a measure meets, as far as that can be told before looking at any.

    >>> expected(Step.CHALLENGE, Scope(accounts=("erika",))), expected(Step.CHALLENGE, Scope(unknown_origins=False))
    (0.0, 1.0)
    """
    if step in {Step.MONITOR, Step.RATE_LIMIT} or scope.accounts or scope.subnets:
        return 0.0
    if not scope.unknown_origins:
        return 1.0
    beside = scope.except_subnets or scope.except_asns or scope.except_countries
    narrowed = scope.new_sources or scope.asns or scope.countries or scope.least_score or beside
    return NEW_SOURCES if narrowed or step is Step.THRESHOLD else STRANGERS


def estimate(measure: Measure, good: Sequence[Sighting], *, of: int | None = None) -> Harm:
    """
    Return how many of the recent good logins a measure would have met.

    Of a limit per address, that is what lay beyond it; where *good* is a sample, as much at least.

    Args:
        measure: Of any state.
        good: Recent good logins, in the order of time; those that it cannot meet may be left out.
        of: How many there were, if some were left out.

    Raises:
        ValueError: the scope names a subnet that is none.
    """
    total = len(good) if of is None else of
    if measure.step is Step.MONITOR:
        return Harm(0, total)
    meets = Reach(measure.scope).meets
    met = [seen for seen in good if meets(seen)]
    if measure.step is Step.THRESHOLD:
        met = [seen for seen in met if seen.score >= measure.threshold]
    if measure.step is Step.RATE_LIMIT:
        pace = Pace()
        met = [seen for seen in met if pace.count(seen.address, seen.time) > measure.per_minute]
    return Harm(len(met), total, expected(measure.step, measure.scope))


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
