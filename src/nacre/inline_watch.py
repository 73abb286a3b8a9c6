# SPDX-License-Identifier: Apache-2.0
"""
The watch within one process and in event time, for replays, drills and rehearsals.

It sees each attempt at once, forms the picture at every alarm, after some hundred attempts and after some minutes of
event time, and lets measures take effect a second later, as they do at the latest in a service of many instances.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from nacre.attempt import Attempt
from nacre.campaign.apply import InForce
from nacre.campaign.measure import Measure, State
from nacre.campaign.picture import Picture
from nacre.campaign.sighting import Sighting
from nacre.config.campaigns import Campaigns
from nacre.decision import Decision
from nacre.features.place import Place
from nacre.identity import Identity
from nacre.rounds import Round, Rounds, watch_of
from nacre.sentry import Sentry

ENFORCED_AFTER = 1.0
"""Seconds of event time until a measure is enforced."""
_MANY, _QUIET = 512, 3_600.0
"""Attempts, and seconds of silence, after which there is a picture although nothing calls for one."""


class InlineWatch:
    """
    Watches what one process sees.

    Args:
        settings: Of campaigns.
        identity: Makes digests and keys.
        place: Says where an attempt comes from.
        patience: Seconds after which measures are looked at again although the situation is the same; less than a
            measure lasts.

    Attributes:
        sentry: The side of campaigns in check and report.
        watch: What sees.
        picture: As it was formed last.
        measures: As they are, by id.
        on_round: Told of each round.
    """

    def __init__(
        self,
        settings: Campaigns,
        *,
        identity: Identity,
        place: Callable[[Attempt], Place],
        patience: float = 5.0,
    ) -> None:
        self._settings = settings
        self.watch = watch_of(b"", settings, identity)
        self.sentry = Sentry(self, identity=identity, place=place)
        self.sentry.always_asks = True
        self.picture = Picture()
        self.measures: dict[str, Measure] = {}
        self.on_round: Callable[[Round], None] = lambda _: None
        self._effective: deque[tuple[float, float, dict[str, Measure]]] = deque()
        self._rounds = Rounds(patience, signals=False)
        self._patience = patience
        self._formed = float("-inf")
        self._seen = 0
        self._alarmed = False

    def put(self, make: Callable[[], Sighting]) -> None:
        """See an attempt."""
        self.watch.see(make())
        self._seen += 1

    def advance(self, now: float) -> None:
        """Let event time go on to a moment: form the picture if it is due, let measures that are due take effect."""
        if (self.watch.alarmed and not self._alarmed) or self._seen >= _MANY or now >= self._formed + self._every():
            self._round(now)
        while self._effective and self._effective[0][0] <= now:
            _, self.sentry.threat, measures = self._effective.popleft()
            in_force = InForce(measures.values(), self._settings.measures, before=self.sentry.in_force)
            self.sentry.in_force = in_force or None

    def form(self, now: float) -> None:
        """Form the picture at once, due or not: what is known at an end has to be in it."""
        self._round(now)

    def _every(self) -> float:
        """Return after how many seconds there is a picture although nothing calls for one."""
        lasting = any(measure.state is State.ACTIVE for measure in self.measures.values())
        return self._patience if self.picture.threat.level or lasting else _QUIET

    def grade(self, decision: Decision, attempt: Attempt, marks: int) -> float:
        """
        Return how much of an attack an attempt is, 0-1: the threat, if it fits a campaign that runs.

        Args:
            decision: What was answered.
            attempt: What is tried.
            marks: What is known of it.
        """
        if not any(not campaign.ended for campaign in self.picture.campaigns):
            return 0.0
        seen = self.sentry.sighting(decision, attempt, marks)
        return self.picture.threat.level if self.watch.campaign_of(seen) else 0.0

    def _round(self, now: float) -> None:
        self._formed = now
        round_ = self._rounds.go(self.watch, self.measures, self._settings, now)
        if self._seen >= _MANY:
            self._rounds.again()
        self._seen, self._alarmed = 0, self.watch.alarmed
        threat = round_.picture.threat.level
        if round_.put or round_.gone:
            self.measures = {**self.measures, **{measure.id: measure for measure in round_.put}}
            for gone in round_.gone:
                self.measures.pop(gone, None)
            self._effective.append((now + ENFORCED_AFTER, threat, self.measures))
        elif threat != self.picture.threat.level:
            self._effective.append((now + ENFORCED_AFTER, threat, self.measures))
        self.picture = round_.picture
        self.on_round(round_)
