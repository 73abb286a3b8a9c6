# SPDX-License-Identifier: Apache-2.0
"""What operators do about distributed attacks, on a real store."""

from __future__ import annotations

import msgspec
import pytest
from builders import Clock, MakeGuard, fields, sign_in
from under_attack import botnet, settings, told, watch_once

from nacre.campaign.measure import Scope, State, Step
from nacre.campaign_desk import Wish
from nacre.decision import Action
from nacre.errors import CampaignRefused, NetworkRefused
from nacre.service import Guard

ERIKA = Wish(step=Step.CHALLENGE, scope=Scope(accounts=("Erika",)), seconds=600.0)
STRANGER = fields("203.0.113.1", "erika", protocol="http")


async def _last_note(guard: Guard) -> tuple[str, str]:
    (entry,) = await guard.desk.audit(1)
    return entry.who, entry.action


async def test_an_operator_begins_and_ends_a_measure_everywhere(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Under the canonical name, until its time; and the audit log says who did.
    """
    ours, theirs = await make_guard(settings=settings()), await make_guard(settings=settings())

    begun = await ours.campaigns.start(ERIKA, who="max")
    await theirs.campaign_parts.look()
    during = await theirs.check(STRANGER)
    ended = await theirs.campaigns.stop(begun.id, who="otto")
    await ours.campaign_parts.look()
    after = await ours.check(STRANGER)

    assert (begun.scope.accounts, begun.owner, begun.until) == (("erika",), "max", clock() + 600)
    assert (during.action, during.measures) == (Action.CHALLENGE, (begun.id,))
    assert (ended.state, ended.stopped_by, after.action) == (State.ENDED, "otto", Action.ALLOW)
    assert await _last_note(ours) == ("otto", "measures.stop")


async def test_a_measure_lasts_longer_but_never_shorter_if_extended(make_guard: MakeGuard, clock: Clock) -> None:
    """
    From now on; whoever wants it to end stops it.
    """
    guard = await make_guard(settings=settings())
    begun = await guard.campaigns.start(ERIKA, who="max")

    same = await guard.campaigns.extend(begun.id, 60.0, who="max")
    longer = await guard.campaigns.extend(begun.id, 6000.0, who="max")

    assert (same.until, longer.until) == (begun.until, clock() + 6000.0)


async def test_what_would_harm_too_many_takes_consent(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The estimate comes from logins that the watcher saw; nothing begins by an oversight.
    """
    guard = await make_guard(settings=settings())
    for number in range(30):
        clock.move(1)
        await sign_in(guard, fields(f"198.51.{number}.1", f"user{number}"))
    await watch_once(guard)
    everyone = Wish(step=Step.BLOCK, scope=Scope(subnets=("198.51.0.0/16",)), seconds=600.0)

    found = await guard.campaigns.estimate(everyone)
    with pytest.raises(CampaignRefused) as refused:
        await guard.campaigns.start(everyone, who="max")
    begun = await guard.campaigns.start(msgspec.structs.replace(everyone, confirm=True), who="max")

    assert (found.harm.touched, found.harm.of, found.affordable) == (30, 30, 0.0)
    assert refused.value.code == "over_budget"
    assert (begun.state, begun.harm) == (State.ACTIVE, found.harm)


@pytest.mark.parametrize(
    ("scope", "code"), [(Scope(subnets=("nowhere",)), "unusable"), (Scope(subnets=("192.0.2.0/99",)), "unusable")]
)
async def test_a_scope_that_names_nothing_is_refused(make_guard: MakeGuard, scope: Scope, code: str) -> None:
    """
    Before any instance would have to read it.
    """
    guard = await make_guard(settings=settings())

    with pytest.raises(CampaignRefused) as refused:
        await guard.campaigns.start(Wish(step=Step.BLOCK, scope=scope), who="max")

    assert refused.value.code == code
    assert await guard.campaigns.measures() == []


async def test_what_is_not_there_is_named(make_guard: MakeGuard) -> None:
    """
    Ids are copied by hand.
    """
    guard = await make_guard(settings=settings())
    begun = await guard.campaigns.start(ERIKA, who="max")

    codes = []
    for asked in (
        guard.campaigns.campaign("c-1"),
        guard.campaigns.stop("m-1", who="max"),
        guard.campaigns.confirm(begun.id, who="max"),
    ):
        with pytest.raises(CampaignRefused) as refused:
            await asked
        codes.append(refused.value.code)

    assert codes == ["unknown_campaign", "unknown_measure", "not_proposed"]


async def test_proposed_measures_wait_for_a_person(make_guard: MakeGuard, clock: Clock) -> None:
    """
    With `automatic: false` nothing begins by itself.
    """
    chosen = settings()
    careful = type(chosen.campaigns.measures)(automatic=False)
    guard = await make_guard(settings=settings(measures=careful))
    await botnet(guard, clock)
    await watch_once(guard)
    (proposed,) = [each for each in await guard.campaigns.measures() if each.step is Step.CHALLENGE]
    before = await guard.check(STRANGER)

    confirmed = await guard.campaigns.confirm(proposed.id, who="max")

    assert (proposed.state, before.action) == (State.PROPOSED, Action.ALLOW)
    assert (confirmed.state, confirmed.owner) == (State.ACTIVE, "max")
    assert (await guard.check(STRANGER)).action is Action.CHALLENGE


async def test_a_reset_forgets_everything_and_ends_all(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The picture is empty when it answers; and an attack that goes on is seen anew.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock)
    await watch_once(guard)

    ended = await guard.campaigns.reset(who="max")

    overview = await guard.campaigns.overview()
    assert ended >= 1
    assert (overview.attacked_accounts, overview.captcha_accounts, overview.threat_level) == ({}, (), 0.0)
    assert (await guard.check(STRANGER)).action is Action.ALLOW
    assert await _last_note(guard) == ("max", "campaigns.reset")
    await botnet(guard, clock)
    await watch_once(guard)
    assert (await guard.campaigns.overview()).captcha_accounts == ("erika",)


async def test_an_account_that_is_reset_is_met_by_no_measure(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The others go on being protected.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock)
    await watch_once(guard)
    both = Wish(step=Step.CHALLENGE, scope=Scope(accounts=("erika", "max")), seconds=600.0)
    await guard.campaigns.start(both, who="otto")
    assert set((await guard.campaigns.overview()).captcha_accounts) == {"erika", "max"}

    assert await guard.campaigns.reset_account("ERIKA", who="otto")

    overview = await guard.campaigns.overview()
    assert (overview.captcha_accounts, overview.attacked_accounts) == (("max",), {})
    assert (await guard.check(STRANGER)).action is Action.ALLOW
    assert not await guard.campaigns.reset_account("nobody", who="otto")


async def test_feedback_finds_the_attempts_of_a_campaign(make_guard: MakeGuard, clock: Clock) -> None:
    """
    By the request ids that the watch remembers.
    """
    guard = await make_guard(settings=settings())
    decisions = await botnet(guard, clock)
    await watch_once(guard)
    (campaign,) = (await guard.campaigns.picture()).campaigns

    found = await guard.network_parts.hearing.members(campaign.id)

    assert set(found) == {decision.request_id for decision in decisions}
    with pytest.raises(NetworkRefused):
        await guard.network_parts.hearing.members("c-1")


async def test_a_rehearsal_touches_nothing_that_is_live(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Not even an account of the same name; its result is there for whoever asks a moment later, wherever.
    """
    ours, theirs = await make_guard(settings=settings()), await make_guard(settings=settings())
    clock.move(1)

    done = await ours.campaigns.simulate("Erika", addresses=20, country="DE", who="max")

    assert (done.detected, done.recognised_by <= 12, done.overview.captcha_accounts) == (True, True, ("erika",))
    assert await theirs.campaigns.rehearsal("erika") == done
    assert await theirs.campaigns.rehearsal("max") is None
    await watch_once(ours)
    assert (await ours.campaigns.picture()).accounts == ()
    assert (await ours.check(STRANGER)).action is Action.ALLOW
    assert [
        key async for key in ours.servers.client.scan_iter(match=f"{ours.settings.server.redis.prefix}drill*")
    ] == []


async def test_without_campaigns_the_desk_says_so(make_guard: MakeGuard) -> None:
    """
    An empty list would say that all is well.
    """
    guard = await make_guard(settings=settings(enabled=False))

    with pytest.raises(CampaignRefused) as refused:
        await guard.campaigns.picture()

    assert refused.value.code == "disabled"
    await guard.attempt(fields(), success=False)
    await told(guard)
    assert [
        key async for key in guard.servers.client.scan_iter(match=f"{guard.settings.server.redis.prefix}m{{c}}*")
    ] == []
