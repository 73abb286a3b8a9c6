# SPDX-License-Identifier: Apache-2.0
"""All keys of a kind, where nothing lists them: for what is asked for rarely and may take its time."""

from __future__ import annotations

from collections.abc import AsyncIterator

from nacre.errors import StoreUnavailable
from nacre.store.topology import AWAY, Servers

BATCH = 200
"""Keys that are handed out, and read, at a time: nobody waits long for the store, or for our event loop."""


async def scan(servers: Servers, pattern: str) -> AsyncIterator[list[bytes]]:
    """
    Yield the keys that match a pattern, some at a time; one may come twice, and what is written meanwhile not at all.

    Args:
        servers: Where they are; of a cluster, every master is asked.
        pattern: As SCAN takes it; see :meth:`nacre.store.keys.Keys.matching`.

    Raises:
        StoreUnavailable: a server refused or did not answer.
    """
    batch: list[bytes] = []
    try:
        async for key in servers.client.scan_iter(match=pattern, count=BATCH):
            batch.append(key)
            if len(batch) >= BATCH:
                yield batch
                batch = []
    except AWAY as error:
        raise StoreUnavailable(f"the store cannot be searched: {error}") from error
    if batch:
        yield batch
