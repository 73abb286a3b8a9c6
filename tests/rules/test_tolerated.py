# SPDX-License-Identifier: Apache-2.0
"""Failures forgiven beside successes: through the whole guard."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, sign_in

from nacre.address import Subnet
from nacre.config.duration import Duration
from nacre.config.tree import Rule, Subject
from nacre.config.tree import Toleration as Configured
from nacre.desk import toleration_of
from nacre.service import Guard

OFFICE = "192.0.2.7"
TIGHT: tuple[Rule, ...] = (rule("network", limit=1, cidr=24, ban_time=Duration(86_400)),)
"""A bucket that the first failure in the network fills."""


async def signed_in(guard: Guard, times: int, address: str = OFFICE) -> None:
    """Let people sign in from an address."""
    for number in range(times):
        await sign_in(guard, fields(address, f"user{number}"))


async def forgiven(guard: Guard, address: str = OFFICE) -> int:
    """Fail from an address until it is refused; returns how many of the failures it was forgiven."""
    for failures in range(1000):
        if (await fail(guard, fields(address, "erika"))).refused:
            return failures - 1
    raise AssertionError("it is never refused")


@pytest.mark.parametrize(("successes", "most"), [(1, 0), (2, 0), (3, 0), (5, 1), (10, 3), (20, 7), (50, 22), (100, 50)])
async def test_the_adaptive_table_holds_for_logins(make_guard: MakeGuard, successes: int, most: int) -> None:
    """
    One failure fills the network's bucket; as many as the table says are forgiven, and the next attempt is not.
    """
    guard = await make_guard(*TIGHT, adaptive_toleration=True)
    await signed_in(guard, successes)

    assert await forgiven(guard) == most


@pytest.mark.parametrize(
    ("percent", "successes", "most"), [(50, 10, 5), (25, 10, 2), (100, 3, 3), (1, 99, 0), (0, 50, 0)]
)
async def test_a_fixed_percentage_holds_for_logins(
    make_guard: MakeGuard, percent: int, successes: int, most: int
) -> None:
    """
    Rounded down: half a failure is none.
    """
    guard = await make_guard(*TIGHT, tolerate_percent=percent)
    await signed_in(guard, successes)

    assert await forgiven(guard) == most


@pytest.mark.parametrize("adaptive", [False, True])
async def test_an_address_never_seen_is_not_tolerated_in_a_blocked_network(
    make_guard: MakeGuard, *, adaptive: bool
) -> None:
    """
    No failures beside no successes is how every bot begins.
    """
    guard = await make_guard(*TIGHT, tolerate_percent=50, adaptive_toleration=adaptive)
    await signed_in(guard, 10)
    await fail(guard, fields("192.0.2.66"))

    assert (await guard.check(fields("192.0.2.99"))).refused
    assert not (await guard.check(fields(OFFICE))).refused


async def test_a_block_is_lifted_for_nobody_by_toleration(make_guard: MakeGuard) -> None:
    """
    The tolerated pass beside the block; it stays listed and closed for the others.
    """
    guard = await make_guard(*TIGHT, tolerate_percent=50)
    await fail(guard, fields("192.0.2.66"))
    await guard.desk.set_tolerations([toleration_of(OFFICE, 0, 3600)], replace=False, who="test")

    assert guard.desk.blocked(OFFICE) == ["network"]
    assert (await guard.check(fields(OFFICE))).refused


async def test_rules_about_accounts_are_not_tolerated(make_guard: MakeGuard) -> None:
    """
    A busy office says nothing about whose account is tried there.
    """
    guard = await make_guard(rule("account", limit=2, subject=Subject.ACCOUNT), tolerate_percent=100)
    await signed_in(guard, 50)
    for _ in range(2):
        await fail(guard, fields(OFFICE, "erika"))

    assert (await guard.check(fields(OFFICE, "erika"))).refused
    assert not (await guard.check(fields(OFFICE, "kim"))).refused


async def test_successes_are_forgotten_after_their_ttl(make_guard: MakeGuard, clock: Clock) -> None:
    """
    An office that moved out leaves no credit to whoever gets its address; ticks of a day are 6 minutes wide.
    """
    guard = await make_guard(*TIGHT, tolerate_percent=50, tolerate_ttl=Duration(86_400))
    await signed_in(guard, 10)

    clock.move(86_400 - 1)
    assert (await guard.desk.toleration_counters(OFFICE))["positive"] == 10
    clock.move(1 + 86_400 / 240)

    assert (await guard.desk.toleration_counters(OFFICE))["positive"] == 0
    assert await forgiven(guard) == 0


async def test_a_long_toleration_of_one_address_does_not_blur_those_of_others(
    make_guard: MakeGuard, clock: Clock
) -> None:
    """
    A year for the head office is counted in ticks of a day and a half; the branch keeps its six minutes.
    """
    guard = await make_guard(*TIGHT, tolerate_percent=50, tolerate_ttl=Duration(3600))
    await guard.desk.set_tolerations([toleration_of("203.0.113.1", 90, 8760 * 3600)], replace=False, who="test")
    await signed_in(guard, 10)
    await signed_in(guard, 10, "203.0.113.1")

    clock.move(3600 + 86_400 / 240)

    assert (await guard.desk.toleration_counters(OFFICE))["positive"] == 0
    assert (await guard.desk.toleration_counters("203.0.113.1"))["positive"] == 10


async def test_a_toleration_that_is_set_now_knows_of_the_logins_before(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The office calls because it is closed: what counts is that its people signed in this morning.
    """
    guard = await make_guard(*TIGHT)
    await signed_in(guard, 10)
    clock.move(4 * 3600)
    await fail(guard, fields(OFFICE))
    assert (await guard.check(fields(OFFICE))).refused

    await guard.desk.set_tolerations([toleration_of(OFFICE, 50, 86_400)], replace=False, who="test")

    assert not (await guard.check(fields(OFFICE))).refused


