# SPDX-License-Identifier: Apache-2.0
"""
What the measures in force make of an attempt.

They are compiled once when they change, and asked at every check while there are any.  A measure never weakens what
was decided before it, and never refuses an attempt on an account from where its owner signed in before.  One that
nobody asked for refuses nobody with the account's own password either, whom the network takes for its owner.
"""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from nacre.address import Subnet
from nacre.campaign.measure import OURS, Measure, State, Step
from nacre.campaign.pace import Pace
from nacre.campaign.ranges import SubnetTable
from nacre.campaign.reach import Reach, spared
from nacre.campaign.sighting import Mark, Sighting
from nacre.config.campaigns import Measures
from nacre.decision import INTERACTIVE, LIKELY, MESSAGES, SEVERITY, Action, Decision, Reason

MOST_REASONS = 4
"""Measures that a decision names as reasons; more of them would say no more."""

_HOME, _KNOWN = Mark.HOME.value, Mark.KNOWN_SOURCE.value
_OWNERS = Mark.SCORED.value | Mark.RIGHT.value
_REFUSALS = frozenset({Step.BLOCK, Step.RATE_LIMIT})
_ACTIONS = {Step.MONITOR: Action.ALLOW, Step.DELAY: Action.DELAY}
_BY_SEVERITY = {severity: action for action, severity in SEVERITY.items()}
_NAMED = ("account", "asn", "country", "client")


class _Kind(enum.IntEnum):
    """What a protocol can do instead of refusing: show a challenge, wait, or, where an operator says so, neither."""

    SHOWS = 0
    WAITS = 1
    REFUSES = 2


class _Line:
    """One active measure, compiled."""

    __slots__ = ("delay", "id", "measure", "meets", "pace", "reasons", "severities", "threshold", "until")

    def __init__(self, measure: Measure, pace: Pace | None) -> None:
        answers = [_answer(measure.step, kind, mild=mild) for mild in (False, True) for kind in _Kind]
        self.measure = measure
        self.id = measure.id
        self.meets = Reach(measure.scope).meets
        self.until = measure.until
        self.threshold = measure.threshold if measure.step is Step.THRESHOLD else 0.0
        self.delay = measure.delay
        self.pace = pace
        self.severities = tuple([SEVERITY[answer] for answer in answers])
        self.reasons = {SEVERITY[answer]: _reason(measure, answer) for answer in (Action.ALLOW, *answers)}

    def severity(self, seen: Sighting, kind: int, *, mild: bool) -> int:
        """Return how severe an answer it asks for, no refusal if *mild*; a limit per address counts the attempt."""
        if self.pace is not None and self.pace.count(seen.address, seen.time) <= self.measure.per_minute:
            return 0
        return self.severities[kind + mild * len(_Kind)]


