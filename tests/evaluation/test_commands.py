# SPDX-License-Identifier: Apache-2.0
"""``python -m evaluation`` from simulating to judging."""

from __future__ import annotations

import csv
from pathlib import Path

import msgspec
import pytest

from evaluation.__main__ import main
from evaluation.run import STORIES, Replays, prepare, replay
from evaluation.traffic.simulate import Story


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small study, with decisions that know the truth and others that refuse everybody."""
    where = tmp_path_factory.mktemp("study")
    assert main(["simulate", "--events", "6000", "--seed", "8", "--out", str(where)]) == 0
    with (where / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    head = "request_id,score,decision,score_accept\n"
    knows = [(row["request_id"], row["is_attack"], ("allow", "refuse")[int(row["is_attack"])]) for row in truth]
    (where / "oracle.csv").write_text(head + "".join(f"{name},{score},{said},{score}\n" for name, score, said in knows))
    (where / "wall.csv").write_text(head + "".join(f"{name},1,refuse,1\n" for name, _, _ in knows))
    return where


def test_who_knows_the_truth_meets_every_bar(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    A bar that the truth itself misses would be a mistake of the judge.

    How soon a campaign has made five tries is its own affair.
    """
    main(["judge", str(folder / "oracle.csv"), "--study", str(folder), "--json"])

    rows = msgspec.json.decode(capsys.readouterr().out)[0]["rows"]
    assert {row["metric"] for row in rows if row["verdict"] != "met"} <= {"seconds to the 5th refusal, median"}


def test_who_refuses_everybody_is_found_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Full recall at its own decisions, all users locked out, and no recall within any budget; the exit code says so.
    """
    code = main(["judge", str(folder / "wall.csv"), "--study", str(folder), "--json"])

    figures = msgspec.json.decode(capsys.readouterr().out)[0]["seeds"][0]
    assert code == 1
    assert (figures["own_macro"], figures["own_locked"], figures["own_s"]) == (1, 1, 1)
    assert figures["macro_a1e-03"] == 0


def test_tables_show_the_other_system_beside(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    Rules alone stand beside the network.
    """
    decided, other = str(folder / "oracle.csv"), str(folder / "wall.csv")
    main(["judge", decided, "--study", str(folder), "--other", other, "--details"])

    said = capsys.readouterr().out
    assert "other" in said
    assert "nat_insider" in said
    assert "traveller" in said


def test_a_file_that_is_missing_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    No traceback for a mistyped path.
    """
    assert main(["judge", "none.csv", "--study", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_nacre_is_told_when_to_train_and_what_was_said(tmp_path: Path) -> None:
    """
    The first training is when judging begins; rules alone hear of neither.
    """
    truth = prepare(Story(seed=1, events=5_000), tmp_path)

    options = Replays(every="12h", further=("--top", "1")).options(tmp_path, truth)

    assert options[:2] == ["--feedback", str(tmp_path / "feedback.jsonl")]
    assert options[2:] == ["--train-at", f"{truth.since:.0f}", "--train-every", "12h", "--top", "1"]


def test_a_replay_that_fails_says_why(tmp_path: Path) -> None:
    """
    Its last lines are in the error, all of them in the log beside the study.
    """
    with pytest.raises(ValueError, match="nacre replay ended with"):
        replay(tmp_path, "decisions", ["--no-such-option"])
    assert "no-such-option" in (tmp_path / "decisions.log").read_text()


@pytest.mark.parametrize("name", sorted(STORIES))
def test_every_story_can_be_told(name: str) -> None:
    """
    A name that leads to an option nobody has would fail after minutes.
    """
    assert Story(seed=1)._replace(**STORIES[name])
