# SPDX-License-Identifier: Apache-2.0
"""
Who watches: one process of all instances, for as long as it holds the lease.

It reads what all instances saw, forms the picture once a second and at every alarm, and begins and ends measures.
What it needs to go on lies in the store: whoever takes over reads that, and the sightings since.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import NamedTuple

import msgspec
import structlog

from nacre.campaign.picture import Picture
from nacre.campaign.sighting import Sighting
from nacre.config.campaigns import Campaigns
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.identity import Identity
from nacre.rounds import Round, Rounds, watch_of
from nacre.store.measures import StandingMeasures
from nacre.store.picture import Kept, Pictures
from nacre.store.sightings import SightingStream

log = structlog.get_logger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks for the lease, and between two pictures."""
_ALARM_EVERY, _ANSWER_EVERY, _SHOW_EVERY = 0.1, 5.0, 3.0
_KEEP_EVERY = 10.0
_BYTES_PER_SECOND = 400_000
"""A large snapshot is written less often."""
_BUSY, _IDLE = 0.03, 0.1
_ENTRIES = 16
_AHEAD = 60.0
"""Seconds by which a sighting may lie ahead of our clock; whoever's clock is wrong by more is not believed."""


Told = Callable[[Picture, Round], Awaitable[None]]


async def nobody(_before: Picture, _round: Round) -> None:
    """Tell nobody."""


class Shelf(NamedTuple):
    """
    Where all of it is kept.

    Attributes:
        stream: What instances saw.
        pictures: What the watcher knows.
        measures: The measures, and who watches.
    """

    stream: SightingStream
    pictures: Pictures
    measures: StandingMeasures


