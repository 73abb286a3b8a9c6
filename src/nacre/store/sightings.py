# SPDX-License-Identifier: Apache-2.0
"""
The stream of sightings: what all instances tell the one who watches.

A process gathers its sightings for some milliseconds and appends them as one entry, behind the answers.  The stream
has a cap: where nobody reads, the oldest entries go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

import msgspec
import structlog

from nacre.campaign.sighting import Sighting
from nacre.errors import StoreUnavailable
from nacre.store.keys import Keys
from nacre.store.topology import Servers

log = structlog.get_logger(__name__)

FLUSH_AFTER = 0.05
AT_ONCE = 128
ENTRIES = 2048
"""Entries of the stream, about: 26 MB if each of them is full, 25 s of four processes that flush all the time."""
BEGINNING = "0-0"

_FIELD = b"s"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Sighting]).decode


class Sightings:
    """
    Tells of attempts.

    Args:
        servers: Where the state is.
        keys: Spells the keys.

    Attributes:
        lost: Sightings that could not be told, because the store is away.
    """

    def __init__(self, servers: Servers, keys: Keys) -> None:
        self._servers = servers
        self._key = keys.campaign("sightings")
        self._waiting: list[Callable[[], Sighting]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.lost = 0

    def put(self, make: Callable[[], Sighting]) -> None:
        """Tell of an attempt, made with the others that are told with it; nobody waits for it."""
        waiting = self._waiting
        waiting.append(make)
        if len(waiting) >= AT_ONCE:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(FLUSH_AFTER, self.flush)

    def flush(self) -> None:
        """Tell of what waits, now."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            command = ("XADD", self._key, "MAXLEN", "~", ENTRIES, "*", _FIELD, _encode([make() for make in waiting]))
            self._servers.tell(self._key, command)
        except (StoreUnavailable, UnicodeEncodeError):  # half of a pair of surrogates cannot travel
            self.lost += len(waiting)


class Batch(NamedTuple):
    """
    One entry of the stream.

    Attributes:
        id: Its place; later entries have higher ones.
        sightings: In the order in which one process saw them.
    """

    id: str
    sightings: list[Sighting]


class SightingStream:
    """
    Reads sightings.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
    """

    def __init__(self, servers: Servers, keys: Keys) -> None:
        self._servers = servers
        self._key = keys.campaign("sightings")

    async def after(self, last: str, count: int) -> list[Batch]:
        """
        Return the next entries; what is none of ours is an empty one.

        Args:
            last: Id of the last entry that was read, :data:`BEGINNING` for none.
            count: How many at most.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        rows = await self._servers.run(self._key, ("XRANGE", self._key, f"({last}", "+", "COUNT", count))
        return [Batch(place.decode(), _read(fields)) for place, fields in rows]

    async def newest(self) -> str:
        """Return the id of the newest entry, :data:`BEGINNING` without any."""
        rows = await self._servers.run(self._key, ("XREVRANGE", self._key, "+", "-", "COUNT", 1))
        return rows[0][0].decode() if rows else BEGINNING

    async def forget(self, until: str) -> None:
        """Forget the entries up to one: whoever takes over knows them already."""
        milliseconds, _, number = until.partition("-")
        await self._servers.run(self._key, ("XTRIM", self._key, "MINID", f"{milliseconds}-{int(number) + 1}"))


def _read(fields: list[bytes]) -> list[Sighting]:
    try:
        return _decode(fields[1])
    except (msgspec.MsgspecError, IndexError) as error:
        log.warning("sightings_unreadable", error=str(error))
        return []
