# SPDX-License-Identifier: Apache-2.0
"""Bans are begun behind the answers, once, and by whoever comes first."""

from __future__ import annotations

from builders import MakeGuard, fields, rule

from nacre.decision import Block
from nacre.desk import BlockQuery


async def test_a_full_window_is_banned_once_however_many_meet_it(make_guard: MakeGuard) -> None:
    """
    A flood meets the full window many times before the first ban is written.
    """
    guard = await make_guard(rule(limit=3))
    begun: list[Block] = []
    guard.checkpoint.bans.on_block = begun.append

    for _ in range(3):
        await guard.report(fields(), success=False)
    for _ in range(20):
        await guard.check(fields())
    await guard.checkpoint.settle()

    assert [block.subject for block in begun] == ["192.0.2.7/32"]
    assert len(guard.desk.find_blocks(BlockQuery())) == 1


async def test_the_full_window_refuses_before_the_ban_is_written(make_guard: MakeGuard) -> None:
    """
    Nobody waits for a ban, and nobody slips through before it.
    """
    guard = await make_guard(rule(limit=3))

    for _ in range(3):
        await guard.report(fields(), success=False)
    decision = await guard.check(fields())

    assert decision.refused
    assert decision.reasons[0].code in {"rule", "blocked"}


async def test_an_address_that_is_tolerated_is_not_banned(make_guard: MakeGuard) -> None:
    """
    What its successes forgive is no reason for a block that operators would have to lift.
    """
    guard = await make_guard(rule(limit=3), tolerate_percent=50)

    for number in range(20):
        await guard.report(fields(username=f"user{number}"), success=True)
    for _ in range(4):
        await guard.report(fields(), success=False)
    await guard.checkpoint.settle()

    assert guard.desk.find_blocks(BlockQuery()) == []
    assert not (await guard.check(fields())).refused
