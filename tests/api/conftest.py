# SPDX-License-Identifier: Apache-2.0
"""A running service for the tests of its interface, and the same application without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from builders import Clock, MakeGuard
from daemons import Service
from inside import Inside, MakeInside

from nacre.access.roles import Role
from nacre.config.tree import Settings

CONFIG = """
server:
  redis: {timeout: 10s} # tests share the machine; a store that is slow for a moment is not away
  limits: {body_bytes: 4096, batch_bytes: 65536, batch_attempts: 100}
brute_force:
  buckets:
    - {name: address, period: 10m, cidr: 32, ipv4: true, failed_requests: 3, ban_time: 1h}
    - {name: account, period: 1h, subject: account, failed_requests: 30, ban_time: 30m}
"""


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service with two workers, for all tests of the interface; each brings its own addresses and accounts."""
    yield from _running(Service(tmp_path_factory.mktemp("service"), CONFIG, workers=2))


def _running(service: Service) -> Iterator[Service]:
    with asyncio.Runner() as runner:
        try:
            runner.run(service.start())
            yield service
            assert runner.run(service.stop()) == 0
        finally:
            runner.run(service.kill())


@pytest.fixture(scope="session")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service for tests that send whatever comes to mind: what it counts and blocks is nobody else's."""
    yield from _running(Service(tmp_path_factory.mktemp("fuzzed"), "server: {redis: {timeout: 10s}}"))


@pytest.fixture
async def admin(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running service that may do everything."""
    async with service.client(Role.ADMIN) as client:
        yield client


@pytest.fixture
async def stranger(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running service that shows no token."""
    async with service.client() as client:
        yield client


@pytest.fixture
def make_inside(make_guard: MakeGuard, clock: Clock) -> MakeInside:
    """Make the application of a guard with some rules or settings."""

    async def make(*rules: object, settings: Settings | None = None) -> Inside:
        guard = await make_guard(*rules, settings=settings)
        return Inside(guard, clock, guard.settings.auth)

    return make
