# SPDX-License-Identifier: Apache-2.0
"""The report of a training on a terminal."""

from __future__ import annotations

import msgspec
import pytest
from trainings import comparison, training_report

from nacre.cli.training_report import MOST, show_training
from nacre.network.gate import Check, Verdict


def test_the_verdict_comes_first_and_every_condition_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Whoever reads one line reads whether the model may be used.
    """
    report = training_report()

    show_training(report)

    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"Model {report.model}, trained in 42 s until ")
    assert lines[2] == ("It may be used." if report.verdict.passed else "The gate holds it back.")
    for check in report.verdict.checks:
        assert any(line.endswith(check.sentence) for line in lines)


@pytest.mark.parametrize(("passed", "word"), [(True, "met"), (False, "failed"), (None, "open")])
def test_a_condition_is_met_failed_or_open(
    capsys: pytest.CaptureFixture[str], *, passed: bool | None, word: str
) -> None:
    """
    What the rows cannot tell is neither of the two others.
    """
    verdict = Verdict(passed=passed is not False, reasons=(), checks=(Check(passed, "A condition."),))

    show_training(msgspec.structs.replace(training_report(), verdict=verdict))

    out = capsys.readouterr().out
    assert any(line.split() == [word, "A", "condition."] for line in out.splitlines())
    assert ("The gate holds it back." in out) == (passed is False)


def test_a_model_stands_beside_the_one_in_use_and_the_rules(capsys: pytest.CaptureFixture[str]) -> None:
    """
    A figure alone says nothing; without a model in use there is one column less.
    """
    with_one, without = training_report(), training_report(compared=comparison(number=4_000, champion=None))

    show_training(with_one)
    both = capsys.readouterr().out
    show_training(without)
    alone = capsys.readouterr().out

    assert "macro, in use" in both
    assert "macro, in use" not in alone
    assert "compared with the rules alone." in alone
    assert f"compared with model {with_one.champion} and the rules alone." in both


def test_figures_on_few_rows_are_called_luck(capsys: pytest.CaptureFixture[str]) -> None:
    """
    One of 4,000 rows is not a share of 0.01 %; forty are one of 1 %.
    """
    show_training(training_report(compared=comparison(number=4_000)))

    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert sum(line.startswith("0.01 % *") for line in lines) == 2, "tries and hits"
    assert sum(line.startswith("1 %  ") for line in lines) == 2


def test_the_worst_kind_of_attack_comes_first(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The mean hides it.
    """
    report = training_report()
    place = next(n for n, at in enumerate(report.compared.challenger.tries) if at.budget <= 1e-3)
    worst = min(report.compared.challenger.kinds, key=lambda kind: kind.recalls[place])

    show_training(report)

    lines = capsys.readouterr().out.splitlines()
    header = next(n for n, line in enumerate(lines) if line.startswith("kind of attack"))
    assert lines[header + 1].startswith(worst.kind)


def test_what_an_attacker_named_does_not_reach_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """
    Names of additional features come from callers.
    """
    show_training(training_report(name="\x1b[2Jclean"))

    out = capsys.readouterr().out
    assert r"\x1b[2Jclean" in out
    assert "\x1b" not in out


def test_the_heaviest_columns_are_enough_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """
    The page has all of them.
    """
    report = training_report()
    assert len(report.columns) > MOST

    show_training(report)

    out = capsys.readouterr().out
    assert report.columns[MOST - 1].name in out
    assert report.columns[MOST].name not in out
