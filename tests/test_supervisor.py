# SPDX-License-Identifier: Apache-2.0
"""The life of the whole service: start, reload, restart of workers, end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from builders import eventually
from daemons import Service, free_port, metric, running, unique

from nacre.access.roles import Role

_CONFIG = """
brute_force:
  buckets:
    - {{name: address, period: 10m, cidr: 32, ipv4: true, failed_requests: {limit}, ban_time: 1h}}
"""


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    """A service with two workers and a limit of five failures; it has to end well."""
    async with running(tmp_path, _CONFIG.format(limit=5), workers=2) as service:
        yield service


async def _fail(client: httpx.AsyncClient, ip: str, times: int) -> None:
    for _ in range(times):
        attempt = {"client_ip": ip, "username": unique(), "password": unique(), "success": False}
        assert (await client.post("/api/v1/report", json=attempt)).status_code == 200


async def _action(client: httpx.AsyncClient, ip: str) -> str:
    check = await client.post("/api/v1/check", json={"client_ip": ip, "username": "erika"})
    return str(check.json()["action"])


def _log(service: Service) -> list[dict[str, object]]:
    """Return the lines of the log that are JSON."""
    lines = []
    for line in service.stderr.splitlines():
        with suppress(ValueError):
            lines.append(json.loads(line))
    return lines


async def _logged(service: Service, event: str, times: int = 1) -> list[dict[str, object]]:
    def found() -> list[dict[str, object]]:
        lines = [line for line in _log(service) if line["event"] == event]
        return lines if len(lines) >= times else []

    return await eventually(found)


async def test_new_rules_are_in_force_after_a_hangup_and_counts_are_kept(service: Service) -> None:
    """
    Who tightens a limit during an attack must not give the attacker a fresh start.
    """
    async with service.client(Role.ADMIN) as client:
        await _fail(client, "192.0.2.1", times=3)
        assert await _action(client, "192.0.2.1") == "allow"

        service.config.write_text(_CONFIG.format(limit=3))
        service.signal(signal.SIGHUP)
        await _logged(service, "reloaded", times=2)

        assert await _action(client, "192.0.2.1") == "refuse"


async def test_a_broken_file_changes_nothing_and_is_named_in_the_log(service: Service) -> None:
    """
    A typing error in the middle of the night must not open the door, nor close it.
    """
    async with service.client(Role.ADMIN) as client:
        await _fail(client, "192.0.2.2", times=4)

        service.config.write_text("brute_force: {tolerate_percnt: 10}")
        service.signal(signal.SIGHUP)
        refused = await _logged(service, "reload_refused")

        assert refused[0]["level"] == "error"
        assert "did you mean `tolerate_percent`" in str(refused[0]["error"])
        assert await _action(client, "192.0.2.2") == "allow"
        await _fail(client, "192.0.2.2", times=1)
        assert await _action(client, "192.0.2.2") == "refuse"


async def test_a_setting_that_needs_a_restart_is_named_on_reload(service: Service) -> None:
    """
    Otherwise an operator would wait for a change that does not come.
    """
    service.config.write_text("server: {listen: '127.0.0.1:1', log: {level: debug}}\n" + _CONFIG.format(limit=5))
    service.signal(signal.SIGHUP)

    (said,) = await _logged(service, "settings_need_restart")

    assert said["settings"] == ["server.log.level"]


async def test_a_hangup_before_a_worker_can_hear_it_ends_nobody(tmp_path: Path) -> None:
    """
    Configuration management starts a service and tells it at once to read its file again.
    """
    service = Service(tmp_path, _CONFIG.format(limit=5))
    try:
        starting = asyncio.create_task(service.start())
        await eventually(lambda: service.process is not None and service.url and service.worker_pids, every=0.001)
        for _ in range(20):
            service.signal(signal.SIGHUP)
        await starting
        await _logged(service, "reloaded")
        assert await service.stop() == 0
        assert "worker_died" not in service.stderr
    finally:
        await service.kill()


async def test_a_worker_that_dies_is_replaced(service: Service) -> None:
    """
    The others go on meanwhile, and nobody has to be called.
    """
    first = service.worker_pids
    os.kill(first[0], signal.SIGKILL)

    await eventually(lambda: len(service.worker_pids) == 2 and service.worker_pids != first)
    await service.answers(200)

    (said,) = await _logged(service, "worker_died")
    assert said["code"] == -signal.SIGKILL


async def test_requests_in_flight_are_answered_before_the_end(service: Service) -> None:
    """
    Under load, SIGTERM loses no request that was taken: each answer is whole, in the store and in the decision log.
    """
    checked: list[str] = []
    broken: list[object] = []
    began = asyncio.Event()

    async def ask() -> None:
        async with service.client(Role.ADMIN) as client:
            while True:
                request_id = unique()
                attempt = {"client_ip": "192.0.2.9", "username": "erika", "request_id": request_id, "success": True}
                try:
                    answer = await client.post("/api/v1/attempt", json=attempt)
                except httpx.TransportError as error:
                    # A connection that is refused, or idle and closed, took nothing; half an answer is another thing.
                    if isinstance(error, httpx.RemoteProtocolError) and "without sending" not in str(error):
                        broken.append(error)
                    return
                if answer.status_code != 200:
                    broken.append(answer.text)
                checked.append(request_id)
                if len(checked) > 200:
                    began.set()

    askers = [asyncio.create_task(ask()) for _ in range(16)]
    await began.wait()
    code = await service.stop()
    await asyncio.gather(*askers)

    logged = {json.loads(line)["request_id"] for line in service.stdout.splitlines()}
    assert (code, broken) == (0, [])
    assert set(checked) <= logged
    assert len(list(service.data_dir.glob("spool.sqlite-wal"))) == 0
    await service.start()
    async with service.client(Role.ADMIN) as client:
        counters = (await client.get("/api/v1/tolerations/counters", params={"ip": "192.0.2.9"})).json()
        assert counters["positive"] >= len(checked)
        for request_id in checked[-20:]:
            assert (await client.get(f"/api/v1/decisions/{request_id}")).json()["success"] is True


async def test_counters_outlive_a_restart_of_the_service(tmp_path: Path) -> None:
    """
    A restart is no fresh start for an attacker either.
    """
    async with running(tmp_path, _CONFIG.format(limit=5)) as service, service.client(Role.ADMIN) as client:
        await _fail(client, "192.0.2.3", times=4)
    async with running(tmp_path, _CONFIG.format(limit=5)) as service, service.client(Role.ADMIN) as client:
        await _fail(client, "192.0.2.3", times=1)
        assert await _action(client, "192.0.2.3") == "refuse"
        assert await metric(client, "nacre_blocks", 1) or await eventually(lambda: metric(client, "nacre_blocks", 1))


async def test_ctrl_c_ends_everything_in_order(service: Service) -> None:
    """
    The terminal tells every process of the group; only the supervisor listens, and ends the store last.
    """
    os.killpg(os.getpgid(service.pid), signal.SIGINT)

    assert await service.ended() == 0
    assert "store_died" not in service.stderr
    assert "worker_died" not in service.stderr


async def test_an_address_that_is_taken_is_said_so(tmp_path: Path, service: Service) -> None:
    """
    The second service on a port ends, and names the setting.
    """
    port = service.url.rpartition(":")[2]
    second = Service(tmp_path / "second", f"server: {{listen: '127.0.0.1:{port}'}}", listen=None)
    try:
        with pytest.raises(AssertionError, match="cannot listen on"):
            await second.start()
    finally:
        await second.kill()


async def test_a_data_directory_has_one_service(tmp_path: Path, service: Service) -> None:
    """
    Two stores on one file would be the end of both.
    """
    second = Service(tmp_path / "second", data_dir=service.data_dir)
    try:
        with pytest.raises(AssertionError, match="another nacre keeps the data directory"):
            await second.start()
    finally:
        await second.kill()
    async with service.client(Role.ADMIN) as client:
        assert (await client.get("/readyz")).status_code == 200


async def test_an_ipv6_address_can_be_listened_on(tmp_path: Path) -> None:
    """
    In brackets, as everywhere.
    """
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    service = Service(tmp_path, listen=f"[::1]:{free_port()}")
    try:
        await service.start()
        assert service.url.startswith("http://[::1]:")
        assert await service.stop() == 0
    finally:
        await service.kill()
