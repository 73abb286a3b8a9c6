# SPDX-License-Identifier: Apache-2.0
"""What a guard does again and again, without being asked."""

from __future__ import annotations

from builders import MakeGuard, eventually, fields, rule

from nacre.ports import Spooled


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
