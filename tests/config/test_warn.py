# SPDX-License-Identifier: Apache-2.0
"""Settings that are allowed and hardly meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.config.load import parse_settings
from nacre.config.tree import Settings
from nacre.config.warn import covers_everything, warnings

FOUR = "{name: four, period: 1h, failed_requests: 20, cidr: 24, ipv4: true, ban_time: 1h%s}"
SIX = "{name: six, period: 1h, failed_requests: 20, cidr: 64, ipv6: true, ban_time: 1h%s}"


def rules(four: str = "", six: str = "") -> str:
    """Return the text of two rules that nothing is wrong with, but for what is added."""
    return f"brute_force: {{buckets: [{FOUR % four}, {SIX % six}]}}"


@pytest.mark.parametrize(
    "text", ["", rules(), "server: {listen: '[::1]:9080', redis: {master: {address: 'localhost:6379'}}}"]
)
def test_sound_settings_have_no_warnings(text: str) -> None:
    """
    A list of warnings that is never empty is read by nobody.
    """
    assert warnings(parse_settings(text)) == []


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("brute_force: {buckets: []}", "there are no rules, so nothing is ever refused"),
        (
            rules(", filter_by_protocol: imap", ", filter_by_protocol: 'imap,pop3'"),
            "every rule is for imap, pop3 only; failures over other protocols count nowhere",
        ),
        (
            f"brute_force: {{buckets: [{FOUR % ''}]}}",
            "no rule counts IPv6 addresses; whoever has one is limited by no rule for addresses",
        ),
        (
            f"brute_force: {{buckets: [{SIX % ''}]}}",
            "no rule counts IPv4 addresses; whoever has one is limited by no rule for addresses",
        ),
        (
            rules(", filter_by_protocol: smtp").replace("brute_force: {", "brute_force: {protocols: imap, "),
            "rule `four` never counts: none of its protocols is in `server.brute_force_protocols`",
        ),
        (
            "brute_force: {ip_whitelist: [0.0.0.0/0]}",
            "`brute_force.ip_whitelist` covers every address of a family, so none of it is ever refused",
        ),
        (
            "brute_force: {ip_whitelist: ['8000::/1', '::/1']}",
            "`brute_force.ip_whitelist` covers every address of a family, so none of it is ever refused",
        ),
        (
            "server: {trusted_proxies: ['::/0']}",
            "`server.trusted_proxies` covers every address of a family, so none of it is ever refused",
        ),
        (
            "brute_force: {soft_whitelist: {erika: ['::/0', 10.0.0.1]}}",
            "`brute_force.soft_whitelist` lets 'erika' in from everywhere, whoever guesses the password",
        ),
        (
            rules().replace("cidr: 24", "cidr: 8"),
            "rule `four` counts networks of /8: strangers in great number share one limit",
        ),
        (
            rules().replace("cidr: 64", "cidr: 24"),
            "rule `six` counts networks of /24: strangers in great number share one limit",
        ),
        (
            rules().replace("cidr: 64", "cidr: 128"),
            (
                "rule `six` counts IPv6 networks of /128, and one customer has a /64 or more: "
                "a new address for every guess stays below any limit"
            ),
        ),
        (
            rules().replace("ban_time: 1h", "ban_time: 2m", 1),
            (
                "rule `four` blocks for 2m, which is less than it has for one failure (1h for 20): "
                "the block slows nobody down"
            ),
        ),
        (
            "brute_force: {tolerate_percent: 10, tolerate_ttl: 0}",
            "`brute_force.tolerate_ttl` is 0, so tolerations forgive nothing",
        ),
        (
            "brute_force: {custom_tolerations: [{ip_address: 0.0.0.0/0, tolerate_percent: 50}]}",
            "the toleration of 0.0.0.0/0 holds for strangers in great number",
        ),
        (
            (
                "brute_force: {custom_tolerations: [{ip_address: 192.0.2.1/24, tolerate_percent: 5}, "
                "{ip_address: 192.0.2.0/24, tolerate_percent: 6}]}"
            ),
            "there are two tolerations of 192.0.2.0/24; the later one holds",
        ),
        (
            "brute_force: {rwp_allowed_unique_hashes: 33}",
            "`brute_force.rwp_allowed_unique_hashes` is 33, but an origin remembers 32 wrong passwords at most",
        ),
        (
            "server: {listen: '0.0.0.0:9080'}",
            "the service listens on 0.0.0.0:9080 and speaks plain HTTP: put a proxy with TLS before it",
        ),
        (
            "server: {listen: 'auth.example.org:9080'}",
            "the service listens on auth.example.org:9080 and speaks plain HTTP: put a proxy with TLS before it",
        ),
        (
            "auth: {open_check_on_loopback: true}",
            "check and report need no token from this machine, nor from anywhere through a proxy on it",
        ),
        (
            "auth: {jwks_file: keys.json, issuer: https://login.example.org}",
            "`auth.issuer` or `auth.audience` is empty: tokens that these keys signed for others are accepted too",
        ),
        (
            "server: {redis: {cluster: {addresses: ['127.0.0.1:7000', '10.0.0.1:7000']}}}",
            "the store at 10.0.0.1:7000 is reached without TLS: whoever listens sees who signs in from where",
        ),
        (
            "on_store_failure: {http: fail_closed, python: fail_closed}",
            "`on_store_failure.http` and `on_store_failure.python`: nobody can sign in while the store is away",
        ),
        (
            "spool: {max_reports: 0}",
            "`spool.max_reports` is 0: failures made while the store is away never count",
        ),
        (
            "brute_force: {pw_history_for_known_accounts: true}",
            "`brute_force.pw_history_for_known_accounts` has no effect; leave it out, or as it is for Nauthilus",
        ),
        (
            "brute_force: {cold_start_grace_enabled: true}",
            "`brute_force.cold_start_grace_enabled` has no effect; leave it out, or as it is for Nauthilus",
        ),
    ],
)
def test_an_oversight_is_pointed_out(text: str, warning: str) -> None:
    """
    Each of these was somebody's outage, or somebody's open door; and each is the only complaint.
    """
    assert warnings(parse_settings(text)) == [warning]


@pytest.mark.parametrize(
    "text",
    [
        "server: {redis: {cluster: {addresses: ['10.0.0.1:7000']}, tls: {enabled: true}}}",
        "auth: {jwks_file: keys.json, issuer: https://login.example.org, audience: nacre}",
        "brute_force: {tolerate_ttl: 0}",
        "brute_force: {ip_whitelist: ['0.0.0.0/1', '192.0.0.0/2', '8000::/1']}",
    ],
)
def test_what_was_put_right_is_not_pointed_out(text: str) -> None:
    """
    A warning that cannot be satisfied teaches people to skip warnings.
    """
    assert warnings(parse_settings(text)) == []


def test_the_default_settings_have_no_warnings() -> None:
    """
    They are what we advise.
    """
    assert warnings(Settings()) == []


@given(data=st.data())
def test_networks_that_cover_everything_are_found_however_they_are_cut(data: st.DataObject) -> None:
    """
    Halves of halves cover as much as 0.0.0.0/0; without one of the pieces they do not.
    """
    pieces = [(0, 0)]
    for _ in range(data.draw(st.integers(1, 12))):
        start, prefix = pieces.pop(data.draw(st.integers(0, len(pieces) - 1)))
        pieces += [(start, prefix + 1), (start | 1 << (31 - prefix), prefix + 1)]
    texts = [f"{start >> 24}.{start >> 16 & 255}.{start >> 8 & 255}.{start & 255}/{prefix}" for start, prefix in pieces]

    assert covers_everything(data.draw(st.permutations(texts)))
    assert not covers_everything(texts[1:])
