# SPDX-License-Identifier: Apache-2.0
"""No number of others' failures keeps an owner out: through the whole guard."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, sign_in
from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.attempt import AttemptFields
from nacre.config.duration import Duration
from nacre.config.tree import Rule, RuleAction, Subject
from nacre.decision import Action

ACCOUNT_RULES: tuple[Rule, ...] = (
    rule("account", limit=2, subject=Subject.ACCOUNT, period=60, ban_time=Duration(600), ban_time_factor=2.0),
    rule("account_day", limit=4, subject=Subject.ACCOUNT, period=86_400, ban_time=Duration(86_400)),
    rule("pair", limit=2, subject=Subject.ACCOUNT_SUBNET, cidr=24, ban_time=Duration(3600)),
    rule("pair6", limit=2, subject=Subject.ACCOUNT_SUBNET, cidr=48, ipv6=True, ban_time=Duration(3600)),
)
DAY = 86_400


class Step(NamedTuple):
    """One try in a sequence: from where, at whose account, right or wrong, and how long after the one before."""

    account: str
    subnet: int
    host: int
    device: str
    right: bool
    gap: float


steps = st.builds(
    Step,
    account=st.sampled_from(["erika", "kim"]),
    subnet=st.integers(0, 3),
    host=st.integers(1, 3),
    device=st.sampled_from(["", "phone", "laptop"]),
    right=st.sampled_from([False, False, False, True]),
    gap=st.sampled_from([0.0, 0.0, 1.0, 61.0, 700.0, 90_000.0]),
)
_numbers = itertools.count()


def attempt(world: int, step: Step, now: float) -> AttemptFields:
    """The try of a step, in a world of its own; even subnets are IPv4, odd ones IPv6."""
    v4, v6 = f"10.{world & 255}.{step.subnet}.{step.host}", f"2001:db8:{world:x}:{step.subnet:x}00::{step.host:x}"
    address = v6 if step.subnet % 2 else v4
    device = f"{world}-{step.device}" if step.device else ""
    return fields(address, f"{step.account}{world}", client_id=device, time=now)


@given(sequence=st.lists(steps, min_size=10, max_size=80))
@settings(max_examples=50)
async def test_an_owner_is_never_refused_for_the_account(make_guard: MakeGuard, sequence: list[Step]) -> None:
    """
    Whatever happened before, from wherever: a place that the account signed in from stays open to it.
    """
    guard, world, now = await make_guard(*ACCOUNT_RULES), next(_numbers), 1_800_000_000.0
    places: dict[str, set[object]] = {"erika": set(), "kim": set()}

    for step in sequence:
        now += step.gap
        here: set[object] = {step.subnet, step.device} - {""}
        tried = attempt(world, step, now)
        decision = await (sign_in if step.right else fail)(guard, tried)

        if here & places[step.account]:
            assert decision.action in {Action.ALLOW, Action.DELAY}, decision.reasons
        if step.right and not decision.refused:
            places[step.account] |= here


async def test_a_stranger_is_refused_while_the_owner_is_not(make_guard: MakeGuard) -> None:
    """
    The rule is in force: without this, the property would hold for a guard that refuses nobody.
    """
    guard = await make_guard(*ACCOUNT_RULES)
    await sign_in(guard, fields("198.51.100.1", client_id="phone"))
    for number in range(2):
        await fail(guard, fields(f"203.0.{number}.1"))

    stranger = await guard.check(fields("192.0.2.7"))
    at_home = await guard.check(fields("198.51.100.200"))
    on_the_way = await guard.check(fields("192.0.2.7", client_id="phone"))

    assert (stranger.action, stranger.rules) == (Action.REFUSE, ("account",))
    assert (at_home.action, at_home.rules) == (Action.ALLOW, ("account",))
    assert (on_the_way.action, on_the_way.rules) == (Action.ALLOW, ("account",))
    assert "signed in from here before" in at_home.reasons[0].text


async def test_who_guesses_beside_the_owner_is_slowed(make_guard: MakeGuard) -> None:
    """
    From the owner's own subnet the pair is what protects; it delays where it would refuse.
    """
    guard = await make_guard(*ACCOUNT_RULES)
    await sign_in(guard, fields("198.51.100.1"))

    answers = [await fail(guard, fields("198.51.100.66")) for _ in range(4)]

    assert [answer.action for answer in answers] == [Action.ALLOW] * 2 + [Action.DELAY] * 2
    assert answers[-1].delay == 5.0


@pytest.mark.parametrize("action", RuleAction)
async def test_rules_about_addresses_hold_for_owners_too(make_guard: MakeGuard, action: RuleAction) -> None:
    """
    Their own address guessing is no failure of others elsewhere.
    """
    guard = await make_guard(rule("address", limit=2, action=action, delay=Duration(3)))
    await sign_in(guard, fields())
    for _ in range(2):
        await fail(guard, fields())

    assert (await guard.check(fields())).action.value == action.value


async def test_a_place_is_the_owners_for_as_long_as_the_setting_says(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Each login from there renews it; a flat that was left three years ago speaks for nobody.
    """
    guard = await make_guard(*ACCOUNT_RULES, known_origin_ttl=Duration(10 * DAY))
    home, away = fields("198.51.100.1"), fields("203.0.113.1")
    await sign_in(guard, home)
    clock.move(8 * DAY)
    await sign_in(guard, home)
    await sign_in(guard, away)

    async def open_to(tried: AttemptFields) -> bool:
        for number in range(2):
            await fail(guard, fields(f"192.0.{number}.7"))
        return not (await guard.check(tried)).refused

    clock.move(9 * DAY)
    await sign_in(guard, away)
    assert await open_to(home)
    clock.move(2 * DAY)  # eleven days after the last login at home
    assert not await open_to(home)
    assert await open_to(away)


