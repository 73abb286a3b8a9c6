# SPDX-License-Identifier: Apache-2.0
"""What the watch names, what it is to others, and what survives; see test_calm.py for what it must not name."""

from __future__ import annotations

import msgspec
import pytest
from campaign.crowds import flash_crowd
from campaign.looking import after, naming, pictures
from campaign.sightings import (
    START,
    botnet,
    chance,
    enumeration,
    foreign,
    normal,
    rotation,
    slow_spray,
    stuffing,
    together,
)

from nacre.campaign.picture import CampaignKind
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.watch import Watch

DAY = 86_400.0


@pytest.mark.parametrize("each", [1, 2])
@pytest.mark.parametrize("gap", [2.0, 60.0, 240.0])
def test_a_botnet_on_one_account_is_recognised_by_the_twelfth_address(each: int, gap: float) -> None:
    """
    One or two tries from each address stay below every limit per address.
    """
    watch = Watch()

    named = naming(watch, together(normal(1, rate=0.5), botnet(1, addresses=60, each=each, gap=gap)))
    picture = watch.assess(START + named.seconds)

    assert named.attempts <= 12
    assert named.campaign.kind is CampaignKind.GUESSING
    assert [attacked.account for attacked in picture.accounts] == ["user1"]
    assert picture.threat.band == "moderate"


@pytest.mark.parametrize("token", [0, 7])
def test_a_botnet_without_passwords_of_its_own_is_recognised_by_the_twelfth_address_too(token: int) -> None:
    """
    Where digests are not told, or every bot tries the same word.
    """
    bots = [msgspec.structs.replace(row, token=token) for row in botnet(4, addresses=20, gap=60.0)]

    assert naming(Watch(), bots).attempts <= 12


def test_a_botnet_that_takes_its_time_is_recognised_within_a_day() -> None:
    """
    Two or three addresses an hour never make eight within one.
    """
    named = naming(Watch(), botnet(2, addresses=60, gap=1500.0))

    assert named.attempts <= 24


@pytest.mark.parametrize(("logins", "tries"), [(1.0, 5.0), (5.0, 1.0), (20.0, 5.0), (20.0, 0.5)])
def test_stuffing_is_named_within_200_attempts_or_a_minute(logins: float, tries: float) -> None:
    """
    Each address, account and password comes once: nothing is shared but that they come.
    """
    lasting = 60 + 250 / tries
    stream = together(
        normal(3, rate=logins, duration=lasting + 300),
        stuffing(1, start=START + 200, attempts=round(tries * lasting), rate=tries),
    )

    named = naming(Watch(), stream)

    assert named.attempts <= 200 or named.seconds <= 60
    assert named.campaign.kind in {CampaignKind.STUFFING, CampaignKind.ENUMERATION}


@pytest.mark.parametrize("second", range(60))
def test_stuffing_is_named_as_early_in_every_second_of_a_minute(second: int) -> None:
    """
    By alarms alone, as in a replay, where nobody looks each second.
    """
    leaked = stuffing(1, start=START + 600 + second, attempts=100)

    named = naming(Watch(), together(normal(1, rate=0.2, duration=700), leaked), every=DAY)

    assert named.attempts <= 65


def test_a_campaign_claims_nearly_all_of_its_attempts_and_hardly_another() -> None:
    """
    What was seen before it had a name is found again.
    """
    watch = Watch()
    stream = together(normal(3, rate=5, duration=900), stuffing(1, start=START + 200, attempts=600, rate=2.0))

    picture = after(watch, stream)
    members = watch.members(picture.campaigns[0].id)

    assert len(picture.campaigns) == 1
    assert sum(member.request_id.startswith("a") for member in members) >= 590
    assert sum(not member.request_id.startswith("a") for member in members) <= 6


@pytest.mark.parametrize("reused", [True, False])
def test_a_slow_spray_is_recognised_by_its_third_round_and_stays_one_campaign(reused: bool) -> None:  # noqa: FBT001
    """
    Rounds are hours apart, so that it is over in between by any clock.
    """
    watch = Watch()
    spray = list(slow_spray(1, rounds=5, accounts=40, addresses=40, reused=reused))
    stream = together(normal(4, rate=0.2, duration=DAY), spray)

    third = next(sighting.time for sighting in spray if sighting.token == 77 + 2)
    found = [picture for picture in pictures(watch, stream, every=60.0) if picture.campaigns]

    assert found[0].time < third + 1800
    assert found[0].campaigns[0].kind is CampaignKind.SPRAYING
    assert len({campaign.id for picture in found for campaign in picture.campaigns}) == 1


def test_a_slow_spray_without_known_passwords_is_recognised_by_its_third_round() -> None:
    """
    Nothing is shared but names, and addresses that never come again.
    """
    spray = slow_spray(1, rounds=3, reused=False, addresses=60, tokens=False)

    named = naming(Watch(), together(normal(4, rate=0.01, duration=DAY), spray), every=60.0)

    assert named.attempts <= 180


@pytest.mark.parametrize("prefix", [56, 48])
def test_rotation_inside_an_ipv6_prefix_is_one_campaign(prefix: int) -> None:
    """
    Each try comes from another /64, so that no address is seen twice.
    """
    stream = together(normal(5, rate=1, duration=900), rotation(1, prefix=prefix, attempts=80))

    watch = Watch()
    named = naming(watch, stream)
    picture = after(watch, rotation(2, prefix=prefix, start=START + 4000, attempts=1))

    assert named.attempts <= 30
    assert len(picture.campaigns) == 1


