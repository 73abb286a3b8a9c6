# SPDX-License-Identifier: Apache-2.0
"""
Changes in words, and as JSON.

User names are what strangers typed: they stand in no subject, are escaped in texts, and only those of accounts that
were probably taken are told at all.  Who is being tried may be a password in the wrong field.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from nacre.campaign.measure import Measure, Scope
from nacre.campaign.picture import Campaign
from nacre.notify.change import Change, What

MOST_LISTED = 20
"""Accounts, measures or changes that one message lists."""

PREFIX = "[nacre] "
"""Begins every subject."""

MOST_NAME = 64
"""Characters of a user name."""

MOST_SENTENCE = 300
"""Characters of a reason."""


class Message(msgspec.Struct, frozen=True, array_like=True):
    """
    What is sent.

    Attributes:
        key: Names it; a receiver who gets it twice knows it by this.
        time: Unix seconds of what it tells.
        subject: One line of ASCII.
        text: For people.
        body: JSON, for programs.
    """

    key: str
    time: float
    subject: str
    text: str
    body: bytes


_CAMPAIGN = ("id", "kind", "technique", "since", "last", "attempts", "sources", "subnets", "accounts", "ended")
"""What programs are told of a campaign; not whom it tries, nor what its sources share."""

_SUBJECTS = {
    What.CAMPAIGN_BEGAN: "attack begun",
    What.CAMPAIGN_ENDED: "attack over",
    What.ACCOUNTS_TAKEN: "accounts probably taken",
    What.MEASURES_BEGAN: "measures begun",
    What.MEASURES_PROPOSED: "measures wait for your consent",
    What.MEASURES_ENDED: "measures ended",
    What.THREAT_ROSE: "threat is",
    What.THREAT_OVER: "threat is over",
    What.DRILL_FAILED: "a drill failed",
}


def message(change: Change) -> Message:
    """
    Return what is sent of a change.

    >>> message(Change(what=What.THREAT_OVER, key="n-1", time=0.0)).subject
    '[nacre] threat is over'
    """
    lines = [*_about_threat(change), *_about_campaign(change.campaign), *_about_taken(change), *_about_measures(change)]
    text = "\n".join([f"{_when(change.time)}  {_subject(change)}", "", *lines, ""])
    return Message(change.key, change.time, f"{PREFIX}{_subject(change)}", text, msgspec.json.encode(_plain(change)))


def digest(messages: Sequence[Message]) -> Message:
    """Return one message of several, in the order of time."""
    listed = sorted(messages, key=lambda each: each.time)
    packed = "".join(each.key for each in listed).encode()
    key = f"n-{hashlib.blake2b(packed, digest_size=8).hexdigest()}"
    lines = [f"{_when(each.time)}  {each.subject.removeprefix(PREFIX)}" for each in listed[:MOST_LISTED]]
    if len(listed) > MOST_LISTED:
        lines.append(f"and {len(listed) - MOST_LISTED} more; see `nacre campaigns` and `nacre measures`")
    changes = [msgspec.Raw(each.body) for each in listed[:MOST_LISTED]]
    body = msgspec.json.encode({"id": key, "type": "digest", "changes": changes, "of": len(listed)})
    text = "\n".join(["What was not sent at once:", "", *lines, ""])
    return Message(key, listed[-1].time, f"{PREFIX}digest: {len(listed)} changes", text, body)


def printable(text: str, most: int = MOST_NAME) -> str:
    r"""
    Return what may come from strangers as a text shows it: on one line, and not too long.

    >>> print(printable("root\r\nBcc: x"), printable("Jürgen"))
    root\r\nBcc: x Jürgen
    """
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:most])
    return shown if len(text) <= most else f"{shown}..."


def _subject(change: Change) -> str:
    what = _SUBJECTS[change.what]
    if change.what is What.THREAT_ROSE:
        what = f"{what} {change.threat.band}"
    if change.what is What.ACCOUNTS_TAKEN:
        what = f"{len(change.taken)} {what}"
    campaign = change.campaign
    if campaign is None:
        return what
    return f"{what}: {campaign.kind.value} from {campaign.sources} addresses ({campaign.id})"


def _about_threat(change: Change) -> Iterable[str]:
    if change.what is What.DRILL_FAILED:
        yield "These attacks of a drill would get through; see `nacre drill`:"
        yield from (f"- {printable(sentence, MOST_SENTENCE)}" for sentence in change.missed[:MOST_LISTED])
        return
    yield f"Threat: {change.threat.band} ({change.threat.level:.2f})"
    yield from (f"- {printable(reason, MOST_SENTENCE)}" for reason in change.threat.reasons[:MOST_LISTED])


def _about_campaign(campaign: Campaign | None) -> Iterable[str]:
    if campaign is None:
        return
    yield ""
    yield f"Campaign {campaign.id}: {campaign.kind.value} ({campaign.technique}) since {_when(campaign.since)}"
    yield f"- {campaign.attempts} attempts from {campaign.sources} addresses in {campaign.subnets} networks"
    yield f"- on {campaign.accounts} accounts"


def _about_taken(change: Change) -> Iterable[str]:
    if not change.taken:
        return
    yield ""
    yield "These accounts signed in from among the attackers; they are probably in other hands:"
    for each in change.taken[:MOST_LISTED]:
        yield f"- {printable(each.account)} from {each.address} at {_when(each.time)}"
    if len(change.taken) > MOST_LISTED:
        yield f"- and {len(change.taken) - MOST_LISTED} more"


def _about_measures(change: Change) -> Iterable[str]:
    if change.measures:
        yield ""
    for each in change.measures[:MOST_LISTED]:
        yield f"Measure {each.id}: {each.step.value} for {_whom(each.scope)}, until {_when(each.until)}"
        yield f"- {printable(each.reason, MOST_SENTENCE)}"
        if change.what is What.MEASURES_PROPOSED:
            yield f"- to begin it: nacre measures confirm {each.id}"


def _whom(scope: Scope) -> str:
    """Return whom a scope meets; counts stand for names."""
    named = [
        f"{len(scope.accounts)} accounts" if scope.accounts else "",
        f"{len(scope.subnets)} subnets" if scope.subnets else "",
        f"{len(scope.asns)} autonomous systems" if scope.asns else "",
        ", ".join(map(printable, scope.countries)),
        f"{len(scope.clients)} clients" if scope.clients else "",
        ", ".join(map(printable, scope.protocols)),
        "unusual places" if scope.except_subnets or scope.except_asns or scope.except_countries else "",
        "new sources" if scope.new_sources else "",
        f"scores from {scope.least_score:g}" if scope.least_score else "",
        "unknown origins" if scope.unknown_origins else "all origins",
    ]
    return "; ".join(each for each in named if each)


def _plain(change: Change) -> dict[str, object]:
    campaign = change.campaign
    told = {name: getattr(campaign, name) for name in _CAMPAIGN} if campaign else None
    return {
        "id": change.key,
        "type": change.what.value,
        "time": change.time,
        "threat": {"level": change.threat.level, "band": change.threat.band},
        "campaign": told,
        "taken": [
            {
                "account": printable(each.account, 512),
                "address": each.address,
                "time": each.time,
                "request_id": printable(each.request_id, 128),
            }
            for each in change.taken[:MOST_LISTED]
        ],
        "measures": [_measure(each) for each in change.measures[:MOST_LISTED]],
        "missed": [printable(sentence, MOST_SENTENCE) for sentence in change.missed[:MOST_LISTED]],
    }


def _measure(measure: Measure) -> dict[str, object]:
    return {
        "id": measure.id,
        "step": measure.step.value,
        "state": measure.state.value,
        "since": measure.since,
        "until": measure.until,
        "owner": printable(measure.owner),
        "reason": printable(measure.reason, MOST_SENTENCE),
        "meets": _whom(measure.scope),
        "harm": {"touched": measure.harm.touched, "of": measure.harm.of} if measure.harm else None,
    }


def _when(time: float) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
