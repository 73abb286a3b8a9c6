# SPDX-License-Identifier: Apache-2.0
"""Replays that the documents show give what they show, where the logs are."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
GUIDE = (REPOSITORY / "docs" / "guide" / "replay.md").read_text(encoding="utf-8")
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
LOGS = {"elastic-auth.log": "2017", "gtkcyber-auth.log": "2014"}


def session(page: str, command: str) -> list[str]:
    """Return the lines that a document shows under a command."""
    found = re.search(rf"^```\n\$ {re.escape(command)}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)
    assert found, command
    return found[1].splitlines()


def replayed(folder: Path, *arguments: str) -> str:
    """Return what the command prints with the settings that a user begins with."""
    defaults = {name: value for name, value in os.environ.items() if not name.startswith("NACRE_")}
    command = [sys.executable, "-m", "nacre", "replay", *arguments]
    return subprocess.run(
        command, cwd=folder, env=defaults, capture_output=True, text=True, timeout=200, check=True
    ).stdout


@pytest.fixture
def logs(shared_data: Path, tmp_path: Path) -> Path:
    """Return a folder with the recorded logs, unpacked."""
    for name in LOGS:
        packed = shared_data / "ssh-raw-licensed" / f"{name}.gz"
        (tmp_path / name).write_bytes(gzip.decompress(packed.read_bytes()))
    return tmp_path


@pytest.mark.parametrize("log", LOGS)
def test_the_guide_shows_what_is_printed(logs: Path, log: str) -> None:
    """
    Whoever changes a default records the sessions again.
    """
    shown = session(GUIDE, f"nacre replay --year {LOGS[log]} {log}")

    assert shown == replayed(logs, "--year", LOGS[log], log).splitlines()


def test_the_readme_shows_how_it_begins(logs: Path) -> None:
    """
    It is cut where the list of sources goes on.
    """
    *shown, cut = session(README, "nacre replay /var/log/auth.log")

    assert cut == "…"
    assert shown == replayed(logs, "--year", "2017", "elastic-auth.log").splitlines()[: len(shown)]


@pytest.mark.parametrize("log", LOGS)
def test_each_refusal_of_a_recorded_log_is_attributed(logs: Path, log: str) -> None:
    """
    Nobody refused any of these together with somebody else, so that the figures add up.
    """
    summary = json.loads(replayed(logs, "--year", LOGS[log], "--json", log))

    by = [*summary["rules"].values(), *(one for names in summary["others"].values() for one in names.values())]
    assert sum(one["refused"] for one in by) == summary["actions"]["refuse"]
    assert summary["others"]["measure"]


def test_the_run_is_refused_before_its_success_and_no_owner_is(logs: Path) -> None:
    """
    147 guesses, then the right one, beside the staff at the same address.
    """
    summary = json.loads(replayed(logs, "--year", "2017", "--json", "elastic-auth.log"))

    (login,) = summary["refused_logins"]
    assert (login["account"], login["failures_before"], login["legitimate_looking"]) == ("elastic_user_0", 147, False)
    assert (login["rules"], login["others"]) == (["address"], [])
    assert (summary["successes"], summary["successes_refused"], summary["legitimate_looking_refused"]) == (226, 1, 0)


def test_the_guide_shows_the_columns_of_the_decisions(tmp_path: Path) -> None:
    """
    Programs read them by name.
    """
    (tmp_path / "events.jsonl").write_text(
        '{"ts": 0, "client_ip": "192.0.2.7", "username": "erika", "success": true}\n'
    )
    shown = re.search(r"^\$ head -3 decisions\.csv\n(.+)$", GUIDE, flags=re.MULTILINE)

    replayed(tmp_path, "--decisions", "decisions.csv", "events.jsonl")

    assert shown
    assert shown[1] == (tmp_path / "decisions.csv").read_text().splitlines()[0]
