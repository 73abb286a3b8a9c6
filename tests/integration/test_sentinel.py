# SPDX-License-Identifier: Apache-2.0
"""The guard on a master that Sentinel watches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from builders import eventually, fields, rule
from clusters import OpenGuard, Watched, told, watched

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisSentinels
from nacre.desk import BlockQuery, toleration_of
from nacre.service import Guard


@pytest.fixture
async def group(tmp_path: Path) -> AsyncIterator[Watched]:
    """A master, its replica, and one Sentinel: a single one may decide, where it is asked for a quorum of one."""
    async with watched(tmp_path / "group", sentinels=1) as group:
        yield group


def _settings(group: Watched) -> Redis:
    # The first address answers nothing: Sentinels are machines, and one of them is always down.
    sentinels = RedisSentinels(addresses=("127.0.0.1:1", *group.addresses), master=group.name)
    return Redis(sentinels=sentinels, timeout=Duration(3))


async def _blocked(guard: Guard, ip: str) -> None:
    for _ in range(2):
        await guard.report(fields(ip), success=False)
    await guard.checkpoint.settle()
    assert (await guard.check(fields(ip))).refused


async def _replicated(group: Watched) -> None:
    """Wait until the replica has what the master has."""

    async def same() -> bool:
        master, replica = [await told(server, "INFO", "replication") for server in (group.master, group.replica)]
        return bool(master["master_repl_offset"] == replica["master_repl_offset"])

    await eventually(same)


async def test_a_planned_failover_is_followed(open_guard: OpenGuard, group: Watched) -> None:
    """
    The old master turns replica and takes no more writes: the guard finds the new one without being told.
    """
    guard, other = [await open_guard(_settings(group), rule(limit=2)) for _ in range(2)]
    await _blocked(guard, "192.0.2.1")
    await guard.desk.set_tolerations([toleration_of("198.51.100.0/24", 20, 3600.0)], replace=False, who="erika")
    await _replicated(group)

    await told(group.sentinels[0], "SENTINEL", "FAILOVER", group.name)
    await eventually(lambda: group.is_master(group.replica))

    async def counted() -> bool:
        receipt = await guard.report(fields("192.0.2.2"), success=False)
        return receipt.why == "counted"

    await eventually(counted, every=0.05)
    await eventually(lambda: guard.spooled == 0)
    assert (await guard.check(fields("192.0.2.1"))).refused
    assert len(guard.desk.tolerations()) == 1
    await _news_flow(guard, other)


async def test_a_dead_master_is_replaced(open_guard: OpenGuard, group: Watched) -> None:
    """
    Until Sentinel has decided, known blocks refuse and reports wait on disk; then all is as before.
    """
    guard = await open_guard(_settings(group), rule(limit=2))
    await _blocked(guard, "192.0.2.1")
    await _replicated(group)

    await group.master.kill()
    away = await guard.check(fields("192.0.2.3"))
    receipt = await guard.report(fields("192.0.2.3"), success=False)

    assert away.reasons[-1].code == "store_unavailable"
    assert receipt.why == "spooled"
    assert (await guard.check(fields("192.0.2.1"))).refused
    await eventually(lambda: guard.store_is_up)
    await eventually(lambda: guard.spooled == 0)
    decision = await guard.check(fields("192.0.2.3"))
    record = await guard.desk.decision(decision.request_id)
    assert record is not None
    assert record.counts == {"address": 1}
    assert (await guard.check(fields("192.0.2.1"))).refused


async def _news_flow(guard: Guard, other: Guard) -> None:
    """Claim that instances hear of each other's blocks."""

    async def seen() -> bool:
        ip = "192.0.2.9"
        for _ in range(2):
            await guard.report(fields(ip), success=False)
        await guard.checkpoint.settle()
        return any(block.subject == f"{ip}/32" for block in other.desk.find_blocks(BlockQuery()))

    await eventually(seen, every=0.1)
