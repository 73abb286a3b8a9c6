# SPDX-License-Identifier: Apache-2.0
"""Two service processes on one store: what a script changes at one holds at the other, with two workers, too."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from builders import eventually
from daemons import Service
from stores import StoreServer

from nacre.access.roles import Role

_CONFIG = """
server: {{redis: {{master: {{address: "{address}"}}, timeout: 5s}}}}
lua:
  custom_hooks:
    - {{http_location: run, http_method: POST, script_path: "{script}", roles: [admin]}}
"""
_RUN = """
local neural, brute_force = require("nauthilus_neural"), require("nauthilus_brute_force")
local http = require("nauthilus_http_request")

function nauthilus_run_hook(logging, session)
  local body = assert(loadstring(http.get_http_request_body()))
  setfenv(body, { neural = neural, brute_force = brute_force })
  local first, second = body()
  return { first = first, second = second }
end
"""
"""A hook that runs what it is sent: for tests, and nobody else."""

_CLIENTS = 6
"""Connections that ask, so that each of two workers has its say."""


class Pair(NamedTuple):
    """A client of one service, and several of the other one."""

    one: httpx.AsyncClient
    others: list[httpx.AsyncClient]

    async def run(self, source: str) -> Any:
        """Run Lua at the one service."""
        answer = await self.one.post("/api/v1/custom/run", content=source)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def everywhere(self, path: str, **params: str) -> list[Any]:
        """Ask the other service over all connections."""
        answers = await asyncio.gather(*(client.get(path, params=params) for client in self.others))
        return [answer.json() for answer in answers]

    async def soon(self, path: str, holds: Callable[[Any], bool], **params: str) -> None:
        """Make sure that the other service answers like this within a second."""

        async def all_hold() -> bool:
            return all(map(holds, await self.everywhere(path, **params)))

        await eventually(all_hold, within=1.0)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Service]]:
    """Two services with the same keys; the other one has two workers."""
    place = tmp_path_factory.mktemp("hooks")
    store = StoreServer(place / "store")
    script = place / "run.lua"
    script.write_text(_RUN)
    with asyncio.Runner() as runner:
        running: list[Service] = []
        try:
            runner.run(store.start())
            config = _CONFIG.format(address=store.address, script=script)
            running += [Service(place / "one", config), Service(place / "other", config, workers=2)]
            runner.run(running[0].start())
            shutil.copytree(running[0].data_dir / "secrets", running[1].data_dir / "secrets")
            runner.run(running[1].start())
            yield running[0], running[1]
            assert [runner.run(service.stop()) for service in running] == [0, 0]
        finally:
            for daemon in (*running, store):
                runner.run(daemon.kill())


@pytest.fixture
async def pair(services: tuple[Service, Service]) -> AsyncIterator[Pair]:
    """Clients of both."""
    one = services[0].client(Role.ADMIN)
    others = [services[1].client(Role.ADMIN) for _ in range(_CLIENTS)]
    yield Pair(one, others)
    for client in (one, *others):
        await client.aclose()


async def test_learning_mode_set_by_a_hook_holds_everywhere(pair: Pair) -> None:
    """
    Within a second, at every worker.
    """
    for word, learning in (("false", False), ("true", True)):
        answer = (await pair.one.get("/api/v1/custom/learning-mode", params={"enabled": word})).json()

        assert answer == {
            "status": "success", "message": "Learning mode set successfully", "learning_mode": learning
        }  # fmt: skip
        await pair.soon("/api/v1/learning-mode", lambda told, wanted=learning: told["learning_mode"] is wanted)  # type: ignore[misc]


async def test_tolerations_set_by_a_script_hold_everywhere(pair: Pair) -> None:
    """
    And are gone everywhere when it deletes them.
    """
    entry = '{ip_address = "198.51.100.0/24", tolerate_percent = 30, tolerate_ttl = "1h"}'

    assert (await pair.run(f"return brute_force.set_custom_toleration({entry})"))["first"] == "OK"
    await pair.soon("/api/v1/tolerations", lambda told: len(told["tolerations"]) == 1)
    assert (await pair.run('return brute_force.delete_custom_toleration("198.51.100.0/24")'))["first"] == "OK"
    await pair.soon("/api/v1/tolerations", lambda told: told["tolerations"] == [])


async def test_features_removed_by_a_script_are_gone_everywhere(pair: Pair) -> None:
    """
    A reset is followed likewise.
    """
    attempt = {"client_ip": "192.0.2.7", "username": "erika", "features": {"device": "mobile"}}
    assert (await pair.one.post("/api/v1/check", json=attempt)).status_code == 200

    def has_it(told: Any) -> bool:
        return any(feature["name"] == "device" for feature in told["features"])

    async def proposed() -> bool:
        return all(map(has_it, await pair.everywhere("/api/v1/features")))

    await eventually(proposed)
    assert (await pair.run('return neural.remove_features_from_redis({"device"})')) == {"first": True}
    await pair.soon("/api/v1/features", lambda told: not has_it(told))
    assert (await pair.run("return neural.reset_neural_network()")) == {"first": True}
    await pair.soon("/api/v1/network", lambda told: told["model"] == "shipped")


async def test_a_rehearsed_attack_is_seen_by_every_worker(pair: Pair) -> None:
    """
    Whichever process rehearsed it; and the live threat is what it was.
    """
    asked = {"action": "simulate_attack", "username": "testuser", "num_ips": "20", "country_code": "DE"}

    simulated = (await pair.one.get("/api/v1/custom/distributed-brute-force-test", params=asked)).json()
    assert simulated["status"] == "success", simulated

    path, parameters = "/api/v1/custom/distributed-brute-force-test", {"action": "check_detection"}
    await pair.soon(path, lambda told: told["detection_result"]["attack_detected"], **parameters, username="testuser")
    for told in await pair.everywhere(path, **parameters, username="somebody"):
        assert not told["detection_result"]["attack_detected"]
    for told in await pair.everywhere("/api/v1/custom/distributed-brute-force-admin"):
        assert told["metrics"]["attacked_accounts"] == {}


async def test_a_claim_is_recorded_once_for_all(pair: Pair) -> None:
    """
    The attempt was checked by one service, and the other one is told of it.
    """
    checked = (await pair.one.post("/api/v1/check", json={"client_ip": "192.0.2.9", "username": "max"})).json()
    claim = {"is_brute_force": "yes", "request_id": checked["request_id"], "client_ip": "192.0.2.9", "username": "max"}

    async def recorded() -> bool:
        answer = await pair.others[0].post("/api/v1/custom/neural-feedback", json=claim)
        return bool(answer.json()["status"] == "success")

    await eventually(recorded)
    told: Callable[[], Awaitable[httpx.Response]] = lambda: pair.one.get("/api/v1/feedback")  # noqa: E731
    assert [entry["request_id"] for entry in (await told()).json()["feedback"]] == [checked["request_id"]]


async def test_a_training_asked_for_at_a_hook_is_carried_out_by_the_learner(pair: Pair) -> None:
    """
    Another process trains; the answer comes when that has ended, and says what is missing.
    """
    answer = (await pair.one.post("/api/v1/custom/train-neural-network", json={"epochs": 7})).json()

    assert (answer["status"], answer["message"]) == ("error", "Neural network training failed")
    assert "missing" in answer["error"]
    assert (answer["epochs"], answer["samples"]) == (7, 5000)
    jobs = (await pair.others[0].get("/api/v1/jobs")).json()["jobs"]
    assert [(job["epochs"], job["samples"], job["state"]) for job in jobs] == [(7, 5000, "failed")]
