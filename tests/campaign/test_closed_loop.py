# SPDX-License-Identifier: Apache-2.0
"""Watch, plan and measures in a circle: what is seen decides what is stopped, and what is stopped is seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import pytest
from campaign.crowds import flash_crowd, reconnect_storm
from campaign.drafts import decision
from campaign.sightings import START, botnet, normal, rotation, stuffing, together

from nacre.campaign.apply import InForce
from nacre.campaign.measure import Measure, Step
from nacre.campaign.plan import plan
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.watch import Watch
from nacre.config.campaigns import Measures
from nacre.decision import Action

BEFORE = 1800.0


class Played(NamedTuple):
    """
    What came of a story.

    Attributes:
        named_after: Attempts of the attack until a campaign was named; 0 for never.
        rest: Attempts of the attack after that.
        met: Of these, refused, challenged or delayed.
        good: Logins that were accepted, or would have been.
        touched: Of these, refused, challenged or delayed.
        measures: All that there were.
    """

    named_after: int
    rest: int
    met: int
    good: int
    touched: int
    measures: tuple[Measure, ...]


def played(sightings: Iterator[Sighting]) -> Played:
    """Play a story; attempts of the attack have request ids that begin with ``a``.  Measures act a second later."""
    watch, settings = Watch(), Measures()
    standing: tuple[Measure, ...] = ()
    in_force = waiting = InForce((), settings)
    last = START - BEFORE
    attack = named_after = rest = met = good = touched = 0
    for seen in sightings:
        if seen.time >= last + 1:
            last, in_force = seen.time, waiting
            picture = watch.assess(last)
            if not named_after and picture.campaigns:
                named_after = attack
            changes = plan(picture, watch.members, watch.good, standing, settings, last)
            if changes:
                standing = changes.applied(standing)
                waiting = InForce(standing, settings, before=waiting)
        action = in_force.weigh(decision(), seen).action
        marks = seen.marks
        if seen.request_id.startswith("a"):
            attack += 1
            rest += bool(named_after)
            met += bool(named_after) and action is not Action.ALLOW
        elif marks & Mark.SUCCESS:
            good += 1
            touched += action is not Action.ALLOW
        if action in {Action.REFUSE, Action.CHALLENGE}:
            marks = marks & ~Mark.SUCCESS | Mark.STOPPED
        watch.see(msgspec.structs.replace(seen, marks=int(marks)))
    return Played(named_after, rest, met, good, touched, standing)


def site(lasting: float) -> Iterator[Sighting]:
    """Half an hour of ordinary logins, and then as long as an attack lasts."""
    return normal(1, start=START - BEFORE, duration=BEFORE + lasting, rate=2.0)


@pytest.mark.parametrize(
    ("attack", "lasting"),
    [
        (botnet(1, addresses=60, gap=10.0), 600.0),
        (stuffing(1, attempts=1500), 300.0),
        (rotation(1, attempts=100, gap=5.0), 500.0),
    ],
    ids=["botnet", "stuffing", "rotation"],
)
def test_the_rest_of_an_attack_is_met_and_hardly_anybody_else(attack: Iterator[Sighting], lasting: float) -> None:
    """
    From the moment at which it is named, with a second in which measures travel.
    """
    story = played(together(site(lasting), attack))

    assert 0 < story.named_after <= 200
    assert story.met >= 0.95 * story.rest
    assert story.touched <= 0.0001 * story.good


@pytest.mark.parametrize(
    "crowd", [flash_crowd(1, users=1500, lasting=600.0), reconnect_storm(1)], ids=["monday", "storm"]
)
def test_a_crowd_is_answered_by_nothing(crowd: Iterator[Sighting]) -> None:
    """
    Many people at once are no attack; to mark them would be the most.
    """
    story = played(together(site(600.0), crowd))

    assert not any(measure.step is not Step.MONITOR for measure in story.measures)
    assert story.touched == 0
