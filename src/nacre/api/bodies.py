# SPDX-License-Identifier: Apache-2.0
"""What travels over HTTP, as types: they are decoded into, encoded from, and published as OpenAPI."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from nacre.address import format_address
from nacre.attempt import AttemptFields, Name
from nacre.config.duration import Duration
from nacre.config.tree import Feature
from nacre.decision import Block, Decision
from nacre.record import AuditEntry, Record
from nacre.rules.toleration import Toleration

Moment = Annotated[float, Meta(ge=0, le=2**33)]
Ip = Annotated[str, Meta(max_length=64, description="An IPv4 or IPv6 address.")]


class AttemptBody(AttemptFields, kw_only=True, omit_defaults=True, gc=False):
    """An attempt with its outcome, for callers that learn the outcome first."""

    success: Annotated[bool, Meta(description="What the backend said.")]


class ReportBody(AttemptFields, kw_only=True, omit_defaults=True, gc=False):
    """What became of an attempt: the request id of its check, or the attempt's fields."""

    client_ip: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET  # type: ignore[assignment]
    username: Name | UnsetType = UNSET  # type: ignore[assignment]
    success: Annotated[bool, Meta(description="What the backend said.")]
    feature: Annotated[
        Feature | UnsetType, Meta(description="The check that turned the attempt away, if it was not the backend.")
    ] = UNSET


class ReceiptBody(msgspec.Struct):
    """What became of a report."""

    request_id: str
    counted: Annotated[bool, Meta(description="Whether it changed any count.")]
    why: Annotated[str, Meta(description="`counted`, or why it did not count.")]


