# SPDX-License-Identifier: Apache-2.0
"""`nacre replay`."""

from __future__ import annotations

import csv
import json
import os
import pty
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from terminal import Run

from nacre.cli.replay import LogFormat
from nacre.replay.open import FORMATS

LOGS = Path(__file__).parents[1] / "data" / "logs"


@pytest.fixture
def guessing(tmp_path: Path) -> Path:
    """A log of fifteen guesses a second apart, and of erika who signs in before them and after."""
    erika = "Accepted password for erika from 192.0.2.10 port 50001 ssh2"
    guess = "Failed password for root from 198.51.100.7 port 40001 ssh2"
    messages = [erika, *[guess] * 15, erika]
    path = tmp_path / "auth.log"
    path.write_text("".join(f"Mar  1 12:00:{at:02} gate sshd[{at}]: {text}\n" for at, text in enumerate(messages)))
    return path


def test_a_log_is_told_in_sentences_and_tables(run: Run, guessing: Path) -> None:
    """
    Ten guesses are let through, as the default rule says; the rest would not have reached a password.
    """
    ran = run("replay", guessing, "--year", 2025, "--top", 1)

    lines = ran.out.splitlines()
    assert (ran.code, ran.err) == (0, "")
    assert lines[0] == (
        "17 attempts from 2025-03-01 12:00:00 UTC to 2025-03-01 12:00:16 UTC, 16s: "
        "2 accepted, 15 rejected by the backend."
    )
    assert "Of 15 failed guesses it would have stopped 5." in lines
    assert "Of 2 accepted logins it would have refused 0." in lines
    assert ["address", "5", "1", "1"] in [line.split() for line in lines]
    assert ["198.51.100.7", "15", "15", "5", "10", "0", "1"] in [line.split() for line in lines]
    assert "and 1 more source; --top lists them" in lines


def test_the_document_holds_the_whole_summary(run: Run, guessing: Path) -> None:
    """
    What the tables leave out is there.
    """
    summary = run("replay", guessing, "--json").json

    assert summary["actions"] == {"allow": 12, "delay": 0, "challenge": 0, "refuse": 5}
    assert len(summary["sources"]) == 2
    assert summary["read"]["lines"] == 17


def test_every_attempt_has_its_line_among_the_decisions(run: Run, tmp_path: Path) -> None:
    """
    Outside programs compare them with what they know of each attempt.
    """
    decided = tmp_path / "decided.csv"

    ran = run("replay", "--format", "ndjson", "--decisions", decided, LOGS / "attempts.ndjson")

    rows = list(csv.DictReader(decided.read_text().splitlines()))
    assert ran.code == 0
    assert list(rows[0]) == ["request_id", "score", "decision", "score_accept"]
    assert len(rows) == len((LOGS / "attempts.ndjson").read_text().splitlines())


def test_standard_input_is_a_log_too(guessing: Path) -> None:
    """
    `journalctl | nacre replay -` needs no file in between.
    """
    command = [sys.executable, "-m", "nacre", "replay", "--json", "-"]

    ran = subprocess.run(command, input=guessing.read_bytes(), capture_output=True, timeout=200, check=True)

    assert json.loads(ran.stdout)["attempts"] == 17


def test_the_store_of_the_service_is_not_touched(run: Run, guessing: Path, data_dir: Path) -> None:
    """
    A replay of last year must not block anybody today.
    """
    run("replay", guessing)

    assert not data_dir.exists()
    assert run("blocks", "list", "--json").json["total"] == 0


def test_stamps_are_read_and_shown_in_the_zone_that_was_named(run: Run, guessing: Path) -> None:
    """
    Noon in Berlin in March is 11:00 UTC, but the log is compared with clocks in Berlin.
    """
    berlin = ("replay", guessing, "--year", 2025, "--timezone", "Europe/Berlin")

    assert " 2025-03-01 12:00:00 CET " in run(*berlin).out
    assert run(*berlin, "--json").json["began"] == 1740826800.0  # date -d '2025-03-01 11:00 UTC' +%s


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("/no/such/log",), "/no/such/log: No such file or directory"),
        ((str(LOGS),), "Is a directory"),
        (("--timezone", "Mars/Olympus", str(LOGS / "auth.log")), "Europe/Berlin"),
        (("--timezone", "../etc/passwd", str(LOGS / "auth.log")), "Europe/Berlin"),
        (("--format", "pcap", str(LOGS / "auth.log")), "ndjson"),
        (("--decisions", "/no/such/folder/x", str(LOGS / "auth.log")), "--decisions"),
        ((str(Path(__file__)),), "format"),
        ((), "FILE"),
    ],
)
def test_what_cannot_be_replayed_is_told_in_one_sentence(run: Run, arguments: tuple[str, ...], named: str) -> None:
    """
    The name of the file or option, and what would do.
    """
    ran = run("replay", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert named in ran.err
    assert ran.err.count("\n") == 1


def test_the_formats_are_those_of_the_reader() -> None:
    """
    The help names them without loading the reader.
    """
    assert [each.value for each in LogFormat] == list(FORMATS)


def test_progress_is_shown_to_people_and_leaves_the_answer_alone(tmp_path: Path) -> None:
    """
    A year of logs takes a while; the bar is on standard error, and only if that is a terminal.
    """
    line = "Mar  1 12:00:00 gate sshd[1]: Failed password for root from 198.51.100.7 port 40001 ssh2\n"
    log = tmp_path / "auth.log"
    log.write_text(line * 1500)
    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "nacre", "replay", "--json", str(log)]

    with ThreadPoolExecutor(1) as reader:
        shown = reader.submit(_shown, screen)
        try:
            ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, timeout=200, check=True)
        finally:
            os.close(terminal)

    assert ran.stdout.startswith(b"{")
    assert b" attempts" in shown.result()


def _shown(screen: int) -> bytes:
    """Read all that a terminal is shown: one that nobody reads is full soon, and holds up whoever writes."""
    pieces = []
    with os.fdopen(screen, "rb", buffering=0) as end, suppress(OSError):  # as it ends where nobody can write any more
        while piece := end.read(65_536):
            pieces.append(piece)
    return b"".join(pieces)
