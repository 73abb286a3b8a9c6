# SPDX-License-Identifier: Apache-2.0
"""Which campaigns run, and who belongs to them."""

from __future__ import annotations

import msgspec
from campaign.sightings import START, botnet

from nacre.campaign.distinct import Hashing
from nacre.campaign.roster import MOST_MEMBERS, MOST_RUNNING, Kept, Roster
from nacre.campaign.trail import Trail
from nacre.campaign.trial import Trial, number_of, origin_of, subnet_of

DAY = 86_400.0


def roster() -> Roster:
    """Return an empty one; a campaign is over after half an hour."""
    return Roster(Hashing(b""), 1800.0)


def fill(kept: Roster, trail: Trail, *, attempts: int = 30, seed: int = 1, at: float = START) -> list[Trial]:
    """Let attempts of a botnet belong to a campaign."""
    trials = []
    for row in botnet(seed, addresses=attempts, start=at, account=f"user{seed}", gap=1.0):
        address = row.address
        trials.append(Trial(row, origin_of(address), subnet_of(address), number_of(address)))
        kept.join(trail, trials[-1], certain=True)
    return trials


def test_a_campaign_is_over_when_nothing_came_for_a_while_and_resumes() -> None:
    """
    The same addresses come back after lunch: it is the same campaign.
    """
    kept = roster()
    trail = kept.open(START, START)
    trials = fill(kept, trail)

    kept.settle(START + 1829)
    running = list(kept.running)
    kept.settle(START + 1900)
    over = trail.ended
    again = kept.akin([trial.origin for trial in trials[:5]], kept.of_origin, START + 7200, share=0.2)

    assert running == [trail.id]
    assert over == START + 1900
    assert again is trail
    assert (trail.ended, list(kept.running)) == (0.0, [trail.id])


def test_a_slow_campaign_may_pause_longer() -> None:
    """
    Two attempts an hour are not over after half an hour.
    """
    kept = roster()
    trail = kept.open(START, START)
    for hour in range(10):
        fill(kept, trail, attempts=2, seed=hour + 1, at=START + hour * 3600)

    kept.settle(START + 9 * 3600 + 7200)

    assert trail.id in kept.running


def test_a_day_after_its_end_it_is_forgotten() -> None:
    """
    Pictures show what runs and what ran lately.
    """
    kept = roster()
    trail = kept.open(START, START)
    fill(kept, trail)

    kept.settle(START + 3600)
    kept.settle(START + 3601 + DAY)

    assert list(kept.all()) == []
    assert trail.id not in kept.members


def test_campaigns_that_point_at_one_another_become_one_under_the_older_name() -> None:
    """
    Measures and messages that name the younger one still find it.
    """
    kept = roster()
    old, new = kept.open(START, START), kept.open(START + 60, START + 60)
    fill(kept, old)
    fill(kept, new, seed=2)

    for _ in range(10):
        kept.link(new, old)
    kept.settle(START + 100)

    assert list(kept.running) == [old.id]
    assert kept.find(new.id) is old
    assert old.attempts == 60
    assert len(kept.members[old.id]) == 60


def test_a_few_common_attempts_join_nothing() -> None:
    """
    Two attackers may rent the same machine.
    """
    kept = roster()
    old, new = kept.open(START, START), kept.open(START + 60, START + 60)
    fill(kept, old)
    fill(kept, new, seed=2)

    for _ in range(5):
        kept.link(new, old)
    kept.settle(START + 100)

    assert list(kept.running) == [old.id, new.id]


def test_a_harmless_attempt_leaves_its_campaign() -> None:
    """
    Its address is no attacker's any more.
    """
    kept = roster()
    trail = kept.open(START, START)
    trials = fill(kept, trail)

    kept.release(trials[3])

    assert trials[3].sighting not in kept.members[trail.id]
    assert kept.of_origin.get(trials[3].origin) is None
    assert trail.attempts == 29


def test_campaigns_and_their_members_are_bounded() -> None:
    """
    The quietest one gives way.
    """
    kept = roster()
    trails = [kept.open(START, START) for _ in range(MOST_RUNNING)]
    for trail in trails[1:]:
        fill(kept, trail, attempts=2)
    fill(kept, trails[1], attempts=MOST_MEMBERS + 50)

    kept.open(START, START + 1)

    assert len(kept.running) == MOST_RUNNING
    assert trails[0].id in kept.ended
    assert len(kept.members[trails[1].id]) == MOST_MEMBERS


def test_a_forgotten_account_is_in_no_campaign() -> None:
    """
    Erasing a person reaches every corner.
    """
    kept = roster()
    trail = kept.open(START, START)
    fill(kept, trail)

    assert kept.forget("user1")
    assert not kept.forget("user1")
    assert not kept.members[trail.id]
    assert trail.picture().targets == ()


def test_a_surge_links_nothing() -> None:
    """
    It claims whatever is left over: that says nothing of the others.
    """
    kept = roster()
    surge, other = kept.open(START, START), kept.open(START + 60, START + 60)
    surge.surge = 5
    fill(kept, surge)
    fill(kept, other, seed=2)

    for _ in range(50):
        kept.link(surge, other)
    kept.settle(START + 100)

    assert len(kept.running) == 2


def test_it_survives_as_bytes() -> None:
    """
    Names, members and where everybody was seen.
    """
    kept = roster()
    trail = kept.open(START, START)
    trials = fill(kept, trail)

    data = msgspec.msgpack.encode(kept.keep(members=10, names=1000))
    again = roster()
    again.restore(msgspec.msgpack.decode(data, type=Kept))

    assert [other.picture() for other in again.all()] == [trail.picture()]
    assert len(again.members[trail.id]) == 10
    assert again.last_seen(trials[0].origin, again.of_origin, START) is again.running[trail.id]
    assert again.open(START, START).id != trail.id
