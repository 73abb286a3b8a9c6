# SPDX-License-Identifier: Apache-2.0
"""What there is to learn from, in a real store."""

from __future__ import annotations

import tracemalloc
from collections.abc import Awaitable, Callable

import numpy as np
import pytest
from outcomes import facts
from processes import Begin
from store.told import Told

from nacre.features.changes import Outcome
from nacre.features.columns import STANDARD
from nacre.features.facts import Facts
from nacre.features.flags import Flag
from nacre.learning.journal import DAY, PrivateJournal
from nacre.learning.row import pack_event, pack_row
from nacre.store.journal import LAYOUT, Journal
from nacre.store.slices import CHUNK

_START = 1_800_000_000.0 // DAY * DAY
_VECTOR = np.arange(len(STANDARD), dtype=np.float32).tobytes()

Open = Callable[..., Awaitable[Journal]]


def _row(number: int, who: Facts | None = None, *, day: int = 0, accepted: bool = False) -> tuple[bytes, bytes]:
    """Return an event and its sample; numbers are spread over all that a digest can be."""
    outcome = Outcome(who or facts(username=f"user{number}"), _START + day * DAY + number, accepted)
    event = pack_event((number + 1) * 0x9E3779B97F4A7C15 % 2**64, outcome, 0.25, 0.5, 0.0)
    return event, pack_row(event, _VECTOR)


@pytest.fixture
def opened(begin: Begin) -> Open:
    """Open the journal of one process."""

    async def make(*, records: int = 7_000, keep: float = 30 * DAY) -> Journal:
        process = await begin()
        return Journal(process.servers, process.keys, records=records, keep=keep)

    return make


