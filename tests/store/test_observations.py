# SPDX-License-Identifier: Apache-2.0
"""What the store counts, compared with lists of times that forget nothing."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from random import Random
from struct import Struct
from typing import NamedTuple

import msgspec
from builders import Clock, MakeGuard, fields, rule, sign_in
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nacre.attempt import Attempt, AttemptFields
from nacre.config.tree import BruteForce, Settings, Subject
from nacre.entity import NEGATIVE, POSITIVE
from nacre.owner import SECONDS_PER_DAY
from nacre.policy import Policy
from nacre.record import Told
from nacre.service import Guard
from nacre.store.keys import Keys
from nacre.store.scripts import BAN, LIFT
from nacre.window import EXACT_LIMIT, Shape, Window

BASE = 1_800_000_000.0
_addresses = itertools.count(1)


def fresh() -> str:
    """An address that no example had before."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def limited(limit: int, period: float) -> Policy:
    """One rule about single addresses."""
    return Policy(Settings(brute_force=BruteForce(buckets=(rule("r", limit=limit, period=period),))))


async def count(guard: Guard, policy: Policy, attempts: Sequence[AttemptFields], *, accepted: bool = False) -> Window:
    """Count outcomes in their order and return the window of the rule as it then is."""
    admitted = [guard.admit(attempt) for attempt in attempts]
    await asyncio.gather(*(one(guard, policy, attempt, accepted=accepted) for attempt in admitted))
    return await window(guard, policy, admitted[0], POSITIVE if accepted else policy.book.buckets[0].tag)


async def one(guard: Guard, policy: Policy, attempt: Attempt, *, accepted: bool) -> None:
    """Count one outcome."""
    watches = policy.book.watches(attempt)
    await guard.checkpoint.subjects.count(watches, attempt, policy, outcome=Told(accepted, attempt.time), keep_claim=60)


async def window(guard: Guard, policy: Policy, attempt: Attempt, tag: int) -> Window:
    """Read one window of the attempt's address."""
    keys = guard.checkpoint.subject_keys(attempt)[:1]
    assert policy.book.watches(attempt)[0].prefix == 32
    (entity,) = await guard.checkpoint.subjects.read(keys)
    return entity.windows[tag]


gaps = st.one_of(
    st.just(0.0),  # a burst
    st.floats(0, 0.001),
    st.floats(0, 0.3),
    st.sampled_from([1 / 64, 1 / 4096, 0.5, 1 - 1 / 4096, 1.0, 1 + 1 / 4096, 16.0]),  # 16 periods: 65,536 fine ticks
    st.floats(0.9, 1.1),
    st.floats(1, 2000),
    st.floats(-2, 0),  # an older event comes in late
)
"""Periods between one event and the next."""

limits = st.sampled_from([1, 2, 5, EXACT_LIMIT - 1, EXACT_LIMIT, EXACT_LIMIT + 1, 200, 1_000_000])
periods = st.one_of(st.sampled_from([1.0, 60.0, 600.0, 86_400.0]), st.floats(1, 100_000))


