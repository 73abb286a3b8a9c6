# SPDX-License-Identifier: Apache-2.0
"""Stores in every arrangement, on this machine, and guards on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest
from builders import Clock, same_digests
from clusters import LocalCluster, OpenGuard
from stores import StoreServer

from nacre.config.tree import BruteForce, Redis, Rule, Server, Settings
from nacre.service import Guard


@pytest.fixture(scope="session")
def local_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A cluster of three masters, for all tests that leave it as it was."""
    nodes = LocalCluster(tmp_path_factory.mktemp("cluster"))
    with asyncio.Runner() as runner:
        try:
            runner.run(nodes.start())
            yield nodes
        finally:
            runner.run(nodes.stop())


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[StoreServer]:
    """A store of the service's own that nobody starts again; it keeps what it acknowledged."""
    server = StoreServer(tmp_path / "store", "--appendonly", "yes")
    try:
        yield await server.start()
    finally:
        await server.kill()


@pytest.fixture
async def open_guard(tmp_path: Path, clock: Clock, prefix: str) -> AsyncIterator[OpenGuard]:
    """
    Open guards on a store; several share keys, as instances of one installation do.

    ``await open_guard(Redis(...), rule(...), tolerate_percent=20)``.
    """
    async with AsyncExitStack() as stack:

        async def opened(redis: Redis, *rules: Rule, **brute_force: object) -> Guard:
            settings = Settings(
                server=Server(redis=msgspec.structs.replace(redis, prefix=prefix)),
                brute_force=BruteForce(buckets=rules, **brute_force),  # type: ignore[arg-type]
            )
            data_dir = same_digests(tmp_path / "data")
            return await stack.enter_async_context(Guard.open(settings, data_dir=data_dir, watch=False, clock=clock))

        yield opened
