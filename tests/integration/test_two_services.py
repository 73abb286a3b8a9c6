# SPDX-License-Identifier: Apache-2.0
"""Two service processes on one store, and two workers in each."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from builders import eventually
from daemons import Service, metric, metric_value, unique
from stores import StoreServer, frozen

from nacre.access.roles import Role

# What a test tries from many addresses at once is a campaign; tests/test_watcher.py tells what becomes of those.
_CONFIG = """
campaigns: {{enabled: false}}
server: {{redis: {{master: {{address: "{address}"}}, timeout: 5s}}}}
brute_force:
  buckets:
    - {{name: address, period: 10m, cidr: 32, ipv4: true, failed_requests: 3, ban_time: 1h}}
"""


class Pair(NamedTuple):
    """Two services, a client of each, and their store."""

    services: tuple[Service, Service]
    one: httpx.AsyncClient
    other: httpx.AsyncClient
    store: StoreServer


@pytest.fixture(scope="module")
def running_pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service, StoreServer]]:
    """Two services with the same keys, each with a data directory of its own; one has two workers."""
    place = tmp_path_factory.mktemp("pair")
    store = StoreServer(place / "store")
    with asyncio.Runner() as runner:
        services = []
        try:
            runner.run(store.start())
            config = _CONFIG.format(address=store.address)
            services = [Service(place / "one", config), Service(place / "other", config, workers=2)]
            runner.run(services[0].start())
            shutil.copytree(services[0].data_dir / "secrets", services[1].data_dir / "secrets")
            runner.run(services[1].start())
            yield services[0], services[1], store
            assert [runner.run(service.stop()) for service in services] == [0, 0]
        finally:
            for daemon in (*services, store):
                runner.run(daemon.kill())


@pytest.fixture
async def pair(running_pair: tuple[Service, Service, StoreServer]) -> AsyncIterator[Pair]:
    """The two services, with nothing blocked and nothing tolerated."""
    one_service, other_service, store = running_pair
    async with one_service.client(Role.ADMIN) as one, other_service.client(Role.ADMIN) as other:
        await one.request("DELETE", "/api/v1/blocks", params={"all": "true"})
        await one.put("/api/v1/tolerations", json=[])
        yield Pair((one_service, other_service), one, other, store)


async def _fill(client: httpx.AsyncClient, ip: str) -> None:
    for _ in range(3):
        attempt = {"client_ip": ip, "username": unique(), "password": unique(), "success": False}
        await client.post("/api/v1/attempt", json=attempt)


async def _everywhere(service: Service, path: str, **params: str) -> list[Any]:
    """Ask over eight connections of their own, so that every worker has its say."""
    clients = [service.client(Role.ADMIN) for _ in range(8)]
    try:
        return [(await client.get(path, params=params)).json() for client in clients]
    finally:
        for client in clients:
            await client.aclose()


async def test_what_one_service_decides_holds_at_the_other_within_a_second(pair: Pair) -> None:
    """
    Blocks, their lifting, tolerations and revocations; from its own copy, for the store hangs meanwhile.
    """
    await _fill(pair.one, "192.0.2.1")
    refusal = {"buckets": ["address"]}

    async def known() -> bool:
        return await _everywhere(pair.services[1], "/api/v1/blocked", ip="192.0.2.1") == [refusal] * 8

    await eventually(known, within=1.0)
    with frozen(pair.store.pid):
        check = await pair.other.post("/api/v1/check", json={"client_ip": "192.0.2.1", "username": "erika"})
        assert check.json()["action"] == "refuse"
        assert [reason["code"] for reason in check.json()["reasons"]] == ["blocked"]
    await pair.services[1].answers(200)

    lifted = await pair.other.request("DELETE", "/api/v1/blocks", params={"ip": "192.0.2.1"})
    assert lifted.json()["lifted"] == 1

    async def free() -> bool:
        return bool((await pair.one.get("/api/v1/blocked", params={"ip": "192.0.2.1"})).json()["buckets"] is None)

    await eventually(free, within=1.0)


async def test_tolerations_set_at_one_service_hold_at_the_other(pair: Pair) -> None:
    """
    An operator sets them at whichever instance is near.
    """
    entry = {"ip_address": "198.51.100.0/24", "tolerate_percent": 30, "tolerate_ttl": "1h"}
    await pair.one.put("/api/v1/tolerations", json=entry)

    async def held() -> bool:
        found = await _everywhere(pair.services[1], "/api/v1/tolerations")
        return all([one["ip_address"] for one in answer["tolerations"]] == ["198.51.100.0/24"] for answer in found)

    await eventually(held, within=1.0)
    await pair.other.request("DELETE", "/api/v1/tolerations", params={"ip": "198.51.100.0/24"})

    async def gone() -> bool:
        return bool((await pair.one.get("/api/v1/tolerations")).json()["tolerations"] == [])

    await eventually(gone, within=1.0)


async def test_a_token_revoked_at_one_service_is_refused_by_the_other(pair: Pair) -> None:
    """
    It holds at both, for they have the same key; so must its end.
    """
    token = pair.services[0].token(Role.VIEWER)
    clients = [pair.services[1].client(token=token) for _ in range(8)]
    assert {(await client.get("/api/v1/blocks")).status_code for client in clients} == {200}

    await pair.one.post("/api/v1/tokens/revoke", json={"token": token})

    async def refused() -> bool:
        return {(await client.get("/api/v1/blocks")).status_code for client in clients} == {401}

    await eventually(refused, within=1.0)
    for client in clients:
        await client.aclose()


async def test_a_service_that_starts_later_knows_what_was_decided_before(pair: Pair, tmp_path: Path) -> None:
    """
    Blocks, tolerations and revocations are in the store before they are told about.
    """
    token = pair.services[0].token(Role.VIEWER)
    await _fill(pair.one, "192.0.2.2")
    entry = {"ip_address": "198.51.100.7", "tolerate_percent": 30, "tolerate_ttl": "1h"}
    await pair.one.put("/api/v1/tolerations", json=entry)
    await pair.one.post("/api/v1/tokens/revoke", json={"token": token})

    late = Service(tmp_path / "late", _CONFIG.format(address=pair.store.address))
    shutil.copytree(pair.services[0].data_dir / "secrets", late.data_dir / "secrets")
    try:
        await late.start()
        async with late.client(Role.ADMIN) as client, late.client(token=token) as revoked:
            assert (await client.get("/api/v1/blocked", params={"ip": "192.0.2.2"})).json() == {"buckets": ["address"]}
            assert len((await client.get("/api/v1/tolerations")).json()["tolerations"]) == 1
            assert (await revoked.get("/api/v1/blocks")).status_code == 401
        assert await late.stop() == 0
    finally:
        await late.kill()


async def test_a_service_with_another_key_is_told_and_does_not_start(pair: Pair, tmp_path: Path) -> None:
    """
    Its digests would be others: every account would be counted twice, and no owner known.
    """
    foreign = Service(tmp_path / "foreign", _CONFIG.format(address=pair.store.address))
    try:
        with pytest.raises(AssertionError, match="another identity key"):
            await foreign.start()
    finally:
        await foreign.kill()


async def _settled(client: httpx.AsyncClient, name: str) -> float:
    """Return a metric once all workers have put into it what they counted; they do so ten times a second."""
    seen = [await metric_value(client, name)]

    async def stands() -> bool:
        seen.append(await metric_value(client, name))
        return len(seen) > 2 and seen[-1] == seen[-2]

    await eventually(stands, every=0.3)
    return seen[-1]


async def test_metrics_are_those_of_all_workers_and_of_no_dead_one(pair: Pair) -> None:
    """
    Whichever worker answers, the sum is the same; and a gauge of one that died does not stand for ever.
    """
    service = pair.services[1]
    clients = [service.client(Role.ADMIN) for _ in range(8)]
    before = await _settled(clients[0], "nacre_checks_total")
    await asyncio.gather(*(_fill(client, f"192.0.2.{n + 50}") for n, client in enumerate(clients)))
    for client in clients:
        await eventually(partial(metric, client, "nacre_checks_total", before + 24))
        await eventually(partial(metric, client, "nacre_blocks", 8))
        await client.aclose()

    first = set(service.worker_pids)
    os.kill(next(iter(first)), signal.SIGKILL)
    await eventually(lambda: len(service.worker_pids) == 2 and set(service.worker_pids) != first)
    await service.answers(200)

    async with service.client(Role.ADMIN) as client:
        assert await metric(client, "nacre_checks_total", before + 24)
        await eventually(lambda: metric(client, "nacre_store_up", 1))
        lifted = await client.request("DELETE", "/api/v1/blocks", params={"rule": "*"})
        assert lifted.json()["lifted"] == 8
        await eventually(lambda: metric(client, "nacre_blocks", 0))