@given(
    limit=limits,
    period=periods,
    moves=st.lists(gaps, min_size=1, max_size=90),
    phase=st.floats(0, 1),
    later=st.lists(st.floats(0, 1.5), max_size=4),
)
@example(limit=5, period=600.0, moves=[0.0] * 90, phase=0.0, later=[1.0])
@example(limit=200, period=600.0, moves=[1 / 64] * 90, phase=0.0, later=[0.0, 0.5])
@settings(max_examples=120)
async def test_every_event_younger_than_the_period_counts_and_none_older_than_a_grain_more(
    make_guard: MakeGuard, limit: int, period: float, moves: list[float], phase: float, later: list[float]
) -> None:
    """
    Bursts, gaps, late arrivals, and the 16 bits of a tick number running over: the error stays small and one-sided.
    """
    guard = await make_guard()
    shape = Shape.of(period, limit)
    # The first event lies at most one period before the ticks run over, so that most examples cross that point.
    over = 65_536 * shape.grain
    times = list(itertools.accumulate((gap * period for gap in moves), initial=BASE // over * over - phase * period))
    address = fresh()

    stored = await count(guard, limited(limit, period), [fields(address, time=time) for time in times])

    for moment in (max(times) + step * period for step in (0.0, *later)):
        found = stored.count(moment, period)
        young = sum(time > moment - period for time in times)
        assert found >= (min(young, limit) if limit <= EXACT_LIMIT else young)
        assert found <= sum(time > moment - period - 1.001 * shape.grain for time in times)


@given(
    moves=st.lists(st.one_of(st.floats(0, 0.02), st.floats(-0.05, 0.1), st.floats(0, 0.9)), min_size=1, max_size=300),
    ttl=st.floats(0.01, 1.0),
)
@example(moves=[1 / 240] * 300, ttl=1.0)
@settings(max_examples=40)
async def test_logins_are_counted_for_every_shorter_period(
    make_guard: MakeGuard, moves: list[float], ttl: float
) -> None:
    """
    Tolerations look back as far as each of them says, into one window of a day; none errs by more than six minutes.
    """
    guard, address, day = await make_guard(), fresh(), 86_400.0
    times = list(itertools.accumulate((gap * day for gap in moves), initial=BASE))

    stored = await count(guard, limited(5, 60.0), [fields(address, time=time) for time in times], accepted=True)

    now = max(times)
    assert stored.count(now, ttl * day) >= sum(now - time < ttl * day for time in times)
    assert stored.count(now, ttl * day) <= sum(now - time < ttl * day + 361 for time in times)


class Stretch(NamedTuple):
    """Events counted while the settings stay the same; gaps are in parts of the period."""

    limit: int
    period: float
    moves: list[float]


stretches = st.builds(
    Stretch,
    st.sampled_from([EXACT_LIMIT, 200]),
    st.one_of(st.sampled_from([60.0, 61.0, 600.0]), st.floats(10, 3000)),
    st.lists(st.floats(0, 0.2), min_size=1, max_size=12),
)


@given(parts=st.lists(stretches, min_size=2, max_size=4))
@settings(max_examples=80)
async def test_a_period_that_is_changed_loses_no_count_by_more_than_its_old_grains(
    make_guard: MakeGuard, parts: list[Stretch]
) -> None:
    """
    Who tunes a rule while it is under attack does not hand the attacker a fresh budget.
    """
    guard = await make_guard()
    address, now, times, stored = fresh(), BASE, [], None
    for limit, period, moves in parts:
        now_times = list(itertools.accumulate((gap * period for gap in moves), initial=now))[1:]
        stored = await count(guard, limited(limit, period), [fields(address, time=time) for time in now_times])
        times += now_times
        now = now_times[-1]

    period = parts[-1].period
    grains = sum(Shape.of(part.period, part.limit).grain for part in parts[:-1])
    # What an earlier, shorter period had let go is gone for good.
    surely = min(part.period for part in parts) - grains
    assert stored is not None
    found = stored.count(now, period)
    assert found >= min(sum(now - time < surely for time in times), EXACT_LIMIT)
    assert found <= sum(now - time < period + 1.001 * stored.grain for time in times)


@settings(max_examples=15)
@given(shares=st.lists(st.integers(1, 65_535), min_size=1, max_size=30), late=st.booleans())
async def test_a_burst_of_more_events_than_a_tick_can_count_is_counted_whole(
    make_guard: MakeGuard, shares: list[int], *, late: bool
) -> None:
    """
    A tick counts in 16 bits; a limit of a million has to be reached even if everything comes within one tick.
    """
    guard = await make_guard()
    policy, address = limited(1_000_000, 64_000.0), fresh()
    stored = await count(guard, policy, [fields(address, time=BASE)])
    key = guard.checkpoint.subject_keys(guard.admit(fields(address)))[0]
    tag, before = policy.book.buckets[0].tag, 0

    for number, share in enumerate(shares):
        before += await raise_newest(guard, key, tag, share)
        stored = await count(guard, policy, [fields(address, time=BASE + (number if late else 0))])

    assert stored.count(BASE + len(shares), 64_000.0) == 1 + before + len(shares)


async def raise_newest(guard: Guard, key: bytes, tag: int, share: int) -> int:
    """Let the newest tick of a window hold *share* events, if it holds fewer; returns how many that added."""
    value = bytearray(await guard.servers.run(key, ("GET", key)))
    at = value.index(tag.to_bytes(4, "little"))
    total, ticks = int.from_bytes(value[at + 20 : at + 24], "little"), value[at + 25]
    last = at + 26 + 4 * ticks - 2
    held = int.from_bytes(value[last : last + 2], "little")
    assert ticks
    if share <= held:
        return 0
    value[last : last + 2] = share.to_bytes(2, "little")
    value[at + 20 : at + 24] = (total + share - held).to_bytes(4, "little")
    await guard.servers.run(key, ("SET", key, bytes(value)))
    return share - held


async def test_a_login_like_the_last_one_of_the_day_leaves_the_account_as_it_is(
    make_guard: MakeGuard, clock: Clock
) -> None:
    """
    Most logins are: the store is spared a write, and what it has outlives the place of the login all the same.
    """
    guard = await make_guard(rule("account", subject=Subject.ACCOUNT))
    key = Keys(guard.settings.server.redis.prefix, guard.identity).account(guard.admit(fields()).account_key)

    lives = []
    for seconds in (0, 60, SECONDS_PER_DAY):
        clock.move(seconds)
        await sign_in(guard, fields())
        lives.append(await guard.servers.run(key, ("PTTL", key)))
        await guard.servers.run(key, ("EXPIRE", key, 1_000))

    first, same_day, next_day = lives
    assert first > 1000 * (guard.checkpoint.policy.known_ttl + SECONDS_PER_DAY - 5)
    assert same_day <= 1_000_000 < next_day


@given(
    names=st.lists(st.text("abcdef", min_size=1, max_size=4), min_size=1, max_size=5, unique=True),
    steps=st.lists(st.sampled_from(["accepted", "rejected", "banned", "lifted"]), max_size=25),
    draw=st.randoms(),
)
@settings(max_examples=25)
async def test_windows_of_many_rules_in_one_value_are_never_mixed_up(
    make_guard: MakeGuard, names: list[str], steps: list[str], draw: Random
) -> None:
    """
    Some begin before others, one is banned or forgotten in between; each counts what is its own.
    """
    guard = await make_guard()
    policy = Policy(Settings(brute_force=BruteForce(buckets=tuple(rule(name, limit=50, period=600) for name in names))))
    attempt = guard.admit(fields(fresh(), time=BASE))
    key = guard.checkpoint.subject_keys(attempt)[0]
    counts = dict.fromkeys([bucket.tag for bucket in policy.book.buckets], 0) | {POSITIVE: 0, NEGATIVE: 0}

    for number, step in enumerate(steps):
        bucket = draw.choice(policy.book.buckets)
        if step == "banned":  # and over before the next event
            await guard.servers.script(BAN, [key], [Struct("<Idddddd").pack(bucket.tag, BASE, 0, 1, 0, 60, 60)])
        elif step == "lifted":
            await guard.servers.script(LIFT, [key], [bucket.tag])
            counts[bucket.tag] = 0
        else:
            accepted = step == "accepted"
            again = msgspec.structs.replace(attempt, request_id=f"{attempt.request_id}-{number}", token=b"")
            await one(guard, policy, again, accepted=accepted)
            for tag in [POSITIVE] if accepted else set(counts) - {POSITIVE}:
                counts[tag] += 1

    (entity,) = await guard.checkpoint.subjects.read([key])
    held = {tag: entity.windows[tag].count(BASE, 600) for tag in entity.windows}
    assert {tag: count for tag, count in held.items() if count} == {tag: n for tag, n in counts.items() if n}
    assert list(entity.windows) == sorted(entity.windows)