class InForce:
    """
    The active measures.

    Limits per address are counted here, in this process alone, and approximately: *n* processes let up to *n* times as
    many attempts through.  What the rules count in the store holds for all of them.

    Args:
        measures: Of any state; what is not active is left out.
        settings: ``campaigns.measures``.
        before: The measures until now; limits per address go on counting.

    Attributes:
        measures: The active ones.
        settings: As given.

    Raises:
        ValueError: a scope names a subnet that is none.

    >>> from nacre.campaign.measure import Scope
    >>> block = Measure(
    ...     id="m-1", step=Step.BLOCK, scope=Scope(subnets=("192.0.2.0/24",)), since=0.0, until=60.0, owner="nacre",
    ...     reason="an attack",
    ... )
    >>> allowed = Decision("r1", Action.ALLOW, 0.0, None, (), (), "")
    >>> stranger = Sighting(30.0, bytes([192, 0, 2, 7]), "erika", protocol="imap")
    >>> owner = Sighting(30.0, bytes([192, 0, 2, 7]), "erika", protocol="imap", marks=Mark.HOME)
    >>> [InForce([block], Measures()).weigh(allowed, seen).action.value for seen in (stranger, owner)]
    ['refuse', 'allow']
    """

    def __init__(self, measures: Iterable[Measure], settings: Measures, *, before: InForce | None = None) -> None:
        self.settings = settings
        self.measures = tuple([measure for measure in measures if measure.state is State.ACTIVE])
        self._paces: dict[str, Pace] = {}
        for measure in self.measures:
            if measure.step is Step.RATE_LIMIT:
                kept = before._paces.get(measure.id) if before is not None else None  # noqa: SLF001  its forerunner
                self._paces[measure.id] = kept or Pace()
        self._spared = _spared(self.measures)
        self._kinds = {
            **dict.fromkeys(settings.refuse_without_challenge, _Kind.REFUSES),
            **dict.fromkeys(INTERACTIVE, _Kind.SHOWS),
        }
        self._waits = {name: float(wait) for name, wait in settings.delays.items()}
        self._wait = float(settings.delay)
        self._compile()

    def __bool__(self) -> bool:
        return bool(self.measures)

    def spares(self, marks: int) -> bool:
        """Whether no measure meets an attempt of which this is known, whatever else it is."""
        return self._spared[marks & (_HOME | _KNOWN)]

    def passes(self, address: bytes, account: str, marks: int) -> bool:
        """
        Whether no measure meets an attempt from there on that account of which this is known, whatever else it is.

        Measures against accounts and subnets name thousands of them, and hardly any attempt is on one of these.
        """
        if not self._spared_beside[marks & (_HOME | _KNOWN)] or account in self._accounts:
            return False
        return not self._by_subnet.at(address)

    def weigh(self, decision: Decision, seen: Sighting) -> Decision:
        """
        Return a decision with what the measures make of it.

        A limit per address counts the attempt; so each attempt is asked about once.

        Args:
            decision: What rules and network decided.
            seen: The attempt, its place, client, score and origin as far as they are known; no outcome yet.
        """
        if decision.action is Action.REFUSE or self.spares(seen.marks):
            return decision
        met = [
            line
            for line in self._near(seen)
            if seen.time < line.until and seen.score >= line.threshold and line.meets(seen)
        ]
        return self._met(decision, seen, met) if met else decision

    def _met(self, decision: Decision, seen: Sighting, met: list[_Line]) -> Decision:
        kind = self._kinds.get(seen.protocol, _Kind.WAITS)
        home, owner = bool(seen.marks & _HOME), _is_owner(decision, seen)
        asked = [line.severity(seen, kind, mild=home or (owner and line.measure.owner == OURS)) for line in met]
        severity = max(SEVERITY[decision.action], *asked)
        action, delay = _BY_SEVERITY[severity], 0.0
        if action is Action.DELAY:
            bound = self._waits.get(seen.protocol, self._wait)
            waits = [min(line.delay or bound, bound) for line, each in zip(met, asked, strict=True) if each == severity]
            delay = max([decision.delay, *waits])
        reasons = [line.reasons[each] for line, each in zip(met[:MOST_REASONS], asked, strict=False)]
        return msgspec.structs.replace(
            decision,
            action=action,
            delay=delay,
            reasons=(*decision.reasons, *reasons),
            message=decision.message if action is decision.action else MESSAGES[action],
            measures=(*decision.measures, *[line.id for line in met]),
        )

    def _near(self, seen: Sighting) -> list[_Line]:
        """Return the measures that may meet an attempt, by the one thing that each is sorted by."""
        near = self._anyone
        for name, lines in self._by_name:
            more = lines.get(getattr(seen, name))
            if more:
                near = near + more
        if self._by_subnet:
            near = [*near, *dict.fromkeys(self._by_subnet.at(seen.address))]
        return near

    def _compile(self) -> None:
        """Sort each measure by the first thing that it names; one that names nothing may meet anyone."""
        self._anyone: list[_Line] = []
        by_name: dict[str, defaultdict[str | int, list[_Line]]] = {name: defaultdict(list) for name in _NAMED}
        subnets: list[tuple[Subnet, _Line]] = []
        for measure in self.measures:
            line, scope = _Line(measure, self._paces.get(measure.id)), measure.scope
            groups: tuple[tuple[str | int, ...], ...] = (scope.accounts, scope.asns, scope.countries, scope.clients)
            named = [(name, values) for name, values in zip(_NAMED, groups, strict=True) if values]
            name, values = named[0] if named else ("", ())
            if scope.subnets and name != "account":
                subnets += [(Subnet.parse(text), line) for text in scope.subnets]
            elif name:
                for value in set(values):
                    by_name[name][value].append(line)
            else:
                self._anyone.append(line)
        self._spared_beside = _spared(
            [each for each in self.measures if not (each.scope.accounts or each.scope.subnets)]
        )
        self._accounts = by_name["account"].keys()
        self._by_name = [(name, dict(lines)) for name, lines in by_name.items() if lines]
        self._by_subnet = SubnetTable(subnets)


def _spared(measures: Iterable[Measure]) -> dict[int, bool]:
    """Return whether each of some measures spares an attempt, by what is known of it."""
    marks = {spared(measure.scope) for measure in measures}
    return {known: all(known & one for one in marks) for known in (0, _HOME, _KNOWN, _HOME | _KNOWN)}


def _is_owner(decision: Decision, seen: Sighting) -> bool:
    """Whether an attempt shows the account's own password, and the network takes it for its owner's."""
    return seen.marks & _OWNERS == _OWNERS and decision.suspicion < LIKELY


def _answer(step: Step, kind: _Kind, *, mild: bool) -> Action:
    """Return what a step asks for; whoever may well be the owner of the account is never refused."""
    if step in _ACTIONS:
        return _ACTIONS[step]
    if step in _REFUSALS and not mild:
        return Action.REFUSE
    if kind is _Kind.SHOWS:
        return Action.CHALLENGE
    return Action.REFUSE if kind is _Kind.REFUSES and not mild else Action.DELAY


def _reason(measure: Measure, answer: Action) -> Reason:
    what = f"measure {measure.id} ({measure.step.value})"
    whose = f" of campaign {measure.campaign}" if measure.campaign else ""
    return Reason("measure", f"{what}{whose}: {answer.value}; {measure.reason}", until=measure.until)
