# SPDX-License-Identifier: Apache-2.0
"""Profiles on a real store: what one process counted, and what two count at once."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from builders import eventually
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import DIGESTS, NOW, attempt, count_of, value
from processes import ACCOUNT, ADDRESS, EVERYONE, NETWORK, Begin, Process

from nacre.features.layout import CONTEXT, SOURCE, USER
from nacre.features.profile import read_profile
from nacre.features.standard import NOTHING
from nacre.ports import Wanted

STEPS = st.sampled_from(["count", "flush", "look", "read", "settle"])
_numbers = itertools.count()


@pytest.fixture
async def two(begin: Begin) -> list[Process]:
    """Two processes of one installation."""
    return [await begin(), await begin()]


async def test_what_a_process_counted_its_next_check_sees(begin: Begin) -> None:
    """
    While it waits, while it is on its way, and when it is written; nothing twice.
    """
    process = await begin()
    seen = []

    for tried in (attempt(password="a"), attempt(password="b")):
        process.count(tried)
        seen.append(await process.see(tried))
        process.profiles.flush()
        seen.append(await process.see(tried))
        await process.profiles.settle()
        seen.append(await process.see(tried))

    for column in ("address.failures_24h", "network.failures_1h", "user.failures_5m", "user.failing_tokens_1h"):
        assert [value(each, column) for each in seen] == [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]


async def test_a_check_that_meets_a_write_at_any_moment_counts_once(begin: Begin) -> None:
    """
    Read before the write and looked at after it, or read behind it, or between two: always all, never twice.
    """
    process = await begin()
    tried = attempt(password="x")
    counts = []
    process.count(tried)
    await process.profiles.settle()

    for number in range(2, 7):
        process.count(tried)
        early = await process.read(tried)
        process.profiles.flush()
        between = asyncio.create_task(process.read(tried))
        await process.profiles.settle()
        for reading in (early, await between):
            around = process.profiles.around(*reading)
            counts.append((count_of(around.address, "failures_24h", NOW), number))

    assert all(count == number for count, number in counts)


async def test_profiles_that_many_share_know_at_once_what_their_process_counted(begin: Begin) -> None:
    """
    They are not read for each check, but what is counted is added to the copy.
    """
    process = await begin()
    tried = attempt(protocol="imap")
    before = await process.around(tried)
    wanted = process.profiles.want(tried, DIGESTS.facts(tried))

    process.count(tried)
    await process.profiles.settle()
    after = await process.around(tried)

    assert EVERYONE not in wanted.roles
    assert sum(before.user.counts) == 0.0
    assert count_of(after.everyone, "failures_10m", NOW) == count_of(after.protocol, "failures_7d", NOW) == 1.0


async def test_what_is_written_is_what_another_process_reads(begin: Begin) -> None:
    """
    With its time to live.
    """
    one, other = await begin(), await begin()
    one.count(attempt(password="x"))
    await one.profiles.settle()

    around = await other.around(attempt())
    lives = [
        await one.servers.run(one.key(role, attempt()), ("TTL", one.key(role, attempt())))
        for role in (ADDRESS, NETWORK, ACCOUNT, EVERYONE)
    ]

    assert count_of(around.address, "failing_tokens_24h", NOW) == 1.0
    assert count_of(around.everyone, "failures_24h", NOW) == 1.0
    assert lives == pytest.approx([SOURCE.lives, SOURCE.lives, USER.lives, CONTEXT.lives], abs=60)


async def test_two_processes_that_count_one_subject_at_once_lose_nothing(begin: Begin) -> None:
    """
    Who comes second counts upon what the first wrote.
    """
    processes = [await begin() for _ in range(3)]

    async def fail(process: Process, base: int) -> None:
        for number in range(60):
            process.count(attempt(f"192.0.2.{base + number % 2}", time=NOW))
            process.profiles.flush()
            await process.around(attempt(f"192.0.2.{base + number % 2}"))
        await process.profiles.settle()

    await asyncio.gather(*(fail(process, base) for base, process in enumerate(processes)))

    for process in (*processes, await begin()):
        around = await process.around(attempt())
        assert count_of(around.network, "failures_24h", NOW) == 180.0
        assert count_of(around.user, "failures_24h", NOW) == 180.0
    stored = [await process.stored(EVERYONE, attempt()) for process in processes]
    assert count_of(read_profile(stored[0], CONTEXT), "failures_24h", NOW) == 180.0


@given(steps=st.lists(st.tuples(st.integers(0, 1), STEPS), max_size=25))
@settings(max_examples=50)
async def test_however_two_processes_take_turns_nothing_is_lost(
    two: list[Process], steps: list[tuple[int, str]]
) -> None:
    """
    And each sees at least what it counted itself, at most what both did.
    """
    tried = attempt(username=f"erika{next(_numbers)}")
    two[0].count(tried)
    await two[0].profiles.settle()
    counted = [1, 0]
    held: list[tuple[int, tuple[Wanted, list[bytes | None]]]] = []

    def look() -> None:
        for which, reading in held:
            count = count_of(two[which].profiles.around(*reading).user, "failures_24h", NOW)
            assert counted[which] <= count <= sum(counted)
        held.clear()

    for which, step in steps:
        process = two[which]
        if step == "count":
            process.count(tried)
            counted[which] += 1
        elif step == "flush":
            process.profiles.flush()
        elif step == "read":
            held.append((which, await process.read(tried)))
        elif step == "settle":
            await process.profiles.settle()
        else:
            look()
    look()
    for process in two:
        await process.profiles.settle()

    assert [count_of((await process.around(tried)).user, "failures_24h", NOW) for process in two] == [sum(counted)] * 2


async def test_what_is_counted_during_a_write_is_written_after_it(begin: Begin) -> None:
    """
    Though nobody asks for it.
    """
    process = await begin()
    await process.around(attempt())  # so that the write need not read first

    async def count_and_flush() -> None:
        process.count(attempt())
        process.profiles.flush()

    await count_and_flush()
    await asyncio.create_task(count_and_flush())  # begins when the write has sent what it took, and has no answer yet

    async def both() -> bool:
        value = await process.stored(ACCOUNT, attempt())
        return count_of(read_profile(value, USER), "failures_24h", NOW) == 2.0

    assert await eventually(both)


async def test_a_value_that_ended_begins_anew(two: list[Process]) -> None:
    """
    It was forgotten: what a process remembers of it is not brought back, nor taken for what began since.
    """
    one, other = two
    one.count(attempt())
    await one.profiles.settle()

    await one.servers.run(one.key(ACCOUNT, attempt()), ("DEL", one.key(ACCOUNT, attempt())))
    forgotten = (await one.around(attempt())).user
    other.count(attempt())
    other.count(attempt())
    await other.profiles.settle()
    one.count(attempt())
    await one.profiles.settle()

    assert (forgotten.first, sum(forgotten.counts)) == (0, 0.0)
    assert count_of((await other.around(attempt())).user, "failures_24h", NOW) == 3.0
    assert count_of((await other.around(attempt())).address, "failures_24h", NOW) == 4.0


async def test_a_value_that_began_anew_is_not_taken_for_the_one_before(two: list[Process]) -> None:
    """
    Though as many writes made it.
    """
    one, other = two
    one.count(attempt())
    await one.profiles.settle()
    await one.servers.run(one.key(ACCOUNT, attempt()), ("DEL", one.key(ACCOUNT, attempt())))
    other.count(attempt())
    other.count(attempt())
    await other.profiles.settle()

    one.count(attempt())
    await one.profiles.settle()

    assert count_of((await other.around(attempt())).user, "failures_24h", NOW) == 3.0


async def test_what_stands_for_nothing_stays_so(begin: Begin) -> None:
    """
    A new account's profile is not that of all others of which nothing is known.
    """
    process = await begin()

    for number in range(3):
        tried = attempt(username=f"new{number}")
        await process.see(tried)
        process.count(tried)
        await process.see(tried)
    await process.profiles.settle()
    await process.see(attempt(username="new0"))

    assert all(profile.first == 0 and not any(profile.counts) for profile in NOTHING)
