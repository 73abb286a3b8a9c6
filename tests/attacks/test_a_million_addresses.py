# SPDX-License-Identifier: Apache-2.0
"""
A million addresses on 100,000 accounts within an hour: what is kept of them for campaigns, in a real store.

Whoever watches may have died, so that nobody reads; the caps are reached after a quarter of the hour, and what comes
later is told here by its rate alone.
"""

from __future__ import annotations

from functools import partial

from builders import Clock, MakeGuard
from campaign.sightings import START
from under_attack import settings

from nacre.campaign.picture import CampaignKind
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.watch import Watch
from nacre.service import Guard
from nacre.store.keys import Keys
from nacre.store.picture import Kept
from nacre.store.sightings import AT_ONCE, ENTRIES, Sightings

RATE = 1_000_000 / 3600
"""Attempts per second."""

FULL, SEEN = ENTRIES * AT_ONCE, 40_000
"""Attempts of which the stream is full, and of which the watch knows as many as it ever keeps."""

MB = 1_000_000


def attempt(number: int) -> Sighting:
    """Return a failed attempt from an address of its own on one of 100,000 accounts, half of which exist."""
    address = (0x2D00_0000 + number * 3331).to_bytes(4, "big")
    account = number * 7919 % 100_000
    return Sighting(
        START + number / RATE,
        address,
        f"person{account}@example.org",
        token=number * 2_654_435_761 % 2**32 | 1,
        asn=1 + number % 60_000,
        country=("BR", "VN", "IN", "ID", "RU")[number % 5],
        client="thunderbird 128",
        protocol="imap",
        marks=int(Mark.UNKNOWN) if account % 2 else 0,
        request_id=f"{number:032x}",
    )


async def used(guard: Guard, key: bytes) -> int:
    """Return the bytes that a key takes up in the store, counted and not sampled."""
    return int(await guard.servers.run(key, ("MEMORY", "USAGE", key, "SAMPLES", 0)) or 0)


async def test_a_million_addresses_within_an_hour_take_a_part_of_200_mb(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Once the stream is full it does not grow, and what the watch knows of an attack is bounded by itself.
    """
    clock.now = START
    guard = await make_guard(settings=settings())
    shelf, keys = guard.campaign_parts.shelf, Keys(guard.settings.server.redis.prefix, guard.identity)
    told, watch, stream = Sightings(guard.servers, keys), Watch(), keys.campaign("sightings")
    full = 0
    for number in range(FULL + FULL // 10):
        if number % (64 * AT_ONCE) == 0:
            await guard.servers.run(b"", ("PING",))  # what was told is written before more is
        if number == FULL:
            full = await used(guard, stream)
        told.put(partial(attempt, number))
        if number < SEEN:
            watch.see(attempt(number))
    told.flush()
    await guard.servers.run(b"", ("PING",))

    fence = await shelf.measures.lease("a test")
    picture = watch.assess(START + SEEN / RATE)
    await shelf.pictures.keep(Kept(watch.snapshot(), await shelf.stream.newest()), picture, fence=fence)
    later = await used(guard, stream)
    known = await used(guard, keys.campaign("kept"))

    assert told.lost == 0
    assert [campaign.kind for campaign in picture.campaigns] == [CampaignKind.STUFFING]
    assert later <= full * 1.01 + MB
    assert later + known <= 60 * MB
