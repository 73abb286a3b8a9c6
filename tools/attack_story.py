# SPDX-License-Identifier: Apache-2.0
"""
An attack from beginning to end, minute by minute.

Ten thousand leaked pairs, each once and from an address of its own, are tried beside people who sign in.  All of it
goes through the real check and report, with the default settings and on an embedded store of its own.
"""

from __future__ import annotations

import heapq
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from nacre.campaign.apply import InForce
from nacre.campaign.measure import Measure, State, Step
from nacre.config.campaigns import Measures
from nacre.config.tree import Settings
from nacre.countermeasures import Countermeasures
from nacre.decision import Action, Decision
from nacre.drill.attacks import Try, people
from nacre.drill.sources import bots
from nacre.drill.space import DrillSpace
from nacre.rounds import Round
from nacre.service import Guard

PAIRS, RATE, RIGHT = 10_000, 5.0, 0.002
"""Leaked pairs, how many a second, and the share that is still right."""
BEFORE, AFTER = 600.0, 3_600.0
"""Seconds of calm before the attack and after it."""
TRAVELLING = 0.005
"""Share of the logins that come from where the person never was."""
SLOWER = 4.0
"""How many seconds apart people sign in, where those of a drill come each second."""
MINUTE = 60.0
CONSENT, CONFIRMED = 120.0, 1_800.0
"""Seconds after which an operator confirms a measure that is proposed, and for which it lasts then."""


@dataclass
class Minute:
    """What came within a minute, and how grave it was at its end."""

    let_through: int = 0
    stopped: int = 0
    people: int = 0
    people_met: int = 0
    threat: float = 0.0


@dataclass
class Story:
    """An attack from beginning to end; times in seconds since its first try."""

    minutes: list[Minute] = field(default_factory=list)
    measures: dict[str, tuple[Measure, float, float]] = field(default_factory=dict)
    named: tuple[int, float, str] = (0, 0.0, "")
    enforced: tuple[int, float] = (0, 0.0)
    taken: int = 0
    home: int = 0
    home_met: int = 0
    measured: int = 0
    proposed: dict[str, float] = field(default_factory=dict)
    confirmed: list[float] = field(default_factory=list)

    def person(self, each: Try, decision: Decision) -> None:
        """Count a login of somebody in the last minute."""
        met = decision.action is not Action.ALLOW
        steps = {self.measures[name][0].step for name in decision.measures if name in self.measures}
        self.measured += each.right and met and bool(steps - {Step.MONITOR})
        minute = self.minutes[-1]
        minute.people += each.right
        minute.people_met += each.right and met
        self.home += each.right and each.at_home
        self.home_met += each.right and each.at_home and met

    def round(self, round_: Round, starts: float) -> None:
        """Note which measures began, and which ended, and when."""
        for measure in round_.changes.propose:
            self.proposed.setdefault(measure.id, round_.picture.time)
        for measure in round_.put:
            if measure.state is State.ACTIVE:
                self.measures[measure.id] = (measure, measure.since - starts, measure.until - starts)
            elif measure.id in self.measures:
                self.measures[measure.id] = (measure, measure.since - starts, round_.picture.time - starts)

    def consent(self, space: DrillSpace, starts: float) -> None:
        """Confirm what was proposed a while ago, as ``nacre measures confirm`` does, while nothing else would help."""
        watch, now = space.watch, space.now
        if self.confirmed or any(each.step is Step.CHALLENGE and not each.scope.accounts for each in space.measures):
            return
        for name, since in reversed(self.proposed.items()):
            measure = watch.measures.get(name)
            if measure is None or measure.state is not State.PROPOSED or now < since + CONSENT:
                continue
            ours = {"state": State.ACTIVE, "since": now, "until": now + CONFIRMED, "owner": "erika"}
            watch.measures = {**watch.measures, name: msgspec.structs.replace(measure, **ours)}
            watch.sentry.in_force = InForce(watch.measures.values(), Measures(), before=watch.sentry.in_force)
            self.measures[name] = (measure, now - starts, now + CONFIRMED - starts)
            self.confirmed.append(now - starts)
            return


def attack(chance: random.Random, pairs: int) -> Iterator[Try]:
    """Yield leaked pairs, a few of them right."""
    at = 0.0
    for number, bot in enumerate(bots(pairs, chance)):
        fields = bot.fields(f"leaked{number}@drill.invalid", f"leaked {number}", known_user=chance.random() < 0.6)
        yield Try(at, fields, right=bool(fields.known_user) and chance.random() < RIGHT / 0.6)
        at += chance.expovariate(RATE)


