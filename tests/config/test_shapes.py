# SPDX-License-Identifier: Apache-2.0
"""What values of a file become, and what is said of those that become nothing."""

from __future__ import annotations

import pytest

from nacre.config.duration import Duration
from nacre.config.load import parse_settings
from nacre.config.tree import Rule
from nacre.errors import SettingsError

RULE = "brute_force: {buckets: [{name: login, period: 1m, failed_requests: 5, cidr: 32, ipv4: true, %s}]}"


def refusal(text: str) -> str:
    """Return the sentence with which a text is refused."""
    with pytest.raises(SettingsError) as caught:
        parse_settings(text)
    return str(caught.value)


def rule_of(text: str) -> Rule:
    """Return the only rule of a text."""
    (rule,) = parse_settings(text).brute_force.buckets
    return rule


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "brute_force: {tolerate_percnt: 10}",
            "brute_force.tolerate_percnt: unknown setting `tolerate_percnt`; did you mean `tolerate_percent`?",
        ),
        (
            "brute_force: {buckets: [{name: a, perod: 1m}]}",
            "brute_force.buckets[0].perod: unknown setting `perod`; did you mean `period`?",
        ),
        (
            "brute_force: {ip_scoping: {x: 1}}",
            "brute_force.ip_scoping.x: unknown setting `x`; here may stand `rwp_ipv6_cidr`, `tolerations_ipv6_cidr`",
        ),
        (
            "ldap: {}",
            (
                "ldap: unknown section `ldap`; nacre reads `server`, `brute_force`, `accounts`, `auth`, "
                "`on_store_failure`, `campaigns`, `notifications`, `lua`, `geoip`, `spool`, `decisions`"
            ),
        ),
        ("- a", "no settings; write sections like `server:`, and their settings below"),
        ("server: 9080", "server: '9080' will not do; expected: settings as `name: value`, one a line"),
        ("server: {workers: ten}", "server.workers: 'ten' will not do; expected: whole number, 1 to 64"),
        ("server: {workers: 65}", "server.workers: '65' will not do; expected: whole number, 1 to 64"),
        ("server: {workers: [4]}", "server.workers: a list will not do; expected: whole number, 1 to 64"),
        (
            "server: {listen: 9080}",
            "server.listen: '9080' has no port; write it as in '127.0.0.1:9080' or '[::1]:9080'",
        ),
        (
            "server: {log: {level: warn}}",
            (
                "server.log.level: 'warn' will not do; expected: one of `debug`, `info`, `warning`, `error`; "
                "did you mean `warning`?"
            ),
        ),
        (
            "server: {trusted_proxies: [10.0.0.1, 10.0.0.0/33]}",
            "server.trusted_proxies[1]: '10.0.0.0/33' is no address and no network in CIDR notation",
        ),
        (
            "server: {trusted_proxies: {a: b}}",
            (
                "server.trusted_proxies: a mapping is no list of addresses and networks; "
                "write `[...]`, or one item a line after `-`"
            ),
        ),
        (
            "brute_force: {soft_whitelist: {erika: [10.0.0.0.1]}}",
            "brute_force.soft_whitelist.erika[0]: '10.0.0.0.1' is no address and no network in CIDR notation",
        ),
        (
            "brute_force: {soft_whitelist: [erika]}",
            (
                "brute_force.soft_whitelist: a list is no mapping of texts to lists of addresses and networks; "
                "write `name: value`, one a line"
            ),
        ),
        (
            "brute_force: {tolerate_percent: 101}",
            "brute_force.tolerate_percent: '101' will not do; expected: whole number, 0 to 100",
        ),
        (
            "brute_force: {scale_factor: 0.05}",
            "brute_force.scale_factor: '0.05' will not do; expected: number, 0.1 to 10",
        ),
        (
            "brute_force: {scale_factor: nan}",
            "brute_force.scale_factor: 'nan' will not do; expected: number, 0.1 to 10",
        ),
        (
            "brute_force: {adaptive_toleration: yes}",
            "brute_force.adaptive_toleration: 'yes' will not do; expected: `true` or `false`",
        ),
        (
            "brute_force: {tolerate_ttl: 8761h}",
            "brute_force.tolerate_ttl: '8761h' will not do; expected: duration, up to 365d",
        ),
        (
            "brute_force: {tolerate_ttl: 1 day}",
            'brute_force.tolerate_ttl: \'1 day\' is no duration; write "15m", "1h30m" or a number of seconds',
        ),
        (
            "brute_force: {buckets: [{name: a, failed_requests: 5}]}",
            (
                "brute_force.buckets[0]: `period` is missing (duration): "
                "Length of the sliding window in which failures are counted."
            ),
        ),
        (
            "brute_force: {buckets: [login]}",
            "brute_force.buckets[0]: 'login' will not do; expected: settings as `name: value`, one a line",
        ),
        (
            "brute_force: {learning: [rbl, ]}\nbrute_force: {}",
            "line 2, column 1: `brute_force` stands here a second time; the first one is in line 1",
        ),
        (
            "brute_force: {min_tolerate_percent: 60, max_tolerate_percent: 50}",
            (
                "brute_force.min_tolerate_percent: `min_tolerate_percent` is 60 and so greater than "
                "`max_tolerate_percent`, which is 50; lower the one or raise the other"
            ),
        ),
        (
            "brute_force: {ip_whitelist: [10.0.0.1], ip_allowlist: [10.0.0.2]}",
            "brute_force.ip_allowlist: `ip_whitelist` and `ip_allowlist` are one setting; keep one of them",
        ),
        (
            RULE % "ban_time: 2h, max_ban_time: 1h",
            (
                "brute_force.buckets[0].ban_time: `ban_time` is 2h and so greater than `max_ban_time`, which is 1h; "
                "lower the one or raise the other"
            ),
        ),
        (
            RULE % "subject: acount",
            (
                "brute_force.buckets[0].subject: 'acount' will not do; expected: one of `subnet`, `account`, "
                "`account+subnet`, `client`; did you mean `account`?"
            ),
        ),
        (
            "accounts: {domain_aliases: {Example.com: example.org}}",
            "accounts.domain_aliases.Example.com: 'Example.com' has upper case letters; write 'example.com'",
        ),
        (
            "auth: {jwks_url: 'http://login.example.org/jwks'}",
            (
                "auth.jwks_url: 'http://login.example.org/jwks': keys are fetched over https://, "
                "and over http:// from loopback addresses only"
            ),
        ),
        (
            f"auth: {{api_keys: [{{name: a, sha256: {'0' * 64}, roles: [root]}}]}}",
            (
                "auth.api_keys[0].roles[0]: 'root' will not do; expected: one of `authenticate`, `viewer`, `helpdesk`, "
                "`operator`, `admin`, `security`"
            ),
        ),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_with_what_would_do(text: str, message: str) -> None:
    """
    The sentence has the place, the value and the way out; nobody reads our source for it.
    """
    assert refusal(text) == message


