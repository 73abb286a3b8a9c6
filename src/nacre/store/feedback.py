# SPDX-License-Identifier: Apache-2.0
"""
Feedback, kept apart from traffic: what somebody says of an attempt, with the row of that attempt.

No flood of attempts evicts a claim; only more claims do, those of the same giver first, and time.  The row is that
of the decision, so that a training learns from what was seen then, even if the journal did not keep it.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from nacre.store.keys import Keys
from nacre.store.scripts import CLAIM
from nacre.store.topology import Servers

MOST, MOST_OF_ONE = 50_000, 10_000
"""Claims that are kept: in all, and of one giver."""

KEEP = 365 * 86_400.0
"""Seconds that a claim is kept, if nothing else is said."""

_AT_ONCE = 1_000


class Said(msgspec.Struct, frozen=True, array_like=True):
    """
    One claim as it is kept: with digests, and without names, which end with the decision.

    Attributes:
        request_id: The attempt.
        digest: Its number in the journal.
        is_attack: What it was.
        giver: Who says so.
        time: Unix seconds.
        row: Its sample, see :func:`nacre.learning.row.pack_row`.
        layout: Names the layout of the row.
        number: Its place in the order of all claims; given when it is read.
        about: Digest of the block or campaign that was meant, 0 where one attempt was.
    """

    request_id: str
    digest: int
    is_attack: bool
    giver: str
    time: float
    row: bytes
    layout: str
    number: int = 0
    about: int = 0


class Claims:
    """
    Keeps claims.

    Args:
        servers: Where they are.
        keys: Spells the keys.
        most: Claims that are kept in all.
        most_of_one: Claims of one giver that are kept.
        keep: Seconds that a claim is kept.
    """

    def __init__(
        self,
        servers: Servers,
        keys: Keys,
        *,
        most: int = MOST,
        most_of_one: int = MOST_OF_ONE,
        keep: float = KEEP,
    ) -> None:
        self._servers = servers
        self._keep = keep
        self._most, self._most_of_one = most, most_of_one
        self._keys = [keys.network(name) for name in ("claims", "claims.order", "claims.givers", "state")]
        self._claims, self._order, *_ = self._keys

    async def put(self, said: Said) -> int:
        """Keep a claim in the place of what the giver said of the attempt before; returns its number."""
        return await self._script(said.giver, said.digest, claim=msgspec.msgpack.encode(said))

    async def withdraw(self, giver: str, digest: int) -> bool:
        """Take back what a giver said of an attempt; tells whether that was anything."""
        return bool(await self._script(giver, digest))

    async def trim(self, now: float) -> int:
        """
        Forget the claims that are older than they may become; returns how many.

        Args:
            now: Unix seconds.

        Raises:
            StoreUnavailable: the store refused or did not answer; some may be forgotten.
        """
        gone = 0
        while True:
            oldest = await self._read("ZRANGE", 0, _AT_ONCE - 1)
            over = [said for said in oldest if said.time < now - self._keep]
            for said in over:  # but not what takes its place meanwhile
                gone += await self._script(said.giver, said.digest, number=str(said.number))
            if len(over) < _AT_ONCE:
                return gone

    async def newest(self, count: int) -> list[Said]:
        """Return the newest claims, newest first."""
        return await self._read("ZREVRANGE", 0, count - 1)

    async def all(self) -> list[Said]:
        """Return all claims in their order."""
        found: list[Said] = []
        for start in range(0, self._most, _AT_ONCE):
            found += (some := await self._read("ZRANGE", start, start + _AT_ONCE - 1))
            if not some:
                break
        return found

    async def count(self, *, after: int = 0) -> int:
        """Return how many claims there are with higher numbers."""
        return int(await self._servers.run(self._order, ("ZCOUNT", self._order, f"({after}", "+inf")))

    async def _read(self, command: str, first: int, last: int) -> list[Said]:
        flat = await self._servers.run(self._order, (command, self._order, first, last, "WITHSCORES"))
        names, numbers = flat[::2], flat[1::2]
        if not names:
            return []
        values = await self._servers.run(self._claims, ("HMGET", self._claims, *names))
        return [
            msgspec.structs.replace(msgspec.msgpack.decode(value, type=Said), number=int(float(number)))
            for value, number in zip(values, numbers, strict=True)
            if value is not None
        ]

    async def _script(self, giver: str, digest: int, *, claim: bytes = b"", number: str = "") -> int:
        name = blake2b(giver.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
        arguments = [name, f"{digest:016x}", claim, self._most_of_one, self._most, number]
        return int(await self._servers.script(CLAIM, self._keys, arguments))