def everything(chance: random.Random, pairs: int) -> list[Try]:
    """Return the attack, and people before, beside and after it, in the order of time."""
    hostile = list(attack(chance, pairs))
    lasts = (BEFORE + hostile[-1].time + AFTER) / SLOWER
    beside = [
        each._replace(time=(each.time if each.time < 0 else each.time * SLOWER) - BEFORE)
        for each in people(chance, lasts, crowd=True, travelling=TRAVELLING)
    ]
    return list(heapq.merge(hostile, beside, key=lambda each: each.time))


async def tell(space: DrillSpace, tries: list[Try], starts: float) -> Story:
    """Make the tries, and return what became of them."""
    story, hostile = Story(), 0

    space.watch.on_round = lambda round_: story.round(round_, starts)
    for each in tries:
        space.advance(starts + each.time)
        story.consent(space, starts)
        decision = await space.attempt(
            msgspec.structs.replace(each.fields, time=starts + each.time), success=each.right
        )
        if each.time < -BEFORE:
            continue
        while len(story.minutes) <= (each.time + BEFORE) // MINUTE:
            story.minutes.append(Minute())
        minute, met = story.minutes[-1], decision.action is not Action.ALLOW
        minute.threat = space.picture.threat.level
        if not each.hostile:
            story.person(each, decision)
            continue
        hostile += 1
        minute.stopped += met
        minute.let_through += not met
        story.taken += each.right and not met
        if not story.named[0] and space.picture.campaigns:
            story.named = (hostile, each.time, space.picture.campaigns[0].kind.value)
        if not story.enforced[0] and met:
            story.enforced = (hostile, each.time)
    return story


async def run(pairs: int = PAIRS) -> Story:
    """Open a guard for the moment, and tell the story on it."""
    tries = everything(random.Random("an attack"), pairs)  # noqa: S311  nothing secret
    with tempfile.TemporaryDirectory() as place:
        opening = Guard.open(Settings(), data_dir=Path(place), watch=False, scripts=False)
        async with opening as guard:
            desk = guard.campaigns
            assert isinstance(desk, Countermeasures)  # noqa: S101  for the type checker
            async with desk.spaces.open() as space:
                return await tell(space, tries, time.time() - tries[-1].time)


def figures(story: Story) -> Iterator[str]:
    """Yield what a reader wants to know, one sentence each."""
    through = sum(minute.let_through for minute in story.minutes)
    hostile = through + sum(minute.stopped for minute in story.minutes)
    logins = sum(minute.people for minute in story.minutes)
    met = sum(minute.people_met for minute in story.minutes)
    last = max(number for number, minute in enumerate(story.minutes) if minute.let_through + minute.stopped)
    calm = next((at for at, each in enumerate(story.minutes[last:]) if each.threat < 0.5), len(story.minutes) - last)
    yield f"named {story.named[2]} by try {story.named[0]}, {story.named[1]:.1f} s after the first one"
    yield f"enforced from try {story.enforced[0]} on, {story.enforced[1]:.1f} s after the first one"
    yield f"let through: {through} of {hostile}, {through - story.enforced[0] + 1} of them later"
    yield f"right pairs that were let through: {story.taken}"
    yield f"good logins: {logins}, met: {met}, by measures: {story.measured}"
    yield f"good logins from known places: {story.home}, met: {story.home_met}"
    yield f"confirmed by an operator: minute {', '.join(f'{at / MINUTE:.1f}' for at in story.confirmed) or 'never'}"
    highest = max(minute.threat for minute in story.minutes)
    yield f"highest threat: {highest:.2f}, below moderate {calm} min after the end"
    for name, spans in rows(story).items():
        told = ", ".join(f"{since / MINUTE:.1f} to {until / MINUTE:.1f}" for since, until in spans)
        yield f"{name}: minute {told}"


def rows(story: Story) -> dict[str, list[tuple[float, float]]]:
    """Return what measures did, with the times at which some did; those that lie over one another are one."""
    found: dict[str, list[tuple[float, float]]] = {}
    ends = len(story.minutes) * MINUTE - BEFORE
    for measure, since, until in sorted(story.measures.values(), key=lambda each: each[1:]):
        spans = found.setdefault(f"{measure.step.value}: {_whom(measure)}", [])
        begins, lasts = spans.pop() if spans and since <= spans[-1][1] else (since, until)
        spans.append((begins, min(max(lasts, until), ends)))
    return found


def _whom(measure: Measure) -> str:
    scope = measure.scope
    if scope.accounts:
        return "single accounts"
    if scope.subnets:
        return "networks"
    if scope.clients or scope.countries or scope.asns:
        return "strangers that look like the attack"
    return "new addresses" if scope.new_sources else "all unknown origins"
