# SPDX-License-Identifier: Apache-2.0
"""The command `nacre`: what it consists of, and what becomes of errors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import COMMANDS, Run

HEAVY = {"redis", "hiredis", "asyncio", "jwt", "yaml", "msgspec", "structlog", "uvicorn", "prometheus_client"}
"""Modules that `nacre --help` has no use for; together they take a quarter of a second."""

WITHOUT_JSON = {"nacre serve", "nacre config example"}
"""Commands that answer nothing, or with a file."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_shows_how(name: str) -> None:
    """
    Help without an example sends its reader to another page.
    """
    command = COMMANDS[name]
    example = command.epilog.partition("$ ")[2]

    assert command.help.endswith(".")
    assert name in example


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_says_what_it_is_for(name: str) -> None:
    """
    A name alone leaves open what it takes.
    """
    assert [parameter.name for parameter in COMMANDS[name].params if not parameter.help] == []


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_JSON))
def test_every_answer_can_be_had_as_json(name: str) -> None:
    """
    Programs do not read tables.
    """
    assert "--json" in {option for parameter in COMMANDS[name].params for option in parameter.opts}


def test_help_does_not_wait_for_what_it_does_not_need() -> None:
    """
    Completion starts the command at every tab.
    """
    program = "import sys; from nacre.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=200, check=True)

    assert "Usage" in ran.stdout
    assert HEAVY.isdisjoint(ran.stderr.split())


def test_without_a_command_the_help_is_shown(run: Run) -> None:
    """
    Nothing was done, so the code is not that of success; the help needs no complaint below it.
    """
    ran = run()

    assert ran.code == 2
    assert "Usage: nacre" in ran.out
    assert ran.err == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("blks",), "nacre: No such command 'blks'. Did you mean 'blocks'?; see nacre --help\n"),
        (("blocks", "list", "--ipp", "x"), "nacre: No such option: --ipp"),
        (("check", "--client-ip", "192.0.2.7"), "nacre: Missing option '--username'; see nacre check --help\n"),
        (("audit", "--count", "0"), "nacre: Invalid value for '--count': "),
    ],
)
def test_a_slip_is_answered_in_one_line_that_leads_to_the_help(
    run: Run, arguments: tuple[str, ...], sentence: str
) -> None:
    """
    What, and where to read on; the code is the one of everything that has to be typed differently.
    """
    ran = run(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(sentence)
    assert ran.err.count("\n") == 1


def test_the_version_is_told_in_both_ways(run: Run) -> None:
    """
    People try the option first, and programs want a document.
    """
    version = run("version", "--json").json["nacre"]

    assert run("--version").out == f"nacre {version}\n"
    assert run("version").out.startswith(f"nacre {version}, Python 3.")


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    """
    `nacre config example | head` ends without a complaint.
    """
    command = [sys.executable, "-m", "nacre", "config", "example"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()

    assert (process.returncode, complaint) == (0, b"")


def test_a_disk_that_is_full_is_told_without_a_traceback() -> None:
    """
    The code is not one that a script takes for an answer.
    """
    command = [sys.executable, "-m", "nacre", "version"]

    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=200, check=False)

    assert ran.returncode == 70
    assert ran.stderr == "nacre: [Errno 28] No space left on device\n"


def test_a_name_that_the_terminal_cannot_spell_does_not_end_the_command() -> None:
    """
    Old terminals have old encodings.
    """
    command = [sys.executable, "-m", "nacre", "blks-\u4e2d"]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}

    ran = subprocess.run(command, env=environment, capture_output=True, timeout=200, check=False)

    assert ran.returncode == 2
    assert rb"\u4e2d" in ran.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("nacre bl", "blocks"), ("nacre blocks li", "lift"), ("nacre token create --role op", "operator")],
)
def test_the_shell_completes_commands_and_roles(typed: str, offered: str) -> None:
    """
    What `nacre --install-completion` sets up asks the command itself.
    """
    environment = {
        **os.environ,
        "_NACRE_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split()) - 1),
    }
    command = [sys.executable, "-m", "nacre"]

    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=True)

    assert offered in ran.stdout.split()
