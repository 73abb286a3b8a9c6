# SPDX-License-Identifier: Apache-2.0
"""Processes that are killed at any moment: what was acknowledged is there afterwards."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from builders import eventually
from daemons import Service, children, unique

from nacre.access.roles import Role

_CONFIG = """
brute_force:
  buckets:
    - {name: address, period: 10m, cidr: 32, ipv4: true, failed_requests: 5, ban_time: 1h}
    - {name: net, period: 10m, cidr: 16, ipv4: true, failed_requests: 1000000}
"""


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service with two workers and the embedded store; it has to end well after all."""
    service = Service(tmp_path, _CONFIG, workers=2)
    try:
        yield await service.start()
        assert await service.stop() == 0
    finally:
        await service.kill()


class Acknowledged:
    """What clients were told is done."""

    def __init__(self) -> None:
        self.failures: Counter[str] = Counter()
        self.blocks: set[str] = set()
        self.tolerations: set[str] = set()
        self.revoked: list[str] = []


async def _insist(service: Service, method: str, path: str, **what: object) -> httpx.Response:
    """Send a request until it is acknowledged, as a client does that must not lose it."""
    while True:
        with suppress(httpx.TransportError):
            async with service.client(Role.ADMIN, timeout=5) as client:
                answer = await client.request(method, path, **what)  # type: ignore[arg-type]
                if answer.status_code == 200:
                    return answer
        with suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await asyncio.Event().wait()


async def _report(service: Service, done: Acknowledged, address: Iterator[str]) -> None:
    """Fail from one address after the other, and ask afterwards whether it is blocked."""
    for ip in address:
        for _ in range(5):
            attempt = {"client_ip": ip, "username": unique(), "password": unique(), "success": False}
            await _insist(service, "POST", "/api/v1/report", json={**attempt, "request_id": unique()})
            done.failures[ip] += 1
        check = await _insist(service, "POST", "/api/v1/check", json={"client_ip": ip, "username": unique()})
        if check.json()["action"] == "refuse":
            done.blocks.add(ip)


async def _operate(service: Service, done: Acknowledged, network: Iterator[str]) -> None:
    """Tolerate one network after the other, and revoke a token each time."""
    for net in network:
        entry = {"ip_address": net, "tolerate_percent": 10, "tolerate_ttl": "24h"}
        await _insist(service, "PUT", "/api/v1/tolerations", json=entry)
        done.tolerations.add(net)
        token = service.token(Role.VIEWER)
        await _insist(service, "POST", "/api/v1/tokens/revoke", json={"token": token})
        done.revoked.append(token)


async def _goes_on(done: Acknowledged, failures: int) -> None:
    """Wait until so many more failures are acknowledged."""
    enough = done.failures.total() + failures
    await eventually(lambda: done.failures.total() > enough)


async def _kill(service: Service, chance: random.Random) -> str:
    """Kill the store, a worker, or the supervisor and with it all of them; then see that everything runs again."""
    victim = chance.choice(["store", "worker", "supervisor"])
    if victim == "supervisor":
        orphans = children(service.pid)
        await service.kill()
        await eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans))
        await service.start(ready=False)
    else:
        await eventually(lambda: _complete(service))
        pid = service.store_pid if victim == "store" else sorted(service.worker_pids)[chance.randrange(2)]
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: pid not in children(service.pid))
    await eventually(lambda: _complete(service))
    return victim


def _complete(service: Service) -> bool:
    """Whether the store and both workers run."""
    return bool(service.store_pid) and len(service.worker_pids) == 2


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_acknowledged_is_lost_whoever_is_killed(service: Service, seed: int) -> None:
    """
    Reports are counted exactly once; blocks, tolerations and revocations hold.
    """
    chance, done = random.Random(seed), Acknowledged()  # noqa: S311  it kills, and keeps no secret
    addresses = (f"10.{seed}.{n >> 8}.{n & 255}" for n in range(1, 65_000))
    networks = (f"172.{16 + seed}.{n}.0/24" for n in range(256))
    clients = [asyncio.create_task(_report(service, done, addresses)) for _ in range(6)]
    clients.append(asyncio.create_task(_operate(service, done, networks)))

    for _ in range(5):
        await _goes_on(done, chance.randrange(10, 80))
        await _kill(service, chance)
    for client in clients:
        client.cancel()
    await asyncio.wait(clients)
    for client in clients:
        assert client.cancelled(), client.exception()
    await service.answers(200)

    await eventually(lambda: _nothing_waits(service))

    listed = (await _insist(service, "GET", "/api/v1/blocks")).json()["blocks"]
    tolerated = (await _insist(service, "GET", "/api/v1/tolerations")).json()["tolerations"]
    assert {f"{ip}/32" for ip in done.blocks} <= {entry["subnet"] for entry in listed}
    assert done.tolerations <= {entry["ip_address"] for entry in tolerated}
    for ip, failures in done.failures.items():
        counters = (await _insist(service, "GET", "/api/v1/tolerations/counters", params={"ip": ip})).json()
        # One more may have been on its way when the clients were stopped.
        assert failures <= counters["failed"] <= failures + 1, ip
    for token in done.revoked:
        async with service.client(token=token) as bearer:
            assert (await bearer.get("/api/v1/blocks")).status_code == 401
    assert len(done.blocks) > 5
    assert len(done.revoked) > 5


async def _nothing_waits(service: Service) -> bool:
    return "nacre_spooled_reports 0.0" in (await _insist(service, "GET", "/metrics")).text


async def test_the_embedded_store_is_started_again_when_it_dies(service: Service) -> None:
    """
    Nobody has to be called: its file has everything that it acknowledged.
    """
    async with service.client(Role.ADMIN) as client:
        for _ in range(5):
            attempt = {"client_ip": "192.0.2.1", "username": unique(), "password": unique(), "success": False}
            await client.post("/api/v1/attempt", json=attempt)
        dead = service.store_pid
        os.kill(dead, signal.SIGKILL)
        await eventually(lambda: service.store_pid not in {0, dead})
        await service.answers(200)

        check = await client.post("/api/v1/check", json={"client_ip": "192.0.2.1", "username": "erika"})

        assert check.json()["action"] == "refuse"
    assert "store_died" in service.stderr


async def test_a_supervisor_that_dies_leaves_nobody_behind(service: Service) -> None:
    """
    A worker without its parent would keep the port, a store the lock of its data, learner and watcher their leases.
    """
    await eventually(lambda: children(service.pid, "nacre.learner") and children(service.pid, "nacre.watcher"))
    family = children(service.pid)
    assert len(family) == 5

    await service.kill()

    await eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
    await service.start()
