# SPDX-License-Identifier: Apache-2.0
"""`nacre check`, `nacre report` and `nacre attempt`."""

from __future__ import annotations

from pathlib import Path

import pytest
from terminal import Run

from nacre.cli.attempts import WHY, _meaning
from nacre.record import Receipt

ERIKA = ("--client-ip", "192.0.2.7", "--username", "erika")


@pytest.mark.usefixtures("embedded")
def test_an_attempt_that_nothing_speaks_against_may_go_on(run: Run) -> None:
    """
    The first command on an empty machine makes what it needs and answers.
    """
    ran = run("check", *ERIKA)

    assert ran.code == 0
    assert ran.out.startswith("action      allow\n")
    assert ran.err == ""


def test_guessing_ends_in_a_refusal_that_scripts_see(run: Run, guess: Run) -> None:
    """
    Each command is a process of its own; what they count is in the store.
    """
    guess()

    ran = run("check", *ERIKA)

    assert ran.code == 11
    assert "because" in ran.out


def test_the_document_of_a_check_is_that_of_the_service(run: Run) -> None:
    """
    A script that was written for HTTP reads the same fields.
    """
    ran = run("check", *ERIKA, "--request-id", "r1", "--json")

    assert {name: ran.json[name] for name in ("request_id", "action", "delay", "rules", "message", "model")} == {
        "request_id": "r1",
        "action": "allow",
        "delay": 0.0,
        "rules": [],
        "message": "",
        "model": "shipped",
    }
    assert 0 <= ran.json["score"] <= 1
    assert 0 <= ran.json["score_accept"] <= 1


def test_a_challenge_has_a_code_of_its_own(run: Run, tmp_path: Path) -> None:
    """
    A script that cannot challenge has to tell it from a refusal.
    """
    config = tmp_path / "nacre.yml"
    config.write_text(
        "brute_force: {buckets: [{name: a, period: 10m, cidr: 32, ipv4: true, failed_requests: 1, action: challenge}]}"
    )
    run("attempt", *ERIKA, "--failure", "--config", config)

    assert run("check", *ERIKA, "--config", config).code == 10


def test_a_report_names_a_check_of_another_process(run: Run) -> None:
    """
    Between the two lies the test of the password, and with it often another program.
    """
    run("check", *ERIKA, "--request-id", "r1")

    first = run("report", "r1", "--failure")
    second = run("report", "r1", "--failure", "--json")

    assert (first.code, first.out) == (0, "Counted.\n")
    assert second.json == {"request_id": "r1", "counted": False, "why": "reported_before"}


def test_a_report_without_a_check_names_the_attempt(run: Run) -> None:
    """
    Not every program can ask first.
    """
    run("report", *ERIKA, "--failure")

    assert run("tolerations", "counters", "192.0.2.7", "--json").json["negative"] == 1


def test_a_report_of_an_unknown_id_is_told_from_a_mistake(run: Run) -> None:
    """
    The id may simply be older than what is kept.
    """
    ran = run("report", "never-heard-of", "--success")

    assert ran.code == 1
    assert ran.err.startswith("nacre: no attempt is kept under request id 'never-heard-of'")


def test_a_report_about_nothing_says_what_is_missing(run: Run) -> None:
    """
    Neither an id nor an attempt: the sentence names both ways.
    """
    ran = run("report", "--failure")

    assert ran.code == 2
    assert ran.err == "nacre: give a request id, or --client-ip and --username; see nacre report --help\n"


def test_an_outcome_has_to_be_said(run: Run) -> None:
    """
    A default would count somebody's success as a failure, or the reverse.
    """
    ran = run("report", "r1")

    assert ran.code == 2
    assert "--success" in ran.err


def test_a_feature_that_does_not_exist_is_refused(run: Run) -> None:
    """
    A report that silently taught nothing would be noticed months later.
    """
    ran = run("report", *ERIKA, "--failure", "--feature", "rlb")

    assert ran.code == 2
    assert "rbl" in ran.err


def test_every_answer_to_a_report_is_a_sentence() -> None:
    """
    Exemptions have their own words elsewhere, and end as sentences do.
    """
    assert set(WHY) == {
        "counted", "repeated_password", "reported_before", "refused_before", "not_learned", "rejected_by_script",
    }  # fmt: skip
    assert _meaning(Receipt("r1", counted=False, why="local_address")).startswith("Not counted: the address is ")


@pytest.mark.usefixtures("embedded")
def test_a_password_leaves_no_trace(run: Run, data_dir: Path) -> None:
    """
    Not in the answer, not in the store, not in a log.
    """
    ran = run("attempt", *ERIKA, "--failure", "--password-stdin", stdin="correct-horse-battery")

    kept = b"".join(path.read_bytes() for path in data_dir.rglob("*") if path.is_file())
    assert "correct-horse" not in ran.out + ran.err
    assert b"correct-horse" not in kept
