# SPDX-License-Identifier: Apache-2.0
"""Which rules count an attempt, and which subjects they count it for."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple
from zlib import crc32

from nacre.attempt import Attempt
from nacre.config.tree import Rule, RuleAction, Subject
from nacre.decision import Block
from nacre.entity import RESERVED_TAGS
from nacre.errors import SettingsError
from nacre.window import Shape


class Kind(enum.Enum):
    """What one packed value of the store is about."""

    ORIGIN = "origin"
    """The address, or as much of an IPv6 address as stands for one client."""
    SUBNET = "subnet"
    ACCOUNT = "account"
    PAIR = "pair"
    """An account as tried from one subnet."""
    CLIENT = "client"


def tag_of(name: str) -> int:
    """
    Return the number of a rule in packed entities.

    >>> tag_of("address") == tag_of("address"), tag_of("address") >= RESERVED_TAGS
    (True, True)
    """
    return crc32(name.encode()) | RESERVED_TAGS


BY_ADDRESS = frozenset({Kind.ORIGIN, Kind.SUBNET, Kind.CLIENT})
"""Subjects that have no owner to let in."""


class Bucket(NamedTuple):
    """
    A rule, ready to count.

    Attributes:
        rule: As configured.
        tag: Number of the rule in packed entities, made of its name.
        shape: How its windows are kept.
        place: Where the rule stands among all, from 0.
    """

    rule: Rule
    tag: int
    shape: Shape
    place: int = 0

    @classmethod
    def of(cls, rule: Rule, place: int = 0) -> Bucket:
        """
        Return the bucket of a configured rule.

        >>> from nacre.config.duration import Duration
        >>> Bucket.of(Rule(name="address", period=Duration(60), failed_requests=5)).shape.cap
        5
        """
        return cls(rule, tag_of(rule.name), Shape.of(float(rule.period), rule.failed_requests), place)

    @property
    def memory(self) -> float:
        """Seconds after a ban within which the next one counts as its repetition."""
        longest = float(self.rule.max_ban_time) if self.rule.ban_time_factor > 1 else 0.0
        return max(self.shape.period, longest)

    def covers(self, attempt: Attempt) -> bool:
        """Whether the filters of the rule let this attempt count."""
        return _covers(self.rule, attempt.protocol, attempt.oidc_cid)


class Watch(NamedTuple):
    """
    One subject of an attempt, and the buckets that count it there.

    Attributes:
        kind: What the subject is.
        prefix: Bits of the address that belong to it, 0 where none do.
        buckets: Rules that count here, in configured order.
    """

    kind: Kind
    prefix: int
    buckets: tuple[Bucket, ...]

    def refuses_by_address(self, rule: str) -> bool:
        """Whether a rule of this name counts here, refuses, and does so whoever the account's owner is."""
        return self.kind in BY_ADDRESS and any(
            bucket.rule.name == rule and bucket.rule.action is RuleAction.REFUSE for bucket in self.buckets
        )


_KINDS = {
    Subject.SUBNET: Kind.SUBNET,
    Subject.ACCOUNT: Kind.ACCOUNT,
    Subject.ACCOUNT_SUBNET: Kind.PAIR,
    Subject.CLIENT: Kind.CLIENT,
}


class RuleBook:
    """
    All rules, and the answer to which of them watch an attempt.

    Args:
        rules: As configured, names unique.
        origin_prefix6: Bits of an IPv6 address that stand for one client.

    Raises:
        SettingsError: two names fall together; one has to change.
    """

    def __init__(self, rules: Iterable[Rule], *, origin_prefix6: int) -> None:
        self.buckets = tuple(Bucket.of(rule, place) for place, rule in enumerate(rules))
        self._places = {bucket.rule.name: bucket.place for bucket in self.buckets}
        if len({bucket.tag for bucket in self.buckets}) < len(self.buckets):
            raise SettingsError(
                "two rules have names that cannot be told apart; rename one", field="brute_force.buckets"
            )
        self.origin_prefix6 = origin_prefix6
        self._refusing = {b.rule.name: b.rule for b in self.buckets if b.rule.action is RuleAction.REFUSE}
        self._protocols = frozenset(name for b in self.buckets for name in b.rule.filter_by_protocol)
        self._oidc_cids = frozenset(name for b in self.buckets for name in b.rule.filter_by_oidc_cid)
        self._watches: dict[tuple[int, str, str, bool, bool], tuple[Watch, ...]] = {}

    def in_order(self, blocks: list[Block]) -> list[Block]:
        """Return blocks in the order in which their rules are configured."""
        return sorted(blocks, key=lambda block: self._places.get(block.rule, 0))

    def watches(self, attempt: Attempt) -> tuple[Watch, ...]:
        """
        Return the subjects that an attempt is counted for, the origin first.

        There are as many different answers as combinations of filters, so they are kept.
        """
        protocol = attempt.protocol if attempt.protocol in self._protocols else ""
        oidc_cid = attempt.oidc_cid if attempt.oidc_cid in self._oidc_cids else ""
        key = (len(attempt.address), protocol, oidc_cid, bool(attempt.account_key), bool(attempt.client_key))
        watches = self._watches.get(key)
        if watches is None:
            watches = self._watches[key] = self._make(attempt)
        return watches

    def refuses(self, rule: str, protocol: str, oidc_cid: str) -> bool:
        """Whether a rule of this name refuses attempts over a protocol and of an OpenID Connect client."""
        found = self._refusing.get(rule)
        return found is not None and _covers(found, protocol, oidc_cid)

    def _make(self, attempt: Attempt) -> tuple[Watch, ...]:
        address_bits = 8 * len(attempt.address)
        origin = self.origin_prefix6 if address_bits == 128 else 32
        grouped: defaultdict[tuple[Kind, int], list[Bucket]] = defaultdict(list)
        if address_bits:
            grouped[Kind.ORIGIN, origin] = []
        if attempt.account_key:
            grouped[Kind.ACCOUNT, 0] = []
        for bucket in self.buckets:
            rule, kind = bucket.rule, _KINDS[bucket.rule.subject]
            if not bucket.covers(attempt):
                continue
            if kind in {Kind.SUBNET, Kind.PAIR} and address_bits != (32 if rule.ipv4 else 128):
                continue
            if kind in {Kind.ACCOUNT, Kind.PAIR} and not attempt.account_key:
                continue
            if kind is Kind.CLIENT and not attempt.client_key:
                continue
            prefix = rule.cidr or 0
            if kind is Kind.SUBNET and prefix == origin:
                kind = Kind.ORIGIN
            grouped[kind, prefix if kind is not Kind.ACCOUNT else 0].append(bucket)
        return tuple(Watch(kind, prefix, tuple(buckets)) for (kind, prefix), buckets in grouped.items())


def _covers(rule: Rule, protocol: str, oidc_cid: str) -> bool:
    return (not rule.filter_by_protocol or protocol in rule.filter_by_protocol) and (
        not rule.filter_by_oidc_cid or oidc_cid in rule.filter_by_oidc_cid
    )
