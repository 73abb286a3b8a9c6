# SPDX-License-Identifier: Apache-2.0
"""Real processes for tests: the whole service, and servers of its store in any arrangement."""

from __future__ import annotations

import itertools
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Self

import httpx
from builders import eventually

from nacre.access.roles import Role
from nacre.access.tokens import issue
from nacre.secrets import Secrets
from nacre.store.embedded import find_server

_ADDRESS = re.compile(r"http://[^\s\"]+")
_HOST = "127.0.0.1"
_NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Nothing here speaks HTTPS, and to read the system's certificates takes longer than most tests."""
_numbers = itertools.count()
_SERVE = """
import asyncio, os, sys
from pathlib import Path
from nacre.config.load import load_settings
from nacre.logs import configure_logs
from nacre.supervisor import Supervisor

config, data_dir = map(Path, sys.argv[1:])
settings = load_settings(config, os.environ)
configure_logs(settings.server.log.level)
announce = lambda address: print(address, file=sys.stderr, flush=True)
asyncio.run(Supervisor(settings, config, data_dir, announce, environ=os.environ).run())
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as line:
        line.bind((_HOST, 0))
        port: int = line.getsockname()[1]
        return port


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

    async def ended(self, within: float = 25.0) -> int:
        """Wait for the end and return the exit code."""
        process = self.process
        assert process is not None
        await eventually(lambda: process.poll() is not None, within=within)
        return int(process.returncode)

    async def kill(self) -> None:
        """End the process at once, as a crash would."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            await self.ended()


class Service(Daemon):
    """
    ``nacre serve`` on a port that the system chooses.

    Args:
        place: The data directory is ``data`` below it, unless another one is named.
        config: Content of the settings file.
        data_dir: The data directory of another service, to share its store.
        workers: Worker processes.
    """

    def __init__(self, place: Path, config: str = "", *, data_dir: Path | None = None, workers: int = 1) -> None:
        super().__init__(place)
        self.data_dir = data_dir or place / "data"
        self.config = place / "nacre.yml"
        self.config.write_text(config)
        self.workers = workers
        self.url = ""

    async def start(self, *, ready: bool = True) -> Self:
        """Start, and wait until requests are answered (*ready*: until the store is up as well)."""
        announced = len(_ADDRESS.findall(self.stderr)) if (self.place / "stderr").exists() else 0
        environment = {"NACRE_SERVER__LISTEN": f"{_HOST}:0", "NACRE_SERVER__WORKERS": str(self.workers)}
        self.launch([sys.executable, "-c", _SERVE, str(self.config), str(self.data_dir)], environment)

        def address() -> str | bool:
            self._runs()
            found = _ADDRESS.findall(self.stderr)
            return len(found) > announced and str(found[-1])

        self.url = str(await eventually(address, within=30))
        await self.answers(200 if ready else None)
        return self

    def _runs(self) -> None:
        if self.process is not None and self.process.poll() is not None:
            raise AssertionError(f"the service ended with {self.process.returncode}:\n{self.stderr}")

    async def answers(self, status: int | None = 200, within: float = 20.0) -> None:
        """Wait until readiness is answered with a status; with any, if none is named."""
        async with httpx.AsyncClient(base_url=self.url, verify=_NO_CERTIFICATES, trust_env=False) as client:

            async def asked() -> bool:
                self._runs()
                try:
                    answer = await client.get("/readyz", timeout=5)
                except httpx.TransportError:
                    return False
                return status is None or answer.status_code == status

            await eventually(asked, within=within, every=0.02)

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
                line.settimeout(1)
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
