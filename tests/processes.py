# SPDX-License-Identifier: Apache-2.0
"""Processes of one installation, as far as they keep profiles."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from outcomes import DIGESTS, IDENTITY

from nacre.attempt import Attempt
from nacre.features.changes import Outcome
from nacre.features.standard import Seen, Surroundings, see
from nacre.ports import Wanted
from nacre.store.keys import Keys
from nacre.store.profiles import Profiles
from nacre.store.topology import Servers

ADDRESS, NETWORK, ACCOUNT, EVERYONE = 0, 1, 2, 8
"""Which of the profiles around an attempt is whose."""


class Process:
    """What one process knows of the profiles of an installation, on connections of its own."""

    def __init__(self, servers: Servers, prefix: str) -> None:
        self.servers = servers
        self.keys = Keys(prefix, IDENTITY)
        self.profiles = Profiles(servers, self.keys)

    def count(self, attempt: Attempt, *, accepted: bool = False) -> None:
        """Count an outcome."""
        self.profiles.count(attempt, Outcome(DIGESTS.facts(attempt), attempt.time, accepted))

    async def read(self, attempt: Attempt) -> tuple[Wanted, list[bytes | None]]:
        """Read what a check needs."""
        wanted = self.profiles.want(attempt, DIGESTS.facts(attempt))
        return wanted, await self.servers.read(wanted.keys) if wanted.keys else []

    async def around(self, attempt: Attempt) -> Surroundings:
        """Read what is around an attempt."""
        return self.profiles.around(*await self.read(attempt))

    async def see(self, attempt: Attempt) -> Seen:
        """Return what is known of an attempt."""
        return see(DIGESTS.facts(attempt), await self.around(attempt), time=attempt.time, protocol=attempt.protocol)

    def key(self, role: int, attempt: Attempt) -> bytes:
        """Return the key of one of the profiles around an attempt."""
        return self.keys.profiles(attempt, DIGESTS.facts(attempt))[role]

    async def stored(self, role: int, attempt: Attempt) -> bytes | None:
        """Return what the store has of one of the profiles around an attempt."""
        return (await self.servers.read([self.key(role, attempt)]))[0]


Begin = Callable[..., Awaitable[Process]]
