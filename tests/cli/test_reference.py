# SPDX-License-Identifier: Apache-2.0
"""`docs/reference/cli.md`: complete, and true."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminal import COMMANDS, Run

from nacre.cli.exits import ExitCode

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
COMMON = {"--config", "--data-dir", "--json", "--help"}
"""Options that the page explains once."""

VARYING = (
    (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
    (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "TOKEN"),
    (r"nacre_[\w-]{43}", "KEY"),
    (r"\b[\w-]{11}-1\b", "REQUEST-ID"),
    (r"\b[0-9a-f]{64}\b", "DIGEST"),
    (r"\b\d{10}(\.\d+)?\b", "SECONDS"),
    (r"\b\d(\.\d+)?e-\d+\b|\b\d\.\d{3,}\b", "SCORE"),
    (r"cli:\S+", "USER"),
    (r"\d+\.\d+\.\d+", "VERSION"),
    (r"\b\d+ kB", "SIZE"),
    (r" +", " "),
)
"""What differs from run to run, and with it the widths of columns."""


def sections() -> dict[str, str]:
    """Return the text below each heading that is a command."""
    parts = re.split(r"^###? (.+)$", PAGE, flags=re.MULTILINE)
    pairs = zip(parts[1::2], parts[2::2], strict=True)
    return {title.strip("`"): text for title, text in pairs if title.startswith("`nacre")}


def options() -> Iterator[tuple[str, str]]:
    """Yield each command with each of its options that is not explained once for all."""
    for path, command in COMMANDS.items():
        names = [name for each in command.params for name in (*each.opts, *each.secondary_opts)]
        yield from ((path, name) for name in names if name.startswith("--") and name not in COMMON)


def blocks(language: str) -> list[str]:
    """Return the fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def stable(text: str) -> str:
    """Return a text without what differs from run to run."""
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return text


def transcript(run: Run, block: str) -> str:
    """Return what a terminal shows if the commands of a block are typed."""
    shown, code = "", 0
    for line in block.splitlines():
        if not line.startswith("$ "):
            continue
        shown += f"{line}\n"
        if line == "$ echo $?":
            shown += f"{code}\n"
            continue
        ran = run(*shlex.split(line)[2:])
        code = ran.code
        shown += ran.out + ran.err
    return shown


def test_the_page_has_a_section_for_each_command() -> None:
    """
    A command that is not there is not found, and one that is gone is looked for.
    """
    assert set(sections()) == set(COMMANDS)


@pytest.mark.parametrize(("command", "option"), list(options()))
def test_the_page_names_each_option(command: str, option: str) -> None:
    """
    In the section of its command; the fields of an attempt stand with the first command that takes them.
    """
    text = sections()[command]
    if command in {"nacre report", "nacre attempt"}:
        text += sections()["nacre check"]

    assert f"`{option}" in text


def test_the_page_lists_the_exit_codes() -> None:
    """
    Scripts are written from this table.
    """
    table = PAGE.partition("## Exit codes")[2].partition("```")[0]

    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)] == sorted(ExitCode)


@pytest.mark.usefixtures("embedded")
def test_the_page_shows_what_the_commands_print(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Every example, one after the other, on an empty data directory.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nacre.yml").write_text(blocks("yaml")[0])
    (tmp_path / "auth.log").write_text(guessing_log())
    for number in range(10):
        guess = ("--client-ip", "198.51.100.7", "--username", "root", "--password-digest", number)
        run("attempt", *guess, "--failure", "--request-id", f"guess-{number}")

    for block in blocks("console"):
        assert stable(transcript(run, block)) == stable(block)


def guessing_log() -> str:
    """Return a log in which somebody guesses, and erika signs in before and after."""
    erika = "Accepted publickey for erika from 192.0.2.10 port 50001 ssh2: ED25519 SHA256:key"
    guess = "Failed password for root from 198.51.100.7 port 40001 ssh2"
    messages = [erika, *[guess] * 25, erika]
    return "".join(f"Mar  1 12:00:{at:02} gate sshd[{at}]: {text}\n" for at, text in enumerate(messages))
