# SPDX-License-Identifier: Apache-2.0
"""
What the watcher keeps in the store: its picture, what it goes on from after a restart, what it is asked to forget.

Only the one who watches writes the first two; a watcher that was taken for dead and comes back is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from nacre.campaign.picture import Picture
from nacre.errors import StoreCorrupt
from nacre.store.keys import Keys
from nacre.store.measures import Glance, StandingMeasures
from nacre.store.sightings import BEGINNING
from nacre.store.topology import Servers

REHEARSAL_SECONDS = 600
_MOST_ASKED = 10_000

_encode = msgspec.msgpack.Encoder().encode
_picture = msgspec.msgpack.Decoder(Picture).decode


class Kept(NamedTuple):
    """
    What a watcher goes on from.

    Attributes:
        watch: The snapshot, ``b""`` without one.
        cursor: Id of the last entry of the stream that is in it.
        behind: Seconds by which event time lay behind our clock.
    """

    watch: bytes = b""
    cursor: str = BEGINNING
    behind: float = 0.0


class Pictures:
    """
    Keeps what the watcher knows.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        measures: Knows who watches.
    """

    def __init__(self, servers: Servers, keys: Keys, measures: StandingMeasures) -> None:
        self._servers = servers
        self._measures = measures
        self._kept = keys.campaign("kept")
        self._asked = keys.campaign("asked")
        self._rehearsals = keys.campaign("rehearsal.")

    async def picture(self) -> Picture:
        """
        Return the picture as it was written last, an empty one if there is none.

        Raises:
            StoreUnavailable: the store refused or did not answer.
            StoreCorrupt: it is not ours.
        """
        packed = await self._servers.run(self._kept, ("HGET", self._kept, "picture"))
        try:
            return _picture(packed) if packed else Picture()
        except msgspec.MsgspecError as error:
            raise StoreCorrupt(self._kept.decode(), f"no picture: {error}") from error

    async def put(self, picture: Picture, *, fence: str) -> bool:
        """Write a picture; tells whether its watcher still watches."""
        values = {"picture": _encode(picture)}
        return await self._measures.tell(_glance(picture), fence=fence, beside=self._kept, values=values)

    async def kept(self) -> Kept:
        """Return what a watcher goes on from."""
        watch, cursor, behind = await self._servers.run(self._kept, ("HMGET", self._kept, "watch", "cursor", "behind"))
        if watch is None or cursor is None:
            return Kept()
        try:
            return Kept(watch, cursor.decode(), float(behind or 0))
        except ValueError as error:
            raise StoreCorrupt(self._kept.decode(), f"nothing to go on from: {error}") from error

    async def keep(self, kept: Kept, picture: Picture, *, fence: str) -> bool:
        """Write what a watcher goes on from, with its picture; tells whether it still watches."""
        values = {"watch": kept.watch, "cursor": kept.cursor.encode(), "behind": repr(kept.behind).encode()}
        values["picture"] = _encode(picture)
        return await self._measures.tell(_glance(picture), fence=fence, beside=self._kept, values=values)

    # -- what is to be forgotten

    async def ask_to_forget(self, account: str) -> None:
        """Ask the watcher to forget an account, ``""`` for everything."""
        await self._servers.run(self._asked, ("RPUSH", self._asked, account.encode("utf-8", "surrogatepass")))
        await self._servers.run(self._asked, ("LTRIM", self._asked, -_MOST_ASKED, -1))

    async def is_asked(self) -> bool:
        """Whether something is to be forgotten."""
        return bool(await self._servers.run(self._asked, ("EXISTS", self._asked)))

    async def asked(self) -> Sequence[str]:
        """Return the accounts that are to be forgotten, in the order in which that was asked for."""
        rows = await self._servers.run(self._asked, ("LRANGE", self._asked, 0, -1))
        return [row.decode("utf-8", "surrogatepass") for row in rows]

    async def forgotten(self, count: int) -> None:
        """Say that the first so many are forgotten for good."""
        await self._servers.run(self._asked, ("LTRIM", self._asked, count, -1))

    # -- rehearsals

    async def rehearse(self, account_key: str, rehearsal: bytes) -> None:
        """Keep what became of a simulated attack for ten minutes."""
        key = self._rehearsals + account_key.encode()
        await self._servers.run(key, ("SET", key, rehearsal, "EX", REHEARSAL_SECONDS))

    async def rehearsal(self, account_key: str) -> bytes | None:
        """Return what became of the last simulated attack on an account, ``None`` if there was none lately."""
        key = self._rehearsals + account_key.encode()
        packed: bytes | None = await self._servers.run(key, ("GET", key))
        return packed

    async def forget_rehearsal(self, account_key: str) -> None:
        """Forget what became of a simulated attack on an account."""
        key = self._rehearsals + account_key.encode()
        await self._servers.run(key, ("UNLINK", key))


def _glance(picture: Picture) -> Glance:
    running = sum(1 for campaign in picture.campaigns if not campaign.ended)
    return Glance(0, picture.threat.level, running, len(picture.accounts))
