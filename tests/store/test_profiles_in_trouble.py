# SPDX-License-Identifier: Apache-2.0
"""Profiles that another program overwrote, that a store was away for, or that live on several nodes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import structlog
from clusters import cluster
from outcomes import NOW, attempt, count_of
from processes import ACCOUNT, ADDRESS, NETWORK, Begin
from stores import StoreServer

from nacre.config.duration import Duration
from nacre.config.tree import Redis, RedisCluster, RedisMaster
from nacre.errors import StoreCorrupt
from nacre.features.layout import DAY, SOURCE
from nacre.features.profile import read_profile


@pytest.mark.parametrize("junk", [("SET", "junk"), ("SET", ""), ("SET", b"\x01\x02" * 9), ("LPUSH", "x")])
@pytest.mark.parametrize("known", [False, True])
async def test_junk_is_named_and_holds_up_nothing_else(
    begin: Begin,
    junk: tuple[str, bytes | str],
    known: bool,  # noqa: FBT001  a table
) -> None:
    """
    Whether this process knew the value before another program took its key, or not.
    """
    process = await begin()
    if known:
        process.count(attempt())
        await process.profiles.settle()
    key = process.key(ACCOUNT, attempt())
    await process.servers.run(key, ("DEL", key))
    await process.servers.run(key, (junk[0], key, junk[1]))

    with structlog.testing.capture_logs() as lines:
        process.count(attempt())
        await process.profiles.settle()
        process.count(attempt(username="max"))
        await process.profiles.settle()

    others = await process.around(attempt(username="max"))
    assert [line["key"] for line in lines if line["event"] == "store_corrupt"] == [key.decode()]
    assert count_of(others.address, "failures_24h", NOW) == 2.0 + known
    assert count_of(others.user, "failures_24h", NOW) == 1.0
    if junk[0] == "SET" and junk[1]:
        assert await process.stored(ACCOUNT, attempt()) == (junk[1] if isinstance(junk[1], bytes) else b"junk")
        with pytest.raises(StoreCorrupt, match=r"u\{"):
            await process.around(attempt())


async def test_what_a_store_that_is_away_was_to_write_is_lost_and_nothing_later(begin: Begin, tmp_path: Path) -> None:
    """
    Profiles are no accounts: nobody waits for them, and a flood while the store is away fills no memory.
    """
    server = await StoreServer(tmp_path).start()
    try:
        redis = Redis(master=RedisMaster(address=server.address), timeout=Duration(2))
        process = await begin(redis)
        process.count(attempt(username="erika"))
        await process.profiles.settle()
        await server.kill()
        for number in range(100):
            process.count(attempt(username="max", time=NOW + number))
            await process.profiles.settle()
        await server.start()
        assert await process.servers.topology.start(60.0)

        process.count(attempt(username="anna"))
        await process.profiles.settle()

        around = await process.around(attempt(username="anna"))
        assert count_of(around.user, "failures_24h", NOW) == count_of(around.address, "failures_24h", NOW) == 1.0
        assert sum((await process.around(attempt(username="max"))).user.counts) == 0.0
    finally:
        await server.kill()


async def test_profiles_of_a_cluster_are_written_where_they_live(begin: Begin, tmp_path: Path) -> None:
    """
    One script for each slot; all that is around an attempt is read back.
    """
    async with cluster(tmp_path) as nodes:
        redis = Redis(cluster=RedisCluster(addresses=nodes.addresses), timeout=Duration(5))
        process, other = await begin(redis), await begin(redis)
        for number in range(150):
            tried = attempt(f"203.{number}.113.9", f"user{number}", password=f"guess{number}", protocol="imap")
            (process, other)[number % 2].count(tried)
        await asyncio.gather(process.profiles.settle(), other.profiles.settle())

        first = await other.around(attempt("203.0.113.9", "user0", password="guess0", protocol="imap"))

        assert count_of(first.everyone, "failures_24h", NOW) == 150.0
        for profile in (first.address, first.network, first.user):
            assert count_of(profile, "failures_24h", NOW) == 1.0
        assert count_of(first.token, "failing_users_24h", NOW + DAY) == 0.5

        taken = process.key(ADDRESS, attempt("203.7.113.9"))
        await process.servers.run(taken, ("DEL", taken))
        await process.servers.run(taken, ("LPUSH", taken, "x"))
        with structlog.testing.capture_logs() as lines:
            process.count(attempt("203.7.113.9"))
            await process.profiles.settle()
        beside = read_profile(await other.stored(NETWORK, attempt("203.7.113.9")), SOURCE)

        assert [line["key"] for line in lines if line["event"] == "store_corrupt"] == [taken.decode()]
        assert count_of(beside, "failures_24h", NOW) == 2.0
