# SPDX-License-Identifier: Apache-2.0
"""Many passwords on one account: from one place, slowly, in parallel, and from everywhere."""

from __future__ import annotations

import asyncio

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, sign_in, written

from nacre.config.duration import Duration
from nacre.config.tree import Settings, Subject
from nacre.decision import Action

DAY = 86_400


async def test_slow_guessing_meets_the_rule_of_the_day(make_guard: MakeGuard, clock: Clock) -> None:
    """
    One guess every twenty minutes stays below ten in ten minutes for ever, and below fifty a day not even once.
    """
    guard = await make_guard(settings=Settings())
    passed = []

    for number in range(3 * 72):
        if not (await fail(guard, fields("203.0.113.9"))).refused:
            passed.append(number)
        clock.move(1200)

    # The rule "address_day" lets 50 pass.  Its blocks last 8, 16 and 32 h, which are 24, 48 and 96 guesses; behind
    # each of them one passes, for it finds the bucket as full as it was.
    assert passed == [*range(50), 49 + 24, 49 + 24 + 48]


async def test_slow_guessing_from_a_network_meets_the_accounts_rule(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A fresh address for every guess, a guess every minute: thirty in the hour are all that the account lets pass.
    """
    guard = await make_guard(settings=Settings())

    passed = []
    for number in range(60):
        if not (await fail(guard, fields(f"10.{number}.0.1"))).refused:
            passed.append(number)
        clock.move(60)

    # Thirty pass, half an hour of block follows, and behind it one passes: the budget is as used up as it was.
    assert passed == [*range(30), 29 + 30]


async def test_parallel_guesses_do_not_outrun_the_counter(make_guard: MakeGuard) -> None:
    """
    What was asked before the first outcome was known goes on; from then on nothing does, and no count is lost.
    """
    guard, waves, parallel, limit = await make_guard(rule(limit=10, cidr=24)), 10, 8, 10
    passed = 0

    async def guess(number: int) -> bool:
        decision = await guard.check(fields(f"192.0.2.{number}"))
        if not decision.refused:
            receipt = await guard.report(decision.request_id, success=False)
            assert receipt.counted
        return not decision.refused

    for wave in range(waves):
        passed += sum(await asyncio.gather(*(guess(wave * parallel + number) for number in range(parallel))))
    await written(guard)

    assert limit <= passed < limit + parallel
    assert (await guard.check(fields("192.0.2.250"))).refused


async def test_parallel_guesses_over_two_instances_share_one_counter(make_guard: MakeGuard) -> None:
    """
    The store counts, not the process: twice the instances are not twice the guesses.
    """
    guards = [await make_guard(rule(limit=10)) for _ in range(2)]
    attempts = [guard.attempt(fields(), success=False) for _ in range(6) for guard in guards]

    first = await asyncio.gather(*attempts)
    await asyncio.gather(*map(written, guards))
    second = await asyncio.gather(*(guard.check(fields()) for guard in guards))

    assert {answer.action for answer in first} <= {Action.ALLOW, Action.REFUSE}
    assert {answer.action for answer in second} == {Action.REFUSE}


async def test_a_botnet_on_one_account_keeps_its_owner_not_out(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Two thousand addresses guess; the owner signs in from home, from the office, and on the phone from anywhere.
    """
    guard = await make_guard(settings=Settings())
    await sign_in(guard, fields("198.51.100.1"))
    await sign_in(guard, fields("203.0.113.1", client_id="phone"))
    passed = []

    for number in range(2000):
        if not (await fail(guard, fields(f"10.{number >> 8}.{number & 255}.1"))).refused:
            passed.append(number)
        clock.move(1)
        if number % 100 == 99:
            home = await sign_in(guard, fields("198.51.100.200"))
            away = await sign_in(guard, fields(f"100.64.{number >> 8}.{number & 255}", client_id="phone"))
            assert (home.action, away.action) == (Action.ALLOW, Action.ALLOW)

    # Thirty fill the account; behind the block of half an hour that the thirtieth began, one passes.
    assert passed == [*range(30), 29 + 1800]


async def test_rotating_inside_a_64_is_one_address(make_guard: MakeGuard) -> None:
    """
    Eighteen trillion million addresses of one customer.
    """
    guard = await make_guard(settings=Settings())

    answers = [
        (await fail(guard, fields(f"2001:db8:1:2:{number:x}::1", f"user{number}"))).action for number in range(20)
    ]

    assert answers == [Action.ALLOW] * 10 + [Action.REFUSE] * 10


async def test_rotating_through_64s_meets_the_network(make_guard: MakeGuard) -> None:
    """
    A /48 has 65,536 of them, and a rule of its own.
    """
    guard = await make_guard(settings=Settings())

    answers = [(await fail(guard, fields(f"2001:db8:1:{number:x}::1", f"user{number}"))).action for number in range(70)]

    assert answers == [Action.ALLOW] * 60 + [Action.REFUSE] * 10


@pytest.mark.parametrize(
    "spelling", ["::ffff:192.0.2.7", "::FFFF:c000:207", "0:0:0:0:0:ffff:192.0.2.7", "::ffff:192.0.2.7%eth0"]
)
async def test_an_ipv4_address_is_not_another_one_inside_ipv6(make_guard: MakeGuard, spelling: str) -> None:
    """
    Half of the guesses over each protocol are all guesses of one address.
    """
    guard = await make_guard(rule(limit=4), rule("six", limit=100, ipv6=True, cidr=64))

    for _ in range(2):
        await fail(guard, fields("192.0.2.7"))
        await fail(guard, fields(spelling))

    assert (await guard.check(fields(spelling))).refused
    assert (await guard.check(fields("192.0.2.7"))).refused
    assert guard.desk.blocked(spelling) == ["address"]


async def test_an_account_under_many_spellings_is_one_account(make_guard: MakeGuard) -> None:
    """
    The backend ignores case and white space; so does the budget.
    """
    guard = await make_guard(rule("account", limit=5, subject=Subject.ACCOUNT, ban_time=Duration(DAY)))

    for number, name in enumerate(["erika", "ERIKA", " Erika", "erika ", "\uff25\uff32\uff29\uff2b\uff21"]):
        await fail(guard, fields(f"10.0.{number}.1", name))

    assert (await guard.check(fields("192.0.2.7", "eRiKa"))).refused
