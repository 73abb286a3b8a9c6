# SPDX-License-Identifier: Apache-2.0
"""What single attempts do."""

from __future__ import annotations

import msgspec
import pytest
from campaign.sightings import START, botnet, home_of, of_user, stuffing

from nacre.campaign.scene import RING, Scene
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.surge import STRANGERS
from nacre.config.campaigns import Campaigns


def scene(*sightings: Sighting) -> Scene:
    """Return what some attempts make."""
    made = Scene(Campaigns(), b"")
    for sighting in sightings:
        made.see(sighting)
    return made


def strangers(made: Scene) -> int:
    """Return how many strangers count."""
    return made.surge.within(60, STRANGERS)


def test_a_typo_that_is_put_right_leaves_nothing_behind() -> None:
    """
    At a new place a good login half a minute later explains it.
    """
    there = bytes((45, 1, 1, 1))
    typo = of_user(START, 1, 0, address=there, token=9)

    before = scene(typo)
    after = scene(typo, of_user(START + 30, 1, int(Mark.SUCCESS), address=there))

    assert (strangers(before), strangers(after)) == (1, 0)
    assert len(after.sample) == 1


@pytest.mark.parametrize("mark", [Mark.HOME, Mark.REPEAT, Mark.KNOWN_SOURCE])
def test_what_is_known_is_no_stranger(mark: Mark) -> None:
    """
    Neither the place of its owner, nor a repetition, nor an address from which others sign in.
    """
    assert strangers(scene(of_user(START, 1, int(mark), token=9))) == 0


def test_one_device_is_no_crowd() -> None:
    """
    A box that tries passwords all day counts a few times.
    """
    there = bytes((45, 1, 1, 1))
    rows = [of_user(START + number, 1, 0, address=there, token=number + 1) for number in range(50)]
    names = [of_user(START + number, number, 0, address=there, token=5000 + number) for number in range(50)]

    assert strangers(scene(*rows)) <= 4
    assert strangers(scene(*names)) <= 9


def test_an_attempt_without_an_address_or_a_name_is_counted_and_no_more() -> None:
    """
    Some callers do not know either.
    """
    made = scene(Sighting(START, b"", "erika"), Sighting(START, bytes((45, 1, 1, 1)), ""))

    assert made.signals.read()[0].attempts == 2
    assert made.campaign_of(Sighting(START, b"", "erika")) == ""


def test_a_campaign_adopts_what_fits_and_leaves_the_rest() -> None:
    """
    What was a stranger's is a campaign's from then on, and does not count twice.
    """
    made = scene(*stuffing(1, attempts=20), *botnet(1, addresses=5, start=START + 10))
    trail = made.roster.open(START, START)

    made.adopt(trail, lambda trial: trial.sighting.account == "user1")

    assert trail.attempts == 5
    assert [trial.sighting.account == "user1" for trial in made.ring] == [False] * 20
    assert strangers(made) == 20


def test_a_login_from_an_address_of_a_campaign_is_probably_the_attackers() -> None:
    """
    Unless it is at a known place of the account: the owner may share an address with a bot.
    """
    rows = list(botnet(1, addresses=5))
    made = scene(*rows)
    trail = made.roster.open(START, START)
    made.adopt(trail, lambda _: True)
    hit = msgspec.structs.replace(rows[0], time=START + 200, marks=int(Mark.SUCCESS), account="user9")

    made.see(hit)
    made.see(msgspec.structs.replace(hit, account="user10", marks=int(Mark.SUCCESS | Mark.HOME)))

    assert [taken.account for taken in trail.taken] == ["user9"]
    assert [good.account for good in made.sample.all()] == ["user10"]


def test_in_a_surge_only_a_high_score_tells_the_attackers_login() -> None:
    """
    People sign in from new places meanwhile.
    """
    made = scene(*stuffing(1, attempts=20))
    made.flood = trail = made.roster.open(START, START)
    made.adopt(trail, lambda _: True)
    new = of_user(START + 60, 3, int(Mark.SUCCESS | Mark.SCORED), address=bytes((46, 1, 1, 1)))

    made.see(msgspec.structs.replace(new, score=0.1))
    made.see(msgspec.structs.replace(new, score=0.9, account="user4", address=bytes((46, 1, 1, 2))))

    assert [taken.account for taken in trail.taken] == ["user4"]


def test_a_surge_teaches_nothing_about_people() -> None:
    """
    Its right guesses, let through after a delay, look like travellers, and travellers speak against measures.
    """
    made = scene(*[of_user(START + number, number, int(Mark.SUCCESS | Mark.HOME)) for number in range(500)])
    made.flood = made.roster.open(START + 500, START + 500)

    made.see(of_user(START + 501, 7, int(Mark.SUCCESS | Mark.DELAYED), address=bytes((46, 1, 1, 1))))
    during = len(made.sample)
    made.flood = None
    made.see(of_user(START + 502, 7, int(Mark.SUCCESS), address=bytes((46, 1, 1, 1))))

    assert (during, len(made.sample)) == (500, 501)


def test_the_past_is_bounded() -> None:
    """
    A flood leaves the last few thousand.
    """
    base = next(iter(botnet(1)))
    rows = (
        msgspec.structs.replace(base, address=(number | 45 << 24).to_bytes(4, "big"), account=f"u{number}")
        for number in range(RING + 100)
    )

    assert len(scene(*rows).ring) == RING


def test_the_owner_at_home_is_noted_for_an_attacked_account() -> None:
    """
    How many of the origins are new is what operators ask.
    """
    made = scene(*botnet(1, addresses=9), of_user(START + 200, 1, int(Mark.SUCCESS | Mark.HOME)))

    found = made.bonds.attacked("user1", START + 200)

    assert found is not None
    assert found.new_share == 0.9
    assert home_of(1) == bytes((10, 0, 0, 1))


def test_asking_whose_an_attempt_would_be_changes_nothing() -> None:
    """
    A replay asks before each attempt, the service does not: both have to see the same.
    """
    made = scene(*botnet(1, addresses=9))
    trail = made.roster.open(START, START)
    made.adopt(trail, lambda _: True)
    before = msgspec.msgpack.encode((made.roster.keep(100, 100), made.bonds.keep(100), made.surge.counts()))

    asked = {made.campaign_of(row) for row in botnet(2, start=START + 200, addresses=50)}
    after = msgspec.msgpack.encode((made.roster.keep(100, 100), made.bonds.keep(100), made.surge.counts()))

    assert asked == {trail.id}
    assert before == after
