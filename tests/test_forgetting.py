# SPDX-License-Identifier: Apache-2.0
"""Forgetting, with and without somebody who watches."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard, eventually
from under_attack import botnet, settings, watch_once, watching

from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.forgetting import over
from nacre.service import Guard

NAME = "somebody-by-name"


async def _traces(guard: Guard, name: str) -> list[bytes]:
    """Return the keys of campaigns that hold a name; a snapshot is compressed, and is looked at through its watch."""
    client = guard.servers.client
    keys = [key async for key in client.scan_iter(match=f"{guard.settings.server.redis.prefix}m{{c}}*")]
    return [key for key in keys if name.encode() in await client.dump(key)]


@pytest.mark.parametrize("watched", [False, True])
async def test_nothing_of_an_erased_account_is_left(make_guard: MakeGuard, clock: Clock, *, watched: bool) -> None:
    """
    Neither in the stream nor in the picture, the snapshot, the measures that ended, or the request to forget it.
    """
    guard = await make_guard(settings=settings())
    await botnet(guard, clock, account=NAME)
    await watch_once(guard)
    await botnet(guard, clock, account=NAME, tries=3)
    assert await _traces(guard, NAME)

    if watched:
        async with watching(guard) as watch:
            await eventually(lambda: watch.watches)
            await guard.network.erase(NAME, who="max")
            left = await _traces(guard, NAME)
    else:
        await guard.network.erase(NAME, who="max")
        left = await _traces(guard, NAME)

    assert left == []


async def test_a_measure_that_names_others_too_goes_on_for_them(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Its scope is cut, not lifted.
    """
    guard = await make_guard(settings=settings())
    store = guard.campaign_parts.shelf.measures
    both = Measure(
        id="m-1", step=Step.CHALLENGE, scope=Scope(accounts=("erika", "max")), since=clock(), until=clock() + 60,
        owner="otto", reason="a test",
    )  # fmt: skip
    await store.change(await store.read(), [both])

    assert await guard.campaign_parts.forgetting().account("erika", "key")

    (left,) = (await store.read()).measures.values()
    assert (left.scope.accounts, left.state) == (("max",), State.ACTIVE)


def test_what_is_over_ended_no_later_than_it_would_have() -> None:
    """
    And says who ended it, if anybody did.
    """
    measure = Measure(id="m-1", step=Step.BLOCK, scope=Scope(), since=0.0, until=60.0, owner="nacre", reason="a test")

    assert [(each.until, each.stopped_by) for each in (over(measure, 30.0, by="max"), over(measure, 90.0))] == [
        (30.0, "max"),
        (60.0, ""),
    ]
