# SPDX-License-Identifier: Apache-2.0
"""
The servers that hold the state: one, one watched by Sentinel, or a cluster.

Hot commands go through lanes; everything rare (lists, subscriptions, finding servers) through
redis-py.  What differs between the three is how a key finds its lane.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import hiredis
import redis.exceptions
from redis.asyncio import Redis

from nacre.direct import Outbox
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.store.lane import Command, Lane, Reply
from nacre.store.scripts import Script

Endpoint = str | tuple[str, int]
AWAY = (redis.exceptions.RedisError, redis.exceptions.RedisClusterException, OSError)
"""What redis-py raises when a server cannot be used."""


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
        guides: Clients of those who know where the server is, closed with the rest.
    """

    shards = False

    def __init__(
        self,
        where: Callable[[], Awaitable[Endpoint]],
        client: Redis,
        make_lane: Callable[..., Lane],
        *,
        guides: Sequence[Redis] = (),
    ) -> None:
        self.client: Any = client
        self._lane = make_lane(where)
        self._guides = guides

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
        for client in (self.client, *self._guides):
            await client.aclose()


class Servers:
    """
    Sends commands and scripts to whichever server holds their keys.

    Args:
        topology: Finds the lane of a key.

    Attributes:
        outbox: Where answers that follow from replies are written.
    """

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.client = topology.client
        self.shards = topology.shards
        self._single = topology.only_lane() if isinstance(topology, SingleServer) else None
        self.outbox = self._single.outbox if self._single is not None else Outbox()

    async def read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """
        Return the values of some keys, in one awaited trip.

        Raises:
            StoreUnavailable: a server refused or did not answer.
        """
        if not keys:
            return []
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
        # "MOVED 3999 127.0.0.1:6381" and "ASK ..." name the node that has the key; ASK, while its slot is on the way.
        if isinstance(reply, hiredis.ReplyError) and str(reply).startswith("MOVED "):
            await self.topology.moved()
            lane = await self.topology.lane_at(*host_port(str(reply).split()[2]))
            reply = (await lane.ask((command,)))[0]
        if isinstance(reply, hiredis.ReplyError) and str(reply).startswith("ASK "):
            lane = await self.topology.lane_at(*host_port(str(reply).split()[2]))
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
        reply = (await lane.ask((call,), long=True))[0]
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


def host_port(address: str) -> tuple[str, int]:
    """
    Return the host and the port of an address; 6379 is taken if it names none.

    >>> host_port("[::1]:7000"), host_port("redis.example.org")
    (('::1', 7000), ('redis.example.org', 6379))
    """
    host, colon, port = address.rpartition(":")
    return (host.strip("[]"), int(port)) if colon else (address, 6379)
