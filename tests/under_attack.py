# SPDX-License-Identifier: Apache-2.0
"""Guards under attack from many addresses, and somebody who watches when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from builders import Clock, fields, written

from nacre.config.campaigns import Campaigns
from nacre.config.tree import BruteForce, NeuralNetwork, Settings
from nacre.decision import Decision
from nacre.rehearsal import strangers
from nacre.service import Guard
from nacre.watching import Watching

GAP = 1.0
"""Seconds between two attempts."""


def settings(*, network: bool = False, **campaigns: object) -> Settings:
    """Return settings without rules, so that measures alone act."""
    return Settings(
        brute_force=BruteForce(neural_network=NeuralNetwork(enabled=network)),
        campaigns=Campaigns(**campaigns),  # type: ignore[arg-type]
    )


async def botnet(guard: Guard, clock: Clock, *, account: str = "erika", tries: int = 12) -> list[Decision]:
    """Try an account once from each of so many addresses, a second apart."""
    decisions = []
    for address in strangers(tries):
        clock.move(GAP)
        decision = await guard.check(fields(address, account, protocol="imap"))
        if not decision.refused:
            await guard.report(decision.request_id, success=False)
        decisions.append(decision)
    return decisions


async def told(guard: Guard) -> None:
    """Wait until the watch has been told of everything so far."""
    await written(guard)
    await guard.campaign_parts.settle()
    await written(guard)


async def watch_once(guard: Guard) -> None:
    """Let somebody watch for a moment, and this process look at what came of it."""
    await told(guard)
    assert await guard.campaign_parts.watching().once()
    await guard.campaign_parts.look()


@asynccontextmanager
async def watching(guard: Guard, owner: str = "") -> AsyncIterator[Watching]:
    """Let somebody watch until the end of the block."""
    watch = guard.campaign_parts.watching(owner)
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        watch.stop()
        await task
