# SPDX-License-Identifier: Apache-2.0
"""Servers that tell how much is sent and heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nacre.store.lane import Command, Reply
from nacre.store.scripts import Script
from nacre.store.topology import Servers


class Told(Servers):
    """
    The servers of a process, and how much each command took.

    Attributes:
        heard: Bytes of each reply, 0 if it was something else.
        said: Arguments of each script.
    """

    def __init__(self, servers: Servers) -> None:
        super().__init__(servers.topology)
        self.heard: list[int] = []
        self.said: list[int] = []

    async def run(self, key: bytes, command: Command) -> Reply:
        """Run a command."""
        reply = await super().run(key, command)
        self.heard.append(len(reply) if isinstance(reply, bytes) else 0)
        return reply

    async def script(self, script: Script, keys: Sequence[bytes], arguments: Sequence[Any]) -> Reply:
        """Run a script."""
        self.said.append(len(arguments))
        return await super().script(script, keys, arguments)
