# SPDX-License-Identifier: Apache-2.0
"""A namespace of its own, on a real store."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard, fields, rule, sign_in, written
from under_attack import settings

from nacre.countermeasures import Countermeasures
from nacre.decision import Action
from nacre.drill.space import Spaces
from nacre.service import Guard


def _spaces(guard: Guard) -> Spaces:
    desk = guard.campaigns
    assert isinstance(desk, Countermeasures)
    return desk.spaces


async def _keys(guard: Guard) -> set[bytes]:
    prefix = guard.settings.server.redis.prefix
    return {key async for key in guard.servers.client.scan_iter(match=f"{prefix}*")}


async def test_the_rules_of_the_installation_hold_and_nothing_is_left(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Blocks, decisions, profiles: all of it lies under keys that are removed.
    """
    guard = await make_guard(rule(limit=3))
    await written(guard)
    before = await _keys(guard)

    async with _spaces(guard).open() as space:
        actions = []
        for number in range(5):
            attempt = fields("192.0.2.7", "erika", time=clock() + number)
            actions.append((await space.attempt(attempt, success=False)).action)

    assert actions == [Action.ALLOW] * 3 + [Action.REFUSE] * 2
    assert await _keys(guard) == before
    assert (await guard.check(fields("192.0.2.7", "erika"))).action is Action.ALLOW
    assert len(guard.desk.blocks.copy) == 0


async def test_what_is_live_is_not_known_there(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Neither blocks nor who is at home where: a drill begins with nothing.
    """
    guard = await make_guard(rule(limit=3))
    for _ in range(4):
        await guard.attempt(fields("192.0.2.7", "erika"), success=False)
    await written(guard)
    assert (await guard.check(fields("192.0.2.7", "erika"))).refused

    async with _spaces(guard).open() as space:
        decision = await space.attempt(fields("192.0.2.7", "erika", time=clock()), success=True)

    assert decision.action is Action.ALLOW


async def test_two_drills_at_once_do_not_meet(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Each has a prefix of its own, and each removes its own keys alone.
    """
    guard = await make_guard(settings=settings())

    async with _spaces(guard).open() as ours:
        await ours.attempt(fields("192.0.2.7", "erika", time=clock()), success=True)
        async with _spaces(guard).open() as theirs:
            await theirs.attempt(fields("192.0.2.7", "erika", time=clock()), success=False)
        again = await ours.attempt(fields("192.0.2.7", "erika", time=clock() + 1), success=True)

    assert again.action is Action.ALLOW
    assert ours.watch.watch.good
    assert not theirs.watch.watch.good


async def test_after_an_error_nothing_is_left_either(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A drill that fails must not leave its attack behind.
    """
    guard = await make_guard(rule(limit=3))
    await written(guard)
    before = await _keys(guard)

    async def broken() -> None:
        async with _spaces(guard).open() as space:
            await space.attempt(fields("192.0.2.7", "erika", time=clock()), success=False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await broken()

    assert await _keys(guard) == before


async def test_the_model_in_use_scores_there_too(make_guard: MakeGuard, clock: Clock) -> None:
    """
    What is rehearsed is what protects.
    """
    guard = await make_guard(settings=settings(network=True))
    await sign_in(guard, fields())

    async with _spaces(guard).open() as space:
        decision = await space.attempt(fields(time=clock()), success=False)

    assert (decision.model, decision.score is not None) == ("shipped", True)
