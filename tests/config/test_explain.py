# SPDX-License-Identifier: Apache-2.0
"""Settings in sentences."""

from __future__ import annotations

import pytest

from nacre.config.explain import explain
from nacre.config.load import parse_settings
from nacre.config.tree import Settings

RULE = "brute_force: {buckets: [{name: r, period: 10m, failed_requests: 5, ban_time: 1h, %s}]}"


def sentences(text: str) -> list[str]:
    """Return what is said of a text, without warnings."""
    return [line for line in explain(parse_settings(text)) if not line.startswith("Warning: ")]


def test_the_defaults_are_explained_rule_by_rule() -> None:
    """
    This is the first thing that somebody reads about an installation.
    """
    assert explain(Settings()) == [
        (
            "Rule `address`: after 10 failures from one IPv4 address within 10m, attempts from it are refused for 1h; "
            "each repetition lasts 2 times longer, up to 24h."
        ),
        (
            "Rule `address6`: after 10 failures from one IPv6 network of /64 within 10m, attempts from it are refused "
            "for 1h; each repetition lasts 2 times longer, up to 24h."
        ),
        (
            "Rule `address_day`: after 50 failures from one IPv4 address within 24h, attempts from it are "
            "refused for 8h; each repetition lasts 2 times longer, up to 7d."
        ),
        (
            "Rule `address6_day`: after 50 failures from one IPv6 network of /64 within 24h, attempts from it are "
            "refused for 8h; each repetition lasts 2 times longer, up to 7d."
        ),
        (
            "Rule `network`: after 60 failures from one IPv4 network of /24 within 1h, attempts from it are refused "
            "for 1h; each repetition lasts 2 times longer, up to 24h."
        ),
        (
            "Rule `network6`: after 60 failures from one IPv6 network of /48 within 1h, attempts from it are refused "
            "for 1h; each repetition lasts 2 times longer, up to 24h."
        ),
        (
            "Rule `account`: after 30 failures on one account within 1h, attempts on it from where its owner has not "
            "signed in before are refused for 30m."
        ),
        (
            "The same wrong password of one account from one origin counts once within 24h; "
            "the last 3 wrong passwords of it are remembered."
        ),
        "Where an account has signed in, its owner is let in despite failures of others on the account for 180d.",
        "An address is forgiven no failures for its successes.",
        (
            "The network scores every attempt, and acts once its model has proved itself here; of the legitimate it "
            "may refuse 0.1 % of the logins with the right password and 0.2 % of all attempts."
        ),
        (
            "Distributed attacks are watched for; measures against them begin at once, for 10m at a time, and meet at "
            "most 0.01 % of a day's good logins."
        ),
        "State lives in a store that nacre starts itself, in its data directory.",
        "The service listens on 127.0.0.1:9080 with 1 worker process.",
        "While the store is away, attempts pass unless a known block refuses them.",
        "Up to 100,000 reports wait on disk for the store to come back.",
        "Decisions can be explained, and named by feedback, for 24h.",
        "Callers show a token that nacre has signed.",
    ]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (
            "cidr: 128, ipv6: true, failed_requests: 1",
            "Rule `r`: after 1 failure from one IPv6 address within 10m, attempts from it are refused for 1h.",
        ),
        (
            "subject: client, action: challenge",
            "Rule `r`: after 5 failures from one device within 10m, attempts from it are challenged for 1h.",
        ),
        (
            "subject: account+subnet, cidr: 24, ipv4: true, action: delay, delay: 3s",
            (
                "Rule `r`: after 5 failures on one account from one IPv4 network of /24 within 10m, "
                "attempts on this account from there, unless its owner has signed in there before, wait 3s each for 1h."
            ),
        ),
        (
            "cidr: 32, ipv4: true, filter_by_protocol: [imap, pop3, smtp], filter_by_oidc_cid: [shop]",
            (
                "Rule `r`: after 5 failures from one IPv4 address within 10m, attempts from it are refused for 1h; "
                "it is for imap, pop3 and smtp only; it is for OpenID Connect by shop only."
            ),
        ),
        (
            "cidr: 32, ipv4: true, ban_time_factor: 1.5, max_ban_time: 1h",
            "Rule `r`: after 5 failures from one IPv4 address within 10m, attempts from it are refused for 1h.",
        ),
    ],
)
def test_a_rule_is_one_sentence(rule: str, sentence: str) -> None:
    """
    Subject, limit, period, fate and its end, in the order in which they happen.
    """
    text = RULE % rule
    if "failed_requests" in rule:
        text = text.replace("failed_requests: 5, ", "", 1)

    assert sentences(text)[0] == sentence


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "brute_force: {learning: [rbl, lua]}",
            "Wrong passwords count as failures, and so do refusals by the caller's rbl and lua.",
        ),
        (
            "brute_force: {rwp_window: 0}",
            "Every failure counts, even if the same wrong password is sent again and again.",
        ),
        (
            "brute_force: {tolerate_percent: 10, tolerate_ttl: 48h}",
            "An address is forgiven failures up to 10 % of its successes within 2d.",
        ),
        (
            "brute_force: {adaptive_toleration: true, max_tolerate_percent: 40, scale_factor: 2}",
            (
                "An address is forgiven failures up to a share of its successes within 24h "
                "that grows from 10 % to 40 % with their number, 2 times as fast as usual."
            ),
        ),
        (
            "brute_force: {custom_tolerations: [{ip_address: 192.0.2.0/24, tolerate_percent: 30, tolerate_ttl: 1h}]}",
            "An address of 192.0.2.0/24 is forgiven failures up to 30 % of its successes within 1h.",
        ),
        (
            "brute_force: {{custom_tolerations: [{}]}}".format(
                ", ".join(f"{{ip_address: 192.0.2.{n}, tolerate_percent: 30}}" for n in range(7))
            ),
            "There are 2 more tolerations of addresses and networks.",
        ),
        ("brute_force: {protocols: imap}", "Only attempts over imap are counted and refused."),
        (
            "brute_force: {ip_whitelist: 'a, b'}".replace("a, b", ",".join(f"192.0.2.{n}" for n in range(7))),
            (
                "Never counted and never refused: 7 addresses and networks "
                "(192.0.2.0, 192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4 and 2 more)."
            ),
        ),
        (
            "brute_force: {soft_whitelist: {erika: [10.0.0.0/8]}}",
            "Never counted and never refused in networks of their own: 1 user (erika).",
        ),
        (
            "server: {trusted_proxies: 192.0.2.1}",
            "Our own proxies, never counted and never refused: 1 address or network (192.0.2.1).",
        ),
        ("accounts: {fold_case: false}", "User names that differ in case are different accounts."),
        ("accounts: {default_domain: example.org}", "A user name without a domain is one of example.org."),
        ("accounts: {domain_aliases: {a.org: b.org}}", "Accounts of a.org are those of b.org."),
        ("accounts: {strip_tag: true}", "What follows a plus sign before the domain is not part of the account."),
        (
            "server: {redis: {master: {address: 'valkey:6379'}, tls: {enabled: true}, prefix: 'n:'}}",
            "State lives at valkey:6379 over TLS, under keys that begin with `n:`.",
        ),
        (
            "server: {redis: {sentinels: {addresses: ['a:1', 'b:1'], master: m}}}",
            (
                "State lives at the master of `m` that the Sentinels a:1 and b:1 name, "
                "under keys that begin with `nacre:`."
            ),
        ),
        (
            "server: {redis: {cluster: {addresses: ['a:1']}}}",
            "State lives in the cluster found through a:1, under keys that begin with `nacre:`.",
        ),
        ("server: {workers: 4}", "The service listens on 127.0.0.1:9080 with 4 worker processes."),
        (
            "on_store_failure: {http: fail_closed}",
            (
                "While the store is away, attempts over HTTP are refused, "
                "those over Python pass unless a known block refuses them."
            ),
        ),
        (
            f"auth: {{api_keys: [{{name: dovecot, sha256: {'0' * 64}}}]}}",
            "Callers show a token that nacre has signed, or the static key of dovecot.",
        ),
        (
            "auth: {jwks_url: https://a.example/keys, issuer: https://a.example}",
            "Tokens of https://a.example are accepted too, if a key from https://a.example/keys signed them.",
        ),
        (
            "auth: {jwks_file: /etc/keys.json}",
            "Tokens of any issuer are accepted too, if a key from /etc/keys.json signed them.",
        ),
        ("brute_force: {neural_network: {enabled: false}}", "No network scores attempts."),
        (
            "brute_force: {neural_network: {dry_run: true}}",
            "The network scores every attempt and learns, but never acts.",
        ),
        (
            "brute_force: {neural_network: {policy: weighted, threshold: 0.8}}",
            (
                "The network scores every attempt; refused is what comes to 0.8 or more: 0.4 if a rule refuses it, and "
                "0.6 times its score."
            ),
        ),
        ("campaigns: {enabled: false}", "Nobody watches for distributed attacks."),
        (
            "campaigns: {measures: {automatic: false}}",
            "Distributed attacks are watched for; measures against them wait for a person's consent.",
        ),
        (
            "auth: {open_check_on_loopback: true}",
            "Check and report need no token if they come from loopback addresses.",
        ),
    ],
)
def test_what_differs_from_the_defaults_is_said(text: str, sentence: str) -> None:
    """
    A setting that changes what happens changes what is said.
    """
    assert sentence in sentences(text)
    assert sentence not in explain(Settings())


def test_warnings_come_first_and_are_marked() -> None:
    """
    Whoever reads three lines reads these.
    """
    lines = explain(parse_settings("brute_force: {buckets: []}\nserver: {listen: '0.0.0.0:80'}"))

    assert lines[0] == "Warning: there are no rules, so nothing is ever refused."
    assert lines[1].startswith("Warning: the service listens on 0.0.0.0:80 and speaks plain HTTP")
    assert not any(line.startswith("Warning") for line in lines[2:])
