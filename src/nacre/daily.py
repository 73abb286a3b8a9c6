# SPDX-License-Identifier: Apache-2.0
"""What is looked at once a day, and what comes of it: thresholds, drift, legitimate attempts that come above."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from nacre.following import Following
from nacre.learning.drift import RETRAIN
from nacre.learning.journal import Material
from nacre.learning.limits import RECENT, Budgets
from nacre.network.model import Model
from nacre.nightly import Findings, look_back
from nacre.scoring import Live
from nacre.shelves import Lost, Shelves, in_use
from nacre.store.models import SHIPPED, Entry
from nacre.store.network_state import NetworkState, Value

log = structlog.get_logger(__name__)

DAY = 86_400.0
_RISES_APART = 3_600.0
"""Seconds; with thresholds found anew, the same rise may be seen a little earlier or later."""


class Daily:
    """
    Looks back once a day.

    Args:
        following: Knows the model in use.
        shelves: Where all of it is kept.
        clock: Tells Unix seconds.
        budgets: What may be refused.
    """

    def __init__(
        self, following: Following, shelves: Shelves, *, clock: Callable[[], float], budgets: Callable[[], Budgets]
    ) -> None:
        self._following = following
        self._shelves = shelves
        self._clock = clock
        self._budgets = budgets

    async def run(self, state: NetworkState) -> float:
        """
        Find thresholds anew, and look for drift, if a day went by since that was done.

        Thresholds stay as they are if the model is younger than a day.

        Args:
            state: What all instances know, as whoever holds the lease has read it.

        Returns:
            The highest index of an input; 0 if none drifted, or if it was not looked for.

        Raises:
            Lost: another process trains by now.
            StoreUnavailable: the store refused or did not answer.
        """
        now = self._clock()
        if now - state.renewed < DAY:
            return 0.0
        await self._following.follow()
        live = self._following.champion
        changes: dict[str, Value] = {"renewed": now}
        worst = 0.0
        if live is not None:
            journal = self._shelves.journal
            material = Material(await journal.events(), await journal.samples(since=now - RECENT))
            found = await asyncio.to_thread(
                look_back, live, material, now=now, since=state.published, budgets=self._budgets()
            )
            worst = next(iter(found.drift.values()), 0.0)
            changes |= await self._changes(found, live, state, now)
        expected = {"fence": state.fence, "current": state.current}
        return worst if await self._shelves.state.change(changes, expected=expected) else 0.0

    async def _changes(self, found: Findings, live: Live, state: NetworkState, now: float) -> dict[str, Value]:
        """Return what a night's findings change, and tell of them."""
        changes: dict[str, Value] = {"drift": ""}
        if found.drift:
            changes["drift"] = msgspec.json.encode(found.drift)
            advice = "train a new model" if next(iter(found.drift.values())) >= RETRAIN else "watch it"
            log.warning("inputs_drifted", columns=found.drift, rows=found.rows[1], advice=advice)
        if found.risen > state.risen_legitimate + _RISES_APART:
            changes["risen_legitimate"] = found.risen
            log.warning("legitimate_attempts_rose_above_threshold", at=found.risen, model=state.current or SHIPPED)
        if found.model is not None and now - max(state.published, state.trained) >= DAY:
            changes |= await self._renew(found.model, live, state, now)
            log.info("thresholds_renewed", model=found.model.version, rows=found.rows[0])
        return changes

    async def _renew(self, model: Model, live: Live, state: NetworkState, now: float) -> dict[str, Value]:
        """Keep the same weights with other thresholds, and return the changes that put these in use."""
        old = await self._shelves.models.entry(live.model.version)
        entry = msgspec.structs.replace(
            old or Entry(version="", created=0.0, ours=live.ours),
            version=model.version,
            created=now,
            who="nacre: thresholds",
        )
        if not await self._shelves.models.keep(model, entry, None, fence=state.fence):
            raise Lost
        return in_use(model.version, state, now)
