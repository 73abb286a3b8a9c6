# SPDX-License-Identifier: Apache-2.0
"""
The network, taken back by itself where it harms those who sign in where they always do.

All instances count such attempts, and how many reach a threshold for refusing.  Where that share is far above what it
was in the week before, the network may only challenge; where it stays there, the model before comes back.  Whoever
guesses cannot bring that about: an attempt counts if it shows the account's own password, or none that we know.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from math import isnan

import numpy as np
import structlog

from nacre.config.tree import NeuralNetwork
from nacre.decision import Action
from nacre.errors import NetworkRefused
from nacre.features.flags import Flag
from nacre.following import Following
from nacre.learning.adwin import last_rise
from nacre.learning.limits import REFUSE
from nacre.network.threshold import KNOWN
from nacre.record import Record
from nacre.registry import Registry
from nacre.scoring import Live
from nacre.store.network_state import NetworkState, SharedState, Value
from nacre.store.tallies import Course, Tallies, Tally

log = structlog.get_logger(__name__)

SHORT, LONG = 10, 30
"""Minutes of too many refusals after which the network may only challenge, and after which the model goes."""
SLICE = 5
"""Minutes of which each alone has to be too many: one burst is none of these."""
LEAST, LEAST_REACHED = 100, 10
"""Attempts in ten minutes, and those of them that reach a threshold, without which nothing is said."""

_FLUSH_EVERY = 5.0
_RISES_APART = 3_600.0
"""Seconds; a day that begins later may have the same rise seen a little earlier or later."""
_MINUTE, _HOUR = 60, 3_600
_WATCH_EVERY = 10
"""Minutes between two looks at whether the share has risen."""
_DRAWN = 500_000
"""Attempts of a day that are drawn for that, of more."""
_WATCHED = 10_000
"""Values of which the rate is watched; of more attempts, each value is the share of some."""

_PLACES = (Flag.SEEN_IP | Flag.SEEN_NET).value
_OWN = (Flag.RIGHT | Flag.FORMER).value
_NEVER = 2.0

Note = Callable[[str, str, str], Awaitable[None]]


class Steadiness:
    """
    Counts in one process, and judges what all have counted.

    Args:
        following: Knows the model in use.
        state: What all instances know.
        tallies: What all instances counted.
        registry: Puts the previous model in use.
        settings: In force.
        learns: Whether the network only looks on.
        clock: Tells Unix seconds.

    Attributes:
        note: Adds an entry to the audit log: who, what was done, to what.
        share, usual: Of those who sign in where they always do, the share that reached a threshold for refusing in the
            last ten minutes and in the week before; NaN where there is nothing to tell it from.
    """

    def __init__(
        self,
        following: Following,
        state: SharedState,
        tallies: Tallies,
        *,
        registry: Registry,
        settings: Callable[[], NeuralNetwork],
        learns: Callable[[], bool],
        clock: Callable[[], float],
    ) -> None:
        self._following = following
        self._state = state
        self._tallies = tallies
        self._registry = registry
        self._settings = settings
        self._learns = learns
        self._clock = clock
        self.note: Note = _nowhere
        self.share = self.usual = float("nan")
        self._attempts = self._reached = 0
        self._limits = (_NEVER, _NEVER)
        self._of: Live | None = None
        self._flushed = 0.0
        self._judged = 0

    def count(self, record: Record) -> None:
        """Count a decision, if it is about somebody who signs in from there."""
        sight, decision = record.sight, record.decision
        if sight is None or decision.score is None or decision.score_accept is None:
            return
        flags = sight.facts.flags
        if not flags & _PLACES or (sight.facts.token and not flags & _OWN):
            return
        self._attempts += 1
        guess, accept = self._limits
        if (decision.score >= guess or decision.score_accept >= accept) and decision.rules_alone is not Action.REFUSE:
            self._reached += 1

    async def look(self) -> None:
        """
        Tell what was counted, every few seconds, and judge what all counted, once a minute.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        now = self._clock()
        if self._following.champion is not self._of:
            self._of = self._following.champion
            self._limits = _limits(self._of)
        minute = int(now) // _MINUTE
        if self._attempts and not 0 <= now - self._flushed < _FLUSH_EVERY:
            tally = Tally(self._attempts, self._reached)
            self._attempts = self._reached = 0
            self._flushed = now
            await self._tallies.add(now, tally)
        if minute != self._judged:
            self._judged = minute
            await self._judge(minute)

    async def _judge(self, minute: int) -> None:
        course, state, settings = await self._tallies.read(self._clock()), self._following.known, self._settings()
        self.usual, self.share = usual(course, minute), share_of(course.minutes, minute, SHORT)
        if minute % _WATCH_EVERY == 0:
            await self._watch(course, minute, state)
        rise = settings.refusals_rise
        floor = float(settings.max_refused_attempts)
        limit = rise * (floor if isnan(self.usual) else max(floor, self.usual))
        began = int(max(state.published, state.released)) // _MINUTE + 1
        minutes = {number: tally for number, tally in course.minutes.items() if number >= began}
        if state.held:
            await self._held(minutes, minute, state, limit=limit if rise else float("inf"))
        elif rise and not self._learns() and is_above(minutes, minute, SHORT, limit):
            await self._begin(state, limit)

    async def _begin(self, state: NetworkState, limit: float) -> None:
        """Let the network only challenge, unless somebody else did or the model is another one by now."""
        if await self._state.change({"held": self._clock()}, expected={"held": "", "current": state.current}):
            await self._tell("network.hold", "it may only challenge", limit)

    async def _held(self, minutes: Mapping[int, Tally], minute: int, state: NetworkState, *, limit: float) -> None:
        """Go back to the model before, or let go, if it is time for either."""
        now = self._clock()
        if not self._learns() and is_above(minutes, minute, LONG, limit):
            try:
                version = await self._registry.retreat(state.current)
            except NetworkRefused as error:
                log.warning("no_way_back", error=str(error))
                return
            if version:
                await self._tell("network.rollback", version, limit)
        elif now - state.held >= LONG * _MINUTE and not any(
            is_above(minutes, end, SLICE, limit) for end in range(minute, minute - LONG, -SLICE)
        ):
            freed: dict[str, Value] = {"held": "", "released": now}
            if await self._state.change(freed, expected={"held": state.held, "current": state.current}):
                await self.note("nacre", "network.release", "it may refuse again")
                log.info("network_released")

    async def _tell(self, what: str, outcome: str, limit: float) -> None:
        text = f"{self.share:.2%} of those who sign in where they always do would be refused, {limit:.2%} are too many"
        await self.note("nacre", what, f"{outcome}: {text}")
        log.warning("network_taken_back", what=what, outcome=outcome, share=self.share, usual=self.usual, limit=limit)

    async def _watch(self, course: Course, minute: int, state: NetworkState) -> None:
        """Say so, once, when the share has risen."""
        complete = {number: tally for number, tally in course.minutes.items() if number < minute}
        at, before = await asyncio.to_thread(risen, complete), state.risen_refusals
        when = float(at * _MINUTE)
        if when > before + _RISES_APART and await self._state.change(
            {"risen_refusals": when}, expected={"risen_refusals": before or ""}
        ):
            log.warning("refusals_rose", at=when, share=self.share, usual=self.usual)


