# SPDX-License-Identifier: Apache-2.0
"""What travels over HTTP about distributed attacks, beside what their desk answers itself."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from nacre.attempt import Name
from nacre.campaign.measure import Measure, Scope, State
from nacre.campaign.picture import AttackedAccount, Campaign, Picture, Signals, Taken
from nacre.campaign_desk import LONGEST, MOST_ADDRESSES


class ThreatBody(msgspec.Struct, kw_only=True):
    """How grave the attacks on the whole installation are, and what that is made of."""

    time: Annotated[float, Meta(description="Unix seconds at which this was seen; 0 if nobody has watched yet.")]
    level: Annotated[float, Meta(description="0 to 1.")]
    band: Annotated[str, Meta(description="normal, moderate, high or severe.")]
    reasons: tuple[str, ...]
    signals: Annotated[tuple[Signals, ...], Meta(description="What came within some windows, the shortest first.")]
    accounts: Annotated[tuple[AttackedAccount, ...], Meta(description="Accounts under attack, the worst first.")]
    campaigns: Annotated[int, Meta(description="Campaigns that run.")]

    @classmethod
    def of(cls, picture: Picture) -> ThreatBody:
        """Return a picture as it is told."""
        return cls(
            time=picture.time,
            level=picture.threat.level,
            band=picture.threat.band,
            reasons=picture.threat.reasons,
            signals=picture.signals,
            accounts=picture.accounts,
            campaigns=sum(1 for campaign in picture.campaigns if not campaign.ended),
        )


class CampaignBody(msgspec.Struct, kw_only=True):
    """Sources that attack together."""

    id: str
    kind: Annotated[str, Meta(description="guessing, spraying, stuffing or enumeration.")]
    technique: Annotated[str, Meta(description="MITRE ATT&CK's number of it.")]
    since: Annotated[float, Meta(description="Unix seconds of its first attempt.")]
    last: Annotated[float, Meta(description="Unix seconds of its last attempt.")]
    ended: Annotated[float, Meta(description="Unix seconds at which it was over; 0 while it runs.")]
    attempts: int
    sources: Annotated[int, Meta(description="Distinct addresses.")]
    subnets: int
    accounts: Annotated[int, Meta(description="Distinct targets.")]
    shares: Annotated[tuple[str, ...], Meta(description="What its sources have in common.")]
    targets: Annotated[tuple[str, ...], Meta(description="The accounts that it tries most.")]
    taken: Annotated[tuple[Taken, ...], Meta(description="Logins among its attempts: look at these accounts first.")]

    @classmethod
    def of(cls, campaign: Campaign) -> CampaignBody:
        """Return a campaign as it is told."""
        return cls(
            kind=campaign.kind.value,
            technique=campaign.technique,
            **{name: getattr(campaign, name) for name in cls.__struct_fields__ if name not in {"kind", "technique"}},
        )


class CampaignList(msgspec.Struct):
    """Campaigns that run, or ended within a day, the latest first."""

    campaigns: list[CampaignBody]


class HarmBody(msgspec.Struct, kw_only=True):
    """How many of the recent good logins a measure would have met."""

    touched: int
    of: Annotated[int, Meta(description="Good logins looked at.")]
    share: Annotated[float, Meta(description="A careful estimate, 0 to 1.")]


class MeasureBody(msgspec.Struct, kw_only=True):
    """A step against an attack."""

    id: str
    step: Annotated[str, Meta(description="monitor, challenge, delay, rate_limit, block or threshold.")]
    state: Annotated[str, Meta(description="proposed, active or ended.")]
    scope: Annotated[Scope, Meta(description="Whom it meets: whoever fits all that is named.")]
    since: Annotated[float, Meta(description="Unix seconds.")]
    until: Annotated[float, Meta(description="Unix seconds.")]
    owner: Annotated[str, Meta(description="Who answers for it: nacre, or whoever started or confirmed it.")]
    reason: str
    campaign: Annotated[str, Meta(description="The campaign that it answers; empty for none.")]
    delay: Annotated[float, Meta(description="Seconds to wait; 0 leaves it to the settings.")]
    per_minute: Annotated[int, Meta(description="Attempts per address, for rate_limit.")]
    threshold: Annotated[float, Meta(description="Least score that is challenged, for threshold.")]
    harm: HarmBody | None
    stopped_by: Annotated[str, Meta(description="Who ended it before its time; empty if nobody did.")]

    @classmethod
    def of(cls, measure: Measure, now: float) -> MeasureBody:
        """Return a measure as it is told; one whose time is over has ended, whether or not somebody noted that."""
        harm, over = measure.harm, measure.state is State.ACTIVE and measure.until <= now
        return cls(
            id=measure.id,
            step=measure.step.value,
            state=(State.ENDED if over else measure.state).value,
            scope=measure.scope,
            since=measure.since,
            until=measure.until,
            owner=measure.owner,
            reason=measure.reason,
            campaign=measure.campaign,
            delay=measure.delay,
            per_minute=measure.per_minute,
            threshold=measure.threshold,
            harm=HarmBody(touched=harm.touched, of=harm.of, share=harm.share) if harm is not None else None,
            stopped_by=measure.stopped_by,
        )


class MeasureList(msgspec.Struct):
    """Measures, the newest first."""

    measures: list[MeasureBody]


class EstimateBody(msgspec.Struct, kw_only=True):
    """What a measure would do."""

    harm: HarmBody
    covered: Annotated[
        float | None, Meta(description="Share of its campaign's recent attempts that it would have met; null for none.")
    ]
    affordable: Annotated[float, Meta(description="Seconds that it may last within what is left of the budget.")]


class Longer(msgspec.Struct, kw_only=True):
    """How much longer."""

    seconds: Annotated[float, Meta(ge=1.0, le=LONGEST, description="From now on.")] = 3600.0


class MeasuresEnded(msgspec.Struct):
    """What a reset ended."""

    ended: Annotated[int, Meta(description="Measures.")]


class AccountReset(msgspec.Struct):
    """Whether there was anything to forget."""

    reset: bool


class TargetQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which account."""

    username: Annotated[str, Meta(min_length=1, max_length=512, description="The account, as it is typed.")]


class SimulateBody(msgspec.Struct, kw_only=True):
    """A simulated attack."""

    username: Name
    addresses: Annotated[int, Meta(ge=1, le=MOST_ADDRESSES, description="Addresses that try it, once each.")] = 20
    country: Annotated[str, Meta(max_length=2, description="Two letters from which all come; empty for none.")] = ""
