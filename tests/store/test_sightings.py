# SPDX-License-Identifier: Apache-2.0
"""The stream of sightings, in a real store."""

from __future__ import annotations

from processes import Begin

from nacre.campaign.sighting import Mark, Sighting
from nacre.store.sightings import AT_ONCE, BEGINNING, ENTRIES, Sightings, SightingStream

SEEN = Sighting(1.5, b"\xc0\x00\x02\x07", "erika", 7, 64_496, "DE", "firefox 128", "imap", int(Mark.HOME), 0.25, "r1")


async def test_what_one_process_tells_another_one_reads(begin: Begin) -> None:
    """
    With every field, in the order in which it was seen.
    """
    ours, theirs = await begin(), await begin()
    sightings, stream = Sightings(ours.servers, ours.keys), SightingStream(theirs.servers, theirs.keys)
    other = Sighting(2.5, bytes(16), "max")

    sightings.put(lambda: SEEN)
    sightings.put(lambda: other)
    sightings.flush()
    await ours.servers.run(b"", ("PING",))
    (batch,) = await stream.after(BEGINNING, 10)

    assert batch.sightings == [SEEN, other]
    assert await stream.after(batch.id, 10) == []
    assert await stream.newest() == batch.id


async def test_many_sightings_leave_at_once(begin: Begin) -> None:
    """
    Whoever watches need not wait for a timer while an attack comes in.
    """
    process = await begin()
    sightings, stream = Sightings(process.servers, process.keys), SightingStream(process.servers, process.keys)

    for _ in range(AT_ONCE):
        sightings.put(lambda: SEEN)
    await process.servers.run(b"", ("PING",))

    (batch,) = await stream.after(BEGINNING, 10)
    assert len(batch.sightings) == AT_ONCE


async def test_a_stream_that_nobody_reads_does_not_grow_for_ever(begin: Begin) -> None:
    """
    The store is for decisions first.
    """
    process = await begin()
    sightings = Sightings(process.servers, process.keys)

    for _ in range(ENTRIES * 2):
        sightings.put(lambda: SEEN)
        sightings.flush()
    key = process.keys.campaign("sightings")

    assert await process.servers.run(key, ("XLEN", key)) <= ENTRIES + 200  # "about": whole nodes of the stream go


async def test_entries_that_a_snapshot_knows_are_forgotten(begin: Begin) -> None:
    """
    The newest of them, too: whoever was in it may have asked to be forgotten.
    """
    process = await begin()
    sightings, stream = Sightings(process.servers, process.keys), SightingStream(process.servers, process.keys)
    for _ in range(3):
        sightings.put(lambda: SEEN)
        sightings.flush()
    await process.servers.run(b"", ("PING",))
    first, second, third = await stream.after(BEGINNING, 10)

    await stream.forget(second.id)

    assert [batch.id for batch in await stream.after(BEGINNING, 10)] == [third.id]
    assert first.id < second.id


async def test_while_the_store_is_away_sightings_are_counted_as_lost(begin: Begin) -> None:
    """
    A watch that misses something has to be seen to miss it; nobody waits, and nothing piles up.
    """
    process = await begin(started=False)
    sightings = Sightings(process.servers, process.keys)

    sightings.put(lambda: SEEN)
    sightings.put(lambda: SEEN)
    sightings.flush()

    assert sightings.lost == 2


async def test_what_is_none_of_ours_is_skipped(begin: Begin) -> None:
    """
    One entry that cannot be read must not stop the watch.
    """
    process = await begin()
    key = process.keys.campaign("sightings")
    await process.servers.run(key, ("XADD", key, "*", "s", b"junk"))

    (batch,) = await SightingStream(process.servers, process.keys).after(BEGINNING, 10)

    assert batch.sightings == []
