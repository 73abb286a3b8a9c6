# SPDX-License-Identifier: Apache-2.0
"""The processes that are measured: a real ``nacre serve`` on a fresh data directory, and the empty handler."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple

from benchmarks.load import Place
from nacre.store.embedded import EmbeddedStore

_TICKS = os.sysconf("SC_CLK_TCK")
_START_PATIENCE = 120.0


class Times(NamedTuple):
    """
    Processor seconds that a service has used so far.

    Attributes:
        worker: By the process that answers.
        store: By the process that keeps.
    """

    worker: float
    store: float

    def since(self, before: Times) -> Times:
        """Return what was used in between."""
        return Times(self.worker - before.worker, self.store - before.store)


class Server(NamedTuple):
    """
    One running server.

    Attributes:
        place: Where it listens.
        worker: The process that answers.
        store: The process that keeps, 0 for the empty handler.
        started: Seconds from the start of the command to the first good answer.
    """

    place: Place
    worker: int
    store: int
    started: float

    def times(self) -> Times:
        """Return the processor seconds used so far."""
        return Times(processor_seconds(self.worker), processor_seconds(self.store) if self.store else 0.0)


def processor_seconds(process: int) -> float:
    """Return the processor seconds, user and system, that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def busy_seconds() -> float:
    """Return the processor seconds that all processes of the machine have used."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / _TICKS


def make_token(data_dir: Path, role: str = "authenticate") -> str:
    """Return a token as an operator would make it."""
    command = [*_nacre(), "token", "create", "--role", role, "--ttl", "1h", "--data-dir", str(data_dir)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


@contextlib.contextmanager
def nacre(data_dir: Path, config: Path | None = None, *, network: bool = False) -> Iterator[Server]:
    """
    Run ``nacre serve`` with one worker until the block ends; its decision lines go to the null device.

    The rules are alone unless *network* is given: what they cost, and what the network adds, are two questions.
    """
    place = ("127.0.0.1", _free_port())
    command = [*_nacre(), "serve", "--data-dir", str(data_dir), "--listen", f"{place[0]}:{place[1]}", "--workers", "1"]
    if config is not None:
        command += ["--config", str(config)]
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / "serve.log").open("ab") as log:
        began = time.perf_counter()
        environment = os.environ | {"NACRE_BRUTE_FORCE__NEURAL_NETWORK__ENABLED": "true" if network else "false"}
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log, env=environment
        )
    try:
        _wait_for(place, "/readyz", process)
        started = time.perf_counter() - began
        yield Server(place, *_worker_and_store(process.pid), started)
    finally:
        _end(process)


@contextlib.contextmanager
def empty_handler() -> Iterator[Server]:
    """Run the empty handler until the block ends."""
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        number, place = listening.fileno(), listening.getsockname()
        command = [sys.executable, "-m", "benchmarks.empty", str(number), str(os.getpid())]
        began = time.perf_counter()
        process = subprocess.Popen(command, pass_fds=[number])
    try:
        _wait_for(place, "/", process)
        yield Server(place, process.pid, 0, time.perf_counter() - began)
    finally:
        _end(process)


def teaching(server: Server) -> int:
    """Return the process of a service that trains."""
    status = Path(f"/proc/{server.worker}/status").read_text()
    supervisor = int(next(line for line in status.splitlines() if line.startswith("PPid")).split()[1])
    return next(child for child in _children(supervisor) if "nacre.learner" in _command_line(child))


def store_socket(data_dir: Path) -> str:
    """Return the path of the unix socket of the store of a data directory."""
    return EmbeddedStore(data_dir).socket


def _nacre() -> list[str]:
    return [str(Path(sys.executable).with_name("nacre"))]


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def _wait_for(place: Place, path: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for the first good answer."""
    end = time.perf_counter() + _START_PATIENCE
    while time.perf_counter() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with {process.returncode}")
        with contextlib.suppress(OSError), contextlib.closing(HTTPConnection(*place, timeout=5)) as line:
            line.request("GET", path)
            if line.getresponse().status == 200:
                return
        time.sleep(0.005)
    raise RuntimeError(f"{process.args!r} did not answer within {_START_PATIENCE:.0f} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _worker_and_store(supervisor: int) -> tuple[int, int]:
    """Return the two children; with a store that runs elsewhere there is one, and 0."""
    children = _children(supervisor)
    worker = next(child for child in children if "nacre.worker" in _command_line(child))
    return worker, next((child for child in children if child != worker), 0)


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def _command_line(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
