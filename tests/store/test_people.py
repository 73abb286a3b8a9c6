# SPDX-License-Identifier: Apache-2.0
"""What the store has of one person, forgotten."""

from __future__ import annotations

import pytest
from builders import MakeGuard, eventually, fail, fields, rule, sign_in, written

from nacre.desk import BlockQuery
from nacre.service import Guard

NAME = "Erika.Mustermann"

_READ = {
    "string": ("GET",),
    "hash": ("HGETALL",),
    "zset": ("ZRANGE", 0, -1),
    "set": ("SMEMBERS",),
    "list": ("LRANGE", 0, -1),
    "stream": ("XRANGE", "-", "+"),
}
"""How to read all of a value."""


async def _everything(guard: Guard) -> dict[bytes, bytes]:
    """Return all keys of an installation with all that they hold, as the store writes them out."""
    client, found = guard.servers.client, {}
    async for key in client.scan_iter(match=guard.settings.server.redis.prefix + "*"):
        command, *rest = _READ[(await client.type(key)).decode()]
        found[key] = b"".join(_flat(await client.execute_command(command, key, *rest)))
    return found


def _flat(value: object) -> list[bytes]:
    if isinstance(value, bytes):
        return [value]
    if isinstance(value, dict):
        return [part for pair in value.items() for each in pair for part in _flat(each)]
    return [part for each in value or () for part in _flat(each)]  # type: ignore[attr-defined]


def _naming(guard: Guard, kept: dict[bytes, bytes]) -> list[bytes]:
    """Return the keys that hold the name or a digest of the account, or are named after it."""
    account_key = guard.identity.account(guard.checkpoint.policy.names.canonical(NAME))
    user = guard.identity.place(b"u" + account_key.encode()).to_bytes(4, "little")
    return [
        key
        for key, value in kept.items()
        if account_key.encode() in key + value or NAME.lower().encode() in (key + value).lower() or user in value
    ]


async def _live(guard: Guard) -> None:
    """Leave all that an account leaves: logins, guesses, blocks of itself and of a pair, feedback; and a bystander."""
    await sign_in(guard, fields("198.51.100.1", NAME, request_id="l1"))
    for number in range(4):
        await fail(guard, fields(f"192.0.2.{number}", NAME, request_id=f"f{number}"))
        await fail(guard, fields("203.0.113.9", NAME))
        await fail(guard, fields("192.0.2.1", "max"))
    await guard.check(fields("198.51.100.2", NAME.upper()))
    await guard.network.give_feedback("f0", is_attack=True, who="test")
    await written(guard)
    await guard.network_parts.settle()


async def test_nothing_of_a_forgotten_person_is_left_in_the_store(make_guard: MakeGuard) -> None:
    """
    Neither the name nor a digest of it, in no key and no value; what was known of others stays.
    """
    rules = (rule("account", limit=3, subject="account"), rule("pair", limit=3, subject="account+subnet"))
    guard = await make_guard(*rules)
    await _live(guard)
    before = await _everything(guard)
    kinds = {key.rpartition(b":")[2][:1] for key in _naming(guard, before)}
    assert {b"a", b"p", b"u", b"d", b"i", b"j", b"b", b"w"} <= kinds
    max_before = await guard.network.features()

    gone = await guard.network.erase(NAME, who="test")

    after = await _everything(guard)
    assert _naming(guard, after) == []
    assert gone >= len(_naming(guard, before)) - 4
    assert max_before == await guard.network.features()
    max_key = guard.identity.account("max").encode()
    assert any(max_key in key for key in after)
    assert await guard.desk.decision("f0") is None
    assert guard.desk.find_blocks(BlockQuery(account=NAME)) == []


async def test_other_instances_remember_nothing_either(make_guard: MakeGuard) -> None:
    """
    A report of a decision that another process made does not bring it back.
    """
    one, other = await make_guard(), await make_guard()
    decision = await other.check(fields("192.0.2.1", NAME))
    await written(other)

    await one.network.erase(NAME, who="test")

    async def forgotten() -> bool:
        return other.checkpoint.decisions.recent(decision.request_id) is None

    await eventually(forgotten)
    assert _naming(one, await _everything(one)) == []


async def test_the_profile_of_an_address_keeps_its_counts(make_guard: MakeGuard) -> None:
    """
    One account less in its lists is no reason to forget that an address guesses.
    """
    guard = await make_guard()
    for number in range(3):
        await fail(guard, fields("192.0.2.1", NAME if number else "max"))
    await guard.network_parts.settle()
    before = await guard.check(fields("192.0.2.1", "anna"))

    await guard.network.erase(NAME, who="test")
    after = await guard.check(fields("192.0.2.1", "anna"))

    assert before.score == pytest.approx(after.score, abs=0.05)
