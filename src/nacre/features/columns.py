# SPDX-License-Identifier: Apache-2.0
"""
The standard columns: what they are called and what they mean.

Counts enter as log(1 + x), ratios as (failures + 0.3) / (attempts + 1), times as log(1 + seconds).  Numbers are
those of :mod:`nacre.features.standard`, which computes them in this order.
"""

from __future__ import annotations

from nacre.features.schema import Column, Schema

PROTOCOLS = ("imap", "pop3", "smtp", "http", "ssh")


def _source_columns(group: str, what: str) -> list[Column]:
    def column(name: str, text: str, *, log: bool = True) -> Column:
        return Column(f"{group}.{name}", log, text.replace("[]", what))

    return [
        column("failures_5m", "{} failures from this [] in 5 minutes"),
        column("failures_1h", "{} failures from this [] in an hour"),
        column("failures_24h", "{} failures from this [] in a day"),
        column("successes_24h", "{} logins from this [] in a day"),
        column("successes_7d", "{} logins from this [] in a week"),
        column("failure_ratio_1h", "a share of {} failures from this [] in an hour", log=False),
        column("failure_ratio_24h", "a share of {} failures from this [] in a day", log=False),
        column("failing_users_1h", "{} accounts failed from this [] in an hour"),
        column("failing_users_24h", "{} accounts failed from this [] in a day"),
        column("succeeding_users_7d", "{} accounts signed in from this [] in a week"),
        column("failing_tokens_1h", "{} wrong passwords from this [] in an hour"),
        column("failing_tokens_24h", "{} wrong passwords from this [] in a day"),
        column("unknown_users_1h", "{} names that do not exist from this [] in an hour"),
        column("unknown_users_24h", "{} names that do not exist from this [] in a day"),
        column("age", "this [] first seen {} seconds ago"),
        column("idle", "{} seconds since the last attempt from this []"),
        column("new_pair_share_24h", "a share of {} of this []'s attempts with accounts new to it", log=False),
        column("fresh_1h", "{} never-tried wrong passwords from this [] in an hour"),
        column("fresh_24h", "{} never-tried wrong passwords from this [] in a day"),
        column("open_1h", "{} other accounts without a login since their failure from this [], in an hour"),
        column("open_24h", "{} other accounts without a login since their failure from this [], in a day"),
        column("fresh_share_24h", "a share of {} never-tried wrong passwords from this []", log=False),
    ]


_USER_COLUMNS = [
    Column("user.failures_5m", True, "{} failures of this account in 5 minutes"),
    Column("user.failures_1h", True, "{} failures of this account in an hour"),
    Column("user.failures_24h", True, "{} failures of this account in a day"),
    Column("user.failing_addresses_1h", True, "{} addresses failed for this account in an hour"),
    Column("user.failing_addresses_24h", True, "{} addresses failed for this account in a day"),
    Column("user.failing_tokens_1h", True, "{} wrong passwords for this account in an hour"),
    Column("user.failing_tokens_24h", True, "{} wrong passwords for this account in a day"),
    Column("user.asns_7d", True, "{} networks' operators tried this account in a week"),
    Column("user.since_success", True, "{} seconds since this account's last login"),
    Column("user.since_failure", True, "{} seconds since this account's last failure"),
    Column("user.successes_7d", True, "{} logins of this account in a week"),
    Column("user.failure_ratio_7d", False, "a share of {} failures of this account in a week"),
    Column("user.age", True, "this account first seen {} seconds ago"),
    Column("user.known", False, "the directory knows this account"),
    Column("user.unknown", False, "the directory does not know this account"),
    Column("user.fresh_1h", True, "{} never-tried wrong passwords for this account in an hour"),
    Column("user.fresh_24h", True, "{} never-tried wrong passwords for this account in a day"),
    Column("user.fresh_addresses_24h", True, "{} addresses with never-tried wrong passwords for this account in a day"),
    Column(
        "user.fresh_elsewhere_7d", True, "{} never-tried wrong passwords from networks new to this account in a week"
    ),
]

