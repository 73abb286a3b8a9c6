# SPDX-License-Identifier: Apache-2.0
"""What a process knows of the measures that all follow."""

from __future__ import annotations

import msgspec
from builders import Clock, MakeGuard, eventually, fields
from under_attack import settings

from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.decision import Action
from nacre.service import Guard
from nacre.store.keys import Keys
from nacre.store.measures import StandingMeasures
from nacre.store.news import News

STRANGER = fields("203.0.113.1", "erika", protocol="http")


def _measure(clock: Clock, **fields: object) -> Measure:
    known: dict[str, object] = {
        "id": "m-1", "step": Step.CHALLENGE, "scope": Scope(accounts=("erika",)), "since": clock(),
        "until": clock() + 600, "owner": "nacre", "reason": "a test",
    }  # fmt: skip
    return Measure(**known | fields)  # type: ignore[arg-type]


async def _put(guard: Guard, *measures: Measure) -> None:
    store = guard.campaign_parts.shelf.measures
    assert await store.change(await store.read(), measures)


async def test_a_measure_reaches_another_instance_by_itself(make_guard: MakeGuard, clock: Clock) -> None:
    """
    By the news of it, and at the latest by the look that each instance takes once a second.
    """
    ours, theirs = await make_guard(settings=settings()), await make_guard(settings=settings())

    await _put(ours, _measure(clock))

    async def enforced() -> bool:
        return (await theirs.check(STRANGER)).action is Action.CHALLENGE

    await eventually(enforced)


async def test_a_measure_is_found_although_the_news_of_it_was_lost(make_guard: MakeGuard, clock: Clock) -> None:
    """
    By the number that rises with each change: this one was told on another channel.
    """
    guard = await make_guard(settings=settings())
    prefix = guard.settings.server.redis.prefix
    elsewhere = News(guard.servers, Keys(f"{prefix}elsewhere:", guard.identity))
    silent = StandingMeasures(guard.servers, Keys(prefix, guard.identity), elsewhere)
    assert await silent.change(await silent.read(), [_measure(clock)])
    assert (await guard.check(STRANGER)).action is Action.ALLOW

    await guard.campaign_parts.look()

    assert (await guard.check(STRANGER)).action is Action.CHALLENGE


async def test_an_instance_that_starts_knows_the_measures(make_guard: MakeGuard, clock: Clock) -> None:
    """
    From its first check on: a restart is no way around them.
    """
    ours = await make_guard(settings=settings())
    await _put(ours, _measure(clock))

    theirs = await make_guard(settings=settings())

    assert (await theirs.check(STRANGER)).action is Action.CHALLENGE


async def test_without_active_measures_nothing_is_weighed(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Checks cost what they did before.
    """
    guard = await make_guard(settings=settings())
    await _put(guard, _measure(clock, state=State.PROPOSED), _measure(clock, id="m-2", state=State.ENDED))

    await guard.campaign_parts.follow()

    assert guard.campaign_parts.sentry.in_force is None


async def test_a_measure_that_cannot_be_used_leaves_the_others_in_force(make_guard: MakeGuard, clock: Clock) -> None:
    """
    What is known stays, and the log names what is wrong.
    """
    guard = await make_guard(settings=settings())
    await _put(guard, _measure(clock))
    await guard.campaign_parts.look()
    await _put(guard, _measure(clock, id="m-2", scope=Scope(subnets=("nowhere",))))

    await guard.campaign_parts.look()

    assert (await guard.check(STRANGER)).measures == ("m-1",)


async def test_settings_that_change_are_followed(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Campaigns can be switched off while an attack runs, and on again.
    """
    guard = await make_guard(settings=settings())
    await _put(guard, _measure(clock))
    await guard.campaign_parts.look()
    on, off = guard.settings, msgspec.structs.replace(guard.settings, campaigns=settings(enabled=False).campaigns)

    guard.reload(off)
    without = await guard.check(STRANGER)
    guard.reload(on)
    await guard.campaign_parts.look()

    assert without.action is Action.ALLOW
    assert (await guard.check(STRANGER)).action is Action.CHALLENGE
