# SPDX-License-Identifier: Apache-2.0
"""What became of one attack of a drill: the figures, and whether they are good enough."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from nacre.campaign.picture import TECHNIQUES, Campaign
from nacre.drill.attacks import Exercise, Try


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of one attack.

    Times are counted from its first try: in event time, and in seconds that the machine took until then.

    Attributes:
        exercise: Name of the attack.
        about: What it does.
        passed: Whether all limits were kept.
        missed: Those that were not, as sentences.
        kind: What the largest campaign was named, ``""`` if none was.
        technique: MITRE ATT&CK's number of it.
        campaigns: How many were named.
        attempts: Hostile tries.
        recognised_by: Number of the try after which a campaign was named or the account was seen to be under attack,
            counted from 1; 0 for never.
        recognised_after: Seconds until then; ``None`` for never.
        recognised_clock: The same by the clock of the machine.
        enforced_by: Number of the first try that was refused, challenged or delayed; 0 for none.
        enforced_after, enforced_clock: Likewise.
        let_through_before: Hostile tries that were let through before that one.
        let_through_after: Of those that came after it.
        rest: Hostile tries after the limits for recognising them.
        rest_stopped: Of these, how many were refused, challenged or delayed.
        good: Logins of people, meanwhile.
        good_touched: Of these, how many were refused, challenged or delayed.
        known: Good logins from places where the person had signed in before.
        known_touched: Of these, how many were refused, challenged or delayed.
        seconds: How long the attack lasts.
        clock: How long the machine took for all of it.
    """

    exercise: str
    about: str
    passed: bool = True
    missed: tuple[str, ...] = ()
    kind: str = ""
    technique: str = ""
    campaigns: int = 0
    attempts: int
    recognised_by: int
    recognised_after: float | None
    recognised_clock: float | None
    enforced_by: int
    enforced_after: float | None
    enforced_clock: float | None
    let_through_before: int
    let_through_after: int
    rest: int
    rest_stopped: int
    good: int
    good_touched: int
    known: int
    known_touched: int
    seconds: float
    clock: float


class Moment(NamedTuple):
    """
    What became of one try.

    Attributes:
        tried: The try.
        stopped: Whether it was refused, challenged or delayed.
        seen: Whether the attack was recognised by then.
        clock: Seconds that the machine took until then, from the first hostile try on.
    """

    tried: Try
    stopped: bool
    seen: bool
    clock: float


def measured(exercise: Exercise, moments: Sequence[Moment], campaigns: Sequence[Campaign]) -> Finding:
    """
    Return the figures of an attack, not judged yet.

    Args:
        exercise: The attack.
        moments: What became of each try, in the order of time.
        campaigns: As they are at the end.
    """
    hostile = [each for each in moments if each.tried.hostile]
    good = [each for each in moments if not each.tried.hostile and each.tried.right and each.tried.time >= 0]
    known = [each for each in good if each.tried.at_home]
    recognised = next((place for place, each in enumerate(hostile) if each.seen), None)
    enforced = next((place for place, each in enumerate(hostile) if each.stopped), None)
    limits = exercise.limits
    rest = [each for each in hostile[limits.attempts :] if each.tried.time > limits.seconds]
    largest = max(campaigns, key=lambda each: each.attempts, default=None)
    return Finding(
        exercise=exercise.name,
        about=exercise.about,
        kind=largest.kind.value if largest is not None else "",
        technique=TECHNIQUES[largest.kind] if largest is not None else "",
        campaigns=len(campaigns),
        attempts=len(hostile),
        recognised_by=0 if recognised is None else recognised + 1,
        recognised_after=None if recognised is None else hostile[recognised].tried.time,
        recognised_clock=None if recognised is None else hostile[recognised].clock,
        enforced_by=0 if enforced is None else enforced + 1,
        enforced_after=None if enforced is None else hostile[enforced].tried.time,
        enforced_clock=None if enforced is None else hostile[enforced].clock,
        let_through_before=len(hostile) if enforced is None else enforced,
        let_through_after=0 if enforced is None else sum(not each.stopped for each in hostile[enforced:]),
        rest=len(rest),
        rest_stopped=sum(each.stopped for each in rest),
        good=len(good),
        good_touched=sum(each.stopped for each in good),
        known=len(known),
        known_touched=sum(each.stopped for each in known),
        seconds=hostile[-1].tried.time,
        clock=moments[-1].clock,
    )


def judged(exercise: Exercise, found: Finding, *, enforces: bool) -> Finding:
    """
    Return a finding with what it misses.

    Args:
        exercise: What is asked for.
        found: The figures.
        enforces: Whether measures begin by themselves, so that the attack has to be stopped as well.
    """
    limits, missed = exercise.limits, []
    in_time = found.recognised_by and (
        found.recognised_by <= limits.attempts or (found.recognised_after or 0.0) <= limits.seconds
    )
    if not found.recognised_by:
        missed.append("it was not recognised")
    elif not in_time:
        missed.append(
            f"it was recognised by try {found.recognised_by}, after {found.recognised_after:.0f} s: "
            f"asked for are {limits.attempts} tries or {limits.seconds:.0f} s"
        )
    elif not found.kind:
        missed.append("no campaign was named")
    if found.kind and found.kind not in exercise.kinds:
        missed.append(f"it was named {found.kind}, and is {' or '.join(sorted(exercise.kinds))}")
    if enforces and found.rest_stopped < limits.stopped * found.rest:
        missed.append(
            f"{found.rest - found.rest_stopped} of the {found.rest} tries after that were let through: "
            f"asked for is that {limits.stopped:.0%} are stopped"
        )
    if found.known_touched:
        missed.append(
            f"{found.known_touched} of {found.known} good logins from known places were refused, challenged or delayed"
        )
    return msgspec.structs.replace(found, passed=not missed, missed=tuple(missed))
