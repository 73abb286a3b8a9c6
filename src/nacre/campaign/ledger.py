# SPDX-License-Identifier: Apache-2.0
"""
The measures that stand, what they may still cost, and what becomes of them.

Everything that begins without being asked for goes through here, and so stays within the budget of harm.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from nacre.campaign.harm import DAY, affordable, estimate, spent
from nacre.campaign.measure import OURS, Harm, Measure, Scope, State, Step
from nacre.campaign.memory import Memory
from nacre.campaign.sighting import Sighting
from nacre.config.campaigns import Measures

MOST = 50
"""Measures in force at a time, of those that nobody asked for."""

SHORTEST = 60.0
"""Seconds that a measure lasts at least; what the budget allows for less does not begin."""


class Changes(NamedTuple):
    """
    What should change.

    Attributes:
        begin: New measures, active.
        extend: Active measures, with their new end.
        end: Measures that are over.
        propose: New measures that wait for a person's consent.
    """

    begin: tuple[Measure, ...] = ()
    extend: tuple[Measure, ...] = ()
    end: tuple[Measure, ...] = ()
    propose: tuple[Measure, ...] = ()

    def __bool__(self) -> bool:
        return any(self)

    def applied(self, standing: Iterable[Measure]) -> tuple[Measure, ...]:
        """Return all measures as they are afterwards, those that are over included."""
        by_id = {measure.id: measure for measure in standing}
        by_id |= {measure.id: measure for part in self for measure in part}
        return tuple(by_id.values())


class Ledger:
    """
    What stands, and what is changed.

    Args:
        measures: The active and the proposed ones, and those that ended within a day: they count against the budget.
        good: Recent good logins, in the order of time.
        settings: ``campaigns.measures``.
        now: Unix seconds.
        memory: What the rounds before this one left.
    """

    def __init__(
        self,
        measures: Iterable[Measure],
        good: Sequence[Sighting],
        settings: Measures,
        now: float,
        *,
        memory: Memory | None = None,
    ) -> None:
        self.memory = memory or Memory()
        self._by_id = {measure.id: measure for measure in measures}
        self._declined = {_kind(each) for each in self._by_id.values() if each.stopped_by}
        self.people = self.memory.people(now, good)
        self.settings = settings
        self.now = now
        self._left: float | None = None
        self._begin: list[Measure] = []
        self._extend: list[Measure] = []
        self._end: list[Measure] = []
        self._propose: list[Measure] = []

    @property
    def changes(self) -> Changes:
        """What was changed so far."""
        return Changes(tuple(self._begin), tuple(self._extend), tuple(self._end), tuple(self._propose))

    @property
    def active(self) -> list[Measure]:
        """The measures in force."""
        return [each for each in self._by_id.values() if each.state is State.ACTIVE]

    @property
    def proposed(self) -> list[Measure]:
        """The measures that wait for consent."""
        return [each for each in self._by_id.values() if each.state is State.PROPOSED]

    @cached_property
    def usual(self) -> dict[str, Any]:
        """From where people sign in, see :func:`nacre.campaign.candidates.usual`."""
        return self.memory.usual(self.now, self.people.good)

    def seconds(self, step: Step, harm: Harm) -> float:
        """Return how long a measure may last within what is left of the budget."""
        budget = self.settings.budget
        if self._left is None:
            self._left = budget - spent(self._by_id.values(), self.now)
        return affordable(step, harm, self._left, budget)

    def draft(self, step: Step, scope: Scope, reason: str, *, campaign: str = "") -> Measure:
        """Return a measure as it would begin, its harm estimated."""
        settings = self.settings
        draft = Measure(
            id=_id(step, scope, campaign, self.now),
            step=step,
            scope=scope,
            since=self.now,
            until=self.now + float(settings.duration),
            owner=OURS,
            reason=reason,
            campaign=campaign,
            per_minute=settings.rate_limit if step is Step.RATE_LIMIT else 0,
            threshold=settings.ml_threshold if step is Step.THRESHOLD else 0.0,
        )
        harm = estimate(draft, self.people)
        found = "" if step is Step.MONITOR else f"; {harm.touched} of {harm.of} recent good logins fit"
        return msgspec.structs.replace(draft, harm=harm, reason=reason + found)

    def bears(self, draft: Measure) -> bool:
        """Whether a measure meets no more good logins than the budget's share at any time."""
        return draft.harm is not None and draft.harm.share <= self.settings.budget

    def begin(self, draft: Measure) -> bool:
        """
        Let a measure begin, in place of an earlier one of its kind, if it is affordable; tells whether it did.

        It ends when the budget is used up, if that is earlier than it would end otherwise.  What a person stopped does
        not begin again.
        """
        assert draft.harm is not None  # noqa: S101  a draft has one
        before = [each for each in self.active if _stands_for(draft, each) and each.owner == OURS]
        lasting = self.seconds(draft.step, draft.harm)
        harmless = draft.step is Step.MONITOR
        if lasting < SHORTEST or len(self.active) - len(before) >= MOST or _kind(draft) in self._declined:
            return False
        if not (self.settings.automatic or harmless):
            return False
        for each in before:
            self.end(each)
        until = min(draft.until, self.now + lasting)
        self._take(self._begin, msgspec.structs.replace(draft, until=until))
        return True

    def propose(self, draft: Measure) -> None:
        """Ask for a person's consent to a measure, unless one of its kind waits for it or was turned down."""
        if _kind(draft) in self._declined or any(_kind(each) == _kind(draft) for each in self.proposed):
            return
        self._take(self._propose, msgspec.structs.replace(draft, state=State.PROPOSED, until=self.now + DAY))

    def may_extend(self, measure: Measure) -> bool:
        """Whether a measure is one that we began, and half over; earlier, each second would be a change."""
        ours = measure.owner == OURS and measure.state is State.ACTIVE
        return ours and measure.until - self.now <= float(self.settings.duration) / 2

    def extend(self, measure: Measure) -> None:
        """Let a measure last as long from now on as one that begins, as far as the budget allows."""
        if not self.may_extend(measure):
            return
        harm = measure.harm
        if harm is None or self.memory.again(f"harm {measure.id}", self.now):
            harm = estimate(measure, self.people)
        until = min(self.now + float(self.settings.duration), measure.until + self.seconds(measure.step, harm))
        if until >= measure.until + SHORTEST:
            self._take(self._extend, msgspec.structs.replace(measure, until=until, harm=harm))

    def end(self, measure: Measure) -> None:
        """End a measure, or withdraw a proposal."""
        until = min(measure.until, self.now)
        self._take(self._end, msgspec.structs.replace(measure, state=State.ENDED, until=until))

    def _take(self, part: list[Measure], measure: Measure) -> None:
        part.append(measure)
        self._by_id[measure.id] = measure
        self._left = None


def named(scope: Scope) -> tuple[str, ...]:
    """
    Return what a scope names.

    >>> named(Scope(accounts=("erika",), new_sources=True))
    ('accounts', 'new_sources')
    """
    nothing = Scope()
    return tuple(name for name in Scope.__struct_fields__ if getattr(scope, name) != getattr(nothing, name))


def _kind(measure: Measure) -> tuple[str, Step, tuple[str, ...]]:
    """Return what two measures share if one stands in place of the other."""
    return measure.campaign, measure.step, named(measure.scope)


def _stands_for(draft: Measure, before: Measure) -> bool:
    return _kind(before) == _kind(draft) and before.scope.except_own == draft.scope.except_own


def _id(step: Step, scope: Scope, campaign: str, now: float) -> str:
    packed = msgspec.msgpack.encode((step, scope, campaign, now))
    return f"m-{hashlib.blake2b(packed, digest_size=6).hexdigest()}"
