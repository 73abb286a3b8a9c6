# SPDX-License-Identifier: Apache-2.0
"""Which rules watch which attempts, and for which subjects."""

from __future__ import annotations

import pytest
from builders import fields, rule

from nacre.account import AccountNames
from nacre.attempt import Attempt, admit
from nacre.config.duration import Duration
from nacre.config.tree import Rule, Subject
from nacre.entity import RESERVED_TAGS
from nacre.errors import SettingsError
from nacre.identity import Identity
from nacre.rules.rule import Bucket, Kind, RuleBook, tag_of

V4, V6 = "192.0.2.7", "2001:db8::7"


def attempt(address: str = V4, name: str = "erika", **more: object) -> Attempt:
    """An attempt at the door."""
    return admit(
        fields(address, name, **more), names=AccountNames(), identity=Identity(b"k" * 32), now=0.0, request_id="r"
    )


def watched(book: RuleBook, one: Attempt) -> list[tuple[Kind, int, list[str]]]:
    """What a book watches of an attempt, in words."""
    return [(kind, prefix, [bucket.rule.name for bucket in buckets]) for kind, prefix, buckets in book.watches(one)]


def book(*rules: Rule) -> RuleBook:
    """A book for which a /64 is one client."""
    return RuleBook(rules, origin_prefix6=64)


def test_origin_and_account_are_read_whether_a_rule_counts_them_or_not() -> None:
    """
    Tolerations live in the origin, known places in the account; both speak for an attempt.
    """
    assert watched(book(), attempt()) == [(Kind.ORIGIN, 32, []), (Kind.ACCOUNT, 0, [])]
    assert watched(book(), attempt(V6)) == [(Kind.ORIGIN, 64, []), (Kind.ACCOUNT, 0, [])]
    assert watched(book(), attempt(name="")) == [(Kind.ORIGIN, 32, [])]


def test_each_subject_has_the_rules_that_count_it() -> None:
    """
    A rule about the whole origin shares its value; others have subjects of their own, in configured order.
    """
    ours = book(
        rule("network", cidr=24),
        rule("address", cidr=32),
        rule("account", subject=Subject.ACCOUNT),
        rule("pair", subject=Subject.ACCOUNT_SUBNET, cidr=24),
        rule("device", subject=Subject.CLIENT),
        rule("day", cidr=32, period=86_400),
        rule("six", ipv6=True, cidr=64),
        rule("six_wide", ipv6=True, cidr=48),
    )

    assert watched(ours, attempt(client_id="phone")) == [
        (Kind.ORIGIN, 32, ["address", "day"]),
        (Kind.ACCOUNT, 0, ["account"]),
        (Kind.SUBNET, 24, ["network"]),
        (Kind.PAIR, 24, ["pair"]),
        (Kind.CLIENT, 0, ["device"]),
    ]
    assert watched(ours, attempt(V6, name="")) == [(Kind.ORIGIN, 64, ["six"]), (Kind.SUBNET, 48, ["six_wide"])]


@pytest.mark.parametrize(
    ("protocol", "oidc_cid", "counting"),
    [
        ("imap", "", ["all", "imap"]),
        ("smtp", "", ["all"]),
        ("", "", ["all"]),  # an attempt without a protocol is in no list
        ("IMAP", "", ["all"]),  # names are compared as they are
        ("", "shop", ["all", "shop"]),
        ("imap", "shop", ["all", "imap", "shop", "both"]),
    ],
)
def test_filters_choose_by_protocol_and_oidc_client(protocol: str, oidc_cid: str, counting: list[str]) -> None:
    """
    A rule with a filter neither counts nor refuses anything else.
    """
    ours = book(
        rule("all"),
        rule("imap", filter_by_protocol=("imap", "pop3")),
        rule("shop", filter_by_oidc_cid=("shop",)),
        rule("both", filter_by_protocol=("imap",), filter_by_oidc_cid=("shop",)),
    )

    assert watched(ours, attempt(protocol=protocol, oidc_cid=oidc_cid))[0] == (Kind.ORIGIN, 32, counting)


def test_protocols_that_no_rule_names_do_not_fill_the_memory() -> None:
    """
    A caller may send any text as protocol; the kept answers are as many as the filters can tell apart.
    """
    ours = book(rule("imap", filter_by_protocol=("imap",)))

    answers = {id(ours.watches(attempt(protocol=f"p{number}"))) for number in range(1000)}

    assert len(answers) == 1


def test_a_window_belongs_to_the_name_of_its_rule() -> None:
    """
    Limits and periods may change and the order of rules too; what was counted stays with the rule.
    """
    assert Bucket.of(rule("r", limit=5)).tag == Bucket.of(rule("r", limit=9, period=60)).tag == tag_of("r")
    assert all(tag_of(f"r{number}") >= RESERVED_TAGS for number in range(1000))


def test_rules_that_the_store_could_not_tell_apart_are_refused() -> None:
    """
    Two rules on one counter would trip for each other; the operator hears of it at the start.
    """
    one, other = "vphfwhn", "johvytl"  # 0xf86970d8 and 0xf86970c8: apart only in the bit that every rule's tag has set

    with pytest.raises(SettingsError, match="rename one"):
        book(rule(one), rule(other))


@pytest.mark.parametrize(
    ("factor", "longest", "memory"), [(1.0, 86_400, 600.0), (2.0, 86_400, 86_400.0), (2.0, 60, 600.0)]
)
def test_how_long_a_ban_is_remembered(factor: float, longest: float, memory: float) -> None:
    """
    As long as the longest ban where bans are lengthened, else one period: then the budget is fresh anyway.
    """
    bucket = Bucket.of(rule(period=600, ban_time=Duration(60), ban_time_factor=factor, max_ban_time=Duration(longest)))

    assert bucket.memory == memory
