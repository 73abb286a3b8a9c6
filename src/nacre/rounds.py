# SPDX-License-Identifier: Apache-2.0
"""One round of the watch: the picture, and what becomes of the measures.  The service, replay and drills share it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import structlog

from nacre.campaign.ledger import Changes
from nacre.campaign.measure import Measure, State
from nacre.campaign.memory import Memory
from nacre.campaign.picture import Picture
from nacre.campaign.plan import plan
from nacre.campaign.watch import Watch
from nacre.config.campaigns import Campaigns
from nacre.identity import Identity

log = structlog.get_logger(__name__)

KEEP_ENDED = 86_400.0
"""Seconds for which a measure that ended is kept."""
MOST_ENDED = 200
"""Measures that are kept after their end, at most."""
_PURPOSE = b"watch"


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of a round.

    Attributes:
        picture: What the watch sees.
        changes: Measures as they are from now on, as far as they changed.
        gone: Ids of measures that ended long ago.
        missed: What a drill missed that ended meanwhile, as sentences.
    """

    picture: Picture
    changes: Changes = Changes()
    gone: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def put(self) -> list[Measure]:
        """The measures that changed."""
        return [measure for part in self.changes for measure in part]


class Rounds:
    """
    Goes rounds: each forms the picture, and those in which it matters answer it.

    To look for the best measures takes longer than to see.  So that is done when the situation is another one, and
    again after a while.

    Args:
        patience: Seconds after which measures are looked at again although the situation is the same.
        signals: Whether somebody looks at the signals of the pictures.
    """

    def __init__(self, patience: float, *, signals: bool = True) -> None:
        self._patience = patience
        self._situation: object = None
        self._answered = float("-inf")
        self._memory = Memory()
        self._signals = signals

    def go(self, watch: Watch, measures: Mapping[str, Measure], settings: Campaigns, now: float) -> Round:
        """
        Form the picture, and say what becomes of the measures.

        Args:
            watch: What sees.
            measures: As they are, by id, those that ended within a day included.
            settings: Of campaigns.
            now: Unix seconds, by the clock that the sightings go by.
        """
        picture = watch.assess(now, signals=self._signals)
        standing = tuple(measures.values())
        situation = (
            picture.threat.band,
            {each.id for each in picture.campaigns if not each.ended},
            {each.account for each in picture.accounts},
        )
        changes = Changes()
        if situation != self._situation:
            self._memory.renew()
        if situation != self._situation or now >= self._answered + self._patience:
            self._situation, self._answered = situation, now
            changes = plan(picture, watch.members, watch.good, standing, settings.measures, now, memory=self._memory)
        over = {measure.id for measure in (*changes.end, *changes.extend)}
        ended = [
            msgspec.structs.replace(measure, state=State.ENDED)
            for measure in standing
            if measure.state is not State.ENDED and measure.until <= now and measure.id not in over
        ]
        changes = changes._replace(end=(*changes.end, *ended))
        return Round(picture=picture, changes=changes, gone=_gone(standing, now))

    def again(self) -> None:
        """Look for measures in the next round, whatever was found in this one: it could not be written."""
        self._situation = None
        self._memory = Memory()


def watch_of(snapshot: bytes, settings: Campaigns, identity: Identity) -> Watch:
    """
    Return the watch of a snapshot; a new one if there is none, or none that can be used.

    Args:
        snapshot: As it was written, ``b""`` for none.
        settings: Of campaigns.
        identity: Makes the key with which counted values are hashed.
    """
    key = identity.key(_PURPOSE)
    if snapshot:
        try:
            return Watch.restore(snapshot, settings, key=key)
        except ValueError as error:
            log.warning("watch_begins_anew", error=str(error))
    return Watch(settings, key=key)


def _gone(standing: Iterable[Measure], now: float) -> tuple[str, ...]:
    """Return the ids of measures that ended long ago, or before too many others."""
    ended = sorted((each for each in standing if each.state is State.ENDED), key=lambda each: -each.until)
    return tuple(each.id for place, each in enumerate(ended) if place >= MOST_ENDED or each.until < now - KEEP_ENDED)
