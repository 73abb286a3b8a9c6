# SPDX-License-Identifier: Apache-2.0
"""Commands and scripts find the server that holds their keys."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisMaster
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.store.connect import connect
from nacre.store.scripts import LIFT
from nacre.store.topology import Servers, host_port


@pytest.fixture
async def servers(store_socket: str) -> AsyncIterator[Servers]:
    """One server."""
    found = connect(
        Redis(master=RedisMaster(address=store_socket), timeout=Duration(5)), socket=None, on_up=lambda: None
    )
    assert await found.topology.start(60.0)
    yield found
    await found.topology.close()


async def test_a_script_that_the_store_forgot_is_loaded_again(servers: Servers, prefix: str) -> None:
    """
    A restart, a failover or SCRIPT FLUSH empties the cache; in the original that was a total outage.
    """
    await servers.run(b"x", ("SCRIPT", "FLUSH"))

    assert await servers.script(LIFT, [f"{prefix}none".encode()], [17]) == 0


async def test_missing_values_are_read_as_nothing(servers: Servers, prefix: str) -> None:
    """
    Most attempts are of subjects that were never seen.
    """
    here, there = f"{prefix}here".encode(), f"{prefix}there".encode()
    await servers.run(here, ("SET", here, b"value"))

    assert await servers.read([here, there]) == [b"value", None]


async def test_a_key_of_another_kind_is_corrupt_and_no_outage(servers: Servers, prefix: str) -> None:
    """
    Waiting would not help, so it must not look like a store that is away.
    """
    key = f"{prefix}list".encode()
    await servers.run(key, ("RPUSH", key, b"x"))

    with pytest.raises(StoreCorrupt):
        await servers.run(key, ("GET", key))


async def test_what_is_asked_after_the_end_fails_at_once(store_socket: str) -> None:
    """
    Nobody waits for a connection that was closed for good.
    """
    servers = connect(
        Redis(master=RedisMaster(address=store_socket), timeout=Duration(5)), socket=None, on_up=lambda: None
    )
    await servers.topology.start(60.0)
    await servers.topology.close()

    with pytest.raises(StoreUnavailable):
        await servers.run(b"x", ("PING",))


@pytest.mark.parametrize(
    ("address", "expected"),
    [("db.example:6380", ("db.example", 6380)), ("db.example", ("db.example", 6379)), ("[::1]:7000", ("::1", 7000))],
)
def test_an_address_has_a_port_or_the_usual_one(address: str, expected: tuple[str, int]) -> None:
    """
    As in every other client.
    """
    assert host_port(address) == expected
