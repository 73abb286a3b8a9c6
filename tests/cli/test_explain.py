# SPDX-License-Identifier: Apache-2.0
"""`nacre explain`."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from terminal import Run

ERIKA = ("--client-ip", "192.0.2.7", "--username", "erika")


@pytest.mark.parametrize("head", ["guess", "accept"])
def test_the_contributions_add_up_to_the_score_that_was_served(run: Run, head: str) -> None:
    """
    An explanation of another number than the one in the decision explains nothing.
    """
    decision = run("check", *ERIKA, "--request-id", "r1", "--json").json

    found = run("explain", "r1", "--head", head, "--json").json

    assert found["score"] == pytest.approx(decision["score" if head == "guess" else "score_accept"], abs=1e-6)
    assert (found["model"], found["head"]) == (decision["model"], head)
    moved = sum(each["logit"] for each in found["contributions"])
    logit = math.log(found["score"] / (1 - found["score"])) - math.log(found["base"] / (1 - found["base"]))
    assert moved == pytest.approx(logit, rel=0.02, abs=0.05)
    weights = [abs(each["logit"]) for each in found["contributions"]]
    assert weights == sorted(weights, reverse=True)


def test_people_read_sentences_and_as_many_as_they_asked_for(run: Run) -> None:
    """
    Below the score, heaviest first.
    """
    run("check", *ERIKA, "--request-id", "r1")

    ran = run("explain", "r1", "--count", 2)

    assert ran.code == 0
    score, *_, header, first, second = ran.out.splitlines()
    assert score.startswith("score")
    assert "the probability that the attempt is a guess; a median attempt has" in score
    assert header.split() == ["weight", "because"]
    assert abs(float(first.split()[0])) >= abs(float(second.split()[0]))
    assert len(first.split()) > 2


def test_an_attempt_of_which_nothing_is_kept_cannot_be_explained(run: Run) -> None:
    """
    The command says why, and how long there is something.
    """
    ran = run("explain", "r1")

    assert (ran.code, ran.out) == (1, "")
    assert "decisions.keep" in ran.err


def test_an_attempt_that_no_model_scored_is_told_from_a_mistake(run: Run, tmp_path: Path) -> None:
    """
    It was decided while the network was off.
    """
    config = tmp_path / "nacre.yml"
    config.write_text("brute_force: {neural_network: {enabled: false}}")
    run("check", *ERIKA, "--request-id", "r1", "--config", config)

    ran = run("explain", "r1")

    assert (ran.code, ran.out) == (1, "")
    assert "scored" in ran.err
