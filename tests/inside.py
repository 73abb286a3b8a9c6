# SPDX-License-Identifier: Apache-2.0
"""The HTTP application of one guard, asked without a network."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import httpx
from builders import Clock

from nacre.access.gate import Gate
from nacre.access.roles import Role
from nacre.access.tokens import issue
from nacre.api.app import App
from nacre.config.tree import Auth
from nacre.service import Guard


class Inside:
    """
    The application of one guard, asked without a network, under a clock that tests move.

    Attributes:
        guard: Answers.
        gate: Tells who calls.
    """

    def __init__(self, guard: Guard, clock: Clock, auth: Auth) -> None:
        self.guard = guard
        self.gate = Gate(guard.secrets.token_key, auth, clock)
        guard.on_revoked = self.gate.revoke
        self._app = App(guard, self.gate)
        self._clock = clock

    def token(self, *roles: Role, ttl: float = 3600.0, name: str = "") -> str:
        """Return a token with some roles."""
        return issue(self.guard.secrets.token_key, roles=set(roles), ttl=ttl, now=self._clock(), name=name)

    def client(self, *roles: Role, peer: str = "198.51.100.1", token: str = "") -> httpx.AsyncClient:
        """Return a client that calls from an address."""
        if roles:
            token = self.token(*roles)
        transport = httpx.ASGITransport(app=self._app, client=(peer, 4711))  # type: ignore[arg-type]
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(transport=transport, base_url="http://nacre", headers=headers)


MakeInside = Callable[..., Awaitable[Inside]]
