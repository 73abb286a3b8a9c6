# SPDX-License-Identifier: Apache-2.0
"""`nacre blocks`."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from terminal import Run

PAIR_AND_DEVICE = """
brute_force:
  buckets:
    - {name: pair, subject: account+subnet, period: 10m, ban_time: 1h, cidr: 24, ipv4: true, failed_requests: 2}
    - {name: device, subject: client, period: 10m, ban_time: 1h, failed_requests: 2}
"""


def test_a_block_is_listed_with_its_reason(run: Run, guess: Run) -> None:
    """
    Whoever is asked "why can't I sign in" reads the answer off one line.
    """
    guess()

    ran = run("blocks", "list")

    assert ran.code == 0
    header, row = ran.out.splitlines()
    assert header.split() == ["blocked", "rule", "since", "until", "reason"]
    assert row.startswith("192.0.2.7/32  address  ")
    assert "10 failures of 192.0.2.7/32 within 10m" in row


def test_no_block_leaves_nothing_on_standard_output(run: Run) -> None:
    """
    `nacre blocks list | wc -l` counts blocks and a heading, never a note.
    """
    ran = run("blocks", "list")

    assert (ran.code, ran.out, ran.err) == (0, "", "No block is in force.\n")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--ip", "192.0.2.7"), 1),
        (("--ip", "192.0.2.8"), 0),
        (("--subnet", "192.0.2.7/32"), 1),
        (("--subnet", "192.0.2.0/24"), 0),
        (("--account", "erika"), 0),
        (("--client", "phone"), 0),
        (("--rule", "address"), 1),
        (("--rule", "*"), 1),
        (("--search", "ADDR"), 1),
        (("--search", "erika"), 0),
    ],
)
def test_options_narrow_the_list(run: Run, guess: Run, options: tuple[str, ...], found: int) -> None:
    """
    Each means what the parameter of the same name means over HTTP.
    """
    guess()

    assert run("blocks", "list", *options, "--json").json["total"] == found


def test_a_list_that_is_cut_says_so(run: Run, guess: Run) -> None:
    """
    What is not shown must not be taken for not there.
    """
    guess("192.0.2.7")
    guess("198.51.100.7")

    ran = run("blocks", "search", "address", "--limit", 1)

    assert len(ran.out.splitlines()) == 2
    assert ran.err == "1 block of 2; --limit 2 shows all.\n"


def test_the_code_tells_whether_an_address_is_blocked(run: Run, guess: Run) -> None:
    """
    One word in a shell script, with the meaning that it has after a check.
    """
    guess()

    blocked = run("blocks", "check", "192.0.2.7")
    free = run("blocks", "check", "192.0.2.8", "--json")

    assert (blocked.code, blocked.out) == (11, "192.0.2.7 is blocked by address.\n")
    assert (free.code, free.json) == (0, {"buckets": None})


def test_a_lifted_address_may_sign_in_and_the_log_says_who_lifted(run: Run, guess: Run) -> None:
    """
    Lifting forgets what led to the block, or the next failure would renew it.
    """
    guess()

    lifted = run("blocks", "lift", "--ip", "192.0.2.7")
    again = run("blocks", "lift", "--ip", "192.0.2.7")

    assert (lifted.code, lifted.out.split()) == (0, ["lifted", "rule", "192.0.2.7/32", "address"])
    assert (again.code, again.err) == (1, "There is no such block.\n")
    assert guess(times=1).code == 0
    entry = run("audit", "--json").json["entries"][-1]
    assert entry["who"].startswith("cli:")
    assert entry["action"] == "blocks.lift"


@pytest.mark.parametrize(
    ("options", "subject"),
    [
        (("--ip", "192.0.2.9"), "erika from 192.0.2.0/24"),
        (("--subnet", "192.0.2.0/24", "--account", "erika"), "erika from 192.0.2.0/24"),
        (("--client", "phone"), "phone"),
    ],
)
def test_pairs_and_devices_are_lifted_by_what_names_them(
    run: Run, tmp_path: Path, options: tuple[str, ...], subject: str
) -> None:
    """
    What the list shows for some options is what the same options lift; the other block stays.
    """
    config = tmp_path / "nacre.yml"
    config.write_text(PAIR_AND_DEVICE)
    attempt = ("--client-ip", "192.0.2.7", "--username", "erika", "--client-id", "phone", "--config", config)
    for number in range(2):
        run("attempt", *attempt, "--password-digest", number, "--failure")

    listed = run("blocks", "list", *options, "--json", "--config", config).json
    lifted = run("blocks", "lift", *options, "--config", config)

    assert listed["total"] == 1
    assert lifted.out.splitlines()[1].startswith(subject)
    assert run("blocks", "list", "--json", "--config", config).json["total"] == 1


@pytest.mark.parametrize("everything", [("--all",), ("--rule", "*")])
def test_everything_is_lifted_only_by_who_confirms(run: Run, guess: Run, everything: tuple[str, ...]) -> None:
    """
    In the middle of an attack a slip would let everybody in again.
    """
    guess()

    slip = run("blocks", "lift", *everything)
    meant = run("blocks", "lift", *everything, "--yes", "--json")

    assert (slip.code, slip.out) == (2, "")
    assert "--yes" in slip.err
    assert meant.json["lifted"] == 1


@pytest.mark.parametrize(("typed", "code", "left"), [("y\n", 0, 0), ("n\n", 130, 1)])
def test_on_a_terminal_everything_is_lifted_after_a_question(
    run: Run, guess: Run, data_dir: Path, typed: str, code: int, left: int
) -> None:
    """
    The question says how many; no means no.
    """
    guess()
    keyboard, line = pty.openpty()
    os.write(keyboard, typed.encode())

    command = [sys.executable, "-m", "nacre", "blocks", "lift", "--all", "--data-dir", str(data_dir)]
    ended = subprocess.run(command, stdin=line, capture_output=True, text=True, timeout=200, check=False)
    os.close(line)
    os.close(keyboard)

    assert ended.returncode == code
    assert "Lift all 1 block and forget what led to them?" in ended.stderr
    assert run("blocks", "list", "--json").json["total"] == left


@pytest.mark.parametrize(
    "options",
    [(), ("--all", "--ip", "192.0.2.7"), ("--ip", "192.0.2.777"), ("--subnet", "nowhere")],
)
def test_a_lift_that_means_nothing_lifts_nothing(run: Run, guess: Run, options: tuple[str, ...]) -> None:
    """
    Neither no condition nor a wrong one is taken for all of them.
    """
    guess()

    assert run("blocks", "lift", *options).code == 2
    assert run("blocks", "list", "--json").json["total"] == 1
