# SPDX-License-Identifier: Apache-2.0
"""`nacre feedback`."""

from __future__ import annotations

import pytest
from terminal import GUESSES, Run

ERIKA = ("--client-ip", "192.0.2.7", "--username", "erika")


@pytest.fixture
def tried(run: Run) -> Run:
    """The command, after an attempt of erika's under the request id r1."""
    run("attempt", *ERIKA, "--failure", "--request-id", "r1")
    return run


def test_feedback_is_kept_with_the_attempt_and_who_gave_it(tried: Run) -> None:
    """
    Whoever reads it later wants to know whom to ask.
    """
    given = tried("feedback", "r1", "--attack")
    listed = tried("feedback", "--list")

    assert (given.code, given.out) == (0, "Noted: r1, erika from 192.0.2.7: an attack.\n")
    header, line = listed.out.splitlines()
    assert header.split()[0] == "time"
    assert "cli:" in line
    assert line.endswith("r1")
    entry = tried("feedback", "--list", "--json").json["feedback"][0]
    assert (entry["is_brute_force"], entry["client_ip"], entry["username"], entry["new"]) == (
        True,
        "192.0.2.7",
        "erika",
        True,
    )


def test_the_last_word_counts_and_can_be_withdrawn(tried: Run) -> None:
    """
    People correct themselves; what they take back is gone.
    """
    tried("feedback", "r1", "--attack")
    tried("feedback", "r1", "--legitimate")
    corrected = tried("feedback", "--list", "--json").json["feedback"]

    withdrawn = tried("feedback", "r1", "--withdraw")

    assert [entry["is_brute_force"] for entry in corrected] == [False]
    assert withdrawn.out.endswith(": withdrawn.\n")
    assert tried("feedback", "--list").err == "Nobody has given feedback yet.\n"
    assert tried("network", "status", "--json").json["feedback"] == 0


@pytest.mark.parametrize("other", [("--client-ip", "192.0.2.8"), ("--username", "max"), ("--client-ip", "nowhere")])
def test_feedback_for_another_attempt_is_refused(tried: Run, other: tuple[str, str]) -> None:
    """
    A mistyped request id must not teach the network about a stranger.
    """
    ran = tried("feedback", "r1", "--attack", *other)

    assert (ran.code, ran.out) == (2, "")
    assert repr(other[1]) in ran.err
    assert tried("feedback", "--list", "--json").json == {"feedback": []}


def test_the_name_may_be_typed_as_people_type_it(tried: Run) -> None:
    """
    It is the account that is compared, not the spelling.
    """
    assert tried("feedback", "r1", "--attack", "--username", "ERIKA", "--client-ip", "::ffff:192.0.2.7").code == 0


def test_an_attempt_of_which_nothing_is_kept_cannot_be_judged(run: Run) -> None:
    """
    The original kept such feedback with features that were all zero.
    """
    ran = run("feedback", "r1", "--attack")

    assert (ran.code, ran.out) == (1, "")
    assert "'r1'" in ran.err
    assert "decisions.keep" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("r1",),
        ("r1", "--attack", "--withdraw"),
        ("--attack",),
        ("--list", "r1"),
        ("--list", "--attack"),
        ("--list", "--withdraw"),
        ("--list", "--count", "0"),
    ],
)
def test_half_a_claim_is_none(run: Run, arguments: tuple[str, ...]) -> None:
    """
    What is missing is never guessed.
    """
    ran = run("feedback", *arguments)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.count("\n") == 1


def test_all_attempts_of_a_block_are_judged_at_once(run: Run, guess: Run) -> None:
    """
    And taken back by naming the same block; of what was refused before anybody looked, nothing can be learned.
    """
    guess()
    run("check", *ERIKA)

    given = run("feedback", "--block", "192.0.2.7", "--rule", "address", "--legitimate")
    as_json = run("feedback", "--block", "192.0.2.7/32", "--rule", "address", "--attack", "--json").json
    withdrawn = run("feedback", "--block", "192.0.2.7", "--rule", "address", "--withdraw")

    assert (given.code, given.out) == (0, f"Noted: {GUESSES} attempts: legitimate.\n")
    assert "1 attempt left out" in given.err
    assert (as_json["attempts"], as_json["is_brute_force"]) == (GUESSES, True)
    assert withdrawn.out == f"Noted: {GUESSES} attempts: withdrawn.\n"
    assert run("feedback", "--block", "192.0.2.7", "--withdraw").code == 1


def test_a_block_of_an_account_is_named_by_the_account(run: Run) -> None:
    """
    What is no subnet is an account; an unknown one has no block.
    """
    ran = run("feedback", "--block", "erika", "--attack")

    assert (ran.code, ran.out) == (1, "")
    assert "no such block" in ran.err
    assert run("feedback", "--campaign", "c1", "--attack").code == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("r1", "--block", "192.0.2.7", "--attack"),
        ("--block", "192.0.2.7", "--campaign", "c1", "--attack"),
        ("r1", "--rule", "address", "--attack"),
        ("--block", "192.0.2.7"),
        ("--block", "192.0.2.7", "--client-ip", "192.0.2.7", "--attack"),
        ("--block", "erika", "--username", "erika", "--attack"),
        ("--campaign", "c1", "--username", "erika", "--attack"),
        ("--list", "--block", "192.0.2.7"),
    ],
)
def test_one_claim_means_one_thing(run: Run, arguments: tuple[str, ...]) -> None:
    """
    A block and an attempt, or a block and a campaign, are a mix-up.
    """
    ran = run("feedback", *arguments)

    assert (ran.code, ran.out) == (2, "")
