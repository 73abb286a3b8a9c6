# SPDX-License-Identifier: Apache-2.0
"""Which bans begin behind which answers."""

from __future__ import annotations

import asyncio

import structlog
from builders import RULES_ALONE, MakeGuard, fail, fields, rule, sign_in, written

from nacre.config.tree import Subject
from nacre.decision import Block
from nacre.desk import toleration_of
from nacre.service import Guard
from nacre.store.keys import Keys


def begun(guard: Guard) -> list[str]:
    """Rules of the blocks that begin from now on."""
    found: list[str] = []
    guard.checkpoint.bans.on_block = lambda block: found.append(block.rule)
    return found


async def test_many_answers_begin_one_ban(make_guard: MakeGuard) -> None:
    """
    Fifty attempts meet the full bucket before the first of them has written the ban.
    """
    guard = await make_guard(rule(limit=2))
    blocks: list[Block] = []
    guard.checkpoint.bans.on_block = blocks.append

    await asyncio.gather(*(guard.attempt(fields(), success=False) for _ in range(50)))
    await written(guard)

    assert [block.subject for block in blocks] == ["192.0.2.7/32"]
    assert list(guard.desk.blocks.copy) == blocks


async def test_every_rule_that_trips_bans_its_own_subject(make_guard: MakeGuard) -> None:
    """
    The address, its network, the account: three blocks, each with its own end.
    """
    guard = await make_guard(
        rule("network", limit=2, cidr=24), rule("address", limit=2), rule("account", limit=2, subject=Subject.ACCOUNT)
    )
    found = begun(guard)

    for _ in range(2):
        await fail(guard, fields())

    assert sorted(found) == ["account", "address", "network"]


async def test_what_is_forgiven_begins_no_ban(make_guard: MakeGuard) -> None:
    """
    A ban of the network for failures that its tolerated office may have would close it to everybody else.
    """
    guard = await make_guard(rule("network", limit=2, cidr=24), tolerate_percent=50, neural_network=RULES_ALONE)
    for number in range(10):
        await sign_in(guard, fields(username=f"user{number}"))
    found = begun(guard)

    for _ in range(4):
        await fail(guard, fields())
    assert found == []
    await guard.desk.set_tolerations([toleration_of("192.0.2.7", 0, 60)], replace=False, who="test")
    await guard.check(fields())
    await written(guard)

    assert found == ["network"]


async def test_an_owner_who_is_let_in_does_not_end_or_spare_the_ban(make_guard: MakeGuard) -> None:
    """
    The account is closed to strangers all the same: what the owner may is no verdict on the attack.
    """
    guard = await make_guard(rule("account", limit=2, subject=Subject.ACCOUNT))
    await sign_in(guard, fields())
    found = begun(guard)

    for _ in range(2):
        await fail(guard, fields())

    assert found == ["account"]
    assert not (await guard.check(fields())).refused
    assert (await guard.check(fields("198.51.100.1"))).refused


async def test_a_ban_that_cannot_be_listed_holds_and_is_listed_later(make_guard: MakeGuard, prefix: str) -> None:
    """
    The list of blocks was something else for a while; the subject itself holds the ban, and whoever meets it lists it.
    """
    one, two = await make_guard(rule(limit=2)), await make_guard(rule(limit=2))
    key = Keys(prefix, one.identity).blocks
    await one.servers.run(key, ("SET", key, "junk"))

    with structlog.testing.capture_logs() as lines:
        for _ in range(2):
            await fail(one, fields())
    await one.servers.run(key, ("DEL", key))
    refused = (await two.check(fields())).refused
    await written(two)

    assert "block_not_written" in {line["event"] for line in lines}
    assert refused
    assert await two.desk.blocks.restore() == 1
