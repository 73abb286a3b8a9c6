# SPDX-License-Identifier: Apache-2.0
"""Finding the node of a key; how the guard fares on a cluster is in tests/integration."""

from __future__ import annotations

import asyncio

import pytest

from nacre.config.tree import Redis, RedisCluster
from nacre.errors import StoreUnavailable
from nacre.store.connect import connect


async def test_a_cluster_that_is_away_keeps_nobody_waiting() -> None:
    """
    Nobody listens on these ports: the start says so, and requests fail at once.
    """
    addresses = ("127.0.0.1:1", "127.0.0.1:2")
    servers = connect(Redis(cluster=RedisCluster(addresses=addresses)), socket=None, on_up=lambda: None)
    loop = asyncio.get_running_loop()
    try:
        assert await servers.topology.start(1.0) is False

        began = loop.time()
        for _ in range(3):
            with pytest.raises(StoreUnavailable):
                await servers.run(b"{x}", ("GET", b"{x}"))
        assert loop.time() - began < 10.0
        assert not servers.topology.is_up
    finally:
        await servers.topology.close()


async def test_a_node_that_another_one_names_is_tried_before_it_is_known() -> None:
    """
    While slots move, a node is named that holds none yet.
    """
    servers = connect(Redis(cluster=RedisCluster(addresses=("127.0.0.1:1",))), socket=None, on_up=lambda: None)
    try:
        with pytest.raises(StoreUnavailable, match=r"127\.0\.0\.1:2"):
            await servers.topology.lane_at("127.0.0.1", 2)
    finally:
        await servers.topology.close()
