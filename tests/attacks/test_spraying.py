# SPDX-License-Identifier: Apache-2.0
"""One password on many accounts, and leaked pairs: no account sees more than one or two failures."""

from __future__ import annotations

import itertools

from builders import Clock, MakeGuard, fail, fields, rule, sign_in

from nacre.config.tree import Settings
from nacre.decision import Action


async def test_a_spray_from_one_address_ends_after_ten_accounts(make_guard: MakeGuard) -> None:
    """
    The password is the same each time, but on another account it is no repeat.
    """
    guard = await make_guard(settings=Settings())

    answers = [
        (await fail(guard, fields("203.0.113.9", f"user{number}", password="Spring2026!"))).action
        for number in range(100)
    ]

    assert answers.count(Action.ALLOW) == 10


async def test_a_spray_from_a_subnet_ends_after_sixty_accounts(make_guard: MakeGuard) -> None:
    """
    Each of its addresses stays below every limit of its own; what they share does not.
    """
    guard = await make_guard(settings=Settings())
    names = (f"user{number}" for number in itertools.count())

    answers = [
        (await fail(guard, fields(f"203.0.113.{host}", next(names), password="Spring2026!"))).action
        for _ in range(4)
        for host in range(1, 51)
    ]

    assert answers == [Action.ALLOW] * 60 + [Action.REFUSE] * 140
    assert guard.desk.blocked("203.0.113.254") == ["network"]


async def test_a_stuffed_list_is_stopped_although_some_pairs_are_right(make_guard: MakeGuard, clock: Clock) -> None:
    """
    One hit in twenty: what leaked pairs bring.  Hits forgive no misses unless a toleration says so.
    """
    guard = await make_guard(settings=Settings())
    hits, misses = 0, 0

    for number in range(400):
        tried = fields("203.0.113.9", f"user{number}")
        if number % 20 == 10:
            hits += not (await sign_in(guard, tried)).refused
        else:
            misses += not (await fail(guard, tried)).refused
        clock.move(1)

    # The tenth miss, one moment before the first hit, fills the bucket; the block of an hour outlasts the list.
    assert (hits, misses) == (0, 10)


async def test_a_stuffed_list_with_hits_does_not_buy_itself_free(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Where offices are tolerated, a list that hits once in ten is forgiven a tenth of its hits, not its misses.
    """
    guard = await make_guard(rule(limit=10), tolerate_percent=10)
    hits, misses = 0, 0

    for number in range(1000):
        tried = fields("203.0.113.9", f"user{number}")
        if number % 10 == 0:
            hits += not (await sign_in(guard, tried)).refused
        else:
            misses += not (await fail(guard, tried)).refused
        clock.move(1)

    assert misses == 10
    assert hits == 2


async def test_a_spray_over_days_is_seen_by_the_rule_of_the_day(make_guard: MakeGuard, clock: Clock) -> None:
    """
    One account every quarter of an hour, from one address: below ten in ten minutes, not below fifty a day.
    """
    guard = await make_guard(settings=Settings())
    passed = 0

    for number in range(96):
        passed += not (await fail(guard, fields("203.0.113.9", f"user{number}", password="Spring2026!"))).refused
        clock.move(900)

    # Fifty fill the day's bucket after 12.25 h; of the 11.75 h that are left the block takes 8 h, and one try ends in
    # the next block.
    assert passed == 51


async def test_names_that_do_not_exist_cost_no_more_than_others(make_guard: MakeGuard) -> None:
    """
    The guard does not ask who exists: its answers and limits tell nothing about that either.
    """
    guard = await make_guard(settings=Settings())
    known = [(await fail(guard, fields("203.0.113.9", f"user{n}", known_user=True))).message for n in range(12)]
    unknown = [(await fail(guard, fields("198.51.100.9", f"nobody{n}", known_user=False))).message for n in range(12)]

    assert known == unknown
