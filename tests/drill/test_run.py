# SPDX-License-Identifier: Apache-2.0
"""Drills on a real store."""

from __future__ import annotations

import time

import pytest
from builders import Clock, MakeGuard, fields, written
from under_attack import settings

from nacre.campaign.picture import Picture
from nacre.config.campaigns import Campaigns, Measures
from nacre.config.tree import Settings
from nacre.drill.attacks import EXERCISES
from nacre.drill.run import chosen
from nacre.errors import CampaignRefused
from nacre.service import Guard


async def _keys(guard: Guard) -> set[bytes]:
    prefix = guard.settings.server.redis.prefix
    return {key async for key in guard.servers.client.scan_iter(match=f"{prefix}*")}


@pytest.mark.parametrize("attack", [each.name for each in EXERCISES])
async def test_the_defaults_pass_each_attack(attack: str, make_guard: MakeGuard) -> None:
    """
    Whoever installs nacre and asks whether it protects has to hear yes.
    """
    guard = await make_guard(settings=Settings())

    found = await guard.drill([attack], quick=True)

    assert [(each.exercise, each.missed) for each in found.findings] == [(attack, ())]
    assert found.passed


async def test_a_drill_leaves_nothing_and_nothing_live_knows_of_it(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The same keys, the same picture, no measure and no block.
    """
    guard = await make_guard(settings=Settings())
    before = await _keys(guard)

    found = await guard.drill(["guessing", "stuffing-from-few"], quick=True)

    assert found.passed
    assert await _keys(guard) == before
    assert await guard.campaigns.picture() == Picture()
    assert await guard.campaigns.measures() == []
    assert len(guard.desk.blocks.copy) == 0
    assert found.time == clock()


async def test_a_drill_fails_where_many_addresses_are_taken_for_usual(make_guard: MakeGuard) -> None:
    """
    The figures tell what the settings in force would do, not what the defaults would.
    """
    guard = await make_guard(settings=Settings(campaigns=Campaigns(account_origins=24)))

    found = await guard.drill(["guessing"], quick=True)

    assert not found.passed
    assert "asked for are 12 tries" in found.findings[0].missed[0]


async def test_where_measures_wait_for_a_person_an_attack_has_to_be_recognised_only(make_guard: MakeGuard) -> None:
    """
    Nobody can consent in a namespace that nobody sees.
    """
    guard = await make_guard(settings=Settings(campaigns=Campaigns(measures=Measures(automatic=False))))

    found = await guard.drill(["guessing"], quick=True)

    assert (found.passed, found.enforces) == (True, False)


async def test_progress_is_told_to_the_end(make_guard: MakeGuard) -> None:
    """
    Of each attack.
    """
    guard = await make_guard(settings=settings())
    told: dict[str, list[float]] = {}

    await guard.drill(["guessing"], quick=True, progress=lambda name, share: told.setdefault(name, []).append(share))

    assert list(told) == ["guessing"]
    assert told["guessing"] == sorted(told["guessing"])
    assert told["guessing"][-1] == 1.0


async def test_without_campaigns_there_is_nothing_to_drill(make_guard: MakeGuard) -> None:
    """
    That nobody watches is a setting, no failure of the watch.
    """
    guard = await make_guard(settings=Settings(campaigns=Campaigns(enabled=False)))

    with pytest.raises(CampaignRefused, match="campaigns are off"):
        await guard.drill(["guessing"], quick=True)


def test_an_attack_that_does_not_exist_is_refused() -> None:
    """
    With the names of those that do.
    """
    with pytest.raises(CampaignRefused, match="no attack 'flooding'; there are guessing, spraying"):
        chosen(["flooding"])


async def test_what_a_killed_drill_left_ends_by_itself_and_the_next_one_removes_it(make_guard: MakeGuard) -> None:
    """
    A namespace whose process was killed is never closed; here it is kept open instead, and its mark has run out.
    """
    guard = await make_guard(settings=Settings())
    before = await _keys(guard)
    killed = guard._spaces.open()  # noqa: SLF001  nobody else opens one that is not closed
    space = await killed.__aenter__()
    try:
        for number in range(12):
            attempt = fields("198.18.0.1", f"x{number}@drill.invalid", time=time.time() + number)
            await space.attempt(attempt, success=False)
        await written(guard)
        left = await _keys(guard) - before
        lives = [await guard.servers.run(key, ("TTL", key)) for key in left]

        await guard.drill(["guessing"], quick=True)
        beside = await _keys(guard) - before
        for key in left:
            if key.endswith(b":sequence"):
                await guard.servers.run(key, ("UNLINK", key))
        await guard.drill(["guessing"], quick=True)

        assert any(key.endswith(b":blocks") for key in left)
        assert all(seconds > 0 for seconds in lives)
        assert beside >= left  # profiles are written behind
        assert await _keys(guard) == before
    finally:
        await killed.__aexit__(None, None, None)
