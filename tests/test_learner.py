# SPDX-License-Identifier: Apache-2.0
"""The process that trains, beside a real service."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from builders import eventually
from daemons import Service, children, unique
from traffic import champion, fill_until

from nacre.access.roles import Role
from nacre.config.load import load_settings
from nacre.network_desk import Job
from nacre.service import Guard

_CONFIG = """
server: {redis: {timeout: 10s}}
brute_force: {buckets: [], neural_network: {hidden_neurons: 16, train_every: 0}}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with a store of its own."""
    daemon = Service(tmp_path_factory.mktemp("learner"), _CONFIG)
    with asyncio.Runner() as runner:
        try:
            yield runner.run(daemon.start())
            assert runner.run(daemon.stop()) == 0
        finally:
            runner.run(daemon.kill())


@pytest.fixture
async def beside(service: Service) -> AsyncIterator[Guard]:
    """Another process of the same installation, with the traffic of a week in its journal."""
    settings = load_settings(service.config, {})
    async with Guard.open(settings, data_dir=service.data_dir, own_store=False, spool=False) as guard:
        await fill_until(guard, time.time())
        await eventually(guard.network_parts.shelves.state.somebody_trains)
        yield guard


def _learner(service: Service) -> int:
    return next(iter(children(service.pid, "nacre.learner")), 0)


async def _state(guard: Guard, job: Job) -> Job:
    return await guard.network.job(job.id)


async def test_a_training_that_is_killed_hurts_nobody(service: Service, beside: Guard) -> None:
    """
    Its job is told as failed, requests are answered all along, and the next one runs in a new process.
    """
    job = await beside.network.train(epochs=1000, who="test")
    await eventually(lambda: _runs(beside, job))
    killed = _learner(service)
    nicer = os.getpriority(os.PRIO_PROCESS, killed) - os.getpriority(os.PRIO_PROCESS, service.pid)
    assert nicer == 10

    os.kill(killed, signal.SIGKILL)
    async with service.client(Role.ADMIN) as client:
        answer = await client.post("/api/v1/check", json={"client_ip": "192.0.2.1", "username": unique()})
        assert answer.status_code == 200
        assert answer.json()["score"] is not None
    failed = await beside.network.wait(job.id)
    again = await beside.network.wait((await beside.network.train(epochs=1, who="test")).id)

    assert failed.state == "failed"
    assert "died" in failed.why
    assert again.state in {"published", "refused"}
    assert again.model
    assert _learner(service) not in {0, killed}


async def _runs(guard: Guard, job: Job) -> bool:
    found = await _state(guard, job)
    return found.state == "running" and found.share > 0


async def test_what_the_learner_made_the_workers_use(service: Service, beside: Guard) -> None:
    """
    Published in one process, scored with in another one, less than a second later.
    """
    job = await beside.network.wait((await beside.network.train(epochs=2, who="test")).id)
    await beside.network.publish(job.model, force=True, who="test")
    assert champion(beside) == job.model

    async with service.client(Role.ADMIN) as client:

        async def follows() -> bool:
            request_id = unique()
            await client.post(
                "/api/v1/check", json={"client_ip": "192.0.2.1", "username": "max", "request_id": request_id}
            )
            record = await beside.desk.decision(request_id)
            return record is not None and record.decision.model == job.model

        await eventually(follows, within=1.0)


async def test_new_settings_are_read_by_a_new_learner(service: Service, beside: Guard) -> None:
    """
    A reload interrupts it; what it was at waits for the next one.
    """
    job = await beside.network.train(epochs=1000, who="test")
    await eventually(lambda: _runs(beside, job))
    before = _learner(service)

    service.signal(signal.SIGHUP)
    await eventually(lambda: _learner(service) not in {0, before})
    await beside.network.cancel(job.id, who="test")

    assert (await beside.network.wait(job.id)).state == "cancelled"


def test_a_learner_without_its_parent_ends_at_once(tmp_path: Path) -> None:
    """
    An orphan would hold the lease.
    """
    ended = subprocess.run(
        [sys.executable, "-m", "nacre.learner", "--data-dir", str(tmp_path), "--parent", "1"],
        capture_output=True,
        check=False,
        timeout=200,
    )

    assert ended.returncode == 1
    assert b"parent is gone" in ended.stderr