_NOVELTY_COLUMNS = [
    Column("novelty.address", False, "never signed in from this address, or long ago ({})"),
    Column("novelty.network", False, "never signed in from this network, or long ago ({})"),
    Column("novelty.asn", False, "never signed in from this operator's networks, or long ago ({})"),
    Column("novelty.country", False, "never signed in from this country, or long ago ({})"),
    Column("novelty.client", False, "never signed in with this client, or long ago ({})"),
    Column("novelty.protocol", False, "never signed in with this protocol, or long ago ({})"),
    Column(
        "novelty.count", False, "{} of address, network, operator, country, client and protocol new to this account"
    ),
    Column("novelty.history", False, "the account signed in before"),
]

_TOKEN_COLUMNS = [
    Column("token.failing_users_1h", True, "{} accounts failed with this password in an hour"),
    Column("token.failing_users_24h", True, "{} accounts failed with this password in a day"),
    Column("token.right_users_7d", True, "{} accounts signed in with this password in a week"),
    Column("token.known", False, "the password's digest is known"),
    Column("token.right", False, "the password is the one of the last login", reveals=True),
    Column("token.former", False, "the password was right before", reveals=True),
    Column("token.tried", False, "this account failed with this password before", reveals=True),
    Column("token.tried_here", False, "this password failed from this address before", reveals=True),
    Column("token.since_tried", True, "{} seconds since this account failed with this password", reveals=True),
    Column("token.since_right", True, "{} seconds since this account signed in with this password", reveals=True),
    Column("token.new", False, "the password is new to this account", reveals=True),
]


def _context_columns() -> list[Column]:
    columns = []
    for group, what in (("asn", "operator"), ("country", "country"), ("client", "client")):
        columns += [
            Column(f"{group}.share", False, f"the logarithm {{}} of this {what}'s share in all logins"),
            Column(f"{group}.failure_ratio_1h", False, f"a share of {{}} failures of this {what} in an hour"),
            Column(f"{group}.orphans_1h", True, f"{{}} failures of strangers with this {what} in an hour"),
            Column(f"{group}.orphan_rise", False, f"strangers' failures with this {what} beside their week ({{}})"),
        ]
    return [
        *columns,
        Column("protocol.failure_ratio_10m", False, "a share of {} failures of this protocol in 10 minutes"),
        Column("protocol.fresh_share_10m", False, "a share of {} never-tried passwords in this protocol"),
        Column("everyone.failure_ratio_10m", False, "a share of {} failures of all attempts in 10 minutes"),
        Column("everyone.failure_ratio_24h", False, "a share of {} failures of all attempts in a day"),
        Column("everyone.orphan_rise", False, "strangers' failures of all beside their day ({})"),
        Column("everyone.fresh_rise", False, "never-tried wrong passwords of all beside their day ({})"),
        Column("everyone.unknown_share_10m", False, "a share of {} names that do not exist in 10 minutes"),
        Column("everyone.rate_rise", False, "the rate of all attempts beside their day ({})"),
    ]


STANDARD = Schema(
    [
        *_source_columns("address", "address"),
        *_source_columns("network", "network"),
        Column("network.addresses_24h", True, "{} addresses of this network in a day"),
        *_USER_COLUMNS,
        *_NOVELTY_COLUMNS,
        *_TOKEN_COLUMNS,
        *_context_columns(),
        *(Column(f"protocol.{name}", False, f"the protocol is {name}") for name in PROTOCOLS),
        Column("original.time_of_day", False, "{} of the day gone", silent=True),
        Column("original.suspicious_network", False, "the address is on a block list"),
    ]
)
"""All standard columns, in the order of the vector."""

ORIGINAL = {
    "TimeBetweenAttempts": "address.idle",
    "FailedAttemptsLastHour": "address.failures_1h",
    "DifferentUsernames": "address.failing_users_1h",
    "DifferentPasswords": "user.failing_tokens_24h",
    "TimeOfDay": "original.time_of_day",
    "SuspiciousNetwork": "original.suspicious_network",
}
"""The six features of Nauthilus, and the columns that tell the same."""
