# SPDX-License-Identifier: Apache-2.0
"""How long a refusal lasts, and what is left of the budget afterwards: through the whole guard."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, written
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nacre.attempt import AttemptFields
from nacre.config.duration import Duration
from nacre.config.tree import RuleAction, Subject
from nacre.service import Guard

DAY = 86_400


async def passes(guard: Guard, *asked: str) -> bool:
    """Whether an attempt may go on."""
    return not (await guard.check(fields(*asked))).refused


async def trip(guard: Guard, limit: int = 2) -> None:
    """Fill a bucket."""
    for _ in range(limit):
        assert not (await fail(guard, fields())).refused


@pytest.mark.parametrize("subject", [Subject.SUBNET, Subject.ACCOUNT, Subject.ACCOUNT_SUBNET])
async def test_a_ban_lasts_its_time_although_its_window_empties(
    make_guard: MakeGuard, clock: Clock, subject: Subject
) -> None:
    """
    An hour is an hour, even if the failures were counted over ten minutes.
    """
    guard = await make_guard(rule(limit=2, period=600, ban_time=Duration(3600), subject=subject))
    await trip(guard)

    clock.move(3599.9)
    assert not await passes(guard)
    clock.move(0.1)
    assert await passes(guard)


async def test_a_ban_ends_although_its_window_is_still_full(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A short ban for a long period gives one try each time it is over.
    """
    guard = await make_guard(rule(limit=2, period=DAY, ban_time=Duration(60)))
    await trip(guard)

    clock.move(60)

    assert await passes(guard)


