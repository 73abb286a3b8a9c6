# SPDX-License-Identifier: Apache-2.0
"""Drills at regular times, by the one who watches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from nacre.campaign.picture import Picture
from nacre.drill.run import Drill
from nacre.drilled import LastDrill
from nacre.errors import GuardError
from nacre.rounds import Round
from nacre.store.measures import StandingMeasures
from nacre.watching import Told

log = structlog.get_logger(__name__)

LOOK_EVERY = 60.0
"""Seconds between two looks at whether a drill is due."""
AGAIN = 3_600.0
"""Seconds until a drill that could not be made is tried again."""


class Drilling:
    """
    Makes a drill when one is due, and tells what it found.

    When the last one was lies in the store, so that a restart or another one who watches does not begin anew.

    Args:
        measures: Keep what all instances know.
        every: Gives the seconds between two drills, 0 for never.
        watches: Whether it is us who watch.
        run: Makes a drill.
        told: Told of what it missed.
        clock: Tells Unix seconds.
    """

    def __init__(
        self,
        measures: StandingMeasures,
        *,
        every: Callable[[], float],
        watches: Callable[[], bool],
        run: Callable[[], Awaitable[Drill]],
        told: Told,
        clock: Callable[[], float],
    ) -> None:
        self._measures = measures
        self._every = every
        self._watches = watches
        self._run = run
        self._told = told
        self._clock = clock
        self._not_before = 0.0

    async def run(self) -> None:
        """Look whether a drill is due, again and again."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            try:
                await self.look()
            except Exception:
                log.exception("drill_not_made")

    async def look(self) -> Drill | None:
        """Make a drill if one is due, and return it."""
        every, now = self._every(), self._clock()
        if not every or now < self._not_before or not self._watches():
            return None
        try:
            last = LastDrill.unpack((await self._measures.glance()).drill)
            if now < last.time + every:
                return None
            self._not_before = now + min(AGAIN, every)
            found = await self._run()
            await self._measures.drilled(_kept(found, self._clock()).pack())
        except GuardError as error:
            log.warning("drill_not_made", error=str(error))
            return None
        missed = tuple(f"{each.exercise}: {sentence}" for each in found.findings for sentence in each.missed)
        if missed:
            log.error("drill_failed", missed=missed)
            await self._told(Picture(), Round(picture=Picture(time=self._clock()), missed=missed))
        else:
            log.info("drill_passed", attacks=len(found.findings))
        return found


def _kept(found: Drill, now: float) -> LastDrill:
    attacks = {
        each.exercise: (each.passed, -1.0 if each.recognised_after is None else each.recognised_after)
        for each in found.findings
    }
    return LastDrill(now, attacks)
