# SPDX-License-Identifier: Apache-2.0
"""`nacre measures`."""

from __future__ import annotations

import pytest
from terminal import Run


def test_a_measure_is_begun_extended_and_stopped(run: Run) -> None:
    """
    Each command says what it is from then on.
    """
    begun = run("measures", "start", "challenge", "--account", "Erika", "--for", "2h", "--json").json
    longer = run("measures", "extend", begun["id"], "--for", "3h", "--json").json
    stopped = run("measures", "stop", begun["id"])
    again = run("measures", "stop", begun["id"])

    assert (begun["state"], begun["scope"], begun["until"] - begun["since"]) == (
        "active",
        {"accounts": ["erika"]},
        7200,
    )
    assert longer["until"] > begun["until"]
    assert (stopped.code, again.code) == (0, 2)
    assert "has ended" in again.err


def test_measures_are_listed_with_who_answers_for_them(run: Run) -> None:
    """
    As a table, and as JSON.
    """
    assert run("measures", "list").err == "There is no measure.\n"
    run("measures", "start", "block", "--subnet", "192.0.2.0/24", "--reason", "a botnet")

    listed, told = run("measures", "list"), run("measures", "list", "--json").json["measures"]

    header, line = listed.out.splitlines()
    assert header.split() == ["measure", "step", "state", "until", "harm", "by", "reason"]
    assert line.endswith("a botnet")
    assert [(each["step"], each["state"]) for each in told] == [("block", "active")]


def test_what_it_would_do_is_told_and_nothing_begins(run: Run) -> None:
    """
    A block of everybody is more than the budget allows, whatever was seen.
    """
    narrow = run("measures", "start", "block", "--subnet", "192.0.2.0/24", "--dry-run")
    wide = run("measures", "start", "block", "--known-origins", "--dry-run")
    refused = run("measures", "start", "block", "--known-origins")

    assert "within the budget" in narrow.out
    assert "more than the budget allows" in wide.out
    assert (refused.code, "confirm" in refused.err) == (20, True)
    assert run("measures", "list").err == "There is no measure.\n"
    assert run("measures", "start", "block", "--known-origins", "--confirm").code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("start", "panic"),
        ("start", "block", "--subnet", "nowhere"),
        ("start", "block", "--for", "0s"),
        ("start", "block", "--for", "721h"),
        ("start", "block", "--for", "soon"),
    ],
)
def test_what_no_measure_can_be_is_refused(run: Run, arguments: tuple[str, ...]) -> None:
    """
    As something that has to be typed differently.
    """
    assert run("measures", *arguments).code == 2


def test_a_measure_that_is_not_there_is_absent(run: Run) -> None:
    """
    Whatever is to be done with it.
    """
    assert [run("measures", what, "m-1").code for what in ("stop", "extend", "confirm")] == [1, 1, 1]
