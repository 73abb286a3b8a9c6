# SPDX-License-Identifier: Apache-2.0
"""Who changed what, and which tokens hold no more."""

from __future__ import annotations

import msgspec

from nacre.record import AuditEntry
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.topology import Servers

_ENTRIES = 10_000


class Audit:
    """
    The newest changes, at most ten thousand.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
    """

    def __init__(self, servers: Servers, keys: Keys) -> None:
        self._servers = servers
        self._key = keys.audit

    async def note(self, entry: AuditEntry) -> None:
        """
        Add an entry.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        packed = msgspec.json.encode(entry)
        await self._servers.run(self._key, ("XADD", self._key, "MAXLEN", "~", _ENTRIES, "*", "entry", packed))

    async def newest(self, count: int) -> list[AuditEntry]:
        """Return the newest entries, newest first."""
        rows = await self._servers.run(self._key, ("XREVRANGE", self._key, "+", "-", "COUNT", count))
        return [msgspec.json.decode(fields[1], type=AuditEntry) for _, fields in rows]


class Revocations:
    """
    Tokens that hold no more although their time is not over.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        news: Tells the other instances.
    """

    def __init__(self, servers: Servers, keys: Keys, news: News) -> None:
        self._servers = servers
        self._key = keys.revoked
        self._news = news

    async def add(self, token_id: str, until: float) -> None:
        """
        Revoke a token.

        Raises:
            StoreUnavailable: the store refused or did not answer; it may still hold.
        """
        await self._servers.run(self._key, ("ZADD", self._key, until, token_id.encode()))
        await self._news.tell("revoked", (token_id, until))

    async def all(self, now: float) -> dict[str, float]:
        """Return the ids of revoked tokens to the time they would have ended; forgets ended ones."""
        await self._servers.run(self._key, ("ZREMRANGEBYSCORE", self._key, "-inf", now))
        flat = await self._servers.run(self._key, ("ZRANGE", self._key, 0, -1, "WITHSCORES"))
        return {token.decode(): float(until) for token, until in zip(flat[::2], flat[1::2], strict=True)}
