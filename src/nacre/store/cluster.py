# SPDX-License-Identifier: Apache-2.0
"""
A cluster: one lane for each node that holds slots.

Nobody who asks waits long for a node that is away: who holds what is looked up beside the
requests, at most once a second, and a lane that was up before is not waited for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import structlog
from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode
from redis.crc import key_slot

from nacre.errors import StoreUnavailable
from nacre.store.lane import Lane
from nacre.store.topology import AWAY, Endpoint

log = structlog.get_logger(__name__)

_PATIENCE = 0.2
"""Seconds that a request waits for a lane that was just opened, or for news of where its key went."""
_LOOK_EVERY = 1.0


class Cluster:
    """
    Finds the node of a key.

    Args:
        client: redis-py, which knows the slots.
        make_lane: Makes a lane to a node.
    """

    shards = True

    def __init__(self, client: RedisCluster, make_lane: Callable[..., Lane]) -> None:
        self.client: Any = client
        self._make_lane = make_lane
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._opened: dict[Lane, float] = {}
        self._looking: asyncio.Task[None] | None = None
        self._looked = -_LOOK_EVERY

    @property
    def is_up(self) -> bool:
        """Whether every node that we talk to can be reached."""
        return bool(self._lanes) and all(lane.is_up for lane in self._lanes.values())

    async def start(self, patience: float) -> bool:
        """Learn the slots and connect to all masters."""
        with contextlib.suppress(TimeoutError, *AWAY):
            async with asyncio.timeout(patience):
                await self.client.initialize()
                await asyncio.gather(*(self._to(node).ready(patience) for node in self.client.get_primaries()))
        return self.is_up

    async def lane(self, key: bytes) -> Lane:
        """Return the lane to the node that holds a key."""
        lane = await self._lane(key)
        if lane is None and asyncio.get_running_loop().time() - self._looked > _LOOK_EVERY:
            await self.moved()
            lane = await self._lane(key)
        if lane is None:
            raise StoreUnavailable("the store is away: the node of this key cannot be reached")
        return lane

    async def lane_at(self, host: str, port: int) -> Lane:
        """Return the lane to a node, which may hold no slot yet."""
        lane = await self._open(ClusterNode(host, port))
        if lane is None:
            raise StoreUnavailable(f"the store is away: node {host}:{port} cannot be reached")
        return lane

    async def moved(self) -> None:
        """Ask the nodes again who holds what; many callers share one question, and none waits long for the answer."""
        if self._looking is None or self._looking.done():
            self._looked = asyncio.get_running_loop().time()
            self._looking = asyncio.create_task(self._look(), name="nacre-cluster-look")
        await asyncio.wait([self._looking], timeout=_PATIENCE)

    async def close(self) -> None:
        """Close all connections."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking], timeout=_PATIENCE)
        for lane in self._lanes.values():
            await lane.close()
        await self.client.aclose()

    async def _lane(self, key: bytes) -> Lane | None:
        try:
            node = self.client.nodes_manager.get_node_from_slot(key_slot(key), False)  # noqa: FBT003  its signature
        except (*AWAY, KeyError, IndexError):
            return None
        return await self._open(node)

    async def _open(self, node: ClusterNode) -> Lane | None:
        """Return the lane to a node if it can be used; one that was just opened is given a moment."""
        lane = self._to(node)
        moment = self._opened[lane] + _PATIENCE - asyncio.get_running_loop().time()
        return lane if lane.is_up or (moment > 0 and await lane.ready(moment)) else None

    def _to(self, node: ClusterNode) -> Lane:
        name = (str(node.host), int(node.port))
        lane = self._lanes.get(name)
        if lane is None:

            async def where() -> Endpoint:
                return name

            lane = self._lanes[name] = self._make_lane(where)
            self._opened[lane] = asyncio.get_running_loop().time()
            lane.start()
        return lane

    async def _look(self) -> None:
        try:
            await self.client.nodes_manager.initialize()
        except AWAY as error:
            log.debug("slots_unknown", error=str(error))
            return
        masters = {(str(node.host), int(node.port)) for node in self.client.get_primaries()}
        for name in set(self._lanes) - masters:
            lane = self._lanes.pop(name)
            del self._opened[lane]
            await lane.close()
