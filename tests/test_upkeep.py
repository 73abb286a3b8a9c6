# SPDX-License-Identifier: Apache-2.0
"""What a guard does again and again, without being asked."""

from __future__ import annotations

from builders import MakeGuard, eventually, fields, rule

from nacre.ports import Spooled
from nacre.upkeep import Upkeep


async def test_what_waits_on_disk_is_counted_in_its_order_and_then_gone(make_guard: MakeGuard) -> None:
    """
    Reports that were acknowledged while the store was away count as if it had not been.
    """
    guard = await make_guard(rule(limit=3))
    assert guard.spool is not None
    for _ in range(3):
        guard.spool.put(Spooled(guard.admit(fields()), accepted=False))

    guard.store_came_up()
    await eventually(lambda: not guard.spooled)
    await guard.checkpoint.settle()

    assert (await guard.check(fields())).refused


async def test_what_had_not_begun_at_the_end_is_let_go(make_guard: MakeGuard) -> None:
    """
    A guard may close in the moment in which it looks around; Python warns of work that is dropped without a word.
    """
    upkeep = Upkeep(await make_guard())
    begun = []

    async def work() -> None:
        begun.append("work")

    upkeep.later(work())
    await upkeep.stop()

    assert begun == []
