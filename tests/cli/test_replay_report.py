# SPDX-License-Identifier: Apache-2.0
"""What a replay found, for people."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from nacre.cli.replay_report import report, sentences
from nacre.replay.record import Tally
from nacre.replay.summary import OtherCount, RefusedLogin, RuleCount, Summary


def login(account: str, *, legitimate: bool, time: float = 0.0) -> RefusedLogin:
    """A login that the backend accepted and nacre would have refused."""
    return RefusedLogin(time, "192.0.2.7", account, ("address",), 0 if legitimate else 50, legitimate)


def test_a_log_without_attempts_says_so_first() -> None:
    """
    Most often it is the wrong file.
    """
    summary = Summary(read=Tally(lines=3))

    assert list(sentences(summary, dt.UTC)) == ["No attempts in 3 lines."]


def test_a_log_without_logins_tells_nothing_about_them() -> None:
    """
    "0 of 0" reads like a result.
    """
    summary = Summary(attempts=2, failures=2, failures_let_through=2, actions={"allow": 2})

    assert not any("accepted login" in sentence for sentence in sentences(summary, dt.UTC))


@pytest.mark.parametrize(
    ("legitimate", "words"),
    [(0, "would have refused 2, none of which look like"), (1, "would have refused 2, 1 of which look like")],
)
def test_the_harm_is_told_in_a_sentence(legitimate: int, words: str) -> None:
    """
    Whether owners would have been shut out decides whether the rules are put to use.
    """
    summary = Summary(attempts=9, successes=9, successes_refused=2, legitimate_looking_refused=legitimate)

    assert any(words in sentence for sentence in sentences(summary, dt.UTC))


def test_long_logs_are_measured_in_days() -> None:
    """
    Nobody reads 577 hours.
    """
    summary = Summary(attempts=1, began=0.0, ended=24.3 * 86_400)

    assert ", 24 days: " in next(sentences(summary, dt.UTC))


def refusals(refuse: int) -> Summary:
    """What a rule, measures and the network refused: 377, 25 and 3."""
    return Summary(
        actions={"refuse": refuse},
        rules={"address": RuleCount(377, 11, 11)},
        others={"measure": {"block (enumeration)": OtherCount(25, 1)}, "network": {"score": OtherCount(3, 2)}},
    )


def test_all_that_refused_is_in_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    """
    It adds up to what is told above it; only rules begin blocks.
    """
    report(refusals(405), zone=dt.UTC, top=10)

    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    rows = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert rows[2:6] == [
        ["refused by", "refused", "blocks", "sources"],
        ["address", "377", "11", "11"],
        ["measure block (enumeration)", "25", "1"],
        ["network score", "3", "2"],
    ]


@pytest.mark.parametrize(("refuse", "told"), [(405, False), (402, True)])
def test_figures_that_do_not_add_up_are_explained(
    capsys: pytest.CaptureFixture[str], refuse: int, *, told: bool
) -> None:
    """
    Three attempts that both the rule and the network refused are in two rows.
    """
    report(refusals(refuse), zone=dt.UTC, top=10)

    assert ("An attempt that several refused counts for each of them." in capsys.readouterr().out) is told


def test_a_refused_login_is_listed_with_all_that_refused_it(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A measure, and no rule at all.
    """
    by_measure = msgspec.structs.replace(login("erika", legitimate=True), rules=(), others=("measure block",))

    report(Summary(refused_logins=[by_measure]), zone=dt.UTC, top=10)

    assert "192.0.2.7  measure block" in capsys.readouterr().out


def test_logins_of_owners_are_listed_before_guesses(capsys: pytest.CaptureFixture[str]) -> None:
    """
    They are the ones to look at, and the list is cut.
    """
    summary = Summary(
        attempts=3,
        successes=3,
        successes_refused=3,
        refused_logins=[login("guessed", legitimate=False), login("erika", legitimate=True, time=9.0)],
    )

    report(summary, zone=dt.UTC, top=1)

    printed = capsys.readouterr().out
    assert "erika" in printed
    assert "its owner" in printed
    assert "guessed" not in printed
    assert "and 2 more logins; --top lists them" in printed


def test_what_was_left_out_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A figure is worth as much as the lines that were understood.
    """
    tally = Tally(lines=3)
    tally.skip("line of another program", "auth.log", 1, "cron")
    tally.misunderstand("auth.log", 2, "\x1b[2J")
    tally.warnings.append("auth.log.2.gz breaks off")

    report(Summary(read=tally), zone=dt.UTC, top=10)

    assert capsys.readouterr().out.splitlines()[2:] == [
        "3 lines read.",
        "  skipped 1: line of another program",
        "  not understood 1, such as:",
        "    auth.log:2: ?[2J",
        "  warning: auth.log.2.gz breaks off",
    ]
