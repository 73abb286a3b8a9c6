# SPDX-License-Identifier: Apache-2.0
"""Tolerations set at run time: shared by all instances, kept across restarts, gone after their ttl."""

from __future__ import annotations

import msgspec
import structlog
from redis.exceptions import ResponseError

from nacre.address import Subnet
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.rules.toleration import Terms, Toleration
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.topology import AWAY, Servers

log = structlog.get_logger(__name__)


class _Stored(msgspec.Struct, array_like=True):
    terms: Terms
    expires: float


class StoredTolerations:
    """
    Sets, lists and deletes tolerations.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        news: Tells the other instances.
    """

    def __init__(self, servers: Servers, keys: Keys, news: News) -> None:
        self._servers = servers
        self._key = keys.tolerations
        self._news = news

    async def put(self, entries: list[Toleration], *, replace: bool, now: float) -> None:
        """
        Set tolerations; with *replace*, all others that were set at run time go.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        pairs: list[bytes] = []
        for entry in entries:
            expires = now + entry.terms.ttl if entry.expires is None else entry.expires
            pairs += [str(entry.subnet).encode(), msgspec.msgpack.encode(_Stored(entry.terms, expires))]
        commands = [("DEL", self._key)] if replace else []
        if pairs:
            commands.append(("HSET", self._key, *pairs))  # type: ignore[arg-type]
        try:
            async with self._servers.client.pipeline(transaction=not self._servers.shards) as pipe:
                for command in commands:
                    pipe.execute_command(*command)
                await pipe.execute()
        except AWAY as error:
            raise StoreUnavailable(f"the tolerations cannot be written: {error}") from error
        except ResponseError as error:
            raise StoreCorrupt(self._key.decode(), str(error)) from error
        await self._news.tell("tolerations", None)

    async def delete(self, subnet: Subnet) -> bool:
        """Delete a toleration; tells whether there was one."""
        gone = await self._servers.run(self._key, ("HDEL", self._key, str(subnet).encode()))
        await self._news.tell("tolerations", None)
        return bool(gone)

    async def all(self, now: float) -> list[Toleration]:
        """
        Return the tolerations in force, and delete those whose time is over.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        flat = await self._servers.run(self._key, ("HGETALL", self._key))
        found, ended = [], []
        for field, value in zip(flat[::2], flat[1::2], strict=True):
            try:
                subnet, stored = Subnet.parse(field.decode()), msgspec.msgpack.decode(value, type=_Stored)
            except (msgspec.MsgspecError, ValueError) as error:
                log.warning("toleration_not_ours", field=field, error=str(error))
                continue
            if stored.expires > now:
                found.append(Toleration(subnet, stored.terms, stored.expires))
            else:
                ended.append(field)
        if ended:
            await self._servers.run(self._key, ("HDEL", self._key, *ended))
        return found
