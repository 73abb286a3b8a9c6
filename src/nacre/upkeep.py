# SPDX-License-Identifier: Apache-2.0
"""What has to be done again and again: flush, sweep, replay what waits on disk."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Iterable
from typing import Protocol

import structlog

from nacre.campaign_parts import CampaignParts
from nacre.checkpoint import Checkpoint
from nacre.desk import Desk
from nacre.errors import GuardError, StoreCorrupt, StoreUnavailable
from nacre.features.geo import Places, Source
from nacre.network_parts import NetworkParts
from nacre.ports import Spooled
from nacre.spool import Spool
from nacre.telemetry import DecisionLog, Telemetry

log = structlog.get_logger(__name__)

_SWEEP_EVERY = 30.0
_PLACES_EVERY = 60.0
_TICK = 0.1
_LOOK_EVERY = 10
"""Ticks."""


class Kept(Protocol):
    """What is looked after: a guard."""

    clock: Callable[[], float]
    checkpoint: Checkpoint
    desk: Desk
    network_parts: NetworkParts
    campaign_parts: CampaignParts
    spool: Spool | None
    telemetry: Telemetry
    places: Places | None
    decision_log: DecisionLog | None

    @property
    def store_is_up(self) -> bool:
        """Whether the store can be reached."""

    async def claim_identity(self) -> None:
        """Make sure that the store is ours."""


class Upkeep:
    """
    Looks after a guard in the background.

    Args:
        guard: The guard.
    """

    def __init__(self, guard: Kept) -> None:
        self._guard = guard
        self._tasks: set[asyncio.Task[None]] = set()
        self._draining = asyncio.Lock()

    def start(self) -> None:
        """Begin, until :meth:`stop`."""
        self._look_around()  # a gauge that nobody has set yet would say 0
        self.later(self._sweep())
        self.later(self._tick())
        self.later(self._read_places())

    async def stop(self) -> None:
        """Do nothing more."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def later(self, work: Coroutine[object, object, object]) -> None:
        """Do something that nobody waits for; what goes wrong is logged."""
        task = asyncio.get_running_loop().create_task(_quietly(work))
        self._tasks.add(task)

        def over(done: asyncio.Task[None]) -> None:
            self._tasks.discard(done)
            work.close()  # if the end came before it had begun

        task.add_done_callback(over)

    async def drain(self) -> None:
        """Count the reports that wait on disk, in their order."""
        guard = self._guard
        async with self._draining:
            await guard.claim_identity()
            if guard.spool is not None:
                taken = await guard.spool.replay(self._recount)
                if taken:
                    log.info("spool_replayed", reports=taken)
            guard.checkpoint.store_is_back()

    async def _recount(self, report: Spooled) -> None:
        """Count a report that waited; one whose subject is corrupt would hold up all others for ever."""
        try:
            await self._guard.checkpoint.recount(report)
        except StoreCorrupt as error:
            log.error("report_dropped", request_id=report.attempt.request_id, error=str(error))  # noqa: TRY400

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(_SWEEP_EVERY)
            try:
                await self._guard.desk.blocks.sweep(self._guard.clock() - _SWEEP_EVERY)
            except GuardError as error:
                log.debug("sweep_failed", error=str(error))

    async def _read_places(self) -> None:
        """Read databases of places that were replaced."""
        while True:
            await asyncio.sleep(_PLACES_EVERY)
            places = self._guard.places
            if places is not None:
                tell_of_sources(await asyncio.to_thread(places.refresh, asyncio.get_running_loop().time()))

    async def _tick(self) -> None:
        guard = self._guard
        for tick in itertools.count():
            await asyncio.sleep(_TICK)
            if guard.decision_log is not None:
                guard.decision_log.flush()
            guard.telemetry.flush()
            if tick % _LOOK_EVERY == 0:
                try:
                    self._look_around()
                except Exception:
                    log.exception("tick_failed")

    def _look_around(self) -> None:
        """Set gauges, and try again what waits on disk."""
        guard = self._guard
        waiting = len(guard.spool) if guard.spool is not None else 0
        guard.telemetry.store_up.set(guard.store_is_up)
        guard.telemetry.blocks.set(len(guard.desk.blocks.copy))
        guard.telemetry.spooled.set(waiting)
        if guard.store_is_up and not guard.network_parts.is_looking:
            self.later(guard.network_parts.look())
        if guard.store_is_up and guard.checkpoint.sentry is not None and not guard.campaign_parts.is_looking:
            self.later(guard.campaign_parts.look())
        if guard.store_is_up and waiting and not self._draining.locked():
            self.later(self.drain())


def tell_of_sources(sources: Iterable[Source]) -> None:
    """Log which databases of places are in use, and which cannot be."""
    for source in sources:
        if source.problem:
            log.warning("geoip_unusable", path=source.path, problem=source.problem, in_use=source.kind)
        else:
            log.info("geoip_in_use", path=source.path, kind=source.kind, built=source.built)


async def _quietly(work: Coroutine[object, object, object]) -> None:
    try:
        await work
    except StoreUnavailable as error:
        log.debug("store_lost_again", error=str(error))
    except Exception:
        log.exception("follow_up_failed")
