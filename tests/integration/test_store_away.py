# SPDX-License-Identifier: Apache-2.0
"""The service while its store is away, and afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from builders import eventually
from clusters import told
from daemons import Service, metric, unique
from stores import StoreServer, frozen

from nacre.access.roles import Role

MakeService = Callable[..., Awaitable[Service]]
_CONFIG = """
server:
  redis: {{master: {{address: "{address}"}}, timeout: {timeout}}}
on_store_failure: {{http: {mode}}}
spool: {{max_reports: {room}}}
brute_force:
  buckets:
    - {{name: address, period: 10m, cidr: 32, ipv4: true, failed_requests: {limit}, ban_time: 1h}}
"""


@pytest.fixture
async def make_service(tmp_path: Path, store: StoreServer) -> AsyncIterator[MakeService]:
    """Start a service on that store; it has to end well."""
    made: list[Service] = []

    async def make(
        *, mode: str = "fail_open", room: int = 10_000, limit: int = 3, ready: bool = True, patience: str = "5s"
    ) -> Service:
        config = _CONFIG.format(address=store.address, mode=mode, room=room, limit=limit, timeout=patience)
        made.append(Service(tmp_path / "service", config))
        return await made[-1].start(ready=ready)

    try:
        yield make
        assert [await service.stop() for service in made] == [0] * len(made)
    finally:
        for service in made:
            await service.kill()


async def _fails(client: httpx.AsyncClient, ip: str, request_id: str = "") -> dict[str, object]:
    """Report one wrong password of an address."""
    attempt = {"client_ip": ip, "username": unique(), "password": unique(), "success": False}
    answer = await client.post("/api/v1/report", json={**attempt, **({"request_id": request_id} if request_id else {})})
    assert answer.status_code == 200, answer.text
    receipt: dict[str, object] = answer.json()
    return receipt


async def _check(client: httpx.AsyncClient, ip: str) -> dict[str, object]:
    answer = await client.post("/api/v1/check", json={"client_ip": ip, "username": "erika", "password": unique()})
    assert answer.status_code == 200, answer.text
    decision: dict[str, object] = answer.json()
    return decision


async def _failed(client: httpx.AsyncClient, ip: str) -> int:
    """Return how many failures of an address the store has counted."""
    answer = await client.get("/api/v1/tolerations/counters", params={"ip": ip})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["failed"])


def _codes(decision: dict[str, object]) -> list[str]:
    return [reason["code"] for reason in decision["reasons"]]  # type: ignore[attr-defined]


async def test_logins_go_on_while_the_store_is_away_and_nothing_is_lost(
    make_service: MakeService, store: StoreServer
) -> None:
    """
    Known blocks refuse, local counts trip, everybody else may sign in; what was reported is counted later, once.
    """
    service = await make_service()
    async with service.client(Role.ADMIN) as client:
        for _ in range(3):
            await _fails(client, "192.0.2.1")
        assert (await _check(client, "192.0.2.1"))["action"] == "refuse"

        await store.kill()
        await service.answers(503)
        known, stranger = await _check(client, "192.0.2.1"), await _check(client, "192.0.2.2")
        receipts = [await _fails(client, "192.0.2.3", f"r{n}") for n in range(3)]
        again = await _fails(client, "192.0.2.3", "r0")
        local = await _check(client, "192.0.2.3")

        assert (known["action"], _codes(known)[0]) == ("refuse", "blocked")
        assert (stranger["action"], _codes(stranger)) == ("allow", ["store_unavailable"])
        assert {receipt["why"] for receipt in (*receipts, again)} == {"spooled"}
        assert (local["action"], local["rules"]) == ("refuse", ["address"])
        assert (await client.put("/api/v1/tolerations", json=[])).status_code == 503
        await eventually(lambda: metric(client, "nacre_spooled_reports", 4))
        await eventually(lambda: metric(client, "nacre_store_up", 0))

        await store.start()
        await service.answers(200)
        await eventually(lambda: metric(client, "nacre_spooled_reports", 0))
        assert await _failed(client, "192.0.2.3") == 3
        assert (await _check(client, "192.0.2.3"))["action"] == "refuse"
        assert (await _check(client, "192.0.2.2"))["reasons"] == []
        assert (await _check(client, "192.0.2.1"))["action"] == "refuse"


async def test_a_service_that_fails_closed_refuses_until_the_store_is_back(
    make_service: MakeService, store: StoreServer
) -> None:
    """
    Where a wrong login is worse than a missed one.
    """
    service = await make_service(mode="fail_closed")
    async with service.client(Role.ADMIN) as client:
        assert (await _check(client, "192.0.2.2"))["action"] == "allow"

        await store.kill()
        await service.answers(503)
        refused = await _check(client, "192.0.2.2")

        assert (refused["action"], _codes(refused)) == ("refuse", ["store_unavailable"])
        assert "not possible right now" in str(refused["message"])
        await store.start()
        await service.answers(200)
        assert (await _check(client, "192.0.2.2"))["action"] == "allow"


async def test_a_store_that_hangs_holds_up_nobody_for_long(make_service: MakeService, store: StoreServer) -> None:
    """
    The first requests wait for the timeout, the next ones not at all; what hung is counted once.
    """
    service = await make_service(patience="2s")
    async with service.client(Role.ADMIN) as client:
        await _check(client, "192.0.2.2")
        with frozen(store.pid):
            began = time.monotonic()
            receipts = await asyncio.gather(*(_fails(client, "192.0.2.5", f"h{n}") for n in range(2)))
            assert time.monotonic() - began < 10
            began = time.monotonic()
            decision = await _check(client, "192.0.2.6")
            assert time.monotonic() - began < 2
        assert {receipt["why"] for receipt in receipts} == {"spooled"}
        assert _codes(decision) == ["store_unavailable"]

        await service.answers(200)
        await eventually(lambda: metric(client, "nacre_spooled_reports", 0))
        assert await _failed(client, "192.0.2.5") == 2


@pytest.mark.parametrize("how", ["away", "hanging"])
async def test_a_service_starts_without_its_store(make_service: MakeService, store: StoreServer, how: str) -> None:
    """
    After a power cut, whoever is up first must not wait for the other.
    """
    if how == "away":
        await store.kill()
        service = await make_service(ready=False)
        await _answers_alone(service)
        await store.start()
    else:
        with frozen(store.pid):
            service = await make_service(ready=False, patience="1s")
            await _answers_alone(service)

    await service.answers(200)
    async with service.client(Role.ADMIN) as client:
        await eventually(lambda: metric(client, "nacre_spooled_reports", 0))
        assert await _failed(client, "192.0.2.7") == 1
        assert (await _check(client, "192.0.2.8"))["reasons"] == []


async def _answers_alone(service: Service) -> None:
    async with service.client(Role.ADMIN) as client:
        assert _codes(await _check(client, "192.0.2.8")) == ["store_unavailable"]
        assert (await _fails(client, "192.0.2.7"))["why"] == "spooled"
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_a_service_without_its_store_ends_well(make_service: MakeService, store: StoreServer) -> None:
    """
    A store that hangs must not keep anybody from shutting down.
    """
    service = await make_service(patience="1s")

    with frozen(store.pid):
        async with service.client(Role.ADMIN) as client:
            await _fails(client, "192.0.2.9")
        assert await service.stop() == 0


async def test_a_full_spool_says_when_to_come_again(make_service: MakeService, store: StoreServer) -> None:
    """
    What cannot be kept is not acknowledged: the caller keeps it.
    """
    service = await make_service(room=5)
    async with service.client(Role.ADMIN) as client:
        await store.kill()
        await service.answers(503)
        for _ in range(5):
            assert (await _fails(client, "192.0.2.10"))["why"] == "spooled"

        attempt = {"client_ip": "192.0.2.10", "username": "erika", "request_id": "late", "success": False}
        full = await client.post("/api/v1/report", json=attempt)

        assert (full.status_code, full.headers["retry-after"]) == (503, "1")
        assert "spool" in full.json()["detail"]
        await store.start()
        await service.answers(200)
        await eventually(lambda: metric(client, "nacre_spooled_reports", 0))
        assert (await client.post("/api/v1/report", json=attempt)).json()["why"] == "counted"
        assert await _failed(client, "192.0.2.10") == 6


async def test_a_worker_that_dies_while_it_replays_counts_nothing_twice(
    make_service: MakeService, store: StoreServer
) -> None:
    """
    Some reports are in the store and still on disk when it dies: their request ids tell.
    """
    service = await make_service(limit=1_000_000)
    async with service.client(Role.ADMIN) as client:
        await store.kill()
        await service.answers(503)
        rows = "".join(
            f'{{"client_ip": "192.0.2.{n % 8 + 20}", "username": "u{n}", "password": "p{n}", "success": false}}\n'
            for n in range(4000)
        )
        answer = await client.post("/api/v1/report", content=rows, headers={"content-type": "application/x-ndjson"})
        assert answer.text.count('"spooled"') == 4000
        (worker,) = service.worker_pids

        await store.start()
        await eventually(lambda: _has_begun(store), every=0.001)
        os.kill(worker, signal.SIGKILL)
        with frozen(service.pid):  # the next one has not begun when we look
            await eventually(lambda: worker not in service.worker_pids)
            assert _waiting(service) > 0

    await eventually(lambda: service.worker_pids not in ([], [worker]))
    await service.answers(200)
    async with service.client(Role.ADMIN) as client:
        await eventually(lambda: metric(client, "nacre_spooled_reports", 0))
        assert [await _failed(client, f"192.0.2.{n + 20}") for n in range(8)] == [500] * 8


def _waiting(service: Service) -> int:
    """Return how many reports are on disk."""
    with closing(sqlite3.connect(f"file:{service.data_dir / 'spool.sqlite'}?mode=ro", uri=True)) as spool:
        return int(spool.execute("SELECT count(*) FROM reports").fetchone()[0])


async def _has_begun(store: StoreServer) -> bool:
    return bool(await told(store, "DBSIZE") > 50)


async def test_a_spool_that_cannot_be_read_is_put_aside(
    make_service: MakeService, store: StoreServer, tmp_path: Path
) -> None:
    """
    Half a file is no reason not to start; it is kept, for whoever can read more in it than we can.
    """
    data = tmp_path / "service" / "data"
    data.mkdir(parents=True, mode=0o700)
    (data / "spool.sqlite").write_bytes(b"SQLite format 3\0" + os.urandom(5000))

    service = await make_service()

    async with service.client(Role.ADMIN) as client:
        await store.kill()
        await service.answers(503)
        assert (await _fails(client, "192.0.2.11"))["why"] == "spooled"
    assert "file_unreadable" in service.stderr
    assert [path.name for path in data.glob("spool.sqlite.unreadable-*")] != []