class Watching:
    """
    Watches, as long as nobody else does.

    Args:
        shelf: Where all of it is kept.
        settings: Gives those of campaigns.
        identity: Makes the key with which counted values are hashed.
        clock: Tells Unix seconds.
        owner: Whoever holds the lease; a process that replaces a dead one names the same.
        on_round: Told of each round: the picture before it, and what came of it.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        settings: Callable[[], Campaigns],
        identity: Identity,
        clock: Callable[[], float],
        owner: str = "",
        on_round: Told = nobody,
    ) -> None:
        self._stream, self._pictures, self._measures = shelf
        self._settings = settings
        self._clock = clock
        self._owner = owner or token_hex(8)
        self._on_round = on_round
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._time = EventTime(clock)
        self._identity = identity
        self._watch = watch_of(b"", settings(), identity)
        self._picture = Picture()
        self._rounds = Rounds(_ANSWER_EVERY)
        self._fence = ""
        self._cursor = ""
        self._size = 0
        self._alarmed = False
        self._leased = self._looked = self._kept = self._shown = float("-inf")

    def stop(self) -> None:
        """End soon; somebody else goes on from here."""
        self._stopping.set()

    @property
    def watches(self) -> bool:
        """Whether it is this one who watches."""
        return bool(self._fence)

    async def run(self) -> None:
        """Watch until :meth:`stop`."""
        try:
            while not self._stopping.is_set():
                pause = LOOK_EVERY
                try:
                    pause = await self._turn()
                except (StoreUnavailable, StoreCorrupt) as error:
                    log.warning("cannot_watch", error=str(error))
                except Exception:
                    log.exception("watch_failed")
                    self._fence = ""  # what is kept in the store is all that is trusted from here on
                if pause:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(pause):
                            await self._stopping.wait()
                else:
                    await asyncio.sleep(0)
        finally:
            with contextlib.suppress(StoreUnavailable):
                if self._fence:
                    await self._keep()
                await self._measures.release(self._owner)

    async def once(self) -> bool:
        """
        See what there is to see and forget what there is to forget, if nobody watches; tells whether it was done.

        Raises:
            StoreUnavailable: the store refused or did not answer.
            StoreCorrupt: what is kept is not ours.
        """
        self._fence = await self._measures.lease(self._owner)
        if not self._fence:
            return False
        try:
            await self._take_over(self._fence)
            while await self._read():
                pass
            await self._round()
            if self._fence:
                await self._keep()
        finally:
            await self._measures.release(self._owner)
        return bool(self._fence)

    async def _turn(self) -> float:
        """Do what there is to do, and return how many seconds to wait before the next turn."""
        running = self._loop.time()
        if running >= self._leased + LOOK_EVERY or not self._fence:
            fence = await self._measures.lease(self._owner)
            self._leased = running
            if fence and fence != self._fence:
                await self._take_over(fence)
            self._fence = fence
        if not self._fence:
            return LOOK_EVERY
        batches = await self._read()
        anew = self._watch.alarmed and not self._alarmed
        if running >= self._looked + (_ALARM_EVERY if anew else LOOK_EVERY) or await self._pictures.is_asked():
            self._looked = running
            await self._round()
            self._alarmed = self._watch.alarmed
        if running >= self._kept + max(_KEEP_EVERY, self._size / _BYTES_PER_SECOND):
            await self._keep()
        return 0.0 if batches == _ENTRIES else _BUSY if batches else _IDLE

    async def _read(self) -> int:
        """See what came next; returns how many entries that were."""
        batches = await self._stream.after(self._cursor, _ENTRIES)
        for batch in batches:
            for sighting in batch.sightings:
                self._watch.see(self._time.admit(sighting))
            self._cursor = batch.id
        return len(batches)

    async def _take_over(self, fence: str) -> None:
        """Go on from where the one before was."""
        kept = await self._pictures.kept()
        self._watch = watch_of(kept.watch, self._settings(), self._identity)
        self._cursor, self._size = kept.cursor, len(kept.watch)
        self._time = EventTime(self._clock, behind=kept.behind)
        try:
            self._picture = await self._pictures.picture()
        except StoreCorrupt as error:
            log.warning("picture_begins_anew", error=str(error))
            self._picture = Picture()
        self._kept = self._loop.time()
        log.info("watching", fence=fence, restored=bool(kept.watch))

    async def _round(self) -> None:
        """Form the picture, and let measures begin and end."""
        asked = await self._pictures.asked()
        for account in asked:
            if account:
                self._watch.forget(account)
            else:
                self._watch.reset()
        if asked:
            self._rounds.again()  # it remembers logins, too
        standing = await self._measures.read()
        round_ = self._rounds.go(self._watch, standing.measures, self._settings(), self._time.now())
        before, self._picture = self._picture, round_.picture
        if not await self._show(before, asked=bool(asked)):
            self._fence = ""
            return
        if round_.put or round_.gone:
            changed = await self._measures.change(standing, round_.put, gone=round_.gone, fence=self._fence)
            if not changed:  # an operator was faster, or somebody else watches by now
                self._rounds.again()
                self._looked = self._leased = float("-inf")
                round_ = Round(picture=round_.picture)
        if asked:
            await self._keep()
            await self._pictures.forgotten(len(asked))
        await self._on_round(before, round_)

    async def _show(self, before: Picture, *, asked: bool) -> bool:
        """Write the picture, if it says something else or was written a while ago; tells whether we still watch."""
        running, now = self._loop.time(), self._picture
        same = now.threat == before.threat and [each.id for each in now.campaigns] == [
            each.id for each in before.campaigns
        ]
        if same and not asked and running < self._shown + _SHOW_EVERY:
            return True
        self._shown = running
        return await self._pictures.put(now, fence=self._fence)

    async def _keep(self) -> None:
        """Write what somebody else would need to go on."""
        snapshot = self._watch.snapshot()
        self._size, self._kept = len(snapshot), self._loop.time()
        kept = Kept(snapshot, self._cursor, self._time.behind)
        if not await self._pictures.keep(kept, self._picture, fence=self._fence):
            self._fence = ""
            return
        await self._stream.forget(self._cursor)


class EventTime:
    """
    The time of the sightings, which goes on where none come.

    Args:
        clock: Tells Unix seconds.
        behind: Seconds by which event time lies behind it, until a sighting tells.
    """

    def __init__(self, clock: Callable[[], float], *, behind: float = 0.0) -> None:
        self._clock = clock
        self._newest = float("-inf")
        self.behind = behind

    def admit(self, sighting: Sighting) -> Sighting:
        """Return a sighting with a time that can be believed, and note it."""
        clock = self._clock()
        if sighting.time > clock + _AHEAD:
            sighting = msgspec.structs.replace(sighting, time=clock)
        if sighting.time > self._newest:
            self._newest = sighting.time
            self.behind = clock - sighting.time
        return sighting

    def now(self) -> float:
        """Return the time of an event that would happen now."""
        return self._clock() - self.behind