async def test_what_one_process_kept_another_one_reads_byte_for_byte(opened: Open) -> None:
    """
    A training learns from the vectors that were scored, of all instances.
    """
    ours, theirs = await opened(), await opened()
    rows = [_row(number, day=number % 3) for number in range(30)]

    for event, sample in rows[:20]:
        ours.put(event, sample)
    for event, _ in rows[20:]:
        theirs.put(event, None)
    await ours.settle()
    await theirs.settle()
    material = await theirs.material()

    assert sorted(material.events.tobytes()[at : at + 60] for at in range(0, 1800, 60)) == sorted(e for e, _ in rows)
    assert {bytes(row) for row in material.samples} == {sample for _, sample in rows[:20]}
    assert np.all(np.diff(material.events["time"]) >= 0)
    assert await ours.held() == (30, 20, tuple(int(_START // DAY) + day for day in range(3)))


async def test_it_keeps_the_rows_that_the_journal_of_a_replay_keeps(opened: Open) -> None:
    """
    Which row stays is decided in Lua here and in Python there, from the same draw.
    """
    stored, private = await opened(records=700), PrivateJournal(700)

    for number in range(400):
        event, sample = _row(number, accepted=number % 4 == 0)
        stored.put(event, sample)
        private.put(event, sample)
        if number % 150 == 0:
            await stored.settle()
    await stored.settle()
    here, there = await stored.material(), private.material()

    assert len(here.samples) < 400
    assert here.events.tobytes() == there.events.tobytes()
    assert sorted(here.samples["id"]) == sorted(there.samples["id"])


async def test_a_flood_flushes_neither_other_days_nor_other_kinds(opened: Open) -> None:
    """
    Whoever fails a thousand times today leaves yesterday and today's logins alone.
    """
    journal = await opened(records=700)
    home = facts()
    home.flags = int(Flag.SEEN_NET)
    quiet = [_row(number, home, accepted=True) for number in range(10)]
    yesterday = [_row(100 + number, day=-1) for number in range(10)]
    for event, sample in quiet + yesterday:
        journal.put(event, sample)

    for number in range(1_000):
        journal.put(*_row(1_000 + number))
    await journal.settle()
    kept = {int(row["id"]) for row in (await journal.material()).samples}

    assert {int.from_bytes(event[:8], "little") for event, _ in quiet + yesterday} <= kept
    assert len(kept) == 20 + 40  # a day has 100 places, 40 of them for guesses


async def test_the_oldest_day_goes_when_all_room_is_taken(opened: Open) -> None:
    """
    There is room for seven days that are full.
    """
    journal = await opened(records=70)
    for day in range(-40, 1):
        for number in range(10):
            journal.put(*_row(number, day=day))
    await journal.settle()

    await journal.trim()
    held = await journal.held()

    assert held.samples <= 70
    assert held.days[-1] == _START // DAY
    assert held.days == tuple(range(held.days[0], held.days[-1] + 1))


async def test_a_flood_of_many_days_pays_with_its_own(opened: Open) -> None:
    """
    The calm days before it took little, and stay; otherwise whoever has a week flushes all that was learned from.
    """
    journal = await opened(records=70)
    for day in range(-20, 1):
        for number in range(1 if day < -10 else 1_000):
            journal.put(*_row(number, day=day))
    await journal.settle()

    await journal.trim()
    held = await journal.held()

    today = int(_START // DAY)
    calm = set(range(today - 20, today - 10))
    assert calm <= set(held.days)
    assert held.samples <= 70


async def test_who_asks_to_be_forgotten_is_overwritten(opened: Open) -> None:
    """
    All rows of the account are zeros, and nobody else's are touched.
    """
    journal = await opened()
    erika, max_ = facts(username="erika"), facts(username="max")
    for number in range(10):
        journal.put(*_row(number, erika if number % 2 else max_, day=number % 3))

    gone = await journal.erase(erika.user)
    left = await journal.material()

    assert gone == 10  # five events, five samples
    assert set(left.events["user"]) == set(left.samples["user"]) == {max_.user}
    assert await journal.erase(erika.user) == 0


async def test_rows_of_another_layout_are_never_mixed_in(opened: Open, begin: Begin) -> None:
    """
    After an update that changes the columns the old rows are not read, and end with their time.
    """
    journal, process = await opened(), await begin()
    old = process.keys.journal("00000000", int(_START // DAY))
    await process.servers.run(old[0], ("HSET", old[0], 1, 1))
    await process.servers.run(old[1], ("SET", old[1], b"x" * 61))
    index = process.keys.network("days")
    await process.servers.run(index, ("ZADD", index, 1, f"00000000.{int(_START // DAY)}"))

    journal.put(*_row(1))
    await journal.settle()

    assert len((await journal.material()).events) == 1


async def test_rows_end_with_the_time_that_they_are_kept(opened: Open, begin: Begin) -> None:
    """
    Retention needs nobody who cleans up.
    """
    journal, process = await opened(keep=DAY), await begin()

    journal.put(*_row(1))
    await journal.settle()

    for key in process.keys.journal(LAYOUT, int(_START // DAY))[:3]:
        assert 0 < await process.servers.run(key, ("TTL", key)) <= DAY


async def test_rows_wait_for_a_store_that_is_away_up_to_a_bound(opened: Open) -> None:
    """
    What cannot be written waits, and what finds no room is counted as lost.
    """
    journal = await opened()
    event, _ = _row(1)

    for _ in range(50_010):
        journal.put(event, None)

    assert journal.lost == 10


async def test_all_that_is_kept_is_read_without_a_second_copy_of_it(opened: Open) -> None:
    """
    A training beside the service has 300 MB, and a full journal takes 120 of them.
    """
    journal = await opened()
    for day in range(8):
        for number in range(150):
            journal.put(*_row(number, day=day))
    await journal.settle()
    await journal.material()  # what is imported or kept for later is no part of it

    tracemalloc.start()
    try:
        material = await journal.material()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(material.events) == 8 * 150
    assert np.all(np.diff(material.samples["time"]) >= 0)
    assert most < 2 * (material.events.nbytes + material.samples.nbytes)


async def test_an_account_of_many_rows_is_erased_a_few_at_a_time(begin: Begin) -> None:
    """
    Whoever was attacked a hundred thousand times in a day may be forgotten, and nobody waits for that meanwhile.
    """
    process = await begin()
    servers = Told(process.servers)
    journal = Journal(servers, process.keys, records=7_000, keep=30 * DAY)
    for number in range(700):
        journal.put(*_row(number, facts(username="erika")))
    await journal.settle()
    servers.said.clear()

    gone = await journal.erase(facts(username="erika").user)

    assert gone == 700 + 400  # a day has 400 places for samples of guesses
    assert not len((await journal.material()).events)
    assert max(servers.said) < 300


async def test_a_full_day_is_read_in_bounded_pieces(begin: Begin) -> None:
    """
    Of events and of samples: the store does nothing else while it answers.
    """
    process = await begin()
    servers = Told(process.servers)
    journal = Journal(servers, process.keys, records=21_000, keep=30 * DAY)
    for number in range(6_000):
        journal.put(*_row(number))
    await journal.settle()
    servers.heard.clear()

    events, samples = await journal.events(), await journal.samples()

    assert (len(events), len(samples)) == (6_000, 1_200)  # a day has 1,200 places for samples of guesses
    assert sum(servers.heard) >= events.nbytes + samples.nbytes > 4 * CHUNK
    assert max(servers.heard) <= CHUNK
