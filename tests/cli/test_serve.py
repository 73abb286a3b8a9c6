# SPDX-License-Identifier: Apache-2.0
"""`nacre serve`."""

from __future__ import annotations

import asyncio
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from builders import eventually
from daemons import Daemon, children
from terminal import Run

from nacre.cli.serve import ready

pytestmark = pytest.mark.usefixtures("embedded")


@pytest.fixture
async def service(tmp_path: Path, run: Run) -> AsyncIterator[Daemon]:  # noqa: ARG001 - sets the environment
    """The service with two workers on a free port, as soon as it says that it listens."""
    daemon = Daemon(tmp_path)
    options = ("--listen", "127.0.0.1:0", "--workers", "2", "--data-dir", "data dir")
    daemon.launch(["env", "-C", str(tmp_path), sys.executable, "-m", "nacre", "serve", *options])
    try:
        await eventually(lambda: "  token  " in daemon.stderr)
        yield daemon
    finally:
        await daemon.kill()


def told(service: Daemon, name: str) -> str:
    """Return what the service says behind a word."""
    lines = [line.partition(name)[2].strip() for line in service.stderr.splitlines() if name in line]
    return lines[-1]


def shell(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command in another directory."""
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=200, check=False)


async def test_what_it_prints_is_enough_to_begin(service: Daemon, tmp_path: Path) -> None:
    """
    Address, data directory and the command for a token can be copied as they stand, and hold at once.
    """
    address = told(service, "nacre listens on ")
    command = shlex.split(told(service, "  token  "))
    made = await asyncio.to_thread(shell, command)

    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False, verify=False) as client:  # noqa: S501 - plain
        readiness = await client.get("/readyz")
        settings = await client.get("/api/v1/config", headers={"Authorization": f"Bearer {made.stdout.strip()}"})

    assert told(service, "  data   ") == str(tmp_path / "data dir")
    assert readiness.status_code == 200
    assert settings.json()["settings"]["server"]["workers"] == 2


async def test_the_options_reach_the_processes_that_they_are_for(service: Daemon) -> None:
    """
    Workers read settings of their own: the parent hands its options on as variables.
    """
    assert len(children(service.pid, "nacre.worker")) == 2


async def test_it_ends_well_when_it_is_told_to(service: Daemon) -> None:
    """
    Whatever watches it takes another code for a crash.
    """
    service.signal(signal.SIGTERM)

    assert await service.ended() == 0


async def test_a_second_service_on_the_same_data_is_refused(service: Daemon, tmp_path: Path) -> None:
    """
    Two stores on one file would destroy it.
    """
    command = [sys.executable, "-m", "nacre", "serve", "--listen", "127.0.0.1:0", "--data-dir", told(service, "  data")]

    second = await asyncio.to_thread(shell, command)

    assert second.returncode == 2
    assert second.stderr.splitlines()[-1].startswith(f"nacre: another nacre keeps the data directory {tmp_path}")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--listen", "nowhere"), "--listen"),
        (("--workers", "0"), "--workers"),
        (("--workers", "many"), "--workers"),
        (("--config", "/no/such/file"), "/no/such/file"),
    ],
)
def test_options_that_cannot_be_used_are_named_as_they_were_typed(
    run: Run, options: tuple[str, ...], named: str
) -> None:
    """
    Nobody typed the variable by which the workers will be told.
    """
    ran = run("serve", *options)

    assert ran.code == 2
    assert named in ran.err
    assert "NACRE_SERVER__" not in ran.err
    assert ran.err.count("\n") == 1


def test_a_port_that_is_taken_is_told_in_one_sentence(run: Run) -> None:
    """
    The most frequent reason why it does not start.
    """
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        ran = run("serve", "--listen", address)

    assert ran.code == 2
    assert ran.err == f"nacre: server.listen: cannot listen on {address}: Address already in use\n"


async def test_a_service_that_does_not_answer_is_not_waited_for_endlessly() -> None:
    """
    With its store away it listens, but is never ready; people want to read the address all the same.
    """
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        deaf.close()

        assert not await ready(address, patience=0.2)
