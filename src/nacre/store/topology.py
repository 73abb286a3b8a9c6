# SPDX-License-Identifier: Apache-2.0
"""
The servers that hold the state: one, one watched by Sentinel, or a cluster.

Hot commands go through lanes; everything rare (lists, subscriptions, finding servers) through
redis-py.  What differs between the three is how a key finds its lane.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import hiredis
import redis.exceptions
from redis.asyncio import Redis, RedisCluster, Sentinel
from redis.asyncio.cluster import ClusterNode
from redis.crc import key_slot

from nacre.config import tree
from nacre.errors import SettingsError, StoreCorrupt, StoreUnavailable
from nacre.store.lane import Command, Lane, Reply
from nacre.store.scripts import ALL, Script

Endpoint = str | tuple[str, int]
AWAY = (redis.exceptions.RedisError, redis.exceptions.RedisClusterException, OSError)
"""What redis-py raises when a server cannot be used."""
_LANE_PATIENCE = 0.2


class Topology(Protocol):
    """Finds the lane of a key."""

    client: Any
    """redis-py, for what is rare."""

    @property
    def is_up(self) -> bool:
        """Whether commands can be sent now."""

    @property
    def shards(self) -> bool:
        """Whether keys of different hash tags may live apart."""

    async def start(self, patience: float) -> bool:
        """Connect; tells whether that worked within *patience* seconds.  It is tried on either way."""

    async def lane(self, key: bytes) -> Lane:
        """Return the lane to the server that holds a key."""

    async def lane_at(self, host: str, port: int) -> Lane:
        """Return the lane to a server that another one sent us to."""

    async def moved(self) -> None:
        """Look again where keys live."""

    async def close(self) -> None:
        """Close all connections."""


class SingleServer:
    """
    One server, found anew before each connection.

    Args:
        where: Gives the path of a unix socket, or a host and port.
        client: redis-py, for what is rare.
        make_lane: Makes the lane.
    """

    shards = False

    def __init__(self, where: Callable[[], Awaitable[Endpoint]], client: Redis, make_lane: Callable[..., Lane]) -> None:
        self.client: Any = client
        self._lane = make_lane(where)

    @property
    def is_up(self) -> bool:
        """Whether commands can be sent now."""
        return self._lane.is_up

    async def start(self, patience: float) -> bool:
        """Connect."""
        self._lane.start()
        return await self._lane.ready(patience)

    async def lane(self, key: bytes) -> Lane:  # noqa: ARG002  all keys live here
        """Return the one lane."""
        return self._lane

    async def lane_at(self, host: str, port: int) -> Lane:  # noqa: ARG002  there is no other
        """Return the one lane."""
        return self._lane

    def only_lane(self) -> Lane:
        """Return the one lane, without waiting."""
        return self._lane

    async def moved(self) -> None:
        """Drop a connection to a server that is no longer the master; the next one asks Sentinel."""
        self._lane.drop("it is no longer the master")

    async def close(self) -> None:
        """Close all connections."""
        await self._lane.close()
        await self.client.aclose()


class Cluster:
    """
    A cluster: one lane for each node that holds slots.

    Args:
        client: redis-py, which knows the slots.
        make_lane: Makes a lane to a node.
    """

    shards = True

    def __init__(self, client: RedisCluster, make_lane: Callable[..., Lane]) -> None:
        self.client: Any = client
        self._make_lane = make_lane
        self._lanes: dict[tuple[str, int], Lane] = {}
        self._looking: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether every node that we talk to can be reached."""
        return bool(self._lanes) and all(lane.is_up for lane in self._lanes.values())

    async def start(self, patience: float) -> bool:
        """Learn the slots and connect to all masters."""
        try:
            async with asyncio.timeout(patience):
                await self.client.initialize()
                await asyncio.gather(*(self._to(node).ready(patience) for node in self.client.get_primaries()))
        except (TimeoutError, redis.exceptions.RedisError, OSError):
            return False
        return self.is_up

    def _to(self, node: ClusterNode) -> Lane:
        name = (str(node.host), int(node.port))
        lane = self._lanes.get(name)
        if lane is None:

            async def where() -> Endpoint:
                return name

            lane = self._lanes[name] = self._make_lane(where)
            lane.start()
        return lane

    async def lane(self, key: bytes) -> Lane:
        """Return the lane to the node that holds a key."""
        try:
            node = self.client.nodes_manager.get_node_from_slot(key_slot(key), False)  # noqa: FBT003  its signature
        except (redis.exceptions.RedisError, KeyError, IndexError) as error:
            await self.moved()
            raise StoreUnavailable(f"no node holds the slot: {error}") from error
        lane = self._to(node)
        if not lane.is_up and not await lane.ready(_LANE_PATIENCE):
            await self.moved()
            raise StoreUnavailable(f"node {node.host}:{node.port} is away")
        return lane

    async def lane_at(self, host: str, port: int) -> Lane:
        """Return the lane to a node, which may hold no slot yet."""
        lane = self._to(ClusterNode(host, port))
        if not lane.is_up and not await lane.ready(_LANE_PATIENCE):
            raise StoreUnavailable(f"node {host}:{port} is away")
        return lane

    async def moved(self) -> None:
        """Ask the nodes again who holds what; many callers share one question."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        await asyncio.shield(self._looking)

    async def _look(self) -> None:
        try:
            await self.client.nodes_manager.initialize()
        except (redis.exceptions.RedisError, OSError):
            return
        masters = {(str(node.host), int(node.port)) for node in self.client.get_primaries()}
        for name in set(self._lanes) - masters:
            await self._lanes.pop(name).close()

    async def close(self) -> None:
        """Close all connections."""
        for lane in self._lanes.values():
            await lane.close()
        await self.client.aclose()


class Servers:
    """
    Sends commands and scripts to whichever server holds their keys.

    Args:
        topology: Finds the lane of a key.
    """

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.client = topology.client
        self.shards = topology.shards
        self._single = topology.only_lane() if isinstance(topology, SingleServer) else None

    async def read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """
        Return the values of some keys, in one awaited trip.

        Raises:
            StoreUnavailable: a server refused or did not answer.
        """
        if self._single is not None:
            values = (await self._single.ask((("MGET", *keys),)))[0]
            return values if isinstance(values, list) else self._fail(values, keys[0])
        replies = await asyncio.gather(*(self.run(key, ("GET", key)) for key in keys))
        return list(replies)

    async def run(self, key: bytes, command: Command) -> Reply:
        """
        Run one command where a key lives, following the key once if it moved.

        Raises:
            StoreUnavailable: the server refused or did not answer.
            StoreCorrupt: a script found what we did not write.
        """
        lane = self._single or await self.topology.lane(key)
        reply = (await lane.ask((command,)))[0]
        if isinstance(reply, hiredis.ReplyError) and str(reply).startswith("MOVED "):
            await self.topology.moved()
            lane = await self.topology.lane(key)
            reply = (await lane.ask((command,)))[0]
        if isinstance(reply, hiredis.ReplyError) and str(reply).startswith("ASK "):
            # The slot is on its way: "ASK 3999 127.0.0.1:6381" names the node that has the key, or will have it.
            lane = await self.topology.lane_at(*_host_port(str(reply).split()[2]))
            reply = (await lane.ask((("ASKING",), command)))[1]
        return self._fail(reply, key) if isinstance(reply, hiredis.ReplyError) else reply

    async def script(self, script: Script, keys: Sequence[bytes], arguments: Sequence[Any]) -> Reply:
        """
        Run a script on keys of one hash tag; a server that lost it is given it again.

        Raises:
            StoreUnavailable: the server refused or did not answer.
            StoreCorrupt: the script found what we did not write.
        """
        call = ("EVALSHA", script.sha, len(keys), *keys, *arguments)
        lane = self._single or await self.topology.lane(keys[0])
        reply = (await lane.ask((call,)))[0]
        if isinstance(reply, hiredis.ReplyError):
            if str(reply).startswith("NOSCRIPT"):
                await lane.ask((("SCRIPT", "LOAD", script.source),))
            elif not str(reply).startswith(("MOVED", "ASK")):
                self._fail(reply, keys[0])
            reply = await self.run(keys[0], call)
        return reply

    def tell(self, key: bytes, command: Command) -> None:
        """
        Send a command that nobody waits for; lost if the server is away.

        Raises:
            StoreUnavailable: the server is known to be away.
        """
        if self._single is not None:
            self._single.tell((command,))
        else:
            asyncio.create_task(self._tell(key, command))  # noqa: RUF006  nobody waits for it

    async def _tell(self, key: bytes, command: Command) -> None:
        try:
            await self.run(key, command)
        except StoreUnavailable:
            return

    def _fail(self, reply: object, key: bytes) -> Reply:
        text = str(reply)
        _, corrupt, where = text.partition("NACRE_CORRUPT ")
        if corrupt:
            raise StoreCorrupt(where.split(" ", 1)[0], "no packed entity")
        if text.startswith("WRONGTYPE"):
            raise StoreCorrupt(key.decode(), "a value of another type")
        if text.startswith("READONLY"):
            asyncio.create_task(self.topology.moved())  # noqa: RUF006  the next connection finds the new master
        raise StoreUnavailable(f"the store refused: {text}")


def connect(settings: tree.Redis, *, socket: str | None, on_up: Callable[[], None]) -> Servers:
    """
    Return the servers that the settings mean; nothing is connected yet.

    Args:
        settings: ``server.redis``.
        socket: Path of the embedded store's unix socket, used where the settings name no server.
        on_up: Called after each connection of a lane.

    Raises:
        SettingsError: a file that the settings name cannot be read.
    """
    password = _secret(settings.master.password_file, "server.redis.master.password_file")
    user = settings.master.username
    tls = _tls(settings.tls) if settings.tls.enabled else None
    login: list[Command] = [("AUTH", user or "default", password)] if password else []
    scripts: list[Command] = [("SCRIPT", "LOAD", script.source) for script in ALL]
    select: list[Command] = [("SELECT", settings.database_number)] if settings.database_number else []
    common: dict[str, Any] = {
        "username": user or None,
        "password": password or None,
        "socket_timeout": max(float(settings.timeout), 2.0),
        "socket_connect_timeout": 2.0,
    }
    secure: dict[str, Any] = (
        {
            "ssl": True,
            "ssl_ca_certs": settings.tls.ca_file or None,
            "ssl_certfile": settings.tls.cert_file or None,
            "ssl_keyfile": settings.tls.key_file or None,
        }
        if tls
        else {}
    )

    def make_lane(where: Callable[[], Awaitable[Endpoint]], *, single: bool = True) -> Lane:
        hello = [*login, *(select if single else []), *scripts]
        return Lane(where, hello=hello, timeout=float(settings.timeout), tls=tls, on_up=on_up)

    if settings.cluster.addresses:
        nodes = [ClusterNode(*_host_port(address)) for address in settings.cluster.addresses]
        client: Any = RedisCluster(startup_nodes=nodes, **common, **secure)
        return Servers(Cluster(client, lambda where: make_lane(where, single=False)))
    if settings.sentinels.addresses:
        sentinel = Sentinel(  # type: ignore[no-untyped-call]
            [_host_port(address) for address in settings.sentinels.addresses],
            sentinel_kwargs={
                "username": settings.sentinels.username or None,
                "password": _secret(settings.sentinels.password_file, "server.redis.sentinels.password_file") or None,
                "socket_timeout": 1.0,
            },
        )

        async def master() -> Endpoint:
            try:
                host, port = await sentinel.discover_master(settings.sentinels.master)
            except redis.exceptions.RedisError as error:
                raise StoreUnavailable(f"no Sentinel names a master: {error}") from error
            return str(host), int(port)

        client = sentinel.master_for(settings.sentinels.master, db=settings.database_number, **common, **secure)
        return Servers(SingleServer(master, client, make_lane))
    address = settings.master.address or socket or ""
    endpoint: Endpoint = address if address.startswith("/") else _host_port(address)

    async def fixed() -> Endpoint:
        return endpoint

    if isinstance(endpoint, str):
        client = Redis(unix_socket_path=endpoint, db=settings.database_number, **common)
    else:
        client = Redis(host=endpoint[0], port=endpoint[1], db=settings.database_number, **common, **secure)
    return Servers(SingleServer(fixed, client, make_lane))


def _host_port(address: str) -> tuple[str, int]:
    host, colon, port = address.rpartition(":")
    return (host.strip("[]"), int(port)) if colon else (address, 6379)


def _secret(path: str, field: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SettingsError(f"cannot be read: {error}", field=field) from error


def _tls(settings: tree.RedisTls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.ca_file or None)
        if settings.cert_file:
            context.load_cert_chain(settings.cert_file, settings.key_file or None)
    except OSError as error:
        raise SettingsError(f"cannot be used: {error}", field="server.redis.tls") from error
    return context
