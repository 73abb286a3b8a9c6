# SPDX-License-Identifier: Apache-2.0
"""The installation that a command works on."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from daemons import running
from terminal import GUESSES, Run

from nacre.access.roles import Role
from nacre.cli.installation import Installation, Turn, who

ERIKA = ("--client-ip", "192.0.2.7", "--username", "erika")


def test_the_option_comes_before_settings_and_environment(tmp_path: Path) -> None:
    """
    What was typed last is what was meant; a relative path means the folder in which it was typed.
    """
    config = tmp_path / "nacre.yml"
    config.write_text("server: {data_dir: /srv/configured}")
    environ = {"NACRE_DATA_DIR": "/srv/environment"}

    assert Installation.find(config, Path("here"), environ).data_dir == Path.cwd() / "here"
    assert Installation.find(config, None, environ).data_dir == Path("/srv/configured")
    assert Installation.find(None, None, environ).data_dir == Path("/srv/environment")


async def test_a_turn_is_waited_for(tmp_path: Path) -> None:
    """
    The store that one command started must not end under the next one.
    """
    first = await Turn.wait(tmp_path)
    waiting = asyncio.create_task(Turn.wait(tmp_path))

    _, still_waiting = await asyncio.wait({waiting}, timeout=0.1)
    first.close()
    second = await waiting

    assert still_waiting
    assert second.taken()
    second.close()


@pytest.mark.usefixtures("embedded")
def test_commands_at_the_same_time_lose_no_count(run: Run, data_dir: Path) -> None:
    """
    Without a service each of them starts the store, and takes it away with it.
    """
    command = [sys.executable, "-m", "nacre", "report", *ERIKA, "--failure", "--data-dir", str(data_dir)]
    started = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(5)]

    codes = [process.wait(200) for process in started]

    assert codes == [0] * 5
    assert run("tolerations", "counters", "192.0.2.7", "--json").json["negative"] == 5


@pytest.mark.usefixtures("embedded")
async def test_commands_and_a_running_service_see_the_same(run: Run, tmp_path: Path) -> None:
    """
    A command joins the store of the service, and the service hears of what it changes.
    """
    async with running(tmp_path / "service") as service, service.client(Role.OPERATOR) as client:
        attempt = {"client_ip": "192.0.2.7", "username": "erika"}
        for _ in range(GUESSES):
            await client.post("/api/v1/attempt", json={**attempt, "success": False})
        before = await client.post("/api/v1/check", json=attempt)

        lifted = await asyncio.to_thread(
            run, "blocks", "lift", "--ip", "192.0.2.7", "--data-dir", service.data_dir, "--json"
        )
        after = await client.post("/api/v1/check", json=attempt)

    assert before.json()["action"] == "refuse"
    assert lifted.json["lifted"] == 1
    assert after.json()["action"] == "allow"


def test_a_store_that_is_away_has_a_code_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    It comes back, and a script may try again.  Nothing is counted as if nothing had happened.
    """
    monkeypatch.setenv("NACRE_SERVER__REDIS__MASTER__ADDRESS", "127.0.0.1:1")

    ran = run("report", *ERIKA, "--failure")

    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "nacre: the store 127.0.0.1:1 cannot be reached; start it, or correct server.redis\n"


def test_a_store_of_another_installation_is_not_touched(run: Run, tmp_path: Path) -> None:
    """
    Under another key the same account has another name, and two installations would count past each other.
    """
    run("check", *ERIKA)

    ran = run("check", *ERIKA, "--data-dir", tmp_path / "other")

    assert ran.code == 2
    assert "identity" in ran.err


def test_a_data_directory_that_others_can_read_is_refused(run: Run, data_dir: Path) -> None:
    """
    The sentence holds the command that repairs it.
    """
    run("token", "create", "--role", "admin")
    (data_dir / "secrets" / "token.key").chmod(0o644)

    ran = run("audit")

    assert ran.code == 2
    assert "chmod 600" in ran.err


def test_a_change_bears_the_name_of_a_user() -> None:
    """
    The audit log is read by people.
    """
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()

    assert who() == f"cli:{user}"
