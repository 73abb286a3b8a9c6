# SPDX-License-Identifier: Apache-2.0
"""
What operators do about distributed attacks: see them, start and stop measures, forget, rehearse.

Everything that changes something leaves an audit entry and is told to all instances.
"""

from __future__ import annotations

from typing import Annotated, Protocol

import msgspec
from msgspec import Meta

from nacre.campaign.measure import Harm, Measure, Scope, Step
from nacre.campaign.overview import Overview
from nacre.campaign.picture import Campaign, Picture

MOST_ADDRESSES = 1000
"""Addresses of a rehearsal at most."""

LONGEST = 30 * 86_400.0
"""Seconds that a measure lasts at most."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """
    A measure that an operator wants.

    Attributes:
        step: What it does.
        scope: Whom it meets.
        seconds: How long it lasts.
        reason: Sentence for other operators, ``""`` for none.
        campaign: Id of the campaign that it answers, ``""`` for none.
        delay: Seconds to wait, for ``delay``; 0 leaves it to the settings.
        per_minute: Attempts per address, for ``rate_limit``; 0 leaves it to the settings.
        threshold: Least score that is challenged, for ``threshold``; 0 leaves it to the settings.
        confirm: Whether it begins even if it is estimated to meet more good logins than the budget allows.
    """

    step: Step
    scope: Scope = Scope()
    seconds: Annotated[float, Meta(ge=1.0, le=LONGEST)] = 3600.0
    reason: Annotated[str, Meta(max_length=500)] = ""
    campaign: Annotated[str, Meta(max_length=100)] = ""
    delay: Annotated[float, Meta(ge=0.0, le=60.0)] = 0.0
    per_minute: Annotated[int, Meta(ge=0, le=100_000)] = 0
    threshold: Annotated[float, Meta(ge=0.0, le=1.0)] = 0.0
    confirm: bool = False


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a measure would do.

    Attributes:
        harm: How many of the recent good logins it would have met.
        covered: Share of its campaign's recent attempts that it would have met, 0-1; ``None`` without a campaign.
        affordable: Seconds that it may last within what is left of the day's budget of harm.
    """

    harm: Harm
    covered: float | None
    affordable: float


class Rehearsal(msgspec.Struct, frozen=True, kw_only=True):
    """
    A simulated attack, and what became of it.

    Attributes:
        username: The account that was attacked, as it was given.
        addresses: Distinct addresses that tried it, once each.
        country: Two letters, ``""`` for none.
        time: Unix seconds at which it ended.
        detected: Whether the account was seen to be under attack, or a campaign against it was named.
        recognised_by: Number of the attempt after which that was so, counted from 1; 0 for never.
        stopped: Attempts that were refused, challenged or delayed.
        overview: What was known at its end, there and nowhere else.
    """

    username: str
    addresses: int
    country: str
    time: float
    detected: bool
    recognised_by: int
    stopped: int
    overview: Overview


class CampaignDesk(Protocol):
    """
    What operators can ask and do.

    All of it raises StoreUnavailable while the store is away, and CampaignRefused, with the code named below, for what
    cannot be done; ``disabled`` if the settings do without campaigns.
    """

    async def picture(self) -> Picture:
        """Return the threat, accounts under attack and campaigns, as the watcher saw them last."""

    async def overview(self) -> Overview:
        """Return the same in the terms of Nauthilus, with what the measures in force amount to."""

    async def campaign(self, campaign_id: str) -> Campaign:
        """Return a campaign; raises CampaignRefused ``unknown_campaign``."""

    async def measures(self) -> list[Measure]:
        """Return the measures that are in force, proposed, or ended within a day, the newest first."""

    async def estimate(self, wish: Wish) -> Estimate:
        """Return what a measure would do; nothing begins."""

    async def start(self, wish: Wish, *, who: str) -> Measure:
        """
        Begin a measure everywhere.

        Raises:
            CampaignRefused: ``over_budget``: it would meet more good logins than the budget allows, and *confirm* is
                not given; ``unusable``: the scope names what is none; ``too_many``: there is no room for another one.
        """

    async def confirm(self, measure_id: str, *, who: str) -> Measure:
        """Begin a measure that was proposed; raises CampaignRefused ``unknown_measure`` or ``not_proposed``."""

    async def stop(self, measure_id: str, *, who: str) -> Measure:
        """End a measure, or turn down a proposed one; raises CampaignRefused ``unknown_measure`` or ``ended``."""

    async def extend(self, measure_id: str, seconds: float, *, who: str) -> Measure:
        """Let a measure last longer from now on; raises CampaignRefused ``unknown_measure`` or ``ended``."""

    async def reset(self, *, who: str) -> int:
        """End all measures and forget all campaigns, everywhere; returns how many measures ended."""

    async def reset_account(self, username: str, *, who: str) -> bool:
        """Forget what is known against an account, and end its measures; tells whether there was anything."""

    async def simulate(self, username: str, *, addresses: int = 20, country: str = "", who: str) -> Rehearsal:
        """
        Attack an account in a namespace of its own, from as many addresses, and return what became of it.

        The real check and report, the real watch and measures see the attack; nothing of what is live is read or
        changed, and nothing is left but the rehearsal itself, for some minutes.

        Args:
            username: Any name; an account of this name is not touched.
            addresses: How many, 1 to :data:`MOST_ADDRESSES`.
            country: Two letters, ``""`` for none.
            who: For the audit log.

        Raises:
            CampaignRefused: ``out_of_range``: a parameter cannot be used.
        """

    async def rehearsal(self, username: str) -> Rehearsal | None:
        """Return the last simulated attack on an account, ``None`` if there was none within ten minutes."""