async def test_one_more_failure_after_a_ban_blocks_again(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A ban stops the clock of its window: what was counted is as young as before, however long the ban was.
    """
    guard = await make_guard(rule(limit=5, period=600, ban_time=Duration(8 * 3600)))
    await trip(guard, 5)

    for _ in range(3):
        clock.move(8 * 3600)
        assert not (await fail(guard, fields())).refused
        assert not await passes(guard)


@pytest.mark.parametrize(("wait", "tries"), [(0, 1), (299, 1), (301, 1), (401, 2), (501, 3), (601, 4)])
async def test_the_budget_is_fresh_one_period_after_the_ban(
    make_guard: MakeGuard, clock: Clock, wait: float, tries: int
) -> None:
    """
    Until then there are as many tries as failures have left the window, and one in any case.
    """
    guard = await make_guard(rule(limit=4, period=600, ban_time=Duration(3600)))
    for gap in (100, 100, 100, 0):  # the failures are 300, 200, 100 and 0 s old when the ban begins
        await fail(guard, fields())
        clock.move(gap)

    clock.move(3600 + wait)
    passed = [not (await fail(guard, fields())).refused for _ in range(5)]

    assert passed == [True] * tries + [False] * (5 - tries)


async def test_a_ban_is_not_lengthened_by_what_is_tried_meanwhile(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A phone that goes on trying does not keep its owner out for ever.
    """
    guard = await make_guard(rule(limit=2, ban_time=Duration(3600)))
    await trip(guard)

    for _ in range(60):
        assert (await guard.attempt(fields(), success=False)).refused
        clock.move(60)

    assert await passes(guard)


@pytest.mark.parametrize(
    ("factor", "lengths"),
    [(2.0, [60, 120, 240, 300, 300]), (1.5, [60, 90, 135, 202.5, 300]), (1.0, [60, 60, 60, 60, 60])],
)
async def test_repeated_bans_are_lengthened_up_to_the_longest(
    make_guard: MakeGuard, clock: Clock, factor: float, lengths: list[float]
) -> None:
    """
    Each one after the factor, none beyond the longest; without a factor all are alike.
    """
    longest = Duration(300)
    guard = await make_guard(rule(limit=2, ban_time=Duration(60), ban_time_factor=factor, max_ban_time=longest))
    await trip(guard)
    found = []

    for _ in lengths:
        (block,) = guard.desk.blocks.copy
        found.append(block.until - clock())
        clock.move(found[-1])
        await fail(guard, fields())

    assert found == pytest.approx(lengths)


async def test_a_ban_long_ago_is_no_repetition(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Lengthening is for those who come back at once, not for the same address a month later.
    """
    guard = await make_guard(rule(limit=2, ban_time=Duration(60), ban_time_factor=10.0, max_ban_time=Duration(3600)))
    await trip(guard)

    clock.move(60 + 3600 - 1)
    await trip(guard)
    (again,) = guard.desk.blocks.copy
    clock.move(600 + 3600)
    await trip(guard)
    (later,) = guard.desk.blocks.copy

    assert again.until - again.since == pytest.approx(600)
    assert later.until - later.since == pytest.approx(60)


async def test_what_a_ban_is_remembered_by_outlives_other_counts(make_guard: MakeGuard) -> None:
    """
    A failure counted beside a ban must not shorten the life of the value that holds both.
    """
    guard = await make_guard(
        rule("imap", limit=2, period=60, cidr=24, ban_time=Duration(DAY), filter_by_protocol=("imap",)),
        rule("smtp", limit=9, period=60, cidr=24, filter_by_protocol=("smtp",)),
    )
    for _ in range(2):
        await fail(guard, fields(protocol="imap"))
    (block,) = guard.desk.blocks.copy
    before = await guard.servers.run(block.key, ("TTL", block.key))

    await fail(guard, fields(protocol="smtp"))

    after = await guard.servers.run(block.key, ("TTL", block.key))
    assert DAY <= before <= after + 1


async def test_a_milder_rule_lasts_its_time_too(make_guard: MakeGuard, clock: Clock) -> None:
    """
    What is delayed goes on and fails on; its failures neither lengthen nor end the measure.
    """
    guard = await make_guard(rule(limit=2, period=60, ban_time=Duration(3600), action=RuleAction.DELAY))
    await trip(guard)

    delays = []
    for _ in range(61):
        delays.append((await fail(guard, fields())).delay)
        clock.move(60)

    assert delays == [5.0] * 60 + [0.0]


class Oracle:
    """
    One rule, told in other words than the store's: failures age only while no ban is in force.

    Times are whole seconds and the period is 4096 of them, so that a tick is a second and nothing is rounded.
    """

    PERIOD = 4096

    def __init__(self, limit: int, ban: int, factor: int, longest: int) -> None:
        self.limit, self.ban, self.factor, self.longest = limit, ban, factor, longest
        self.failures: list[int] = []
        self.bans: list[tuple[int, int]] = []
        self.strikes = 0

    def age(self, failure: int, now: int) -> int:
        """Seconds that a failure has aged."""
        return now - failure - sum(min(end, now) - begin for begin, end in self.bans if begin >= failure)

    def passes(self, now: int) -> bool:
        """Whether an attempt passes; if so, it fails."""
        if self.bans and now < self.bans[-1][1]:
            return False
        self.failures.append(now)
        if sum(self.age(one, now) <= self.PERIOD for one in self.failures) >= self.limit:
            memory = max(self.PERIOD, self.longest if self.factor > 1 else 0)
            again = bool(self.bans) and now - self.bans[-1][1] < memory
            self.strikes = self.strikes + 1 if again else 0
            self.bans.append((now, now + min(self.ban * self.factor**self.strikes, self.longest)))
        return True


_numbers = itertools.count(1)


@given(
    limit=st.integers(1, 6),
    ban=st.sampled_from([60, 1000, 4096, 20_000]),
    factor=st.sampled_from([1, 2]),
    steps=st.lists(st.sampled_from([0, 0, 1, 100, 1000, 4095, 4096, 4097, 20_000]), min_size=5, max_size=60),
)
@example(limit=2, ban=60, factor=2, steps=[0] * 3 + [60, 120, 240])
@settings(max_examples=60)
async def test_any_sequence_of_failures_is_answered_as_the_promises_say(
    make_guard: MakeGuard, limit: int, ban: int, factor: int, steps: list[int]
) -> None:
    """
    Limit, period, ban, lengthening and the budget afterwards, all at once, against the plainest telling of them.
    """
    longest = 4 * ban
    bans: dict[str, Any] = {
        "ban_time": Duration(ban),
        "ban_time_factor": float(factor),
        "max_ban_time": Duration(longest),
    }
    guard = await make_guard(rule(limit=limit, period=Oracle.PERIOD, **bans))
    oracle, now = Oracle(limit, ban, factor, longest), 1_800_000_000
    address = f"10.0.{(number := next(_numbers)) >> 8}.{number & 255}"

    for step in steps:
        now += step
        decision = await guard.attempt(
            AttemptFields(client_ip=address, username="erika", time=float(now)), success=False
        )
        await written(guard)

        assert decision.refused is not oracle.passes(now)