def risen(minutes: Mapping[int, Tally]) -> int:
    """
    Return the minute at which the share was last seen to have risen, 0 if it was not.

    In which order the attempts of one minute came is not known; it is drawn, for every instance alike.

    >>> risen({minute: Tally(100, 1 if minute < 60 else 20) for minute in range(1, 121)}) >= 60
    True
    >>> risen({minute: Tally(100, 1) for minute in range(1, 121)})
    0
    """
    numbers = sorted(number for number, tally in minutes.items() if tally.attempts)
    if not numbers:
        return 0
    thinned = sum(minutes[number].attempts for number in numbers) // _DRAWN + 1
    parts = []
    for number in numbers:
        rng, (attempts, reached) = np.random.default_rng(number), minutes[number]
        reached, few = min(reached, attempts), -(-attempts // thinned)
        part = np.zeros(few, np.float32)
        part[: rng.hypergeometric(reached, attempts - reached, few)] = 1.0
        rng.shuffle(part)
        parts.append(part)
    values = np.concatenate(parts)
    size = len(values) // _WATCHED + 1
    shares = values[: len(values) // size * size].reshape(-1, size).mean(axis=1, dtype=np.float64)
    at = last_rise(shares.tolist())
    ends = np.cumsum([len(part) for part in parts])
    return numbers[int(np.searchsorted(ends, at * size, side="right"))] if at >= 0 else 0


def usual(course: Course, minute: int) -> float:
    """
    Return the share that reached the threshold in the week before this hour and the last one, NaN for none.

    >>> usual(Course({}, {10: Tally(900, 3), 11: Tally(100, 1), 12: Tally(100, 90)}), 13 * 60)
    0.004
    """
    hour = minute * _MINUTE // _HOUR
    before = [tally for number, tally in course.hours.items() if number < hour - 1]
    attempts = sum(tally.attempts for tally in before)
    return sum(tally.reached for tally in before) / attempts if attempts else float("nan")


def share_of(minutes: Mapping[int, Tally], end: int, length: int) -> float:
    """Return the share that reached the threshold in *length* minutes before *end*, NaN for none."""
    attempts, reached = _sum(minutes, end, length)
    return reached / attempts if attempts else float("nan")


def is_above(minutes: Mapping[int, Tally], end: int, length: int, limit: float) -> bool:
    """
    Whether more than a share reached the threshold, all the time and of enough attempts.

    Args:
        minutes: What was counted, by number of the minute.
        end: The minute that is not over yet.
        length: Minutes before it, a multiple of five; the first one, and each five of them, have to be above.
        limit: The share.

    >>> busy = {minute: Tally(50, 5) for minute in range(10)}
    >>> is_above(busy, 10, 10, 0.05), is_above(busy, 10, 10, 0.2), is_above(busy, 9, 10, 0.05)
    (True, False, False)
    """
    attempts, reached = _sum(minutes, end, length)
    scale = length / SHORT
    if attempts < LEAST * scale or reached < LEAST_REACHED * scale:
        return False
    first = minutes.get(end - length, Tally(0, 0))
    if first.reached <= limit * first.attempts:
        return False
    for slice_end in range(end, end - length, -SLICE):
        there, above = _sum(minutes, slice_end, SLICE)
        if above <= limit * there:
            return False
    return True


def _sum(minutes: Mapping[int, Tally], end: int, length: int) -> Tally:
    some = [minutes[number] for number in range(end - length, end) if number in minutes]
    return Tally(sum(tally.attempts for tally in some), sum(tally.reached for tally in some))


def _limits(live: Live | None) -> tuple[float, float]:
    """Return the scores from which on a model refuses somebody who signs in from there."""
    if live is None:
        return _NEVER, _NEVER
    guess, accept = live.model.artifact.guess.thresholds, live.model.artifact.accept.thresholds
    return guess.get(KNOWN, {}).get(REFUSE, _NEVER), accept.get(KNOWN, {}).get(REFUSE, _NEVER)


async def _nowhere(_who: str, _what: str, _to: str) -> None:
    """Note nothing."""
