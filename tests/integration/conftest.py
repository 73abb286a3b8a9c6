# SPDX-License-Identifier: Apache-2.0
"""Stores in every arrangement, on this machine, and guards on them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from builders import Clock, eventually
from daemons import StoreServer
from redis.asyncio import Redis as Client

from nacre.config.tree import BruteForce, Redis, Rule, Settings
from nacre.service import Guard
from nacre.store.embedded import find_server

OpenGuard = Callable[..., "AsyncExitStack"]


def servers() -> list[str]:
    """Return the store servers of this machine: the embedded one and, where installed, Debian's Redis 7."""
    return [find_server(), *filter(None, [shutil.which("redis-server")])]


@pytest.fixture
async def open_guard(tmp_path: Path, clock: Clock) -> AsyncIterator[Callable[..., object]]:
    """
    Open guards on a store of the test's own; several share one data directory, and so their keys.

    ``await open_guard(Redis(...), rule(...), ...)``.
    """
    async with AsyncExitStack() as stack:

        async def opened(redis: Redis, *rules: Rule, **brute_force: object) -> Guard:
            settings = Settings(brute_force=BruteForce(buckets=rules, **brute_force))  # type: ignore[arg-type]
            settings = replaced(settings, redis)
            return await stack.enter_async_context(Guard.open(settings, data_dir=tmp_path / "data", clock=clock))

        yield opened
