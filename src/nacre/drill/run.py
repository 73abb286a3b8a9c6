# SPDX-License-Identifier: Apache-2.0
"""
Drills: whether attacks of every kind would be seen and stopped here, with these settings, this model and this store.

Each attack goes through the real check and report in a namespace of its own, beside people who sign in.  Event time
runs as fast as the machine allows: a day of slow spraying takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from nacre.config.campaigns import Campaigns
from nacre.decision import Action
from nacre.drill.attacks import EXERCISES, Exercise, Try
from nacre.drill.finding import Finding, Moment, judged, measured
from nacre.drill.space import DrillSpace, Spaces
from nacre.errors import CampaignRefused

_AFTERWARDS = 2.0
"""Seconds after the last try: time for a picture."""


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """
    A drill, and what it found.

    Attributes:
        time: Unix seconds at which it began.
        passed: Whether every attack was recognised and stopped as asked.
        quick: Whether the attacks were short ones.
        enforces: Whether measures begin by themselves; without, attacks only have to be recognised.
        findings: One for each attack.
    """

    time: float
    passed: bool
    quick: bool
    enforces: bool
    findings: tuple[Finding, ...]


Progress = Callable[[str, float], None]
"""Told the name of an attack and how much of it is done, 0-1."""


def chosen(names: Sequence[str]) -> list[Exercise]:
    """
    Return the exercises of some names, all of them if none is given.

    >>> [each.name for each in chosen(["rotation", "guessing"])]
    ['guessing', 'rotation']

    Raises:
        CampaignRefused: ``out_of_range``: there is no such exercise.
    """
    known = [each.name for each in EXERCISES]
    for name in names:
        if name not in known:
            raise CampaignRefused("out_of_range", f"there is no attack {name[:40]!r}; there are {', '.join(known)}")
    return [each for each in EXERCISES if not names or each.name in names]


async def drill(
    spaces: Spaces,
    exercises: Sequence[Exercise],
    *,
    settings: Campaigns,
    now: float,
    clock: Callable[[], float],
    quick: bool = False,
    progress: Progress = lambda _name, _share: None,
) -> Drill:
    """
    Try attacks, one after the other, and return what was found.

    Args:
        spaces: Opens namespaces.
        exercises: What to try.
        settings: Of campaigns, as they are in force.
        now: Unix seconds at which each attack ends, in event time.
        clock: Tells seconds, to see how long the machine takes.
        quick: Whether to leave out most of what comes after an attack has to be recognised.
        progress: Told how far it is.

    Raises:
        CampaignRefused: ``disabled``: nobody watches.
        StoreUnavailable: the store refused or did not answer.
    """
    if not settings.enabled:
        raise CampaignRefused("disabled", "campaigns are off: campaigns.enabled is false")
    enforces = settings.measures.automatic
    findings = []
    for exercise in exercises:
        tries = exercise.all_tries(exercise.quick if quick else exercise.full)
        async with spaces.open() as space:
            moments = await _try(space, exercise, tries, now=now, clock=clock, progress=progress)
            found = measured(exercise, moments, space.picture.campaigns)
        findings.append(judged(exercise, found, enforces=enforces))
    passed = all(finding.passed for finding in findings)
    return Drill(time=now, passed=passed, quick=quick, enforces=enforces, findings=tuple(findings))


async def _try(
    space: DrillSpace,
    exercise: Exercise,
    tries: Sequence[Try],
    *,
    now: float,
    clock: Callable[[], float],
    progress: Progress,
) -> list[Moment]:
    """Make the tries, and return what became of each."""
    starts = now - _AFTERWARDS - tries[-1].time
    began, seen, moments = clock(), False, []
    for number, each in enumerate(tries):
        if each.time < 0:
            began = clock()
        fields = msgspec.structs.replace(each.fields, time=starts + each.time)
        decision = await space.attempt(fields, success=each.right)
        seen = seen or (each.hostile and _is_seen(space))
        moments.append(Moment(each, decision.action is not Action.ALLOW, seen, clock() - began))
        progress(exercise.name, (number + 1) / len(tries))
    space.advance(now)
    return moments


def _is_seen(space: DrillSpace) -> bool:
    return bool(space.picture.accounts or space.picture.campaigns)
