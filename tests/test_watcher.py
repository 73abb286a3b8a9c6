# SPDX-License-Identifier: Apache-2.0
"""The process that watches, in two real services on one store."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from builders import eventually
from daemons import Service, children, metric_value, unique
from stores import StoreServer

from nacre.access.roles import Role
from nacre.rehearsal import strangers

_CONFIG = """
server: {{redis: {{master: {{address: "{address}"}}, timeout: 5s}}}}
brute_force: {{buckets: [], neural_network: {{enabled: false}}}}
"""


class Pair(NamedTuple):
    """Two services on one store."""

    one: Service
    other: Service


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two services with the same keys."""
    place = tmp_path_factory.mktemp("watchers")
    store = StoreServer(place / "store", "--appendonly", "yes")
    with asyncio.Runner() as runner:
        services: list[Service] = []
        try:
            runner.run(store.start())
            config = _CONFIG.format(address=store.address)
            services = [Service(place / name, config) for name in ("one", "other")]
            runner.run(services[0].start())
            shutil.copytree(services[0].data_dir / "secrets", services[1].data_dir / "secrets")
            runner.run(services[1].start())
            yield Pair(*services)
            assert [runner.run(service.stop()) for service in services] == [0, 0]
        finally:
            for daemon in (*services, store):
                runner.run(daemon.kill())


def _watchers(pair: Pair) -> list[int]:
    return [pid for service in pair for pid in children(service.pid, "nacre.watcher")]


def _part(number: int) -> list[str]:
    """Return twelve addresses that no other part has: what shares addresses becomes one campaign."""
    return list(strangers(12 * (number + 1)))[-12:]


async def _try(client: httpx.AsyncClient, account: str, addresses: list[str]) -> None:
    """Fail once from each address."""
    for address in addresses:
        attempt = {
            "client_ip": address,
            "username": account,
            "password": unique(),
            "protocol": "imap",
            "success": False,
        }
        assert (await client.post("/api/v1/attempt", json=attempt)).status_code == 200


async def _asked(client: httpx.AsyncClient, account: str) -> dict[str, Any]:
    """Ask about an attempt of a stranger."""
    attempt = {"client_ip": "203.0.113.77", "username": account, "password": unique(), "protocol": "imap"}
    decision: dict[str, Any] = (await client.post("/api/v1/check", json=attempt)).json()
    return decision


async def _met(client: httpx.AsyncClient, account: str) -> bool:
    """Whether a measure meets the stranger, who is made to wait; one who has asked too often is refused instead."""
    return (await _asked(client, account))["action"] in {"delay", "refuse"}


async def test_a_botnet_is_recognised_and_met_by_the_other_service_within_a_second(pair: Pair) -> None:
    """
    By the twelfth address; the measure is in force where no attempt of it was ever seen.
    """
    account = unique()
    await eventually(lambda: len(_watchers(pair)) == 2)
    async with pair.one.client(Role.ADMIN) as one, pair.other.client(Role.ADMIN) as other:

        async def watched() -> bool:
            return bool((await one.get("/api/v1/threat")).json()["time"])

        await eventually(watched)
        await _try(one, account, _part(0))

        await eventually(lambda: _met(other, account), within=1.0)

        decision = await _asked(other, account)
        assert (decision["measures"] != [], decision["threat"] > 0) == (True, True)
        campaigns = (await other.get("/api/v1/campaigns")).json()["campaigns"]
        assert any(account in campaign["targets"] for campaign in campaigns)

        async def shown() -> bool:
            return await metric_value(other, "nacre_campaigns") >= 1

        await eventually(shown)


async def test_after_the_watcher_is_killed_another_one_goes_on(pair: Pair) -> None:
    """
    Without a word: half of an attack before and half of it after are one, and measures stay in force.
    """
    before, account = unique(), unique()
    async with pair.one.client(Role.ADMIN) as one, pair.other.client(Role.ADMIN) as other:
        await eventually(lambda: len(_watchers(pair)) == 2)
        await _try(one, before, _part(1))
        await eventually(lambda: _met(other, before))
        await eventually(lambda: _met(one, before))

        for pid in _watchers(pair):
            os.kill(pid, signal.SIGKILL)
        assert await _met(one, before)
        await _try(one, account, _part(2))

        await eventually(lambda: _met(other, account))
        assert await _met(other, before)
        campaigns = (await other.get("/api/v1/campaigns")).json()["campaigns"]
        assert {before, account} <= {target for campaign in campaigns for target in campaign["targets"]}


async def test_an_operator_ends_it_everywhere(pair: Pair) -> None:
    """
    Through either service, whichever of them watches.
    """
    account = unique()
    async with pair.one.client(Role.ADMIN) as one, pair.other.client(Role.ADMIN) as other:
        await eventually(lambda: len(_watchers(pair)) == 2)
        before = (await one.get("/api/v1/threat")).json()["time"]

        async def watched() -> bool:
            return bool((await one.get("/api/v1/threat")).json()["time"] > before)

        await eventually(watched)
        await _try(one, account, _part(3))
        await eventually(lambda: _met(other, account))

        answer = await other.post("/api/v1/threat/reset")

        assert answer.json()["ended"] >= 1

        async def free() -> bool:
            return not await _met(one, account)

        await eventually(free)
        assert (await one.get("/api/v1/campaigns")).json() == {"campaigns": []}


async def test_a_restart_in_the_midst_of_an_attack_keeps_what_is_known(tmp_path: Path) -> None:
    """
    Of everything at once, the store included: campaign and measures are there from the first check on.
    """
    account = unique()
    config = "brute_force: {buckets: [], neural_network: {enabled: false}}"
    service = Service(tmp_path, config)
    try:
        await service.start()
        async with service.client(Role.ADMIN) as client:
            await _try(client, account, _part(4))
            await eventually(lambda: _met(client, account))
            (before,) = (await client.get("/api/v1/campaigns")).json()["campaigns"]
        assert await service.stop() == 0

        await service.start()
        async with service.client(Role.ADMIN) as client:
            assert await _met(client, account)
            await _try(client, account, _part(5))

            async def goes_on() -> bool:
                (now,) = (await client.get("/api/v1/campaigns")).json()["campaigns"]
                return bool(now["id"] == before["id"] and now["sources"] >= 24)

            await eventually(goes_on)
        assert await service.stop() == 0
    finally:
        await service.kill()
