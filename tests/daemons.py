# SPDX-License-Identifier: Apache-2.0
"""Real processes for tests: the whole service, and servers of its store in any arrangement."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Self

import httpx
from builders import eventually

from nacre.access.roles import Role
from nacre.access.tokens import issue
from nacre.secrets import Secrets

_HOST = "127.0.0.1"
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here speaks HTTPS, and to read the system's certificates takes longer than most tests."""
_numbers = itertools.count()
_LEAST_PORT, _MOST_PORT = 12_000, 32_000
"""Below those that the system gives to whoever asks for any, or calls somebody."""
_ports = itertools.count(os.getpid() * 1_009)
"""Test processes begin far apart."""


def free_port() -> int:
    """Return a port that nobody listens on, nor is given before we listen there."""
    for number in _ports:
        port = _LEAST_PORT + number % (_MOST_PORT - _LEAST_PORT)
        with suppress(OSError), socket.socket() as line:
            line.bind((_HOST, port))
            return port
    raise AssertionError("there is always another number")


def children(pid: int, of: str = "") -> list[int]:
    """Return the child processes whose command line holds a text."""
    found = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
            with suppress(FileNotFoundError, ProcessLookupError):
                if of in Path(f"/proc/{child}/cmdline").read_text().replace("\0", " "):
                    found.append(child)
    return found


class Daemon:
    """
    A process whose output goes to files.

    Attributes:
        place: Where the files are.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen[bytes] | None = None

    def launch(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Start the process; what it writes is appended to what it wrote before."""
        with (self.place / "stdout").open("ab") as out, (self.place / "stderr").open("ab") as err:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """Number of the process."""
        assert self.process is not None
        return self.process.pid

    @property
    def stdout(self) -> str:
        """What it wrote to standard output."""
        return (self.place / "stdout").read_text()

    @property
    def stderr(self) -> str:
        """What it wrote to standard error."""
        return (self.place / "stderr").read_text()

    def signal(self, number: int) -> None:
        """Send a signal."""
        os.kill(self.pid, number)

    async def ended(self) -> int:
        """Wait for the end and return the exit code."""
        process = self.process
        assert process is not None
        await eventually(lambda: process.poll() is not None)
        return int(process.returncode)

    async def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            await self.ended()


class Service(Daemon):
    """
    ``nacre serve`` on this machine.

    Args:
        place: The data directory is ``data`` below it, unless another one is named.
        config: Content of the settings file.
        data_dir: The data directory of another service, to share its store.
        workers: Worker processes.
        listen: Where; a free port if not said, ``None`` leaves it to the settings.
    """

    def __init__(
        self,
        place: Path,
        config: str = "",
        *,
        data_dir: Path | None = None,
        workers: int = 1,
        listen: str | None = "",
    ) -> None:
        super().__init__(place)
        self.data_dir = data_dir or place / "data"
        self.config = place / "nacre.yml"
        self.config.write_text(config)
        self.workers = workers
        self._listen = f"{_HOST}:{free_port()}" if listen == "" else listen
        self.url = f"http://{self._listen or f'{_HOST}:1'}"

    async def start(self, *, ready: bool = True) -> Self:
        """Start, and wait until requests are answered (*ready*: until the store is up as well)."""
        options = ["--config", str(self.config), "--data-dir", str(self.data_dir), "--workers", str(self.workers)]
        if self._listen:
            options += ["--listen", self._listen]
        # A store that is slow for a moment is not away, unless a test wants it so.
        patient = {} if "timeout:" in self.config.read_text() else {"NACRE_SERVER__REDIS__TIMEOUT": "10s"}
        self.launch([sys.executable, "-m", "nacre", "serve", *options], patient)
        await self.answers(200 if ready else None)
        return self

    def _runs(self) -> None:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"the service ended with {self.process.returncode}:\n{self.stderr}")

    async def answers(self, status: int | None = 200) -> None:
        """Wait until readiness is answered with a status; with any, if none is named."""
        async with httpx.AsyncClient(base_url=self.url, verify=_NO_CERTIFICATES, trust_env=False) as client:

            async def asked() -> bool:
                self._runs()
                try:
                    answer = await client.get("/readyz", timeout=10)
                except httpx.TransportError:
                    return False
                return status is None or answer.status_code == status

            await eventually(asked, every=0.02)

    async def stop(self) -> int:
        """Ask it to end, and return its exit code."""
        if self.process is None or self.process.poll() is not None:
            return 0
        self.signal(signal.SIGTERM)
        return await self.ended()

    def token(self, *roles: Role, ttl: float = 3600.0, name: str = "", now: float | None = None) -> str:
        """Return a token with some roles."""
        key = Secrets.open(self.data_dir).token_key
        return issue(key, roles=set(roles), ttl=ttl, now=time.time() if now is None else now, name=name)

    def client(self, *roles: Role, token: str = "", timeout: float = 30.0) -> httpx.AsyncClient:
        """Return a client that shows a token with some roles, or a given one."""
        if roles:
            token = self.token(*roles)
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(
            base_url=self.url, headers=headers, timeout=timeout, verify=_NO_CERTIFICATES, trust_env=False
        )

    @property
    def worker_pids(self) -> list[int]:
        """The worker processes."""
        return children(self.pid, "nacre.worker")

    @property
    def store_pid(self) -> int:
        """The process of the embedded store, 0 while there is none."""
        return next(iter(children(self.pid, "valkey.sock")), 0)


@asynccontextmanager
async def running(
    place: Path, config: str = "", *, data_dir: Path | None = None, workers: int = 1
) -> AsyncIterator[Service]:
    """Run the service for a while; it has to end well."""
    service = Service(place, config, data_dir=data_dir, workers=workers)
    try:
        yield await service.start()
        code = await service.stop()
        assert code == 0, f"exit code {code}:\n{service.stderr}"
    finally:
        await service.kill()


def unique() -> str:
    """Return a word that no other test uses."""
    return f"w{os.getpid()}x{next(_numbers)}"


async def metric_value(client: httpx.AsyncClient, name: str) -> float:
    """Return the value of a metric, summed over its labels."""
    lines = (await client.get("/metrics")).text.splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


async def metric(client: httpx.AsyncClient, name: str, value: float) -> bool:
    """Tell whether a metric has a value."""
    return await metric_value(client, name) == value
