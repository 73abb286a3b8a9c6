# SPDX-License-Identifier: Apache-2.0
"""What a service decided alone, once its store is back."""

from __future__ import annotations

from typing import Any

from builders import eventually, fields, rule
from clusters import OpenGuard
from stores import StoreServer

from nacre.config.tree import Redis, RedisMaster


async def test_a_decision_made_alone_is_known_to_all_once_the_store_is_back(
    open_guard: OpenGuard, store: StoreServer
) -> None:
    """
    The report, the question why and the feedback come to whatever instance is next.
    """
    redis = Redis(master=RedisMaster(address=store.address))
    alone, other = [await open_guard(redis, rule(limit=3)) for _ in range(2)]
    await store.kill()
    await eventually(lambda: not alone.store_is_up)
    decision = await alone.check(fields("192.0.2.1"))
    alone.checkpoint.decisions.flush()

    await store.start()

    async def known() -> Any:
        return other.store_is_up and await other.desk.decision(decision.request_id)

    record = await eventually(known)
    assert record.decision == decision
    assert (await other.report(decision.request_id, success=False)).counted
