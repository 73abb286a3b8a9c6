# SPDX-License-Identifier: Apache-2.0
"""
What instances tell each other: blocks, lifts, tolerations, revocations.

Messages are for speed; what they tell is in the store before.  Every message has a number
from one sequence.  Whoever misses one, or lost the connection, reads everything again, and the number
is looked at once a second in case the last message was the one that got lost.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
import structlog

from nacre.errors import StoreUnavailable
from nacre.store.keys import Keys
from nacre.store.topology import AWAY, Servers

log = structlog.get_logger(__name__)

_LOOK_EVERY = 1.0
_PAUSE = 0.2
_NUDGE = 0.02


class _Message(msgspec.Struct, array_like=True):
    number: int
    kind: str
    content: msgspec.Raw


class News:
    """
    One channel between all instances on a store.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
    """

    def __init__(self, servers: Servers, keys: Keys) -> None:
        self._servers = servers
        self._keys = keys
        self._seen = -1
        self._hearers: Mapping[str, Callable[[bytes], None]] = {}
        self._reread: Callable[[], Awaitable[None]] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._stale = asyncio.Event()

    def start(self, hearers: Mapping[str, Callable[[bytes], None]], reread: Callable[[], Awaitable[None]]) -> None:
        """
        Begin to listen.

        Args:
            hearers: Kind of message to what takes its content in.
            reread: Reads everything again, after something was missed.
        """
        self._hearers, self._reread = hearers, reread
        self._tasks = [
            asyncio.create_task(self._listen(), name="nacre-news"),
            asyncio.create_task(self._look(), name="nacre-news-look"),
        ]

    async def stop(self) -> None:
        """Listen no more."""
        for task in self._tasks:
            # asyncio.wait_for of Python 3.11, by which redis-py waits, loses a cancellation now and then.
            while not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=_NUDGE)
        self._tasks = []

    async def tell(self, kind: str, content: object) -> None:
        """
        Tell all instances something that the store holds already.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        number = await self._servers.run(self._keys.sequence, ("INCR", self._keys.sequence))
        message = msgspec.msgpack.encode((number, kind, content))
        await self._servers.run(self._keys.sequence, ("PUBLISH", self._keys.news, message))

    def hear(self, data: bytes) -> None:
        """Take one message in."""
        message = msgspec.msgpack.decode(data, type=_Message)
        if self._seen >= 0 and message.number > self._seen + 1:
            self._stale.set()
        self._seen = max(self._seen, message.number)
        hearer = self._hearers.get(message.kind)
        if hearer is not None:
            hearer(bytes(message.content))

    async def _listen(self) -> None:
        while True:
            try:
                async with self._servers.client.pubsub() as channel:
                    await channel.subscribe(self._keys.news)
                    while True:
                        message: dict[str, Any] | None = await channel.get_message(timeout=30.0)
                        if message is None:
                            continue
                        if message["type"] == "message":
                            self.hear(message["data"])
                        else:
                            self._stale.set()  # subscribed, or again after redis-py connected anew by itself
            except AWAY as error:
                log.debug("news_lost", error=str(error))
            except Exception:
                log.exception("news_unreadable")
            await asyncio.sleep(_PAUSE)

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY):
                    await self._stale.wait()
            try:
                before = self._seen
                number = int(await self._servers.run(self._keys.sequence, ("GET", self._keys.sequence)) or 0)
                # A number that falls is that of another store: one that lost something, or has taken over.
                if (self._stale.is_set() or number > self._seen or number < before) and self._reread is not None:
                    self._stale.clear()
                    self._seen = number
                    await self._reread()
            except StoreUnavailable:
                self._stale.set()
                await asyncio.sleep(_PAUSE)
            except Exception:
                log.exception("reread_failed")
                self._stale.set()
                await asyncio.sleep(_LOOK_EVERY)
