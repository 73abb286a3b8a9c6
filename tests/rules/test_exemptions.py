# SPDX-License-Identifier: Apache-2.0
"""Who is never counted and never refused: through the whole guard."""

from __future__ import annotations

import msgspec
import pytest
from builders import MakeGuard, fail, fields, rule

from nacre.attempt import AttemptFields
from nacre.config.tree import Accounts, BruteForce, Server, Settings, Subject

RULES = (rule(limit=2), rule("network", limit=2, cidr=24), rule("account", limit=2, subject=Subject.ACCOUNT))

SETTINGS = Settings(
    brute_force=BruteForce(
        buckets=RULES,
        ip_whitelist=("198.51.100.0/24",),
        soft_whitelist={"Erika": ("203.0.113.0/24",)},
    ),
    server=Server(trusted_proxies=("10.9.0.0/16",), brute_force_protocols=("imap",)),
    accounts=Accounts(default_domain="example.org"),
)


@pytest.mark.parametrize(
    ("attempt", "why"),
    [
        (fields("", protocol="imap"), "local_address"),
        (fields("127.0.0.1", protocol="imap"), "local_address"),
        (fields("10.9.1.1", protocol="imap"), "proxy"),
        (fields("198.51.100.9", protocol="imap"), "allowlisted"),
        (fields("203.0.113.9", "ERIKA@example.org", protocol="imap"), "soft_allowlisted"),
        (fields("192.0.2.7", protocol="smtp"), "protocol_not_guarded"),
        (fields("192.0.2.7"), "protocol_not_guarded"),
    ],
)
async def test_the_exempt_are_neither_counted_nor_refused(
    make_guard: MakeGuard, attempt: AttemptFields, why: str
) -> None:
    """
    However often they fail: no count, no block, and neither their network nor their account pays for it.
    """
    guard = await make_guard(settings=SETTINGS)

    for number in range(10):
        sent = msgspec.structs.replace(attempt, password=f"guess {number}")
        decision = await guard.check(sent)
        assert not decision.refused
        assert [reason.code for reason in decision.reasons] == [why]
        assert (await guard.report(decision.request_id, success=False)).why == why

    assert list(guard.desk.blocks.copy) == []
    assert not (await guard.check(fields("192.0.2.7", attempt.username, protocol="imap"))).refused


async def test_the_exempt_pass_where_others_are_blocked(make_guard: MakeGuard) -> None:
    """
    The account is under attack and its rule tripped; from an allowed address it signs in.
    """
    guard = await make_guard(settings=SETTINGS)
    for number in range(2):
        await fail(guard, fields(f"192.0.{number}.7", protocol="imap"))
    assert (await guard.check(fields("192.0.9.7", protocol="imap"))).refused

    for address in ("198.51.100.9", "203.0.113.9", "10.9.1.1"):
        assert not (await guard.check(fields(address, protocol="imap"))).refused


async def test_a_soft_allowed_network_is_open_to_its_user_alone(make_guard: MakeGuard) -> None:
    """
    Otherwise one name in the list would open the network to every guess.
    """
    guard = await make_guard(settings=SETTINGS)

    for _ in range(2):
        await fail(guard, fields("203.0.113.9", "kim", protocol="imap"))

    assert (await guard.check(fields("203.0.113.9", "kim", protocol="imap"))).refused
