# SPDX-License-Identifier: Apache-2.0
"""What measures do to those for whom they are not meant: allow lists, owners at home, neighbours of an attacker."""

from __future__ import annotations

import msgspec
import pytest
from builders import Clock, MakeGuard, fields, sign_in
from under_attack import botnet, settings, watch_once

from nacre.campaign.measure import Scope, Step
from nacre.campaign_desk import Wish
from nacre.config.tree import BruteForce
from nacre.decision import Action

BEFORE = 60.0


@pytest.mark.parametrize(
    ("scope", "elsewhere"),
    [
        (Scope(asns=(64_496,)), {"asn": 64_497, "country": "AQ"}),
        (Scope(countries=("AQ",)), {"asn": 64_496, "country": "BV"}),
    ],
    ids=["provider", "country"],
)
async def test_a_blocked_region_is_closed_to_strangers_and_open_to_who_signed_in_from_there(
    make_guard: MakeGuard, clock: Clock, scope: Scope, elsewhere: dict[str, str | int | float | bool | None]
) -> None:
    """
    Every country has travellers' owners, too: at home they are never refused.
    """
    guard = await make_guard(settings=settings())
    there: dict[str, str | int | float | bool | None] = {"asn": 64_496, "country": "AQ"}
    owner = fields("203.0.113.7", "erika", attributes=there)
    await sign_in(guard, owner)
    clock.move(BEFORE)
    await guard.campaigns.start(Wish(step=Step.BLOCK, scope=scope, seconds=600.0, confirm=True), who="max")

    stranger = await guard.check(fields("198.51.100.7", "erika", attributes=there))
    neighbour = await guard.check(fields("198.51.100.8", "erika", attributes=elsewhere))
    at_home = await guard.check(owner)

    assert (stranger.action, neighbour.action, at_home.action) == (Action.REFUSE, Action.ALLOW, Action.ALLOW)


@pytest.mark.parametrize(
    "allowed",
    [
        BruteForce(ip_whitelist=("198.51.100.0/24",)),
        BruteForce(soft_whitelist={"erika": ("198.51.100.0/24",)}),
    ],
    ids=["address", "account and address"],
)
async def test_whoever_is_on_an_allow_list_is_met_by_no_measure(
    make_guard: MakeGuard, clock: Clock, allowed: BruteForce
) -> None:
    """
    Neither by one against the account under attack nor by one for everybody: the operator said so before.
    """
    chosen = settings()
    rules = msgspec.structs.replace(allowed, neural_network=chosen.brute_force.neural_network)
    guard = await make_guard(settings=msgspec.structs.replace(chosen, brute_force=rules))
    everybody = Wish(step=Step.BLOCK, scope=Scope(subnets=("0.0.0.0/1", "128.0.0.0/1")), seconds=600.0, confirm=True)
    await botnet(guard, clock)
    await watch_once(guard)
    await guard.campaigns.start(everybody, who="max")

    friend = await guard.check(fields("198.51.100.7", "erika", protocol="http"))
    stranger = await guard.check(fields("203.0.113.200", "erika", protocol="http"))

    assert (friend.action, friend.measures) == (Action.ALLOW, ())
    assert stranger.action is Action.REFUSE
