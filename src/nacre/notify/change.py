# SPDX-License-Identifier: Apache-2.0
"""What changed about attacks, as far as somebody wants to be told."""

from __future__ import annotations

import enum
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from nacre.campaign.ledger import Changes
from nacre.campaign.measure import Measure
from nacre.campaign.picture import Campaign, Picture, Taken, Threat
from nacre.config.campaigns import Band

HOUR = 3600.0


class What(enum.StrEnum):
    """What happened."""

    CAMPAIGN_BEGAN = "campaign_began"
    CAMPAIGN_ENDED = "campaign_ended"
    ACCOUNTS_TAKEN = "accounts_taken"
    MEASURES_BEGAN = "measures_began"
    MEASURES_PROPOSED = "measures_proposed"
    MEASURES_ENDED = "measures_ended"
    THREAT_ROSE = "threat_rose"
    THREAT_OVER = "threat_over"
    DRILL_FAILED = "drill_failed"


URGENT = frozenset(
    {
        What.CAMPAIGN_BEGAN,
        What.CAMPAIGN_ENDED,
        What.ACCOUNTS_TAKEN,
        What.MEASURES_BEGAN,
        What.MEASURES_PROPOSED,
        What.THREAT_ROSE,
        What.DRILL_FAILED,
    }
)
"""What is told at once; the rest waits for the digest."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something that happened.

    Attributes:
        what: Of which kind.
        key: Names it; the same after a restart, so that it is told once.
        time: Unix seconds.
        threat: How grave it is, or was before it fell.
        campaign: The campaign that it is about, ``None`` without one.
        measures: The measures that it is about.
        taken: The accounts that it is about.
        missed: What a drill missed, as sentences.
    """

    what: What
    key: str
    time: float
    threat: Threat = Threat()
    campaign: Campaign | None = None
    measures: tuple[Measure, ...] = ()
    taken: tuple[Taken, ...] = ()
    missed: tuple[str, ...] = ()


def drill_failed(missed: tuple[str, ...], time: float) -> Change:
    """
    Return that attacks would get through.

    Args:
        missed: What the drill missed, as sentences.
        time: Unix seconds.
    """
    return Change(what=What.DRILL_FAILED, key=_key(What.DRILL_FAILED, f"{time:.0f}"), time=time, missed=missed)


def changes_between(before: Picture, after: Picture, planned: Changes | None = None) -> list[Change]:
    """
    Return what changed from one picture to the next, and with the measures.

    Args:
        before: What was seen last; an empty picture after a start.
        after: What is seen now.
        planned: What became of measures in between, ``None`` for nothing.
    """
    threat = max(before.threat, after.threat, key=lambda each: each.level)
    told = [*_about_threat(before, after), *_about_campaigns(before, after, threat)]
    if planned:
        running = {each.id: each for each in after.campaigns}
        parts = (
            (What.MEASURES_BEGAN, planned.begin),
            (What.MEASURES_PROPOSED, planned.propose),
            (What.MEASURES_ENDED, planned.end),
        )
        for what, measures in parts:
            for campaign, group in _by_campaign(measures).items():
                told.append(
                    Change(
                        what=what,
                        key=_key(what, *(each.id for each in group)),
                        time=after.time,
                        threat=threat,
                        campaign=running.get(campaign),
                        measures=tuple(group),
                    )
                )
    return told


def _about_threat(before: Picture, after: Picture) -> Iterator[Change]:
    was, now = Band(before.threat.band), Band(after.threat.band)
    bands = list(Band)
    if bands.index(now) > bands.index(was):
        key = _key(What.THREAT_ROSE, now, f"{after.time // HOUR:.0f}")
        yield Change(what=What.THREAT_ROSE, key=key, time=after.time, threat=after.threat)
    elif now is Band.NORMAL and was is not Band.NORMAL:
        key = _key(What.THREAT_OVER, f"{after.time // HOUR:.0f}")
        yield Change(what=What.THREAT_OVER, key=key, time=after.time, threat=before.threat)


def _about_campaigns(before: Picture, after: Picture, threat: Threat) -> Iterator[Change]:
    known = {each.id: each for each in before.campaigns}
    for campaign in after.campaigns:
        was = known.get(campaign.id)
        if was is None and not campaign.ended:
            yield _about(What.CAMPAIGN_BEGAN, campaign, after, threat)
        seen = {each.request_id for each in was.taken} if was else set()
        taken = tuple(each for each in campaign.taken if each.request_id not in seen)
        if taken:
            key = _key(What.ACCOUNTS_TAKEN, campaign.id, *(each.request_id for each in taken))
            change = _about(What.ACCOUNTS_TAKEN, campaign, after, threat)
            yield msgspec.structs.replace(change, key=key, taken=taken)
        if campaign.ended and was is not None and not was.ended:
            yield _about(What.CAMPAIGN_ENDED, campaign, after, threat)


def _about(what: What, campaign: Campaign, after: Picture, threat: Threat) -> Change:
    return Change(what=what, key=key_of(what, campaign.id), time=after.time, threat=threat, campaign=campaign)


def key_of(what: What, campaign: str) -> str:
    """Return the key under which the beginning or the end of a campaign is told."""
    return _key(what, campaign)


def _by_campaign(measures: Iterable[Measure]) -> dict[str, list[Measure]]:
    groups: defaultdict[str, list[Measure]] = defaultdict(list)
    for measure in measures:
        groups[measure.campaign].append(measure)
    return groups


def _key(what: What, *parts: str) -> str:
    packed = msgspec.msgpack.encode((what, *parts))
    return f"n-{hashlib.blake2b(packed, digest_size=8).hexdigest()}"
