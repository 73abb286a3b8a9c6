# SPDX-License-Identifier: Apache-2.0
"""Servers of the store, as real processes."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from builders import eventually
from daemons import Daemon, free_port

from nacre.store.embedded import find_server

_HOST = "127.0.0.1"


class StoreServer(Daemon):
    """
    A Valkey or Redis server on a port of this machine.

    Args:
        place: Where its files go.
        options: Arguments beyond the address.
        binary: The server; that of the embedded store if not named.
        config: A configuration of Sentinel, where it is to be one.
        secure: Whether it speaks TLS only; the certificates come with *options*.
    """

    def __init__(
        self, place: Path, *options: str, binary: str = "", config: Path | None = None, secure: bool = False
    ) -> None:
        super().__init__(place)
        self.port = free_port()
        self._binary = binary or find_server()
        self._config = config
        self._options = options
        self._secure = secure

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{_HOST}:{self.port}"

    async def start(self) -> Self:
        """Start, and wait until the port is open."""
        port = ["--port", "0", "--tls-port", str(self.port)] if self._secure else ["--port", str(self.port)]
        mode = ["--sentinel"] if self._config else ["--save", ""]
        config = [str(self._config)] if self._config else []
        place = ["--bind", _HOST, "--dir", str(self.place)]
        self.launch([self._binary, *config, *port, *mode, *place, *self._options])
        await self.listens()
        return self

    async def listens(self) -> None:
        """Wait until the port is open."""

        def open_now() -> bool:
            assert self.process is not None
            if self.process.poll() is not None:
                raise AssertionError(f"the store ended:\n{self.stdout}")
            with socket.socket() as line:
                line.settimeout(10)
                return line.connect_ex((_HOST, self.port)) == 0

        await eventually(open_now)


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Stop a process from running, as a machine does that hangs."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
