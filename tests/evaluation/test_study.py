# SPDX-License-Identifier: Apache-2.0
"""Reading a study and the decisions about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from evaluation.study import read_truth, with_decisions

EVENT = '{{"request_id":"{0}","ts":{1},"username":"{2}","success":{3},"client_ip":"192.0.2.1"}}\n'
DECIDED = "request_id,score,decision,score_accept\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a study of three rows: an attack, a login, and a login of an attacker to an own account."""
    events = [("a", 0.0, "ada", "false"), ("b", 60.0, "ben", "true"), ("c", 100.0, "eve", "true")]
    (tmp_path / "events.jsonl").write_text("".join(EVENT.format(*event) for event in events))
    head = "request_id,is_attack,kind,campaign,user_kind,hit\n"
    (tmp_path / "truth.csv").write_text(f"{head}a,1,person,1,,0\nb,0,,,home,0\nc,0,poisoning,2,own_account,0\n")
    return tmp_path


def test_the_last_two_fifths_of_the_time_are_judged_unless_said_otherwise(folder: Path) -> None:
    """
    Time, not rows: 60 % of 100 s.
    """
    usual = read_truth(folder / "events.jsonl", folder / "truth.csv")
    all_of_it = read_truth(folder / "events.jsonl", folder / "truth.csv", since=-1.0)

    assert usual.since == 60.0
    assert usual.attacked_before
    assert not all_of_it.attacked_before


def test_decisions_are_joined_by_request_id_whatever_their_order(folder: Path) -> None:
    """
    A decision about a row that is not judged is left alone.
    """
    truth = read_truth(folder / "events.jsonl", folder / "truth.csv")
    (folder / "decided.csv").write_text(f"{DECIDED}c,0.25,refuse,0.5\nzzz,,,\nb,0.125,allow,1\n")

    rows = with_decisions(truth, folder / "decided.csv")

    assert rows.user.tolist() == ["ben", "eve"]
    assert rows.score.tolist() == [0.125, 0.25]
    assert rows.accept.tolist() == [1.0, 0.5]
    assert rows.refused.tolist() == [False, True]
    assert rows.aside.tolist() == [False, True]


def test_rules_that_have_one_score_are_judged_by_it(folder: Path) -> None:
    """
    Without a second score the first one answers both questions.
    """
    truth = read_truth(folder / "events.jsonl", folder / "truth.csv")
    (folder / "decided.csv").write_text("request_id,score,decision\nb,0.5,allow\nc,0.75,refuse\n")

    assert with_decisions(truth, folder / "decided.csv").accept.tolist() == [0.5, 0.75]


@pytest.mark.parametrize(
    ("decided", "complaint"),
    [
        ("b,0,allow,0\n", "nothing about 1 rows, such as 'c'"),
        ("b,0,allow,0\nc,1.5,allow,0\n", "score is no probability in 1 rows"),
        ("b,0,allow,\nc,1,allow,0\n", "score_accept is no probability in 1 rows"),
        ("b,0,allow,0\nc,1,deny,0\n", "one of allow, delay, challenge, refuse"),
    ],
)
def test_what_cannot_be_judged_is_refused(folder: Path, decided: str, complaint: str) -> None:
    """
    A missing row or a score of NaN would otherwise look like a quiet pass.
    """
    truth = read_truth(folder / "events.jsonl", folder / "truth.csv")
    (folder / "decided.csv").write_text(DECIDED + decided)

    with pytest.raises(ValueError, match=complaint):
        with_decisions(truth, folder / "decided.csv")


def test_a_truth_of_other_events_is_refused(folder: Path) -> None:
    """
    Two folders are easily mixed up.
    """
    (folder / "truth.csv").write_text("request_id,is_attack,kind,campaign,user_kind,hit\nx,0,,,home,0\n")

    with pytest.raises(ValueError, match="does not tell the rows"):
        read_truth(folder / "events.jsonl", folder / "truth.csv")
