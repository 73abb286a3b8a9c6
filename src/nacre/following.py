# SPDX-License-Identifier: Apache-2.0
"""
What this process has of what all instances know: the models in use, the mode, the additional features.

A change is heard of at once and looked for once a second.  A model that cannot be used here is refused, and the one
before stays: a store that lies changes no score.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import msgspec
import structlog

from nacre.features.encoding import EncodingMismatch
from nacre.features.extras import Given
from nacre.learning.limits import REFUSE
from nacre.network.artifact import ModelRefused
from nacre.scoring import Live, Mode, Scoring
from nacre.store.models import SHIPPED, Models
from nacre.store.network_state import NetworkState, SharedState

log = structlog.get_logger(__name__)

_MOST_NEW = 100
_LEARNING = {"": None, "0": False, "1": True}


class Following:
    """
    Keeps the scoring of a process in step with the others.

    Args:
        scoring: What follows; its champion at first is the shipped model, if there is one.
        state: What all instances know.
        models: The registry.
        clock: Tells Unix seconds.

    Attributes:
        known: The state as it was read last.
        refused: Models that could not be used, since the start.
        shipped: The shipped model, ``None`` without one.
        champion: The model in use as it was made; scoring has one that refuses nobody while the network is held.
    """

    def __init__(self, scoring: Scoring, *, state: SharedState, models: Models, clock: Callable[[], float]) -> None:
        self.scoring = scoring
        self.known = NetworkState()
        self.refused = 0
        self._state = state
        self._models = models
        self._clock = clock
        self._reading = asyncio.Lock()
        self._counted = 0
        self._new: dict[str, Given] = {}
        self._hopeless: set[str] = set()
        self._unusable = ("", -1)
        self.shipped = self.champion = scoring.champion
        self._restrained: tuple[Live, Live] | None = None
        scoring.on_extras = self.meet

    async def follow(self) -> None:
        """
        Take over what all instances know.

        Raises:
            StoreUnavailable: the store refused or did not answer; what is known stays.
            StoreCorrupt: the state is not ours; likewise.
        """
        async with self._reading:
            known = await self._state.read()
            scoring = self.scoring
            if known.catalogue != self.known.catalogue:
                self._hopeless.clear()
            features = known.features
            champion = await self._find(known.current or SHIPPED, self.champion, known)
            challenger = await self._find(known.challenger, scoring.challenger, known) if known.challenger else None
            # Nothing is awaited from here on: a decision sees all of it or nothing.
            anew = bool(self.known.since) and not known.since
            pending = 0 if anew else max(0, scoring.mode.successes - self._counted)
            self.known, self._counted = known, known.successes
            if champion is None or champion is not self.champion:
                log.info(
                    "model_in_use",
                    model=champion.model.version if champion else "",
                    ours=bool(champion and champion.ours),
                )
            self.champion = champion
            acting = self._hold(champion) if known.held and champion is not None else champion
            scoring.catalogue, scoring.champion, scoring.challenger = features, acting, challenger
            scoring.mode = Mode(
                learning=_LEARNING.get(known.learning),
                since=0.0 if anew else known.since or scoring.mode.since,
                successes=known.successes + pending,
                gated=champion is not None and champion.ours,
            )

    async def look(self) -> None:
        """
        Tell the others what was met here, and see whether they changed anything; once a second.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        await self._tell_logins()
        await self._propose()
        if await self._state.revision() != self.known.revision:
            await self.follow()

    def meet(self, extras: dict[str, Given]) -> None:
        """Note additional features that are not in the catalogue."""
        for name, given in extras.items():
            if len(self._new) >= _MOST_NEW:
                return
            if name not in self.scoring.catalogue.names and name not in self._hopeless:
                self._new[name] = given

    async def find(self, version: str) -> Live | None:
        """Return a model that is kept, ``None`` if it is not or cannot be used."""
        for live in (self.champion, self.scoring.challenger):
            if live is not None and live.model.version == version:
                return live
        return await self._find(version, None, self.known)

    async def _find(self, version: str, present: Live | None, known: NetworkState) -> Live | None:
        """Return a model, or the present one if that is it, or if it cannot be used."""
        if version == SHIPPED:
            return self.shipped
        if present is not None and present.model.version == version:
            return present
        if self._unusable == (version, known.revision):
            return present
        try:
            entry = await self._models.entry(version)
            live = Live.of(await self._models.load(version), ours=entry is None or entry.ours)
            live.encoding.check(known.features)
        except (ModelRefused, EncodingMismatch) as error:
            self.refused += 1
            self._unusable = (version, known.revision)
            before = present.model.version if present else ""
            log.error("model_refused", model=version, error=str(error), instead=before)  # noqa: TRY400  the text says it
            return present
        return live

    def _hold(self, champion: Live) -> Live:
        """Return the model with which the network may only challenge; the same one each time."""
        if self._restrained is None or self._restrained[0] is not champion:
            self._restrained = champion, restrained(champion)
        return self._restrained[1]

    async def _tell_logins(self) -> None:
        async with self._reading:  # what is read before and taken over afterwards knows nothing of them
            mode = self.scoring.mode
            met = mode.successes - self._counted
            if not mode.since or (met <= 0 and self.known.since):
                return
            since, successes = await self._state.add_logins(mode.since, max(0, met))
            # More may have come meanwhile.
            now = self.scoring.mode
            later = now.successes - self._counted - max(0, met)
            self._counted = successes
            self.known = msgspec.structs.replace(self.known, since=since, successes=successes)
            self.scoring.mode = msgspec.structs.replace(now, since=since, successes=successes + max(0, later))

    async def _propose(self) -> None:
        if not self._new:
            return
        new, self._new = self._new, {}
        features = self.known.features
        proposal = features.propose(new, self._clock())
        if proposal.catalogue is not features:
            packed = proposal.catalogue.to_bytes()
            if not await self._state.change({"catalogue": packed}, expected={"catalogue": self.known.catalogue}):
                self._new = new | self._new
                await self.follow()
                return
        self._hopeless |= new.keys() - proposal.catalogue.names
        if len(self._hopeless) > _MOST_NEW * 10:
            self._hopeless.clear()
        if proposal.dropped:
            log.warning(
                "features_dropped", features=proposal.dropped, why="there is no more room, or the name cannot be one"
            )


def restrained(live: Live) -> Live:
    """Return a model with the same scores that refuses nobody: it may challenge and delay."""
    milder = [
        {group: {answer: score for answer, score in given.items() if answer != REFUSE} for group, given in old.items()}
        for old in (live.model.artifact.guess.thresholds, live.model.artifact.accept.thresholds)
    ]
    return live._replace(model=live.model.with_thresholds(*milder))
