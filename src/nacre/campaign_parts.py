# SPDX-License-Identifier: Apache-2.0
"""The parts of campaigns, put together for one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog

from nacre.attempt import Attempt
from nacre.campaign.apply import InForce
from nacre.campaign_metrics import CampaignMetrics
from nacre.config.campaigns import Campaigns
from nacre.drill.process import DrillProcess
from nacre.drill.schedule import Drilling
from nacre.drilled import LastDrill
from nacre.errors import StoreCorrupt
from nacre.features.place import Place
from nacre.forgetting import Forgetting
from nacre.identity import Identity
from nacre.sentry import Sentry
from nacre.store.keys import Keys
from nacre.store.measures import Glance, Standing, StandingMeasures
from nacre.store.news import News
from nacre.store.picture import Pictures
from nacre.store.sightings import Sightings, SightingStream
from nacre.store.topology import Servers
from nacre.watching import Shelf, Told, Watching, nobody

log = structlog.get_logger(__name__)


class CampaignParts:
    """
    All that campaigns need in one process.

    Args:
        settings: Gives those of campaigns.
        servers: Where the state is.
        keys: Spells the keys.
        news: Tells the other instances.
        identity: Makes digests.
        clock: Tells Unix seconds.
        place: Says where an attempt comes from.
        metrics: Of the process.

    Attributes:
        sentry: The side of campaigns in check and report.
        shelf: Where all of it is kept.
        sightings: Tells the one who watches.
    """

    def __init__(
        self,
        settings: Callable[[], Campaigns],
        servers: Servers,
        *,
        keys: Keys,
        news: News,
        identity: Identity,
        clock: Callable[[], float],
        place: Callable[[Attempt], Place],
        metrics: CampaignMetrics,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._identity = identity
        self._metrics = metrics
        self.sightings = Sightings(servers, keys)
        measures = StandingMeasures(servers, keys, news)
        self.shelf = Shelf(SightingStream(servers, keys), Pictures(servers, keys, measures), measures)
        self.sentry = Sentry(self.sightings, identity=identity, place=place)
        self._known = Standing(-1, {})
        self._glance = Glance()
        self._complained = ""
        self._drill = b""
        self._reading = asyncio.Lock()
        self._looking = asyncio.Lock()

    def watching(self, owner: str = "", on_round: Told = nobody) -> Watching:
        """Return who watches."""
        return Watching(
            self.shelf,
            settings=self._settings,
            identity=self._identity,
            clock=self._clock,
            owner=owner,
            on_round=on_round,
        )

    @asynccontextmanager
    async def drilling(self, process: DrillProcess | None, watching: Watching, told: Told) -> AsyncIterator[None]:
        """Make drills as often as the settings say while the block lasts, in *process*; ``None`` makes none."""
        if process is None:
            yield
            return
        drills = Drilling(
            self.shelf.measures,
            every=lambda: float(self._settings().drill_every),
            watches=lambda: watching.watches,
            run=process.run,
            told=told,
            clock=self._clock,
        )
        task = asyncio.create_task(drills.run(), name="nacre-drilling")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    def forgetting(self) -> Forgetting:
        """Return who forgets."""
        return Forgetting(self.shelf, clock=self._clock, settle=self.settle, watch_once=lambda: self.watching().once())

    @property
    def is_looking(self) -> bool:
        """Whether :meth:`look` is at work."""
        return self._looking.locked()

    async def follow(self) -> None:
        """
        Take over the measures in force.

        Raises:
            StoreUnavailable: the store refused or did not answer; what is known stays.
            StoreCorrupt: a measure is not ours; likewise.
        """
        async with self._reading:
            self._glance = await self.shelf.measures.glance()
            known = await self.shelf.measures.read()
            sentry = self.sentry
            sentry.threat = self._glance.threat
            try:
                in_force = InForce(known.measures.values(), self._settings().measures, before=sentry.in_force)
            except ValueError as error:
                raise StoreCorrupt("measures", str(error)) from error
            self._known = known
            sentry.in_force = in_force or None

    async def look(self) -> None:
        """
        See what the watcher changed; once a second.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        async with self._looking:
            try:
                self._glance = await self.shelf.measures.glance()
                self.sentry.threat = self._glance.threat
                if self._glance.revision != self._known.revision:
                    await self.follow()
            except StoreCorrupt as error:
                if str(error) != self._complained:
                    log.error("store_corrupt", key=error.key, error=str(error))  # noqa: TRY400  the text says it
                self._complained = str(error)
            self._tell()

    def settings_changed(self) -> None:
        """Compile the measures anew under other settings, at the next look."""
        self._known = Standing(-1, self._known.measures)

    def _tell(self) -> None:
        in_force, now = self.sentry.in_force, self._clock()
        measures = in_force.measures if in_force is not None else ()
        self._metrics.look(
            threat=self._glance.threat,
            running=self._glance.campaigns,
            attacked=self._glance.attacked,
            steps=[measure.step for measure in measures if measure.until > now],
            lost=self.sightings.lost,
        )
        if self._glance.drill != self._drill:
            self._drill = self._glance.drill
            self._metrics.drill(LastDrill.unpack(self._drill))

    async def settle(self) -> None:
        """Tell of what was seen so far."""
        await self.sentry.settle()
        self.sightings.flush()
