# SPDX-License-Identifier: Apache-2.0
"""A campaign as it grows."""

from __future__ import annotations

import msgspec
import pytest
from campaign.sightings import START, botnet, stuffing

from nacre.campaign.distinct import Hashing
from nacre.campaign.picture import CampaignKind, Taken
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.trail import MOST_TAKEN, MOST_TARGETS, Trail, kind_of
from nacre.campaign.trial import Trial, number_of, origin_of, subnet_of

HASHING = Hashing(b"")


def trial(sighting: Sighting) -> Trial:
    """Return an attempt as a suspicious one."""
    address = sighting.address
    return Trial(sighting, origin_of(address), subnet_of(address), number_of(address))


def trail(*sightings: Sighting) -> Trail:
    """Return a campaign of some attempts."""
    made = Trail(id="c1", since=sightings[0].time, last=sightings[0].time, active=sightings[0].time)
    for sighting in sightings:
        made.add(trial(sighting))
    made.flush(HASHING)
    return made


def test_a_campaign_tells_what_came() -> None:
    """
    Numbers, times and the accounts that are tried most.
    """
    found = trail(*botnet(1, addresses=20, each=2)).picture()

    assert (found.attempts, found.sources, found.accounts) == (40, 20, 1)
    assert (found.since, found.last, found.ended) == (START, START + 39 * 20, 0.0)
    assert (found.targets, found.kind, found.technique) == (("user1",), CampaignKind.GUESSING, "T1110.001")


def test_a_harmless_attempt_is_taken_back() -> None:
    """
    As far as numbers can be; a distinct one more or less does not matter.
    """
    rows = list(botnet(1, addresses=3))
    found = trail(*rows)

    found.remove(trial(rows[2]))
    found.remove(trial(rows[1]))

    assert (found.attempts, found.targets, found.per_minute(START)) == (1, {"user1": 1}, 0.2)


def test_targets_are_bounded_and_keep_what_is_tried_often() -> None:
    """
    Ten thousand names that are tried once push no account out that is tried all the time.
    """
    found = trail(*stuffing(1, attempts=300), *botnet(1, addresses=300), *stuffing(2, attempts=3000))

    assert len(found.targets) <= MOST_TARGETS
    assert found.picture().targets[0] == "user1"
    assert len(found.picture().targets) == 100


def test_two_campaigns_become_one() -> None:
    """
    Nothing of either is lost.
    """
    first, second = trail(*botnet(1, addresses=20)), trail(*botnet(2, addresses=30, account="user2"))
    second.take(Taken("user2", "192.0.2.1", START, "r1"))
    second.share("one password on 9 accounts")

    first.absorb(second)
    found = first.picture()

    assert (found.attempts, found.sources, found.accounts) == (50, 50, 2)
    assert found.targets == ("user2", "user1")
    assert [taken.account for taken in found.taken] == ["user2"]
    assert found.shares == ("one password on 9 accounts",)
    assert first.per_minute(START + 100) > 0


def test_the_newest_thousand_taken_accounts_are_kept() -> None:
    """
    Bounded, also when an attack goes very well.
    """
    found = trail(*botnet(1, addresses=3))
    for number in range(MOST_TAKEN + 10):
        found.take(Taken(f"user{number}", "", START + number, ""))

    assert len(found.taken) == MOST_TAKEN
    assert found.taken[-1].account == f"user{MOST_TAKEN + 9}"


@pytest.mark.parametrize(
    ("attempts", "accounts", "tokens", "unknown", "kind"),
    [
        (12, 1, 12, 0, CampaignKind.GUESSING),
        (1000, 30, 900, 0, CampaignKind.GUESSING),
        (60, 60, 1, 5, CampaignKind.SPRAYING),
        (300, 60, 5, 0, CampaignKind.SPRAYING),
        (500, 480, 490, 200, CampaignKind.STUFFING),
        (500, 480, 0, 200, CampaignKind.STUFFING),
        (500, 490, 3, 450, CampaignKind.ENUMERATION),
        (12, 1, 0, 0, CampaignKind.GUESSING),
    ],
)
def test_the_kind_follows_from_how_attempts_spread(
    attempts: int, accounts: int, tokens: int, unknown: int, kind: CampaignKind
) -> None:
    """
    Many passwords on few accounts, few on many, each its own, or names that do not exist.
    """
    assert kind_of(attempts=attempts, accounts=accounts, tokens=tokens, unknown=unknown) is kind


def test_what_was_stopped_belongs_to_it_too() -> None:
    """
    An attack does not end because it is answered.
    """
    stopped = Sighting(START, bytes((45, 1, 1, 1)), "user1", marks=int(Mark.STOPPED | Mark.UNKNOWN))

    found = trail(stopped)

    assert (found.attempts, found.stopped, found.unknown) == (1, 1, 1)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(found), type=Trail) == found