def test_the_wrong_entry_among_many_is_found() -> None:
    """
    The message counts as the operator's editor does not: by entries, from 0.
    """
    entries = ["10.0.0.1"] * 5000
    entries[4321] = "10.0.0.1/40"

    assert refusal(f"brute_force: {{ip_whitelist: [{', '.join(entries)}]}}").startswith(
        "brute_force.ip_whitelist[4321]: '10.0.0.1/40' is no address"
    )


def test_a_value_of_any_length_makes_a_short_message() -> None:
    """
    A message goes to logs and terminals; a key pasted into the wrong line does not fill them.
    """
    junk = "x\\n" * 50_000

    for text in (
        f'server: {{workers: "{junk}"}}',
        f'server: {{"{junk}": 1}}',
        f'accounts: {{domain_aliases: {{"{junk}": a}}}}',
    ):
        assert len(refusal(text)) < 500
        assert "\n" not in refusal(text)


def test_a_longer_ban_raises_its_limit_where_none_is_set() -> None:
    """
    `ban_time: 720h` alone is what files of Nauthilus say; the default of a week must not forbid it.
    """
    assert rule_of(RULE % "ban_time: 720h").max_ban_time == Duration.parse("720h")
    assert rule_of(RULE % "ban_time: 1h").max_ban_time == Duration.parse("7d")


def test_a_default_gives_way_to_its_partner() -> None:
    """
    `max_tolerate_percent: 5` alone means at most 5, although the least is 10 by default.
    """
    rules = parse_settings("brute_force: {max_tolerate_percent: 5}").brute_force

    assert rules.min_tolerate_percent == 5
    assert rule_of(RULE % "max_ban_time: 1h").ban_time == Duration.parse("1h")


@pytest.mark.parametrize("text", ["imap,pop3", "imap , pop3,", "[imap, pop3]", "\n  - imap\n  - pop3"])
def test_a_list_of_texts_may_be_one_text(text: str) -> None:
    """
    Nauthilus splits such a text at its commas, and a variable of the environment is easier to write so.
    """
    protocols = parse_settings(f"server:\n  brute_force_protocols: {text}").server.brute_force_protocols

    assert protocols == ("imap", "pop3")


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("True", True), ("1", True), ("false", False), ("0", False)]
)
def test_truth_values_are_true_and_false(text: str, value: bool) -> None:  # noqa: FBT001 (a parameter of the test)
    """
    `yes` and `on` are texts to YAML 1.2 and truth values to 1.1; here they are refused.
    """
    assert parse_settings(f"accounts: {{strip_tag: {text}}}").accounts.strip_tag is value


def test_a_name_may_look_like_anything() -> None:
    """
    Users called `no` or `007` exist, and rules called `24h` in files of Nauthilus.
    """
    rule = rule_of(RULE.replace("name: login", "name: 24h") % "ban_time: 1h")
    whitelist = parse_settings(
        "brute_force: {soft_whitelist: {no: [10.0.0.1], 007: [10.0.0.2]}}"
    ).brute_force.soft_whitelist

    assert rule.name == "24h"
    assert list(whitelist) == ["no", "007"]


def test_zero_is_zero_but_for_a_scope_that_is_off() -> None:
    """
    In Nauthilus 0 means "not set" everywhere, so that some weights could not be 0; here only where its manual says so.
    """
    rules = parse_settings(
        "brute_force: {neural_network: {static_weight: 0}, tolerate_ttl: 0, ip_scoping: {rwp_ipv6_cidr: 0}, "
        "rwp_allowed_unique_hashes: 0, cold_start_grace_ttl: 0}"
    ).brute_force

    assert rules.neural_network.static_weight == 0
    assert float(rules.tolerate_ttl) == 0
    assert rules.ip_scoping.rwp_ipv6_cidr == 64
    assert (rules.rwp_allowed_unique_hashes, float(rules.cold_start_grace_ttl)) == (3, 120.0)
