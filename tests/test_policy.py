# SPDX-License-Identifier: Apache-2.0
"""What the settings mean for an attempt."""

from __future__ import annotations

import pytest
from builders import fields, rule

from nacre.address import Subnet, parse_address
from nacre.attempt import Attempt, admit
from nacre.config.duration import Duration
from nacre.config.tree import Accounts, BruteForce, Feature, IpScoping, Server, Settings
from nacre.config.tree import Toleration as Configured
from nacre.identity import Identity
from nacre.policy import EXEMPT, Policy
from nacre.rules.toleration import Terms, Toleration

DAY = 86_400.0


def policy(*, server: Server | None = None, accounts: Accounts | None = None, **brute_force: object) -> Policy:
    """A policy of some settings."""
    rules = BruteForce(buckets=(rule(),), **brute_force)  # type: ignore[arg-type]
    return Policy(Settings(brute_force=rules, server=server or Server(), accounts=accounts or Accounts()))


def attempt(ours: Policy, address: str = "192.0.2.7", name: str = "erika", protocol: str = "") -> Attempt:
    """An attempt as this policy sees it."""
    sent = fields(address, name, protocol=protocol)
    return admit(sent, names=ours.names, identity=Identity(b"k" * 32), now=0.0, request_id="r")


@pytest.mark.parametrize(
    ("address", "name", "protocol", "expected"),
    [
        ("", "erika", "imap", "local_address"),
        ("127.0.0.1", "erika", "imap", "local_address"),
        ("::1", "erika", "imap", "local_address"),
        ("10.9.0.1", "erika", "imap", "proxy"),
        ("::ffff:10.9.0.1", "erika", "imap", "proxy"),
        ("198.51.100.9", "erika", "imap", "allowlisted"),
        ("2001:db8::5", "erika", "imap", "allowlisted"),
        ("203.0.113.9", "Erika", "imap", "soft_allowlisted"),
        ("203.0.113.9", "kim", "imap", None),
        ("203.0.114.9", "erika", "imap", None),
        ("192.0.2.7", "erika", "smtp", "protocol_not_guarded"),
        ("192.0.2.7", "erika", "", "protocol_not_guarded"),
        ("192.0.2.7", "erika", "imap", None),
    ],
)
def test_who_is_exempt_and_why(address: str, name: str, protocol: str, expected: str | None) -> None:
    """
    Each exemption has a reason of its own; an attempt without a protocol is in no list.
    """
    ours = policy(
        server=Server(brute_force_protocols=("imap",), trusted_proxies=("10.9.0.0/16",)),
        ip_whitelist=("198.51.100.0/24", "2001:db8::/64"),
        soft_whitelist={"ERIKA": ("203.0.113.0/24",)},
    )

    exemption = ours.exemption(attempt(ours, address, name, protocol))

    assert exemption == expected
    assert exemption is None or exemption in EXEMPT


def test_an_account_that_is_listed_under_two_spellings_has_the_networks_of_both() -> None:
    """
    Two lines of a settings file that mean one account must not undo each other.
    """
    ours = policy(
        accounts=Accounts(default_domain="example.org"),
        soft_whitelist={"Erika": ("192.0.2.0/24",), "erika@example.org": ("198.51.100.0/24",)},
    )

    for address in ("192.0.2.7", "198.51.100.7"):
        assert ours.exemption(attempt(ours, address)) == "soft_allowlisted"


def test_nothing_is_exempt_by_default_but_what_says_nothing() -> None:
    """
    Private networks are where botnets live too.
    """
    ours = Policy(Settings())

    for address in ("10.0.0.1", "192.168.1.1", "fe80::1", "fd00::1", "169.254.1.1"):
        assert ours.exemption(attempt(ours, address)) is None


@pytest.mark.parametrize(
    ("learning", "feature", "learns"),
    [
        ((), "", True),  # the backend itself
        ((), "rbl", False),
        ((Feature.RBL,), "rbl", True),
        ((Feature.RBL,), "", True),
        ((Feature.RBL,), "tls_encryption", False),
        ((Feature.RBL,), "no such feature", False),
    ],
)
def test_refusals_of_a_check_count_if_it_is_one_to_learn_from(
    learning: tuple[Feature, ...], feature: str, *, learns: bool
) -> None:
    """
    A client without TLS is no attacker, unless the operator says so.
    """
    assert policy(learning=learning).learns_from(feature) is learns


def test_learning_from_ourselves_is_asked_for() -> None:
    """
    What we refused proves nothing.
    """
    assert not policy(learning=(Feature.RBL, Feature.LUA)).learns_from_refusals
    assert policy(learning=(Feature.BRUTE_FORCE,)).learns_from_refusals


def test_tolerations_set_at_run_time_stand_beside_those_of_the_settings() -> None:
    """
    A new policy carries them; the old one, in the middle of a decision, does not change.
    """
    ours = policy(
        tolerate_percent=10, custom_tolerations=(Configured(ip_address="198.51.100.0/24", tolerate_percent=30),)
    )

    theirs = ours.with_tolerations([Toleration(Subnet.parse("192.0.2.0/24"), Terms(50, DAY), expires=DAY)])

    def percents(of: Policy) -> list[int]:
        asked = ("192.0.2.7", "198.51.100.7", "203.0.113.7")
        return [of.tolerations.terms(parse_address(address), 0.0).percent for address in asked]

    assert percents(ours) == [10, 30, 10]
    assert percents(theirs) == [50, 30, 10]
    assert percents(theirs.with_tolerations(())) == [10, 30, 10]


def test_successes_are_kept_as_long_as_any_toleration_of_the_address_looks_back() -> None:
    """
    And no longer than any of this very address: a year for one of them must not blur the days of all others.
    """
    week = Configured(ip_address="198.51.100.0/24", tolerate_percent=30, tolerate_ttl=Duration(7 * DAY))

    inside, outside = parse_address("198.51.100.7"), parse_address("192.0.2.7")
    ours = policy(custom_tolerations=(week,), tolerate_ttl=Duration(3600))
    assert ours.toleration_shape(inside).period == 7 * DAY
    assert ours.toleration_shape(outside).period == DAY
    assert policy(tolerate_ttl=Duration(2 * DAY)).toleration_shape(outside).period == 2 * DAY


def test_a_repeat_is_looked_for_within_the_wider_scope() -> None:
    """
    What is one origin for tolerations cannot be several for passwords: they share one value in the store.
    """
    assert policy(ip_scoping=IpScoping(rwp_ipv6_cidr=48, tolerations_ipv6_cidr=64)).repeat_prefix6 == 64
    assert policy(ip_scoping=IpScoping(rwp_ipv6_cidr=128, tolerations_ipv6_cidr=64)).repeat_prefix6 == 128
