# SPDX-License-Identifier: Apache-2.0
"""A real Valkey for all tests of a run, a key prefix of its own for each test, and guards on it."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NoReturn

import hypothesis
import msgspec
import pytest
import structlog
from builders import Clock, MakeGuard, same_digests

from nacre.config.duration import Duration
from nacre.config.tree import BruteForce, Redis, RedisMaster, Rule, Settings
from nacre.service import Guard
from nacre.store.embedded import EmbeddedStore

IN_CI = os.environ.get("CI", "") not in {"", "false", "0"}

hypothesis.settings.register_profile(
    "nacre",
    deadline=None,  # an example may have to wait for a store that other tests keep busy
    derandomize=IN_CI,
    # One store and one guard serve all examples of a test; each example brings addresses and accounts of its own.
    # How long examples take to draw says something about the machine alone.
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("nacre")


def missing(what: str) -> NoReturn:
    """Skip at the desk and fail in CI: there, everything that a test needs was installed."""
    if IN_CI:
        pytest.fail(f"{what} is missing, and CI installs it")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def store_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Path of the unix socket of a Valkey that lives as long as the test run."""
    with asyncio.Runner() as runner:
        store = EmbeddedStore(tmp_path_factory.mktemp("store"), durable=False)  # a disk that is slow holds up no test
        runner.run(store.start())
        yield store.socket
        runner.run(store.stop())


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """Forget where a command or a process sent logs: that stream ends with its test."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.fixture
def prefix() -> str:
    """Begins the keys of one test."""
    return f"t{uuid.uuid4().hex[:12]}:"


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at a round time until a test moves it."""
    return Clock(1_800_000_000.0)


@pytest.fixture
async def make_guard(store_socket: str, prefix: str, tmp_path: Path, clock: Clock) -> AsyncIterator[MakeGuard]:
    """
    Open guards with the rules of a test; several share keys and store, as instances of one installation do.

    ``await make_guard(rule(...), tolerate_percent=20)`` or ``await make_guard(settings=...)``.
    """
    async with AsyncExitStack() as stack:

        async def make(*rules: Rule, settings: Settings | None = None, **brute_force: object) -> Guard:
            wanted = settings or Settings(brute_force=BruteForce(buckets=rules, **brute_force))  # type: ignore[arg-type]
            redis = Redis(master=RedisMaster(address=store_socket), prefix=prefix, timeout=Duration(5))
            server = msgspec.structs.replace(wanted.server, redis=redis)
            wanted = msgspec.structs.replace(wanted, server=server)
            data_dir = same_digests(tmp_path / "data")
            return await stack.enter_async_context(Guard.open(wanted, data_dir=data_dir, watch=False, clock=clock))

        yield make
