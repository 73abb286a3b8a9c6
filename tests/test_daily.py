# SPDX-License-Identifier: Apache-2.0
"""What is looked at once a day, and what comes of it."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard
from nights import sign_in_again, unlike
from traffic import AFTER, DAY, champion, fill, network

from nacre.daily import Daily
from nacre.learning.limits import Budgets
from nacre.service import Guard
from nacre.shelves import Lost


async def _run(guard: Guard) -> float:
    parts = guard.network_parts
    assert await parts.shelves.state.lease("test")
    daily = Daily(parts.following, parts.shelves, clock=guard.clock, budgets=Budgets)
    worst = await daily.run(await parts.shelves.state.read())
    await parts.following.follow()
    return worst


async def test_thresholds_are_found_anew_once_a_day(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The same weights, another version, which can be gone back from.
    """
    guard = await make_guard(settings=network())
    await fill(guard, clock)
    sign_in_again(guard, 3)
    await guard.network_parts.shelves.journal.settle()
    clock.move(-DAY)

    await _run(guard)
    assert champion(guard) == "shipped.t1"
    clock.move(DAY - 1)
    await _run(guard)

    assert champion(guard) == "shipped.t1"
    state = await guard.network_parts.shelves.state.read()
    assert (state.renewed, state.previous) == (clock() - DAY + 1, "shipped")
    entry = await guard.network_parts.shelves.models.entry("shipped.t1")
    assert entry is not None
    assert not entry.ours


@pytest.mark.parametrize("what", ["trained", "published"])
async def test_thresholds_of_a_model_of_today_stay(make_guard: MakeGuard, clock: Clock, what: str) -> None:
    """
    They were found from the same days; but whether its inputs drift is looked at every day.
    """
    guard = await make_guard(settings=network())
    await fill(guard, clock)
    sign_in_again(guard, 3)
    await guard.network_parts.shelves.journal.settle()
    clock.move(-DAY)
    await guard.network_parts.shelves.state.change({what: clock() - DAY + 1})

    await _run(guard)

    assert champion(guard) == "shipped"
    assert (await guard.network_parts.shelves.state.read()).renewed == clock()


async def test_what_drifted_is_told_to_everybody(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Operators see it where they look, whichever process found it; and how far, those who may train for it.
    """
    guard, other = await make_guard(settings=network()), await make_guard(settings=network())
    unlike(guard)
    await guard.network_parts.shelves.journal.settle()
    clock.now = AFTER

    worst = await _run(guard)

    drift = (await other.network.status()).drift
    assert drift["user.successes_7d"] > 0.25
    assert worst == max(drift.values())
    assert await _run(guard) == 0.0, "the day is not over"


async def test_who_lost_the_lease_changes_nothing(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Another process looks back by now.
    """
    guard = await make_guard(settings=network())
    await fill(guard, clock)
    sign_in_again(guard, 3)
    parts = guard.network_parts
    await parts.shelves.journal.settle()
    clock.move(-DAY)
    await parts.shelves.state.lease("test")
    old = await parts.shelves.state.read()
    await parts.shelves.state.release("test")
    await parts.shelves.state.lease("other")

    with pytest.raises(Lost):
        await Daily(parts.following, parts.shelves, clock=clock, budgets=Budgets).run(old)

    assert champion(guard) == "shipped"
    assert (await parts.shelves.state.read()).renewed == 0.0
