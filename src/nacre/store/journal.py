# SPDX-License-Identifier: Apache-2.0
"""
The journal in the store: what there is to learn from, by day.

Rows are written behind, with those of other attempts, and nobody waits for them.  What a day may take is known
beforehand; within it every row that came has had the same chance to stay.  Rows of another layout lie under other
keys and are never mixed in: they end with their time.
"""

from __future__ import annotations

import asyncio
import contextlib
from hashlib import blake2b
from struct import Struct
from typing import NamedTuple

import numpy as np
import structlog
from numpy.typing import NDArray

from nacre.errors import StoreUnavailable
from nacre.features.columns import STANDARD
from nacre.learning.event import EVENT
from nacre.learning.journal import DAY, EVENTS_PER_SAMPLE, Material, Room, to_drop
from nacre.learning.keep import drawn, stratum
from nacre.learning.row import row_dtype
from nacre.store.keys import Keys
from nacre.store.scripts import FORGET, NOTE
from nacre.store.slices import Rows, read_slice
from nacre.store.topology import Servers

log = structlog.get_logger(__name__)

LAYOUT = blake2b(f"{EVENT.descr}{row_dtype().descr}{STANDARD.digest}".encode(), digest_size=4).hexdigest()
"""Names the layout of rows and the meaning of their columns."""

_FLUSH_AFTER = 0.1
_AGAIN_AFTER = 1.0
_WAITING = 50_000
_AT_ONCE = 128
_TRIM_AFTER = 600.0
_EVENTS, _SAMPLES = 0, 1
_ID, _TIME = Struct("<Q"), Struct("<d")
_WHO = Struct("<IIII")
_SIZES = (EVENT.itemsize, *[row_dtype().itemsize] * 4)

Row = tuple[int, float, bytes]
"""Its slice, the number drawn for it, and what it holds."""


class Held(NamedTuple):
    """
    How much there is.

    Attributes:
        events: Events.
        samples: Samples.
        days: Days, as numbers since the epoch, the oldest first.
    """

    events: int
    samples: int
    days: tuple[int, ...]


