# SPDX-License-Identifier: Apache-2.0
"""Who watches, on a real store."""

from __future__ import annotations

import msgspec
import pytest
from builders import Clock, MakeGuard, eventually, fields
from under_attack import botnet, settings, told, watch_once, watching

from nacre.campaign.measure import State, Step
from nacre.campaign.picture import Picture
from nacre.campaign.sighting import Sighting
from nacre.decision import Action
from nacre.service import Guard
from nacre.store.measures import Glance
from nacre.store.picture import Kept
from nacre.watching import EventTime


async def _challenges(guard: Guard) -> list[str]:
    """Return the accounts whose strangers are challenged."""
    measures = (await guard.campaign_parts.shelf.measures.read()).measures.values()
    active = [each for each in measures if each.state is State.ACTIVE and each.step is Step.CHALLENGE]
    return [account for measure in active for account in measure.scope.accounts]


async def test_an_attack_on_one_account_leads_to_a_picture_and_a_measure(make_guard: MakeGuard, clock: Clock) -> None:
    """
    And every instance that looks knows of both.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock)

    await watch_once(guard)

    picture = await guard.campaigns.picture()
    assert [each.account for each in picture.accounts] == ["erika"]
    assert picture.threat.level > 0
    assert await _challenges(guard) == ["erika"]
    decision = await guard.check(fields("203.0.113.1", "erika", protocol="http"))
    assert (decision.action, decision.threat) == (Action.CHALLENGE, picture.threat.level)


async def test_one_of_two_watches_and_the_other_takes_over(make_guard: MakeGuard, clock: Clock) -> None:
    """
    What the first one knew is not lost: half of an attack and the other half are one attack.
    """
    ours, theirs = await make_guard(settings=settings()), await make_guard(settings=settings())
    await botnet(ours, clock, tries=4)
    async with watching(ours) as first:
        await eventually(lambda: first.watches)
        async with watching(theirs) as second:
            await told(ours)
            first.stop()
            await eventually(lambda: second.watches)
            await botnet(ours, clock, tries=12)
            await told(ours)

            async def named() -> bool:
                return bool((await theirs.campaigns.picture()).campaigns)

            await eventually(named)

    (campaign,) = (await theirs.campaigns.picture()).campaigns
    assert (campaign.attempts, campaign.sources) == (16, 12)


async def test_nobody_watches_beside_the_one_who_does(make_guard: MakeGuard) -> None:
    """
    Two pictures of one site would contradict each other.
    """
    guard = await make_guard(settings=settings())

    async with watching(guard, "ours") as watch:
        await eventually(lambda: watch.watches)

        assert not await guard.campaign_parts.watching("theirs").once()


async def test_what_the_snapshot_knows_is_not_counted_twice(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Whoever watched before may have died between the snapshot and the end of what is in it.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock)
    await told(guard)
    shelf = guard.campaign_parts.shelf
    fence = await shelf.measures.lease("before")
    await shelf.pictures.keep(Kept(b"of another release", await shelf.stream.newest()), Picture(), fence=fence)
    await shelf.measures.release("before")

    await watch_once(guard)

    assert (await guard.campaigns.picture()).campaigns == ()


async def test_a_snapshot_that_is_none_begins_anew(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A new release may know another format; to watch without a past is better than not at all.
    """
    guard = await make_guard(settings=settings())
    await watch_once(guard)
    key = b"%sm{c}kept" % guard.settings.server.redis.prefix.encode()
    await guard.servers.run(key, ("HSET", key, "watch", b"junk"))
    await botnet(guard, clock)

    await watch_once(guard)

    assert await _challenges(guard) == ["erika"]


async def test_what_a_person_stopped_is_not_begun_again(make_guard: MakeGuard, clock: Clock) -> None:
    """
    They had a reason; the attack is still seen.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock)
    await watch_once(guard)
    (challenge,) = [each for each in await guard.campaigns.measures() if each.step is Step.CHALLENGE]

    await guard.campaigns.stop(challenge.id, who="erika")
    await botnet(guard, clock)
    clock.move(30)
    await watch_once(guard)

    assert await _challenges(guard) == []
    assert (await guard.campaigns.picture()).campaigns


async def test_measures_end_with_their_time_where_nobody_watches(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Whoever began them may be gone.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock)
    await watch_once(guard)
    stranger = fields("203.0.113.1", "erika", protocol="http")
    assert (await guard.check(stranger)).action is Action.CHALLENGE

    clock.move(guard.settings.campaigns.measures.duration + 60)

    assert (await guard.check(stranger)).action is Action.ALLOW


async def test_glances_tell_what_runs(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Instances look at this once a second, not at the whole picture.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock)

    await watch_once(guard)

    glance = await guard.campaign_parts.shelf.measures.glance()
    assert glance == Glance(glance.revision, (await guard.campaigns.picture()).threat.level, 1, 1)


@pytest.mark.parametrize(("ahead", "believed"), [(59.0, 59.0), (61.0, 0.0), (-5000.0, -5000.0)])
def test_a_clock_that_is_wrong_is_not_believed(clock: Clock, ahead: float, believed: float) -> None:
    """
    One server that lives in the future would make all others' attempts old; those of a log are of the past.
    """
    start = clock()
    time = EventTime(clock)

    admitted = time.admit(Sighting(start + ahead, b"", "erika"))

    assert admitted.time == start + believed
    clock.move(2.0)
    assert time.now() == start + believed + 2.0


def test_without_sightings_time_goes_on(clock: Clock) -> None:
    """
    An attack that stops has to end.
    """
    time = EventTime(clock, behind=10.0)

    clock.move(100.0)

    assert time.now() == clock() - 10.0
    assert msgspec.structs.asdict(time.admit(Sighting(clock() - 3.0, b"", "erika")))["time"] == clock() - 3.0
    assert time.behind == 3.0
