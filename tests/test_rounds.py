# SPDX-License-Identifier: Apache-2.0
"""Rounds of the watch, with time as an argument."""

from __future__ import annotations

import msgspec
import pytest

from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.campaign.sighting import Sighting
from nacre.config.campaigns import Campaigns
from nacre.identity import Identity
from nacre.rounds import KEEP_ENDED, MOST_ENDED, Rounds, watch_of

OURS = Identity(b"k" * 32)
START = 1_800_000_000.0
STANDING = Measure(
    id="o-1",
    step=Step.BLOCK,
    scope=Scope(subnets=("192.0.2.0/24",)),
    since=START,
    until=START + 60,
    owner="max",
    reason="test",
)


def _attack(first: int = 0, count: int = 12) -> list[Sighting]:
    """Return tries of one account, each from another network."""
    return [
        Sighting(START + number, bytes((198, 18, number, 1)), "erika", token=number + 1, request_id=f"r{number}")
        for number in range(first, first + count)
    ]


def test_a_measure_begins_in_the_round_in_which_a_campaign_is_named() -> None:
    """
    And the next round, a moment later, begins no second one.
    """
    watch, rounds, settings = watch_of(b"", Campaigns(), OURS), Rounds(5.0), Campaigns()
    for seen in _attack():
        watch.see(seen)

    first = rounds.go(watch, {}, settings, START + 12)
    known = {measure.id: measure for measure in first.put}
    second = rounds.go(watch, known, settings, START + 13)
    later = rounds.go(watch, known, settings, START + 30)

    assert [measure.step for measure in first.changes.begin if measure.campaign] == [Step.CHALLENGE]
    assert second.put == later.put == []


def test_what_could_not_be_written_is_looked_for_again() -> None:
    """
    An operator who changed something else at the same moment must not cost a measure.
    """
    watch, rounds, settings = watch_of(b"", Campaigns(), OURS), Rounds(5.0), Campaigns()
    for seen in _attack():
        watch.see(seen)
    lost = rounds.go(watch, {}, settings, START + 12)

    rounds.again()
    again = rounds.go(watch, {}, settings, START + 12.1)

    assert [measure.scope for measure in again.changes.begin] == [measure.scope for measure in lost.changes.begin] != []


def test_a_measure_whose_time_is_over_has_ended() -> None:
    """
    Whoever began it; nobody is told twice.
    """
    watch, rounds, settings = watch_of(b"", Campaigns(), OURS), Rounds(5.0), Campaigns()

    early = rounds.go(watch, {"o-1": STANDING}, settings, START + 59)
    late = rounds.go(watch, {"o-1": STANDING}, settings, START + 60)

    assert early.put == []
    assert [(measure.id, measure.state) for measure in late.changes.end] == [("o-1", State.ENDED)]


@pytest.mark.parametrize(
    ("age", "count", "gone"), [(KEEP_ENDED - 1, 1, 0), (KEEP_ENDED + 1, 1, 1), (10.0, MOST_ENDED + 3, 3)]
)
def test_measures_that_ended_are_kept_for_a_day_and_not_too_many(age: float, count: int, gone: int) -> None:
    """
    They count against the budget of harm that long, and a list has an end.
    """
    watch, rounds = watch_of(b"", Campaigns(), OURS), Rounds(5.0)
    ended = {
        f"o-{number}": msgspec.structs.replace(STANDING, id=f"o-{number}", state=State.ENDED, until=START - age)
        for number in range(count)
    }

    assert len(rounds.go(watch, ended, Campaigns(), START).gone) == gone


def test_a_watch_goes_on_from_its_snapshot() -> None:
    """
    With the same key; of junk a new one is made.
    """
    before = watch_of(b"", Campaigns(), OURS)
    for seen in _attack(count=6):
        before.see(seen)

    after = watch_of(before.snapshot(), Campaigns(), OURS)
    for seen in _attack(first=6, count=6):
        after.see(seen)
    anew = watch_of(b"junk", Campaigns(), OURS)

    assert len(after.assess(START + 12).campaigns) == 1
    assert anew.assess(START).campaigns == ()
