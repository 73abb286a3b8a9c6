# SPDX-License-Identifier: Apache-2.0
"""`nacre network` and `nacre learning-mode`."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from terminal import Run

from nacre.cli.network import _lines, state_of, told
from nacre.network_desk import Job, NetworkStatus

JOB = Job(id="7", state="running", why="asked for", who="erika", samples=0, epochs=0, asked=1.0)
STATUS = NetworkStatus(
    enabled=True,
    learning=True,
    set_by_operator=False,
    dry_run=False,
    model="shipped",
    ours=False,
    previous="",
    challenger="",
    events=0,
    samples=0,
    feedback=0,
    feedback_new=0,
    logins=(0, 2000),
    last_training=0.0,
    job=None,
    drift={},
)


def test_a_new_network_learns_and_says_what_it_waits_for(run: Run) -> None:
    """
    Whoever installs nacre asks first why nothing happens.
    """
    ran = run("network", "status")

    assert ran.code == 0
    assert "learning: it collects and scores, and the rules decide alone; it acts as soon as it may" in ran.out
    assert "of 2,000 logins that a shipped model needs" in ran.out
    assert "last training  never" in ran.out


def test_what_was_tried_is_kept_for_training(run: Run) -> None:
    """
    An attempt leaves its event and its sample, whichever process saw it.
    """
    run("attempt", "--client-ip", "192.0.2.7", "--username", "erika", "--failure")

    status = run("network", "status", "--json").json

    assert (status["events"], status["samples"]) == (1, 1)


@pytest.mark.parametrize(
    ("said", "learns", "by_operator"), [("on", True, True), ("off", False, True), ("auto", True, False)]
)
def test_learning_is_what_the_operator_says_until_it_is_taken_back(
    run: Run, said: str, *, learns: bool, by_operator: bool
) -> None:
    """
    It is in the store: the next command, and every instance, knows.
    """
    run("learning-mode", "off" if said != "off" else "on")

    ran = run("learning-mode", said)

    assert ran.code == 0
    asked = run("learning-mode", "--json").json
    assert (asked["learning_mode"], asked["set_by_operator"]) == (learns, by_operator)
    assert ran.out.startswith("The network is learning" if learns else "The network is acting: somebody said so")


def test_dry_run_cannot_be_talked_out_of(run: Run, tmp_path: Path) -> None:
    """
    Whoever wrote it into the settings wants nobody to act by a command.
    """
    config = tmp_path / "nacre.yml"
    config.write_text("brute_force: {neural_network: {dry_run: true}}")

    ran = run("learning-mode", "off", "--config", config)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "nacre: Cannot change learning mode when Dry-Run is activated in configuration\n"
    assert "dry run" in run("network", "status", "--config", config).out


def test_a_network_that_is_off_says_which_setting_did_it(run: Run, tmp_path: Path) -> None:
    """
    Its status is told nevertheless.
    """
    config = tmp_path / "nacre.yml"
    config.write_text("brute_force: {neural_network: {enabled: false}}")

    status = run("network", "status", "--config", config)
    change = run("learning-mode", "off", "--config", config)

    assert "off: brute_force.neural_network.enabled" in status.out
    assert change.code == 2
    assert "brute_force.neural_network.enabled" in change.err


def test_reset_asks_unless_it_is_told_not_to(run: Run) -> None:
    """
    It takes the model of the installation out of use.
    """
    run("learning-mode", "off")

    asked = run("network", "reset")
    done = run("network", "reset", "--yes")

    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert done.code == 0
    assert done.out.startswith("The network is reset. It is learning")
    assert run("audit", "--count", 1, "--json").json["entries"][0]["action"] == "network.reset"


def test_a_person_is_forgotten_once(run: Run) -> None:
    """
    The second time there is nothing left, and others keep their rows.
    """
    for name in ("erika", "Erika", "max"):
        run("attempt", "--client-ip", "192.0.2.7", "--username", name, "--failure")

    first = run("network", "erase", "erika", "--yes")
    second = run("network", "erase", "erika", "--yes")

    assert (first.code, first.out) == (0, "8 entries of erika erased.\n")
    assert (second.code, second.out) == (1, "")
    assert run("network", "erase", "max", "--yes", "--json").json == {"erased": 5}
    assert (run("network", "erase", "erika").code, run("network", "erase", "", "--yes").code) == (2, 2)


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"enabled": False}, "off"),
        ({"dry_run": True, "learning": True}, "in dry run"),
        ({"learning": True}, "learning"),
        ({"learning": True, "set_by_operator": True}, "learning"),
        ({"learning": False}, "acting"),
    ],
)
def test_what_the_network_does_is_told_with_the_strongest_reason(changes: dict[str, bool], begins: str) -> None:
    """
    A switched-off network does not learn, and dry run outweighs what an operator says.
    """
    text = state_of(msgspec.structs.replace(STATUS, **changes))

    assert text.startswith(begins)
    assert ("somebody said so" in text) == changes.get("set_by_operator", False)


def test_a_training_is_told_with_what_it_does_at_the_moment() -> None:
    """
    Head, epoch and recall only while there are some.
    """
    runs = msgspec.structs.replace(JOB, share=0.31, head="guess", epoch=7, recall=0.94)

    assert told(JOB) == "7 runs, 0%: asked for"
    assert told(runs) == "7 runs, 31%, head guess, epoch 7, recall 0.940: asked for"
    assert told(runs, briefly=True) == "7 runs: asked for"
    assert told(msgspec.structs.replace(JOB, state="cancelled")) == "7 cancelled: asked for"


def test_a_network_that_took_itself_back_says_so() -> None:
    """
    Whoever wonders why nobody is refused finds it where they look first.
    """
    taken = msgspec.structs.replace(STATUS, held=1.0, rolled_back=2.0, previous="v2", alarms={"legitimate": 3.0})

    told = [f"{name} {text}" for name, text in _lines(taken)]

    assert sum("taken back" in line for line in told) == 2
    assert any("from v2" in line for line in told)
    assert any(line.startswith("alarm") and "legitimate" in line for line in told)
    assert not [name for name, _ in _lines(STATUS) if name in {"taken back", "alarm"}]
