# SPDX-License-Identifier: Apache-2.0
"""A server that does what no real one would."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path


class Odd:
    """
    A server on a unix socket that answers as a test wants.

    Attributes:
        path: Where it listens.
        chunks: What each read brought, so that writes can be counted.
        answer: Makes the reply to what was read; ``None`` stays silent.
        connections: How many were made.
    """

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.chunks: list[bytes] = []
        self.answer: Callable[[bytes], bytes | None] = lambda data: b"+PONG\r\n" * data.count(b"PING")
        self.connections = 0
        self._writers: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client."""
        self.connections += 1
        self._writers.append(writer)
        while data := await reader.read(1 << 20):
            self.chunks.append(data)
            if (reply := self.answer(data)) is not None:
                writer.write(reply)
        writer.close()

    def cut(self) -> None:
        """Close all connections."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def say(self, unasked: bytes) -> None:
        """Send what nobody asked for."""
        self._writers[-1].write(unasked)
