# SPDX-License-Identifier: Apache-2.0
"""Blocks: what every instance holds of them, and what the store does."""

from __future__ import annotations

import time

import msgspec
import pytest
from builders import Clock, MakeGuard, eventually, fail, fields, rule, written

from nacre.address import Subnet
from nacre.config.duration import Duration
from nacre.config.tree import RuleAction, Subject
from nacre.decision import Block
from nacre.desk import BlockQuery
from nacre.service import Guard
from nacre.store.keys import Keys

HOUR = 3600.0


async def trip(guard: Guard, address: str = "192.0.2.7", limit: int = 2) -> None:
    """Fill the bucket of an address."""
    for _ in range(limit):
        await fail(guard, fields(address))


def block(subnet: str, name: str = "address", until: float = 2.0) -> Block:
    """A block of a subnet."""
    one = Subnet.parse(subnet)
    return Block(name, f"k{one}".encode(), str(one), "subnet", 1.0, until, "why")


async def test_a_block_tells_all_about_itself(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Rule, subject, since, until and reason: what an operator asks, without the log.
    """
    guard = await make_guard(rule(limit=2, period=600, ban_time=Duration(HOUR)))
    await trip(guard)

    (one,) = guard.desk.find_blocks(BlockQuery())

    assert (one.rule, one.subject, one.kind) == ("address", "192.0.2.7/32", "subnet")
    assert (one.since, one.until, one.strikes) == (clock(), clock() + HOUR, 0)
    assert one.reason == "rule address: 2 failures of 192.0.2.7/32 within 10m, 2 allowed; refused for 1h or longer"


async def test_another_instance_refuses_from_its_own_copy(make_guard: MakeGuard) -> None:
    """
    It heard of the block and asks nobody: even a store that has forgotten everything changes nothing.
    """
    one, two = await make_guard(rule(limit=2)), await make_guard(rule(limit=2))
    for host in range(5):  # the first may be read with everything else that a new instance reads
        await trip(one, f"192.0.2.{host}")
        await eventually(lambda: two.desk.blocked(f"192.0.2.{host}"))  # noqa: B023  called at once
    keys = two.checkpoint.subject_keys(two.admit(fields("192.0.2.4")))
    await two.servers.run(keys[0], ("DEL", *keys))

    decision = await two.check(fields("192.0.2.4"))

    assert decision.refused
    assert [reason.code for reason in decision.reasons] == ["blocked"]


async def test_a_new_instance_knows_the_blocks_of_all(make_guard: MakeGuard) -> None:
    """
    A restart opens no door.
    """
    one = await make_guard(rule(limit=2))
    for number in range(20):
        await trip(one, f"192.0.2.{number}")

    restarted = await make_guard(rule(limit=2))

    assert set(restarted.desk.blocks.copy) == set(one.desk.blocks.copy)
    assert len(restarted.desk.blocks.copy) == 20


async def test_two_instances_that_meet_a_full_bucket_begin_one_ban(make_guard: MakeGuard) -> None:
    """
    The script decides; the one that came second takes over what the first one began.
    """
    one, two = await make_guard(rule(limit=2)), await make_guard(rule(limit=2))
    bucket = one.checkpoint.policy.book.buckets[0]
    (key, *_) = one.checkpoint.subject_keys(one.admit(fields()))

    begun = [
        await guard.desk.blocks.begin(bucket, key, subject="192.0.2.7/32", kind="subnet", now=now, reason="r")
        for guard, now in ((one, 1000.0), (two, 1001.0))
    ]

    assert [each.until for each in begun] == [1000.0 + HOUR] * 2
    assert len(one.desk.blocks.copy) == 1


async def test_a_ban_that_the_list_lacks_is_listed_by_whoever_meets_it(make_guard: MakeGuard, prefix: str) -> None:
    """
    The process died between the ban and the list; an older entry of the same subject does not hide it.
    """
    one = await make_guard(rule(limit=2, action=RuleAction.CHALLENGE))
    await trip(one)
    keys = Keys(prefix, one.identity)
    (listed,) = one.desk.blocks.copy
    await one.servers.run(keys.blocks, ("DEL", keys.blocks))
    two = await make_guard(rule(limit=2, action=RuleAction.CHALLENGE))
    two.desk.blocks.copy.put(listed._replace(since=listed.since - 9000, until=listed.since - 5000))

    await two.check(fields())
    await written(two)

    assert await two.desk.blocks.restore() == 1
    (again,) = two.desk.blocks.copy
    assert again.until == listed.until


async def test_lifting_forgets_what_was_counted(make_guard: MakeGuard) -> None:
    """
    The next failure is the first again; other rules keep what they have.
    """
    guard = await make_guard(rule(limit=2), rule("network", limit=4, cidr=24))
    await trip(guard)

    await guard.desk.lift_blocks(BlockQuery(rule="address"), who="test")
    passed = [not (await fail(guard, fields())).refused for _ in range(3)]

    assert passed == [True, True, False]
    assert set((await guard.check(fields("192.0.2.9"))).rules) == {"network"}


async def test_a_lift_is_heard_by_all(make_guard: MakeGuard) -> None:
    """
    Or the help desk would have to know which instance answers.
    """
    one, two = await make_guard(rule(limit=2)), await make_guard(rule(limit=2))
    await trip(one)
    await eventually(lambda: len(two.desk.blocks.copy))

    await one.desk.lift_blocks(BlockQuery(rule="*"), who="test")
    await eventually(lambda: not len(two.desk.blocks.copy))

    assert not (await two.check(fields())).refused


async def test_a_block_whose_value_is_junk_can_be_lifted(make_guard: MakeGuard) -> None:
    """
    The operator wants it gone; that nobody can read it is no reason to keep it.
    """
    guard = await make_guard(rule(limit=2))
    await trip(guard, "192.0.2.7")
    await trip(guard, "192.0.2.8")
    for one in guard.desk.blocks.copy:
        await guard.servers.run(one.key, ("SET", one.key, b"junk"))

    lifted = await guard.desk.lift_blocks(BlockQuery(rule="*"), who="test")

    assert len(lifted) == 2
    assert not (await guard.check(fields())).refused


async def test_what_ended_is_swept(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Neither memory nor the list grows with what is over; what is in force stays.
    """
    short = rule("short", limit=2, ban_time=Duration(60))
    guard = await make_guard(short, rule("long", limit=2, ban_time=Duration(HOUR)))
    await trip(guard)
    clock.move(61)

    assert await guard.desk.blocks.sweep(clock()) == 1
    assert [one.rule for one in guard.desk.blocks.copy] == ["long"]
    assert await guard.desk.blocks.restore() == 1


async def test_sweeping_here_keeps_what_was_begun_anew_elsewhere(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The news of the second block may be on its way when the first one is swept.
    """
    guard = await make_guard(rule(limit=2, ban_time=Duration(60)))
    await trip(guard)
    (first,) = guard.desk.blocks.copy
    clock.move(61)
    await fail(guard, fields())
    guard.desk.blocks.copy.put(first)  # as if the second had not been heard of

    await guard.desk.blocks.sweep(clock())
    await guard.desk.blocks.restore()

    assert [one.since for one in guard.desk.blocks.copy] == [clock()]


JUNK: list[bytes] = [
    b"",
    b"junk",
    msgspec.msgpack.encode(["address"]),
    msgspec.msgpack.encode(block("192.0.2.1")._replace(subject="no subnet")),
    msgspec.msgpack.encode(block("192.0.2.1")._replace(subject="erika from home", kind="account+subnet")),
]


@pytest.mark.parametrize("junk", JUNK)
async def test_junk_in_the_list_costs_itself_alone(make_guard: MakeGuard, prefix: str, junk: bytes) -> None:
    """
    A restart with one entry that cannot be read restores the others.
    """
    one = await make_guard(rule(limit=2))
    await trip(one)
    key = Keys(prefix, one.identity).blocks
    await one.servers.run(key, ("HSET", key, "junk", junk))

    two = await make_guard(rule(limit=2))
    one.desk.blocks.hear_block(junk)

    assert len(two.desk.blocks.copy) == len(one.desk.blocks.copy) == 1


async def test_a_list_of_another_type_keeps_nobody_from_starting(make_guard: MakeGuard, prefix: str) -> None:
    """
    It is logged; checks read the subjects themselves, where the bans are.
    """
    one = await make_guard(rule(limit=2))
    await trip(one)
    key = Keys(prefix, one.identity).blocks
    await one.servers.run(key, ("SET", key, "junk"))

    two = await make_guard(rule(limit=2))

    assert (await two.check(fields())).refused


async def test_a_hundred_thousand_blocks_are_restored_within_five_seconds(make_guard: MakeGuard, prefix: str) -> None:
    """
    A restart in the middle of the largest attack.
    """
    guard = await make_guard(rule())
    key = Keys(prefix, guard.identity).blocks
    for start in range(0, 100_000, 5000):
        many = [block(f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", until=2e9) for n in range(start, start + 5000)]
        pairs = [part for one in many for part in (one.key, msgspec.msgpack.encode(one))]
        await guard.servers.run(key, ("HSET", key, *pairs))

    began = time.process_time()  # whoever else runs on this machine makes it no slower
    count = await guard.desk.blocks.restore()

    assert count == 100_000
    assert time.process_time() - began < 5.0
    assert guard.desk.blocked("10.1.2.3") == ["address"]
    await guard.servers.run(key, ("UNLINK", key))


async def test_a_block_of_an_account_is_read_from_the_store(make_guard: MakeGuard) -> None:
    """
    A copy cannot know who the owner is: such a block never refuses without a look at the account.
    """
    account = rule("account", limit=2, subject=Subject.ACCOUNT)
    one, two = await make_guard(account), await make_guard(account)
    await trip(one)
    await eventually(lambda: len(two.desk.blocks.copy))

    decision = await two.check(fields("198.51.100.1"))

    assert decision.refused
    assert decision.reasons[0].count == 2