class BlockBody(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One block in force."""

    rule: str
    since: Annotated[float, Meta(description="Unix seconds.")]
    until: Annotated[float, Meta(description="Unix seconds.")]
    reason: str
    subnet: str = ""
    account: str = ""
    client: str = ""
    strikes: int = 0

    @classmethod
    def of(cls, block: Block) -> BlockBody:
        """Return a block as it is listed."""
        parts = {
            "rule": block.rule,
            "since": block.since,
            "until": block.until,
            "reason": block.reason,
            "strikes": block.strikes,
        }
        if block.kind == "account+subnet":
            account, _, subnet = block.subject.rpartition(" from ")
            return cls(account=account, subnet=subnet, **parts)  # type: ignore[arg-type]
        return cls(**{block.kind: block.subject}, **parts)  # type: ignore[arg-type]


class BlockList(msgspec.Struct):
    """Blocks in force, the newest first."""

    blocks: list[BlockBody]
    total: Annotated[int, Meta(description="How many there are, on this page and on others.")]


class Lifted(msgspec.Struct):
    """Blocks that were lifted."""

    lifted: int
    blocks: list[BlockBody]


class BlockFilter(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which blocks are meant; what is left out does not narrow, and what is given narrows together."""

    ip: Annotated[Ip, Meta(description="Blocks of any subnet that holds this address, or of accounts there.")] = ""
    subnet: Annotated[str, Meta(max_length=64, description="Blocks of exactly this subnet, or of accounts there.")] = ""
    account: Annotated[Name, Meta(description="Blocks of this account, from wherever.")] = ""
    client: Annotated[Name, Meta(description="Blocks of this device, the `client_id` as it was sent.")] = ""
    rule: Annotated[str, Meta(max_length=128, description="Blocks of this rule; `*` is every rule.")] = ""


class BlockChoice(BlockFilter, kw_only=True, forbid_unknown_fields=True):
    """Which blocks to lift; something has to be named."""

    all: Annotated[bool, Meta(description="Every block, as `rule=*`.")] = False


class BlockPage(BlockFilter, kw_only=True, forbid_unknown_fields=True):
    """Which blocks are meant, and how many of them."""

    search: Annotated[str, Meta(max_length=128, description="Text in the subject or rule.")] = ""
    at: Annotated[Moment | UnsetType, Meta(description="Unix seconds of being in force; now, if left out.")] = UNSET
    limit: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    offset: Annotated[int, Meta(ge=0)] = 0


class IpQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One address."""

    ip: Annotated[str, Meta(min_length=1, max_length=64, description="An IPv4 or IPv6 address.")]
    at: Annotated[Moment | UnsetType, Meta(description="Unix seconds; now, if left out.")] = UNSET


class Buckets(msgspec.Struct):
    """Names of the rules that block an address, or null."""

    buckets: list[str] | None


class TolerationBody(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Failures forgiven beside the successes of an address or network."""

    ip_address: Annotated[str, Meta(max_length=64, description="Address or network in CIDR notation.")]
    tolerate_percent: Annotated[int, Meta(ge=0, le=100, description="Failures forgiven, in percent of the successes.")]
    tolerate_ttl: Annotated[
        str, Meta(max_length=32, description='How far back logins count, and how long the entry stands: "24h".')
    ]


class TolerationsBody(msgspec.Struct, omit_defaults=True, kw_only=True):
    """One toleration, or `tolerations` that replace all others that were set at run time."""

    ip_address: Annotated[str, Meta(max_length=64, description="Address or network in CIDR notation.")] = ""
    tolerate_percent: Annotated[
        Annotated[int, Meta(ge=0, le=100)] | UnsetType,
        Meta(description="Failures forgiven, in percent of the successes."),
    ] = UNSET
    tolerate_ttl: Annotated[
        Annotated[str, Meta(max_length=32)] | UnsetType,
        Meta(description='How far back logins count, and how long the entry stands: "24h".'),
    ] = UNSET
    tolerations: Annotated[list[TolerationBody] | UnsetType, Meta(description="The whole list, instead of one.")] = (
        UNSET
    )


class TolerationEntry(msgspec.Struct, omit_defaults=True, kw_only=True):
    """A toleration in force."""

    ip_address: str
    tolerate_percent: int
    tolerate_ttl: str
    adaptive_toleration: bool = False
    expires: Annotated[float, Meta(description="Unix seconds; missing if it stands in the settings.")] = 0.0

    @classmethod
    def of(cls, entry: Toleration) -> TolerationEntry:
        """Return a toleration as it is listed."""
        subnet = str(entry.subnet)
        return cls(
            ip_address=subnet.rpartition("/")[0] if entry.subnet.is_host else subnet,
            tolerate_percent=entry.terms.percent,
            tolerate_ttl=str(Duration(entry.terms.ttl)),
            adaptive_toleration=entry.terms.adaptive,
            expires=entry.expires or 0.0,
        )


class TolerationList(msgspec.Struct):
    """Tolerations in force."""

    tolerations: list[TolerationEntry]


class TolerationName(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which toleration."""

    ip_address: Annotated[str, Meta(max_length=64, description="Address or network, as it was set.")] = ""
    ip: Annotated[str, Meta(max_length=64, description="The same, under its short name.")] = ""


class Deleted(msgspec.Struct):
    """Whether there was something to delete."""

    deleted: bool


class Counters(msgspec.Struct):
    """Logins of an address within the ttl of its toleration, under both families of labels."""

    total: int
    failed: int
    positive: int
    negative: int


class DecisionBody(msgspec.Struct, kw_only=True):
    """A decision with all that it was made of."""

    decision: Decision
    attempt: dict[str, Any]
    counts: Annotated[dict[str, int], Meta(description="Rule to failures within its period, before this attempt.")]
    exemption: str
    success: Annotated[bool | None, Meta(description="What the backend said; null until it is reported.")]
    reported: float | None

    @classmethod
    def of(cls, record: Record) -> DecisionBody:
        """Return a kept decision as operators see it: no digests, and headers by name only."""
        attempt = record.attempt
        shown = {
            name: getattr(attempt, name)
            for name in attempt.__struct_fields__
            if name not in {"address", "account_key", "client_key", "token", "headers"}
            and getattr(attempt, name) not in ("", {}, (), None, 0)
        }
        shown |= {"client_ip": format_address(attempt.address), "headers": sorted(attempt.headers)}
        return cls(
            decision=record.decision,
            attempt=shown,
            counts=record.counts,
            exemption=record.exemption,
            success=record.accepted,
            reported=record.reported or None,
        )


class Health(msgspec.Struct):
    """Whether the service can answer."""

    status: str
    store: str
    spooled: int = 0
    blocks: int = 0


class ConfigBody(msgspec.Struct):
    """The settings in force."""

    settings: dict[str, Any]
    explained: list[str]


class AuditQuery(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How many entries."""

    count: Annotated[int, Meta(ge=1, le=10_000)] = 100


class AuditList(msgspec.Struct):
    """Who changed what, the newest first."""

    entries: list[AuditEntry]


class RevokeBody(msgspec.Struct, forbid_unknown_fields=True):
    """A token, or the id of one."""

    token: Annotated[str, Meta(min_length=1, max_length=16_384)]


class Revoked(msgspec.Struct):
    """The token that holds no more."""

    id: str
    until: Annotated[float, Meta(description="Unix seconds at which it would have ended.")]