async def test_a_ttl_of_zero_forgives_nothing(make_guard: MakeGuard) -> None:
    """
    The setting's way to say off.
    """
    guard = await make_guard(*TIGHT, tolerate_percent=100, tolerate_ttl=Duration(0))
    await signed_in(guard, 10)

    assert await forgiven(guard) == 0


async def test_a_repeated_password_is_one_failure_for_tolerations_too(make_guard: MakeGuard) -> None:
    """
    The phone in the office pocket does not use the office's credit up.
    """
    guard = await make_guard(*TIGHT, tolerate_percent=50)
    await signed_in(guard, 10)

    for _ in range(30):
        await fail(guard, fields(OFFICE, "erika", password="yesterday"))

    assert await guard.desk.toleration_counters(OFFICE) == {"total": 11, "failed": 1, "positive": 10, "negative": 1}


async def test_counters_carry_both_families_of_labels(make_guard: MakeGuard) -> None:
    """
    Scripts written for the original ask for positive and negative, its manual for total and failed.
    """
    guard = await make_guard(rule(limit=50))
    await signed_in(guard, 3)
    for _ in range(2):
        await fail(guard, fields(OFFICE))

    expected = {"total": 5, "failed": 2, "positive": 3, "negative": 2}
    assert await guard.desk.toleration_counters(OFFICE) == expected
    assert await guard.desk.toleration_counters(f"::ffff:{OFFICE}") == expected
    assert set((await guard.desk.toleration_counters("203.0.113.1")).values()) == {0}


async def test_ipv6_counts_by_its_scope(make_guard: MakeGuard) -> None:
    """
    A household is a /64: its successes forgive its failures, whichever of its addresses they come from.
    """
    guard = await make_guard(rule("six", limit=1, ipv6=True, cidr=48, ban_time=Duration(60)), tolerate_percent=50)
    await signed_in(guard, 10, "2001:db8::1")

    assert await forgiven(guard, "2001:db8::2") == 5
    assert (await guard.check(fields("2001:db8:0:1::1"))).refused


async def test_the_most_specific_toleration_wins_over_the_general_one(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Of the settings and of what was set at run time alike, until it ends.
    """
    configured = (Configured(ip_address="192.0.2.0/24", tolerate_percent=30),)
    guard = await make_guard(*TIGHT, tolerate_percent=50, custom_tolerations=configured)

    def percent(address: str) -> int:
        packed = Subnet.parse(address).network
        return guard.checkpoint.policy.tolerations.terms(packed, clock()).percent

    await guard.desk.set_tolerations([toleration_of(OFFICE, 90, 3600)], replace=False, who="test")
    await guard.desk.set_tolerations([toleration_of("192.0.0.0/16", 5, 3600)], replace=False, who="test")

    assert [percent(one) for one in (OFFICE, "192.0.2.8", "192.0.3.1", "198.51.100.1")] == [90, 30, 5, 50]
    clock.move(3600)
    assert [percent(one) for one in (OFFICE, "192.0.2.8", "192.0.3.1", "198.51.100.1")] == [30, 30, 50, 50]
