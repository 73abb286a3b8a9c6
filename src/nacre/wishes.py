# SPDX-License-Identifier: Apache-2.0
"""Measures that a person wants: what they would be, and what they would do."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from nacre.campaign.apply import InForce
from nacre.campaign.harm import affordable, estimate, spent
from nacre.campaign.measure import Measure, Step
from nacre.campaign.people import People
from nacre.campaign.reach import Reach
from nacre.campaign.watch import Watch
from nacre.campaign_desk import LONGEST, Estimate, Wish
from nacre.config.campaigns import Measures
from nacre.errors import CampaignRefused


def wanted(
    wish: Wish, *, number: int, who: str, now: float, canonical: Callable[[str], str], settings: Measures
) -> Measure:
    """
    Return the measure that a person wants.

    Args:
        wish: As they say it.
        number: Makes its id.
        who: Who they are.
        now: Unix seconds at which it begins.
        canonical: Makes user names canonical.
        settings: ``campaigns.measures``; what a wish leaves out is as they say.

    Raises:
        CampaignRefused: ``unusable``: the scope names what is none.

    >>> from nacre.campaign.measure import Scope
    >>> wish = Wish(step=Step.RATE_LIMIT, scope=Scope(accounts=("Erika",)))
    >>> made = wanted(wish, number=3, who="max", now=0.0, canonical=str.lower, settings=Measures())
    >>> made.id, made.scope.accounts, made.per_minute, made.until
    ('o-3', ('erika',), 10, 3600.0)
    """
    scope = wish.scope
    measure = Measure(
        id=f"o-{number}",
        step=wish.step,
        scope=msgspec.structs.replace(
            scope,
            accounts=tuple(dict.fromkeys(map(canonical, scope.accounts))),
            countries=tuple(country.upper() for country in scope.countries),
        ),
        since=now,
        until=now + wish.seconds,
        owner=who,
        reason=wish.reason or f"started by {who}",
        campaign=wish.campaign,
        delay=wish.delay,
        per_minute=(wish.per_minute or settings.rate_limit) if wish.step is Step.RATE_LIMIT else 0,
        threshold=(wish.threshold or settings.ml_threshold) if wish.step is Step.THRESHOLD else 0.0,
    )
    try:
        InForce([measure], settings)
    except ValueError as error:
        raise CampaignRefused("unusable", f"scope: {error}") from error
    return measure


def estimated(measure: Measure, watch: Watch, standing: Iterable[Measure], budget: float) -> Estimate:
    """
    Return what a measure would do, by what the watch remembers.

    Args:
        measure: As it would begin.
        watch: Remembers good logins, and the attempts of campaigns.
        standing: The measures that there are.
        budget: Share of a day's good logins that measures may meet.
    """
    members = watch.members(measure.campaign) if measure.campaign else ()
    meets, harm = Reach(measure.scope).meets, estimate(measure, People(watch.good))
    left = budget - spent(standing, measure.since)
    return Estimate(
        harm=harm,
        covered=sum(map(meets, members)) / len(members) if members else None,
        affordable=min(affordable(measure.step, harm, left, budget), LONGEST),
    )
