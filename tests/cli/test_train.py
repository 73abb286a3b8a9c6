# SPDX-License-Identifier: Apache-2.0
"""`nacre train`."""

from __future__ import annotations

import msgspec
import pytest
from builders import MakeGuard
from terminal import Run

from nacre.cli.train import _ended, _step, _watching, followed
from nacre.network_desk import Job

JOB = Job(id="7", state="waiting", why="asked for", who="erika", samples=0, epochs=0, asked=1.0)


def test_a_training_on_nothing_fails_and_tells_what_is_missing(run: Run) -> None:
    """
    Where no service runs, the command trains in a process of its own; the original called this a success.
    """
    ran = run("train")

    assert ran.code == 21
    assert ran.out.startswith("Training 1 failed: asked for: ")
    assert "50 of 50 missing" in ran.out
    assert ran.err.splitlines()[0] == "Training 1 waits: asked for"
    status = run("network", "status", "--json").json
    assert (status["job"], status["model"]) == (None, "shipped")


def test_nobody_has_to_wait(run: Run) -> None:
    """
    The job is on record, and who asked is in the audit log.
    """
    ran = run("train", "--no-wait", "--samples", 5000, "--epochs", 50, "--json")

    assert ran.code == 0
    assert {"id": "1", "samples": 5000, "epochs": 50}.items() <= ran.json.items()
    entry = run("audit", "--json").json["entries"][-1]
    assert (entry["action"], entry["what"]) == ("network.train", "job 1, samples 5000, epochs 50")


def test_what_does_not_run_cannot_be_cancelled(run: Run) -> None:
    """
    A script tells that from a training that it stopped.
    """
    ran = run("train", "--cancel")

    assert (ran.code, ran.out, ran.err) == (1, "", "No training waits or runs.\n")


@pytest.mark.parametrize("arguments", [("--samples", -1), ("--epochs", 1001), ("--samples", "many")])
def test_numbers_out_of_range_are_refused_before_the_store_is_asked(run: Run, arguments: tuple[str, object]) -> None:
    """
    The range is in the sentence.
    """
    ran = run("train", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert arguments[0] in ran.err


@pytest.mark.parametrize(
    ("state", "code", "begins"),
    [
        ("published", 0, "Model v1 is in use"),
        ("refused", 20, "Model v1 is kept and not in use"),
        ("failed", 21, "Training 7 failed"),
        ("cancelled", 21, "Training 7 cancelled"),
        ("waiting", 0, "Training 7 waits"),
        ("running", 0, "Training 7 runs"),
    ],
)
def test_the_code_tells_what_came_of_a_training(
    capsys: pytest.CaptureFixture[str], state: str, code: int, begins: str
) -> None:
    """
    A nightly script that publishes by another way has to know whether there is something to publish.
    """
    assert _ended(msgspec.structs.replace(JOB, state=state, model="v1"), as_json=False) == code
    assert capsys.readouterr().out.startswith(begins)


def test_a_line_for_each_state_is_enough_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A log is not filled with percentages, and how it ended is told once, by the answer.
    """
    with _watching() as tell:
        tell(JOB)
        tell(JOB)
        for share in (0.1, 0.2):
            tell(msgspec.structs.replace(JOB, state="running", share=share))
        tell(msgspec.structs.replace(JOB, state="failed"))

    assert capsys.readouterr().err == "Training 7 waits: asked for\nTraining 7 runs: asked for\n"


def test_the_bar_says_what_is_trained_and_how_good_it_is() -> None:
    """
    A figure that is not known yet is left out.
    """
    runs = msgspec.structs.replace(JOB, state="running")

    assert _step(JOB) == "training waits"
    assert _step(runs) == "training prepares"
    assert _step(msgspec.structs.replace(runs, head="guess", epoch=1, loss=0.5)) == "head guess, epoch 1, loss 0.500"
    told = _step(msgspec.structs.replace(runs, head="accept", epoch=2, loss=0.4, recall=0.9))
    assert told == "head accept, epoch 2, loss 0.400, recall 0.900"


async def test_a_training_is_followed_to_its_end(make_guard: MakeGuard) -> None:
    """
    Whoever waits sees it as it was first, and as it ended.
    """
    guard = await make_guard()
    seen: list[Job] = []

    job = await guard.network.train(who="erika")
    ended = await followed(guard.network, job, seen.append, every=0.01)

    assert ended.state == "failed"
    assert (seen[0], seen[-1]) == (job, ended)


def test_the_last_trainings_are_listed(run: Run) -> None:
    """
    What became of last night's is seen without its number.
    """
    assert run("train", "--list").err == "Nobody has trained yet.\n"
    run("train")
    run("train", "--no-wait", "--epochs", 3)

    listed = run("train", "--list")
    as_json = run("train", "--list", "--json").json["jobs"]

    header, *lines = listed.out.splitlines()
    assert header.split() == ["id", "asked", "ended", "state", "by", "model", "why"]
    assert [line.split()[0] for line in lines] == ["2", "1"] == [job["id"] for job in as_json]
    assert "failed" in lines[1]
    assert as_json[0]["epochs"] == 3


@pytest.mark.parametrize("other", [("--cancel",), ("--no-wait",), ("--epochs", 5)])
def test_a_list_is_nothing_else(run: Run, other: tuple[object, ...]) -> None:
    """
    Whoever says both meant one of them.
    """
    assert run("train", "--list", *other).code == 2
