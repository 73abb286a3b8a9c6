# SPDX-License-Identifier: Apache-2.0
"""Which attempts a block is about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, written

from nacre.decision import Block
from nacre.desk import BlockQuery
from nacre.errors import NetworkRefused
from nacre.feedback import Meant
from nacre.involved import involved, subject_of
from nacre.record import Record
from nacre.service import Guard


async def _about(guard: Guard, meant: Meant, *, lifted: bool = False) -> Sequence[str]:
    blocks: list[Block] = [] if lifted else guard.desk.find_blocks(BlockQuery())
    await written(guard)
    return await involved(meant, guard.checkpoint.policy, blocks, _decisions(guard))


def _decisions(guard: Guard) -> AsyncIterator[Record]:
    assert hasattr(guard.checkpoint.decisions, "all")
    found: AsyncIterator[Record] = guard.checkpoint.decisions.all()
    return found


async def _block(guard: Guard, clock: Clock) -> None:
    """Fill the bucket of an address with three guesses, and try twice more; others, and earlier ones, beside it."""
    await fail(guard, fields(request_id="long-ago"))
    clock.move(700)
    for number in range(3):
        clock.move(10)
        await fail(guard, fields(request_id=f"filled{number}", username=f"user{number}"))
        await fail(guard, fields("192.0.2.8", request_id=f"beside{number}"))
    clock.move(10)
    for number in range(2):
        await guard.check(fields(request_id=f"refused{number}"))


@pytest.mark.parametrize("lifted", [False, True])
async def test_a_block_is_about_what_filled_it_and_what_it_refused(
    make_guard: MakeGuard, clock: Clock, *, lifted: bool
) -> None:
    """
    The newest first, nobody beside it, and nothing that was no longer counted; also when the block is over.
    """
    guard = await make_guard(rule(limit=3))
    await _block(guard, clock)

    found = await _about(guard, Meant(subnet="192.0.2.7", rule="address"), lifted=lifted)

    assert list(found) == ["refused1", "refused0", "filled2", "filled1", "filled0"]


async def test_a_block_of_an_account_is_named_by_the_account(make_guard: MakeGuard, clock: Clock) -> None:
    """
    However it is typed, and wherever the guesses come from; of a pair, with the subnet.
    """
    guard = await make_guard(
        rule("account", limit=3, subject="account"), rule("pair", limit=3, subject="account+subnet")
    )
    for number in range(3):
        clock.move(1)
        await fail(guard, fields(request_id=f"r{number}"))

    assert len(await _about(guard, Meant(account="Erika"))) == 3
    assert len(await _about(guard, Meant(account="erika", subnet="192.0.2.7/32", rule="pair"))) == 3
    with pytest.raises(NetworkRefused):
        await _about(guard, Meant(account="erika", rule="pair"))


async def test_where_nothing_was_refused_no_block_is_meant(make_guard: MakeGuard) -> None:
    """
    A mistyped subnet says nothing of anybody.
    """
    guard = await make_guard(rule(limit=3))
    await fail(guard, fields())

    with pytest.raises(NetworkRefused) as unknown:
        await _about(guard, Meant(subnet="192.0.2.7"))
    with pytest.raises(NetworkRefused) as unreadable:
        subject_of(Meant(subnet="192.0.2.300"), guard.checkpoint.policy)

    assert (unknown.value.code, unreadable.value.code) == ("unknown_block", "out_of_range")
