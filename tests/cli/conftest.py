# SPDX-License-Identifier: Apache-2.0
"""The command, run in this process: on the store that all tests share, or on one of its own."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from terminal import GUESSES, Ran, Run

from nacre.cli.main import main

STORE, PREFIX = "NACRE_SERVER__REDIS__MASTER__ADDRESS", "NACRE_SERVER__REDIS__PREFIX"
TIMEOUT = "NACRE_SERVER__REDIS__TIMEOUT"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """The data directory; nothing is in it yet."""
    return tmp_path / "data"


@pytest.fixture
def run(
    data_dir: Path,
    store_socket: str,
    prefix: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """
    Return the command: ``run("blocks", "list")``; *stdin* is what it reads.

    Neither end is a terminal, as in a script.
    """
    monkeypatch.setenv("NACRE_DATA_DIR", str(data_dir))
    monkeypatch.setenv(STORE, store_socket)
    monkeypatch.setenv(PREFIX, prefix)
    monkeypatch.setenv(TIMEOUT, "10s")  # a store that is slow for a moment is not away
    monkeypatch.delenv("NACRE_CONFIG", raising=False)

    def command(*arguments: object, stdin: str | bytes = "") -> Ran:
        content = stdin if isinstance(stdin, bytes) else stdin.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return command


@pytest.fixture
def embedded(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001 - which has set them
    """Let commands use the embedded store of the data directory, as they do on an empty machine."""
    monkeypatch.delenv(STORE)
    monkeypatch.delenv(PREFIX)


@pytest.fixture
def guess(run: Run) -> Run:
    """Return a function that fails to sign in, often enough to be blocked if nothing else is said."""

    def fail(client_ip: str = "192.0.2.7", username: str = "erika", times: int = GUESSES) -> Ran:
        ran = Ran(0, "", "")
        for number in range(times):
            password = ("--password-digest", f"guess-{number}")
            ran = run("attempt", "--client-ip", client_ip, "--username", username, *password, "--failure")
        return ran

    return fail
