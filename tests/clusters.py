# SPDX-License-Identifier: Apache-2.0
"""Stores of several servers: a real cluster, and a master whose replica takes over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from builders import eventually
from daemons import free_port
from redis.asyncio import Redis
from redis.crc import key_slot
from redis.exceptions import RedisError
from stores import StoreServer

from nacre.service import Guard

OpenGuard = Callable[..., Awaitable[Guard]]
_SLOTS = 16_384


def asked(server: StoreServer, **other: Any) -> Any:
    """Return a plain client of one server, of the library that types half of itself."""
    return Redis(host="127.0.0.1", port=server.port, **other)


async def told(server: StoreServer, *command: str | int, **other: Any) -> Any:
    """Run one command on one server."""
    async with asked(server, **other) as client:
        return await client.execute_command(*command)


class LocalCluster:
    """
    Three masters on this machine.

    Args:
        place: Where their files go.
        binary: The server.
    """

    def __init__(self, place: Path, binary: str = "") -> None:
        options = [
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "5000",
            "--cluster-require-full-coverage",
            "no",
        ]
        self._bus = [free_port() for _ in range(3)]  # not the port plus 10,000: that may be taken, or too high
        self.nodes = [
            StoreServer(place / f"node{n}", *options, "--cluster-port", str(bus), binary=binary)
            for n, bus in enumerate(self._bus)
        ]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Host and port of each node."""
        return tuple(node.address for node in self.nodes)

    async def start(self) -> None:
        """Start the nodes, share the slots out, and wait until all agree."""
        await asyncio.gather(*(node.start() for node in self.nodes))
        share = _SLOTS // len(self.nodes) + 1
        for number, node in enumerate(self.nodes):
            first, last = number * share, min((number + 1) * share, _SLOTS) - 1
            await told(node, "CLUSTER", "ADDSLOTSRANGE", first, last)
            await told(node, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node, bus in zip(self.nodes[1:], self._bus[1:], strict=True):
            await told(self.nodes[0], "CLUSTER", "MEET", "127.0.0.1", node.port, bus)
        await self.settled()

    async def settled(self) -> None:
        """Wait until all nodes see each other and the same slots, as they do not right after one has been away."""
        await eventually(self._agree, every=0.02)

    async def _agree(self) -> bool:
        for node in self.nodes:
            async with asked(node) as client:
                if len(await client.execute_command("CLUSTER SLOTS")) < len(self.nodes):
                    return False
                if (await client.execute_command("CLUSTER INFO"))["cluster_state"] != "ok":
                    return False
        return True

    async def holder(self, key: bytes) -> StoreServer:
        """Return the node that holds a key."""
        slot = key_slot(key)
        async with asked(self.nodes[0]) as client:
            for first, last, (_, port, *_), *_ in await _raw_slots(client):
                if first <= slot <= last:
                    return next(node for node in self.nodes if node.port == port)
        raise LookupError(slot)

    @asynccontextmanager
    async def moving(self, key: bytes) -> AsyncIterator[None]:
        """Keep the slot of a key on its way to another node."""
        source, target = await self._begin_move(key)
        yield
        await self._end_move(key, source, target)

    async def _begin_move(self, key: bytes) -> tuple[StoreServer, StoreServer]:
        slot, source = key_slot(key), await self.holder(key)
        target = next(node for node in self.nodes if node is not source)
        source_id, target_id = await told(source, "CLUSTER", "MYID"), await told(target, "CLUSTER", "MYID")
        await told(target, "CLUSTER", "SETSLOT", slot, "IMPORTING", source_id)
        await told(source, "CLUSTER", "SETSLOT", slot, "MIGRATING", target_id)
        return source, target

    async def move(self, key: bytes) -> None:
        """Move the slot of a key, with all its keys, to another node."""
        await self._end_move(key, *await self._begin_move(key))

    async def _end_move(self, key: bytes, source: StoreServer, target: StoreServer) -> None:
        slot = key_slot(key)
        while keys := await told(source, "CLUSTER", "GETKEYSINSLOT", slot, 100):
            await told(source, "MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
        target_id = await told(target, "CLUSTER", "MYID")
        for node in (target, source, *self.nodes):
            await told(node, "CLUSTER", "SETSLOT", slot, "NODE", target_id)

    async def stop(self) -> None:
        """End all nodes."""
        for node in self.nodes:
            await node.kill()


async def _raw_slots(client: Any) -> list[Any]:
    client.response_callbacks.pop("CLUSTER SLOTS", None)
    rows: list[Any] = await client.execute_command("CLUSTER SLOTS")
    return rows


@asynccontextmanager
async def cluster(place: Path, binary: str = "") -> AsyncIterator[LocalCluster]:
    """Run a cluster for a while."""
    nodes = LocalCluster(place, binary)
    try:
        await nodes.start()
        yield nodes
    finally:
        await nodes.stop()


class Watched:
    """
    A master, its replica, and Sentinels that watch them.

    Args:
        place: Where their files go.
        sentinels: How many.
    """

    name = "nacre-master"

    def __init__(self, place: Path, sentinels: int = 3) -> None:
        quick = ["--repl-diskless-sync-delay", "0"]  # it would wait five seconds for more replicas
        self.master = StoreServer(place / "master", *quick)
        self.replica = StoreServer(place / "replica", *quick, "--replicaof", "127.0.0.1", str(self.master.port))
        self._quorum = sentinels // 2 + 1
        self.sentinels = [self._sentinel(place / f"sentinel{n}") for n in range(sentinels)]

    def _sentinel(self, place: Path) -> StoreServer:
        place.mkdir(parents=True)
        config = place / "sentinel.conf"
        config.write_text(
            f"sentinel monitor {self.name} 127.0.0.1 {self.master.port} {self._quorum}\n"
            f"sentinel down-after-milliseconds {self.name} 2000\n"
            f"sentinel failover-timeout {self.name} 3000\n"
        )
        return StoreServer(place, config=config)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Host and port of each Sentinel."""
        return tuple(sentinel.address for sentinel in self.sentinels)

    async def start(self) -> None:
        """Start everything, and wait until all know each other."""
        await self.master.start()
        await self.replica.start()
        await asyncio.gather(*(sentinel.start() for sentinel in self.sentinels))
        await eventually(self._known, every=0.05)

    async def _known(self) -> bool:
        for sentinel in self.sentinels:
            state = await self.state(sentinel)
            if (int(state["num-slaves"]), int(state["num-other-sentinels"])) != (1, len(self.sentinels) - 1):
                return False
        info = await told(self.replica, "INFO", "replication")
        return str(info.get("master_link_status")) == "up"

    async def state(self, sentinel: StoreServer) -> dict[str, Any]:
        """Return what a Sentinel knows of the master."""
        async with asked(sentinel, decode_responses=True) as client:
            client.response_callbacks.clear()
            flat = await client.execute_command("SENTINEL", "MASTER", self.name)
        return flat if isinstance(flat, dict) else dict(zip(flat[::2], flat[1::2], strict=True))

    async def is_master(self, server: StoreServer) -> bool:
        """Whether a server takes writes, and all Sentinels say so."""
        try:
            role = (await told(server, "ROLE"))[0]
            ports = {int((await self.state(sentinel))["port"]) for sentinel in self.sentinels}
        except (RedisError, OSError):
            return False
        return role in {b"master", "master"} and ports == {server.port}

    async def stop(self) -> None:
        """End everything."""
        for server in (*self.sentinels, self.replica, self.master):
            await server.kill()


@asynccontextmanager
async def watched(place: Path, sentinels: int = 3) -> AsyncIterator[Watched]:
    """Run a master with its replica and Sentinels for a while."""
    group = Watched(place, sentinels)
    try:
        await group.start()
        yield group
    finally:
        await group.stop()
