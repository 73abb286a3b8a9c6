# SPDX-License-Identifier: Apache-2.0
"""Processes of one installation, on the store of the test run or on another one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from processes import Begin, Process

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisMaster
from nacre.store.connect import connect


@pytest.fixture
async def begin(store_socket: str, prefix: str) -> AsyncIterator[Begin]:
    """Begin processes of one installation."""
    async with AsyncExitStack() as stack:

        async def make(redis: Redis | None = None, *, started: bool = True) -> Process:
            redis = redis or Redis(master=RedisMaster(address=store_socket), timeout=Duration(5))
            servers = connect(redis, socket=None, on_up=lambda: None)
            stack.push_async_callback(servers.topology.close)
            if started:
                assert await servers.topology.start(60.0)
            process = Process(servers, prefix)
            stack.push_async_callback(process.profiles.settle)
            return process

        yield make
