# SPDX-License-Identifier: Apache-2.0
"""What must hold between settings."""

from __future__ import annotations

import pytest

from nacre.config.load import parse_settings
from nacre.config.tree import Settings
from nacre.errors import SettingsError


def with_rules(*rules: str) -> Settings:
    """Return settings with rules that are complete but for what a test is about."""
    entries = [f"{{period: 1m, failed_requests: 5, {rule}}}" for rule in rules]
    return parse_settings(f"brute_force: {{buckets: [{', '.join(entries)}]}}")


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("name: a", "[0].cidr: rule 'a' counts subnets; say how long their prefix is"),
        (
            "name: a, subject: account+subnet, ipv4: true",
            "[0].cidr: rule 'a' counts subnets; say how long their prefix is",
        ),
        ("name: a, cidr: 24", "[0].ipv4: rule 'a' says neither `ipv4` nor `ipv6`; set exactly one of them to `true`"),
        (
            "name: a, cidr: 24, ipv4: true, ipv6: true",
            "[0].ipv4: rule 'a' says both `ipv4` and `ipv6`; set exactly one of them to `true`",
        ),
        ("name: a, cidr: 33, ipv4: true", "[0].cidr: 33 is longer than an IPv4 address; take 1 to 32"),
        (
            "name: a, subject: account, cidr: 24",
            "[0].cidr: rule 'a' counts by account, whatever the address; leave `cidr` out",
        ),
        (
            "name: a, subject: client, ipv6: true",
            "[0].ipv6: rule 'a' counts by client, whatever the address; leave `ipv6` out",
        ),
    ],
)
def test_a_rule_says_what_it_counts(rule: str, message: str) -> None:
    """
    A rule that counts nothing would look like protection.
    """
    with pytest.raises(SettingsError) as caught:
        with_rules(rule)

    assert str(caught.value) == f"brute_force.buckets{message}"


def test_two_rules_have_two_names() -> None:
    """
    Counters, blocks and metrics go by the name.
    """
    with pytest.raises(SettingsError) as caught:
        with_rules("name: a, cidr: 24, ipv4: true", "name: b, subject: account", "name: a, cidr: 64, ipv6: true")

    assert str(caught.value) == (
        "brute_force.buckets[2].name: 'a' is the name of brute_force.buckets[0] already; rename one"
    )


def test_names_that_differ_in_case_are_two_names() -> None:
    """
    Nauthilus tells them apart, and so do we.
    """
    settings = with_rules("name: a, cidr: 24, ipv4: true", "name: A, cidr: 64, ipv6: true")

    assert [rule.name for rule in settings.brute_force.buckets] == ["a", "A"]


@pytest.mark.parametrize(
    ("redis", "message"),
    [
        (
            "master: {address: 'a:1'}, cluster: {addresses: ['b:1']}",
            (
                "cluster.addresses: `master.address` and `cluster.addresses` are set; "
                "state lives in one place, so keep one of them"
            ),
        ),
        (
            "sentinels: {addresses: ['a:1'], master: m}, cluster: {addresses: ['b:1']}",
            (
                "cluster.addresses: `sentinels.addresses` and `cluster.addresses` are set; "
                "state lives in one place, so keep one of them"
            ),
        ),
        ("sentinels: {addresses: ['a:1']}", "sentinels.master: Sentinels watch several groups; name the one to use"),
        (
            "cluster: {addresses: ['a:1']}, database_number: 2",
            "database_number: a cluster has database 0 only, not 2",
        ),
        (
            "tls: {enabled: true}",
            "tls.enabled: a store on a unix socket, as the embedded one, speaks no TLS; leave it out",
        ),
        (
            "master: {address: /run/valkey.sock}, tls: {enabled: true}",
            "tls.enabled: a store on a unix socket, as the embedded one, speaks no TLS; leave it out",
        ),
        (
            "master: {address: 'a:1'}, tls: {ca_file: ca.pem}",
            "tls.ca_file: `ca_file` is set, but TLS is off; set `enabled: true`",
        ),
        (
            "master: {address: 'a:1'}, tls: {enabled: true, key_file: key.pem}",
            "tls.key_file: a key without its certificate; set `cert_file` too",
        ),
    ],
)
def test_state_lives_in_one_place_that_can_be_reached(redis: str, message: str) -> None:
    """
    With two places set, half of the operators would expect the other one.
    """
    with pytest.raises(SettingsError) as caught:
        parse_settings(f"server: {{redis: {{{redis}}}}}")

    assert str(caught.value) == f"server.redis.{message}"


@pytest.mark.parametrize(
    "redis",
    [
        "master: {address: 'a:1'}, tls: {enabled: true, cert_file: both.pem}, database_number: 3",
        "master: {username: nacre, password_file: p}, sentinels: {addresses: ['a:1', 'b:1'], master: m}",
        "master: {username: nacre}, cluster: {addresses: ['a:1', '[::1]:1']}, tls: {enabled: true}",
        "master: {address: /run/valkey.sock}",
    ],
)
def test_every_kind_of_store_can_be_set(redis: str) -> None:
    """
    User and password stand at the master for all of them.
    """
    parse_settings(f"server: {{redis: {{{redis}}}}}")


def test_a_key_may_do_something() -> None:
    """
    A key without a role is refused at every door, which nobody wants from a key.
    """
    with pytest.raises(SettingsError, match=r"auth\.api_keys\[0\]\.roles: key 'a' may do nothing; name a role"):
        parse_settings(f"auth: {{api_keys: [{{name: a, sha256: {'0' * 64}, roles: []}}]}}")


def test_two_keys_have_two_names() -> None:
    """
    The audit log knows them by their names.
    """
    key = f"{{name: a, sha256: {'0' * 64}}}"

    with pytest.raises(
        SettingsError, match=r"auth\.api_keys\[1\]\.name: 'a' is the name of auth\.api_keys\[0\] already"
    ):
        parse_settings(f"auth: {{api_keys: [{key}, {key}]}}")