def test_names_that_do_not_exist_make_an_enumeration() -> None:
    """
    Who tries invented names wants to know which exist.
    """
    picture = after(Watch(), together(normal(6, rate=1, duration=600), enumeration(1, attempts=150)))

    assert picture.campaigns[0].kind is CampaignKind.ENUMERATION


def test_an_attack_is_found_in_a_monday_crowd() -> None:
    """
    The crowd excuses strangers only as far as its own people come from new places.
    """
    crowd = flash_crowd(1, users=4000)

    named = naming(Watch(), together(crowd, stuffing(2, start=START + 300, attempts=600, rate=1.0)))

    assert named.attempts <= 200
    assert named.campaign.kind is CampaignKind.STUFFING


def test_a_first_attempt_on_a_name_that_only_attackers_try_belongs_to_their_campaign() -> None:
    """
    Neither its address nor its password was seen before, but nobody else asks for these names.
    """
    watch = Watch()
    after(watch, together(normal(7, rate=1, duration=600), enumeration(1, attempts=150), enumeration(1, attempts=150)))
    at = START + 460
    new = Sighting(at, bytes((45, 9, 9, 9)), "name5", token=99, marks=int(Mark.UNKNOWN), client="edge 126")
    other = Sighting(at, bytes((45, 9, 9, 10)), "somebody", token=98, client="edge 126")

    assert watch.campaign_of(new) != ""
    assert watch.campaign_of(other) == ""


def test_a_success_among_the_attempts_is_told_and_one_at_home_is_not() -> None:
    """
    Accounts that are probably taken are what is to be looked after first.
    """
    watch = Watch()
    after(watch, botnet(1, addresses=30))
    guessed = foreign(chance("hit"), START + 601, "user1", marks=int(Mark.SUCCESS))
    owner = msgspec.structs.replace(guessed, time=START + 602, marks=int(Mark.SUCCESS | Mark.HOME), request_id="owner")

    watch.see(guessed)
    watch.see(owner)
    taken = watch.assess(START + 603).campaigns[0].taken

    assert [each.request_id for each in taken] == [guessed.request_id]
    assert [good.request_id for good in watch.good] == ["owner"]


def test_the_same_sightings_give_the_same_picture() -> None:
    """
    A replay must tell what the service told.
    """
    rows = list(together(normal(1, rate=5, duration=300), stuffing(1, attempts=600), botnet(1, gap=3.0, addresses=50)))

    assert after(Watch(), rows) == after(Watch(), rows)


def test_two_instances_may_tell_in_another_order() -> None:
    """
    Batches overtake one another by a fraction of a second; the campaign and its attempts are the same.
    """
    rows = list(together(normal(1, rate=5, duration=300), stuffing(1, attempts=300)))
    mixed = [row for begin in range(0, len(rows), 8) for row in reversed(rows[begin : begin + 8])]

    (one,), (other,) = after(Watch(), rows).campaigns, after(Watch(), mixed).campaigns

    assert one.kind is other.kind
    assert abs(one.attempts - other.attempts) <= 3
    assert abs(one.since - other.since) < 5


def test_a_forgotten_account_is_in_no_picture() -> None:
    """
    Erasing a person, or starting over with an account.
    """
    watch = Watch()
    after(watch, botnet(1, addresses=30))

    known = watch.forget("user1")
    picture = watch.assess(START + 601)

    assert known
    assert not watch.forget("user1")
    assert picture.accounts == ()
    assert picture.campaigns[0].targets == ()
    assert b"user1" not in msgspec.msgpack.encode(watch.members(picture.campaigns[0].id))


def test_a_reset_forgets_everything() -> None:
    """
    Operators may begin anew.
    """
    watch = Watch()
    after(watch, botnet(1, addresses=30))

    watch.reset()
    picture = watch.assess(START + 601)

    assert (picture.campaigns, picture.accounts, picture.threat.level) == ((), (), 0.0)
    assert not watch.alarmed


def test_an_attack_does_not_become_usual() -> None:
    """
    A day of stuffing, then the same again after a night: it is named again, as fast.
    """
    watch = Watch()
    after(watch, normal(1, rate=0.05, start=START - DAY, duration=DAY), every=300.0)
    for day in range(3):
        begin = START + day * DAY
        for _ in pictures(watch, stuffing(day, start=begin, attempts=800, rate=0.1), every=60.0):
            pass
        watch.assess(begin + 20 * 3600)

    named = naming(watch, stuffing(9, start=START + 3 * DAY + 3600 * 4, attempts=400, rate=0.1), every=10.0)

    assert named.attempts <= 100


def test_strangers_make_no_entry_that_lasts() -> None:
    """
    An attacker chooses addresses, names, passwords, client strings and may choose millions of each.
    """
    watch = Watch()
    rng = chance("flood")
    for number in range(30_000):
        name = f"name{rng.getrandbits(40)}"
        watch.see(foreign(rng, START + number / 100, name, client=f"client {number}", asn=number + 1))
    picture = watch.assess(START + 301)

    assert len(watch.snapshot()) < 8_000_000
    assert len(picture.campaigns) <= 3
    assert len(msgspec.json.encode(picture)) < 100_000
