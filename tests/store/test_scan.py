# SPDX-License-Identifier: Apache-2.0
"""All keys of a kind."""

from __future__ import annotations

import asyncio

from outcomes import IDENTITY
from processes import Begin

from nacre.store.keys import Keys
from nacre.store.scan import BATCH, scan


async def test_all_keys_of_a_kind_are_found_some_at_a_time(begin: Begin, prefix: str) -> None:
    """
    However many there are, and nobody else's.
    """
    process = await begin()
    keys, names = process.keys, [f"r{number}" for number in range(2 * BATCH + 1)]
    wanted = {keys.decision(name) for name in names}
    await asyncio.gather(*(process.servers.run(key, ("SET", key, b"x", "EX", 60)) for key in wanted))
    for other in (b"blocks", b"w{n}state"):
        key = prefix.encode() + other
        await process.servers.run(key, ("SET", key, b"x", "EX", 60))

    batches = [batch async for batch in scan(process.servers, keys.matching("d{"))]

    assert set().union(*batches) == wanted
    assert max(map(len, batches)) <= BATCH


async def test_a_prefix_means_itself(begin: Begin, prefix: str) -> None:
    """
    An installation whose prefix has a star in it does not find the keys of all others.
    """
    process = await begin()
    odd = Keys(f"{prefix}*[a]", IDENTITY)
    ours, theirs = odd.decision("r1"), process.keys.decision("r1")
    for key in (ours, theirs, f"{prefix}xxa:d{{r1}}".encode()):
        await process.servers.run(key, ("SET", key, b"x", "EX", 60))

    assert [batch async for batch in scan(process.servers, odd.matching("d{"))] == [[ours]]