async def test_the_store_keeps_an_account_as_long_as_its_places_count(make_guard: MakeGuard) -> None:
    """
    A value that expires with its windows would forget the owner first, before a failure counted after it too.
    """
    guard = await make_guard(*ACCOUNT_RULES, known_origin_ttl=Duration(100 * DAY))
    await sign_in(guard, fields("198.51.100.1"))
    await fail(guard, fields("198.51.100.1"))
    keys = guard.checkpoint.subject_keys(guard.admit(fields()))

    lives = [await guard.servers.run(key, ("TTL", key)) for key in keys]

    assert max(lives) >= 100 * DAY


@pytest.mark.parametrize("devices", [0, 1, 200])
async def test_many_places_do_not_push_each_other_out(make_guard: MakeGuard, devices: int) -> None:
    """
    An owner who travels, with a browser that forgets its token, is still at home at home.
    """
    guard = await make_guard(*ACCOUNT_RULES)
    await sign_in(guard, fields("198.51.100.1", client_id="desktop"))
    for number in range(31):
        await sign_in(guard, fields(f"10.1.{number}.1", client_id=f"browser{number}" if devices else ""))
    for number in range(devices):
        await sign_in(guard, fields("10.1.30.1", client_id=f"private{number}"))
    for number in range(2):
        await fail(guard, fields(f"203.0.{number}.1"))

    assert not (await guard.check(fields("198.51.100.1"))).refused
    assert (await guard.check(fields("192.0.2.7"))).refused


async def test_a_failed_login_makes_nobody_the_owner(make_guard: MakeGuard) -> None:
    """
    Otherwise the first guess would open the door for the second.
    """
    guard = await make_guard(*ACCOUNT_RULES)
    for number in range(2):
        await fail(guard, fields(f"203.0.{number}.1", client_id="bot"))

    assert (await guard.check(fields("203.0.0.1", client_id="bot"))).refused


async def test_a_place_is_one_accounts_place(make_guard: MakeGuard) -> None:
    """
    The attacker has an account here as well, and signs in to it before guessing.
    """
    guard = await make_guard(*ACCOUNT_RULES)
    await sign_in(guard, fields("203.0.113.1", "mallory", client_id="bot"))
    for number in range(2):
        await fail(guard, fields(f"203.0.{number}.1", "erika"))

    assert (await guard.check(fields("203.0.113.1", "erika", client_id="bot"))).refused
