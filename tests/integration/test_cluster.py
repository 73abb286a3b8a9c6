# SPDX-License-Identifier: Apache-2.0
"""The guard on a real cluster of three masters."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from builders import eventually, fields, rule
from clusters import LocalCluster, OpenGuard, cluster, told
from stores import frozen

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisCluster
from nacre.decision import Action
from nacre.desk import BlockQuery, toleration_of
from nacre.service import Guard


def _settings(nodes: LocalCluster, timeout: float = 5.0) -> Redis:
    return Redis(cluster=RedisCluster(addresses=nodes.addresses), timeout=Duration(timeout))


def _origin(guard: Guard, ip: str) -> bytes:
    """Return the key under which an address is counted."""
    return guard.checkpoint.subject_keys(guard.admit(fields(ip)))[0]


async def _fail(guard: Guard, ip: str, times: int, username: str = "erika") -> list[Action]:
    """Try wrong passwords, one after the other, and return what the checks said."""
    actions = []
    for _ in range(times):
        decision = await guard.check(fields(ip, username))
        actions.append(decision.action)
        if not decision.refused:
            await guard.report(decision.request_id, success=False)
        await guard.checkpoint.settle()
    return actions


async def test_guessing_is_counted_refused_listed_and_lifted(
    open_guard: OpenGuard, local_cluster: LocalCluster
) -> None:
    """
    The whole of what one server does: rules whose subjects live on different nodes trip together.
    """
    guard = await open_guard(
        _settings(local_cluster),
        rule("one", limit=4),
        rule("net", limit=4, cidr=24),
        rule("name", limit=4, subject="account"),
        rule("pair", limit=4, subject="account+subnet"),
    )

    actions = await _fail(guard, "192.0.2.7", times=5)
    refused = await guard.check(fields("192.0.2.7"))

    assert actions == [Action.ALLOW] * 4 + [Action.REFUSE]
    assert refused.rules == ("one", "net")
    assert {block.rule for block in guard.desk.find_blocks(BlockQuery())} == {"one", "net", "name", "pair"}
    assert guard.desk.blocked("192.0.2.7") == ["one", "net"]
    assert len(await guard.desk.lift_blocks(BlockQuery(rule="*"), who="erika")) == 4
    assert (await guard.check(fields("192.0.2.7"))).action is Action.ALLOW


async def test_a_block_begun_by_one_instance_is_known_to_the_other(
    open_guard: OpenGuard, local_cluster: LocalCluster
) -> None:
    """
    News goes through one channel of the cluster, whichever node a key lives on; so does the lifting.
    """
    one, other = [await open_guard(_settings(local_cluster), rule(limit=2)) for _ in range(2)]

    await _fail(one, "198.51.100.1", times=3)

    await eventually(lambda: len(other.desk.blocks.copy) == 1, within=1.0)
    assert (await other.check(fields("198.51.100.1"))).refused
    await other.desk.lift_blocks(BlockQuery(ip="198.51.100.1"), who="erika")
    await eventually(lambda: len(one.desk.blocks.copy) == 0, within=1.0)
    assert not (await one.check(fields("198.51.100.1"))).refused


async def test_an_instance_that_starts_later_knows_all_blocks(
    open_guard: OpenGuard, local_cluster: LocalCluster
) -> None:
    """
    They are read from the one list before the first check is answered.
    """
    one = await open_guard(_settings(local_cluster), rule(limit=1))
    for number in range(20):
        await _fail(one, f"198.51.{number}.1", times=2)

    late = await open_guard(_settings(local_cluster), rule(limit=1))

    assert len(late.desk.blocks.copy) == 20


async def test_tolerations_and_revocations_reach_the_other_instance(
    open_guard: OpenGuard, local_cluster: LocalCluster
) -> None:
    """
    Both are single keys of the cluster, told about in the one channel.
    """
    one, other = [await open_guard(_settings(local_cluster), rule(limit=2)) for _ in range(2)]
    heard: list[str] = []
    other.on_revoked = lambda token_id, _: heard.append(token_id)

    await one.desk.set_tolerations([toleration_of("192.0.2.0/24", 30, 3600.0)], replace=True, who="erika")
    await one.desk.revoke("a-token", one.clock() + 60, who="erika")

    await eventually(lambda: [str(entry.subnet) for entry in other.desk.tolerations()] == ["192.0.2.0/24"], within=1.0)
    await eventually(lambda: "a-token" in heard, within=1.0)
    assert await other.desk.delete_toleration(other.desk.tolerations()[0].subnet, who="erika")
    await eventually(lambda: one.desk.tolerations() == [], within=1.0)


async def test_a_report_counts_once_in_every_slot_however_often_it_is_sent(
    open_guard: OpenGuard, local_cluster: LocalCluster
) -> None:
    """
    An address and an account live on different nodes; each has to see the request id once.
    """
    guard = await open_guard(_settings(local_cluster), rule("one", limit=50), rule("name", limit=50, subject="account"))

    reports = [fields("100.5.0.1", request_id=f"r{n % 10}", password=f"guess{n % 10}") for n in range(60)]
    receipts = await asyncio.gather(*(guard.report(report, success=False) for report in reports))
    decision = await guard.check(fields("100.5.0.1"))
    record = await guard.desk.decision(decision.request_id)

    assert sum(receipt.counted for receipt in receipts) == 10
    assert record is not None
    assert record.counts == {"one": 10, "name": 10}


async def test_a_report_that_reached_one_slot_only_is_completed_later(
    open_guard: OpenGuard, local_cluster: LocalCluster
) -> None:
    """
    One node hangs: the report is acknowledged and kept; when it is sent again, no node counts it twice.
    """
    guard = await open_guard(
        _settings(local_cluster, timeout=0.5), rule("one", limit=50), rule("name", limit=50, subject="account")
    )
    await guard.check(fields("100.9.0.1"))
    hanging = await local_cluster.holder(_origin(guard, "100.9.0.1"))

    with frozen(hanging.pid):
        receipts = [await guard.report(fields("100.9.0.1", "erika"), success=False) for _ in range(3)]
        assert {receipt.why for receipt in receipts} == {"spooled"}
    await local_cluster.settled()
    await eventually(lambda: guard.spooled == 0)

    decision = await guard.check(fields("100.9.0.1"))
    record = await guard.desk.decision(decision.request_id)
    assert record is not None
    assert record.counts == {"one": 3, "name": 3}


async def test_a_lost_script_is_loaded_again(open_guard: OpenGuard, local_cluster: LocalCluster) -> None:
    """
    Somebody flushes the scripts, or a new node never had them.
    """
    guard = await open_guard(_settings(local_cluster), rule(limit=2))
    await _fail(guard, "100.20.0.1", times=1)

    for node in local_cluster.nodes:
        await told(node, "SCRIPT", "FLUSH")

    assert await _fail(guard, "100.20.0.1", times=2) == [Action.ALLOW, Action.REFUSE]


async def test_counts_follow_a_slot_that_moves(open_guard: OpenGuard, local_cluster: LocalCluster) -> None:
    """
    Clusters grow and shrink while people sign in.
    """
    guard = await open_guard(_settings(local_cluster), rule(limit=4))
    await _fail(guard, "100.30.0.1", times=2)

    await local_cluster.move(_origin(guard, "100.30.0.1"))

    assert await _fail(guard, "100.30.0.1", times=3) == [Action.ALLOW, Action.ALLOW, Action.REFUSE]


async def test_nobody_slips_through_while_a_slot_moves(open_guard: OpenGuard, local_cluster: LocalCluster) -> None:
    """
    Neither node counts for keys that are not there yet: what this process counts holds until the move is over.
    """
    guard = await open_guard(_settings(local_cluster), rule(limit=3))
    key = _origin(guard, "100.40.0.1")

    async with local_cluster.moving(key):
        actions = await _fail(guard, "100.40.0.1", times=4)
        assert actions == [Action.ALLOW] * 3 + [Action.REFUSE]
    await eventually(lambda: guard.spooled == 0)

    assert (await guard.check(fields("100.40.0.1"))).reasons[0].code in {"rule", "blocked"}


@pytest.mark.parametrize("how", ["killed", "hanging"])
async def test_a_node_that_is_away_costs_its_own_keys_only(open_guard: OpenGuard, tmp_path: Path, how: str) -> None:
    """
    Checks of its keys are answered as settings say, soon; all others as ever; and it recovers by itself.
    """
    async with cluster(tmp_path / "cluster") as nodes:
        guard = await open_guard(_settings(nodes, timeout=0.5), rule(limit=3, period=600, ban_time=Duration(60)))
        for last in range(60):
            await guard.check(fields(f"10.{last}.0.1", ""))
        away = nodes.nodes[0]
        held = [ip for ip in (f"10.{n}.0.1" for n in range(60)) if await nodes.holder(_origin(guard, ip)) is away]
        others = [ip for ip in (f"10.{n}.0.1" for n in range(60)) if ip not in held]
        assert held
        assert others

        if how == "killed":
            await away.kill()
            await _answers_soon(guard, held, others)
            await away.start()
        else:
            with frozen(away.pid):
                await _answers_soon(guard, held, others)

        await eventually(lambda: guard.store_is_up)
        await eventually(lambda: guard.spooled == 0)
        record = await guard.desk.decision((await guard.check(fields(held[0], ""))).request_id)
        assert record is not None
        assert record.counts == {"address": 1}


async def _answers_soon(guard: Guard, held: list[str], others: list[str]) -> None:
    loop = asyncio.get_running_loop()
    for ip in (held[0], held[1], *others[:3], held[2]):
        began = loop.time()
        decision = await guard.check(fields(ip, ""))
        assert loop.time() - began < 5.0, ip
        assert decision.action is Action.ALLOW
        assert any(reason.code == "store_unavailable" for reason in decision.reasons) == (ip in held)
    assert (await guard.report(fields(held[0], ""), success=False)).why == "spooled"
    assert (await guard.report(fields(others[0], ""), success=False)).why == "counted"