class Journal:
    """
    Keeps events and samples.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        records: Samples to keep in all.
        keep: Seconds that a row is kept at most.

    Attributes:
        rows: Rows that were written, events and samples.
        lost: Rows for which there was no room to wait.
    """

    def __init__(self, servers: Servers, keys: Keys, *, records: int, keep: float) -> None:
        self._servers = servers
        self._keys = keys
        self._records = records
        self._keep = keep
        room = Room.of(records)
        self._rooms = (room.events, *room.samples)
        self._waiting: dict[int, list[Row]] = {}
        self._count = 0
        self._known: set[int] = set()
        self._trimmed = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        self.rows = [0, 0]
        self.lost = 0

    def put(self, event: bytes, sample: bytes | None) -> None:
        """Keep an event, and its sample if it has one; nobody waits for it."""
        if self._count >= _WAITING:
            self.lost += 1
            return
        (digest,), (time,) = _ID.unpack_from(event), _TIME.unpack_from(event, 8)
        chance = drawn(digest)
        rows = self._waiting.setdefault(int(time) // DAY, [])
        rows.append((_EVENTS, chance, event))
        self._count += 1
        if sample is not None:
            asn, client, country, flags = _WHO.unpack_from(event, 32)
            rows.append((_SAMPLES + stratum(flags, asn=asn, client=client, country=country), chance, sample))
            self._count += 1
        if self._timer is None:
            self._timer = self._loop.call_later(_FLUSH_AFTER, self._flush)

    async def stop(self) -> None:
        """Write what was put so far, if the store is there, and nothing more."""
        self._stopped = True
        await self.settle()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def settle(self) -> None:
        """Wait until everything put so far is written, or the store is away."""
        with contextlib.suppress(StoreUnavailable):
            if self._writing is not None:
                await asyncio.wait([self._writing])
            await self._write()

    def _flush(self) -> None:
        self._timer = None
        if self._writing is None or self._writing.done():
            self._writing = self._loop.create_task(self._write_quietly())

    async def _write_quietly(self) -> None:
        try:
            await self._write()
        except StoreUnavailable as error:
            log.debug("journal_not_written", error=str(error), rows=self._count)
        except Exception:
            log.exception("journal_not_written")
        if self._waiting and self._timer is None and not self._stopped:
            self._timer = self._loop.call_later(_AGAIN_AFTER, self._flush)

    async def _write(self) -> None:
        while self._waiting:
            day, rows = self._waiting.popitem()
            batch, rest = rows[:_AT_ONCE], rows[_AT_ONCE:]
            if rest:
                self._waiting[day] = rest
            try:
                await self._note(day, batch)
            except StoreUnavailable:
                self._waiting[day] = batch + self._waiting.get(day, [])
                raise
            self._count -= len(batch)
            if self._loop.time() > self._trimmed + _TRIM_AFTER or day not in self._known:
                self._known.add(day)
                self._trimmed = self._loop.time()
                await self.trim()

    async def _note(self, day: int, rows: list[Row]) -> None:
        if day not in self._known:
            days = self._keys.network("days")
            await self._servers.run(days, ("ZADD", days, day, f"{LAYOUT}.{day}"))
        arguments: list[bytes | int | str] = [max(1, int(self._keep))]
        for size, room in zip(_SIZES, self._rooms, strict=True):
            arguments += (size, room)
        for place, chance, row in rows:
            arguments += (place + 2, f"{chance:.17g}", row)
            self.rows[min(place, _SAMPLES)] += 1
        await self._servers.script(NOTE, self._keys.journal(LAYOUT, day), arguments)

    # -- reading

    async def held(self) -> Held:
        """
        Return how much there is, without reading it.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        counts = await self._counts()
        return Held(
            sum(slices[_EVENTS] for slices in counts.values()),
            sum(sum(slices[_SAMPLES:]) for slices in counts.values()),
            tuple(sorted(counts)),
        )

    async def material(self, *, since: float = 0.0) -> Material:
        """
        Return all rows of the days from a time on, in the order of time.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        return Material(await self.events(since=since), await self.samples(since=since))

    async def events(self, *, since: float = 0.0) -> NDArray[np.void]:
        """Return the events alone, as :meth:`material` does."""
        return await self._rows(since, EVENT, slice(_EVENTS, _SAMPLES))

    async def samples(self, *, since: float = 0.0) -> NDArray[np.void]:
        """Return the samples alone, as :meth:`material` does."""
        return await self._rows(since, row_dtype(), slice(_SAMPLES, None))

    async def _rows(self, since: float, dtype: np.dtype[np.void], which: slice) -> NDArray[np.void]:
        """Return the rows of some slices of each day."""
        days = {day: slices for day, slices in sorted((await self._counts()).items()) if (day + 1) * DAY > since}
        # Filled day by day, in the order of time: all of it at once and a sorted copy would be twice as much.
        rows = Rows(dtype, sum(sum(slices[which]) for slices in days.values()))
        for day in days:
            _, *keys = self._keys.journal(LAYOUT, day)
            rows.add(b"".join([await read_slice(self._servers, key, dtype.itemsize) for key in keys[which]]))
        return rows.all()

    async def erase(self, user: int) -> int:
        """
        Overwrite the rows of an account with zeros, and return how many there were.

        Args:
            user: Its digest as in the rows.

        Raises:
            StoreUnavailable: the store refused or did not answer; some rows may be gone.
        """
        await self.settle()
        gone = 0
        for day in await self._counts():
            _, *slices = self._keys.journal(LAYOUT, day)
            for place, key in enumerate(slices):
                rows = np.frombuffer(
                    await read_slice(self._servers, key, _SIZES[place]), EVENT if not place else row_dtype()
                )
                found = np.flatnonzero((rows["user"] == user) & (rows["id"] != 0))
                for start in range(0, len(found), _AT_ONCE):
                    arguments: list[bytes | int] = [_SIZES[place]]
                    for row in found[start : start + _AT_ONCE]:
                        arguments += (int(row), _ID.pack(int(rows["id"][row])))
                    gone += await self._servers.script(FORGET, [key], arguments)
        return gone

    async def trim(self) -> None:
        """
        Forget the oldest of the full days, as long as there are more rows than are to be kept.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        counts = await self._counts()
        events = sum(slices[_EVENTS] for slices in counts.values())
        samples = sum(sum(slices[_SAMPLES:]) for slices in counts.values())
        while len(counts) > 1 and (samples > self._records or events > self._records * EVENTS_PER_SAMPLE):
            day = to_drop({day: slices[_EVENTS] for day, slices in counts.items()})
            slices = counts.pop(day)
            samples -= sum(slices[_SAMPLES:])
            events -= slices[_EVENTS]
            for key in self._keys.journal(LAYOUT, day):
                await self._servers.run(key, ("UNLINK", key))
            log.info("journal_day_dropped", day=day, why="there is no more room")

    async def _counts(self) -> dict[int, list[int]]:
        """Return the rows of each slice by day; days that are over go from the list."""
        index = self._keys.network("days")
        counts = {}
        for member in await self._servers.run(index, ("ZRANGE", index, 0, -1)):
            layout, _, day = member.decode().partition(".")
            came, *_ = self._keys.journal(layout, int(day))
            found = await self._servers.run(came, ("HMGET", came, 1, 2, 3, 4, 5))
            if all(count is None for count in found):
                await self._servers.run(index, ("ZREM", index, member))
                self._known.discard(int(day))
            elif layout == LAYOUT:
                counts[int(day)] = [min(int(count or 0), room) for count, room in zip(found, self._rooms, strict=True)]
        return counts
