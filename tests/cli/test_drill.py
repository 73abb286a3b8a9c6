# SPDX-License-Identifier: Apache-2.0
"""`nacre drill`."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis
from builders import eventually
from terminal import Run

from nacre.cli.drill import AttackName
from nacre.cli.exits import ExitCode
from nacre.drill.attacks import EXERCISES


def _keys(socket: str, prefix: str) -> set[bytes]:
    with redis.Redis(unix_socket_path=socket) as client:
        return set(client.scan_iter(match=f"{prefix}*"))


def test_each_attack_of_a_drill_can_be_asked_for() -> None:
    """
    By the name that the table shows.
    """
    assert [each.value for each in AttackName] == [each.name for each in EXERCISES]


def test_a_drill_shows_what_became_of_each_attack(run: Run) -> None:
    """
    In one line each, and ends with the code that monitoring takes for well.
    """
    ran = run("drill", "--quick", "--kind", "rotation", "--kind", "guessing")

    lines = ran.out.splitlines()
    assert ran.code == 0
    assert lines[1].startswith("guessing  pass  guessing (T1110.001)  try ")
    assert lines[2].startswith("rotation  pass  guessing (T1110.001)  try ")
    assert lines[-1] == "2 of 2 attacks were recognised and stopped as asked."


def test_an_attack_that_gets_through_is_told_by_the_exit_code(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    And by a sentence that says what was missed.
    """
    monkeypatch.setenv("NACRE_CAMPAIGNS__ACCOUNT_ORIGINS", "24")

    ran = run("drill", "--quick", "--kind", "guessing")

    assert ran.code == ExitCode.GOT_THROUGH
    assert "guessing: it was recognised by try" in ran.out
    assert ran.out.endswith("0 of 1 attacks were recognised and stopped as asked.\n")


def test_a_program_gets_all_figures(run: Run) -> None:
    """
    Times in event time and by the clock, counts of what was let through and of people met.
    """
    document: Any = run("drill", "--quick", "--kind", "guessing", "--json").json

    (found,) = document["findings"]
    assert (document["passed"], document["quick"], document["enforces"]) == (True, True, True)
    assert found["recognised_by"] <= 12
    assert found["enforced_by"] == found["let_through_before"] + 1
    assert found["rest_stopped"] == found["rest"] > 0
    assert found["known_touched"] == 0
    assert 0 < found["recognised_clock"] < found["clock"]


def test_measures_that_wait_for_a_person_are_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Otherwise a drill that passes would say more than it saw.
    """
    monkeypatch.setenv("NACRE_CAMPAIGNS__MEASURES__AUTOMATIC", "false")

    ran = run("drill", "--quick", "--kind", "guessing")

    assert ran.code == 0
    assert "campaigns.measures.automatic" in ran.err


def test_without_campaigns_a_drill_is_refused(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    With another code than that of an attack that got through.
    """
    monkeypatch.setenv("NACRE_CAMPAIGNS__ENABLED", "false")

    ran = run("drill", "--kind", "guessing")

    assert (ran.code, "campaigns are off" in ran.err) == (ExitCode.UNUSABLE, True)


def test_a_drill_leaves_the_store_as_it_was(run: Run, store_socket: str, prefix: str) -> None:
    """
    The same keys, before and after.
    """
    run("attempt", "--client-ip", "192.0.2.7", "--username", "erika", "--failure")
    before = _keys(store_socket, prefix)

    ran = run("drill", "--quick", "--kind", "guessing", "--kind", "stuffing-from-few")

    assert ran.code == 0
    assert _keys(store_socket, prefix) == before


@pytest.mark.usefixtures("embedded")
def test_without_a_service_the_store_is_started_for_the_moment(run: Run, data_dir: Path) -> None:
    """
    As every command does.
    """
    ran = run("drill", "--quick", "--kind", "guessing")

    assert ran.code == 0
    assert not list((data_dir / "store").glob("*.sock"))


def test_what_a_killed_drill_left_expires_and_is_gone_after_the_next_one(
    run: Run, store_socket: str, prefix: str
) -> None:
    """
    Killed in the middle of an attack, nothing of it can stay for ever.  Its mark lasts an hour; here it is removed.
    """
    run("blocks", "list")
    before = _keys(store_socket, prefix)
    command = [sys.executable, "-m", "nacre", "drill", "--kind", "slow-spraying"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        asyncio.run(eventually(lambda: len(_keys(store_socket, prefix)) > len(before) + 50))
        process.send_signal(signal.SIGKILL)

    left = _keys(store_socket, prefix) - before
    with redis.Redis(unix_socket_path=store_socket) as client:
        lives = {key: client.ttl(key) for key in left}
        client.unlink(*(key for key in left if key.endswith(b":sequence")))
    run("drill", "--quick", "--kind", "guessing")

    assert len(left) > 50
    assert [key for key, seconds in lives.items() if not isinstance(seconds, int) or seconds <= 0] == []
    assert _keys(store_socket, prefix) == before


def test_the_help_teaches() -> None:
    """
    What it does, what it leaves alone, and what the exit code says.
    """
    command = [sys.executable, "-m", "nacre", "drill", "--help"]

    shown = subprocess.run(command, capture_output=True, text=True, timeout=200, check=True).stdout

    for words in ("Try attacks of every kind", "nothing is left", "22", "$ nacre drill --quick --json"):
        assert words in " ".join(shown.split())
