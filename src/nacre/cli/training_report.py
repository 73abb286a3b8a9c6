# SPDX-License-Identifier: Apache-2.0
"""The report of a training on a terminal: whether the model may be used, how good it is, what it learned from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nacre.cli.output import count, moment, show, show_table

if TYPE_CHECKING:
    from nacre.network.evaluation import AtBudget, Comparison, Evaluation
    from nacre.network.training_report import TrainingReport

MOST = 10
"""Columns that the model leans on and that are shown; the page and ``--json`` have all."""

ENOUGH = 10
"""Rows that a budget has to allow before its figures are more than luck."""

_MARKS = {True: "met", False: "failed", None: "open"}


def show_training(report: TrainingReport) -> None:
    """Print the report of a training."""
    for sentence in _head(report):
        show(sentence)
    show("")
    show_table(["gate", "condition"], [(_MARKS[check.passed], check.sentence) for check in report.verdict.checks])
    show("")
    for table in (_tries, _hits):
        table(report.compared)
    _kinds(report.compared)
    _rest(report)


def _head(report: TrainingReport) -> Iterator[str]:
    took = max(report.ended - report.began, 0.0)
    against = f"model {report.champion} and the rules alone" if report.champion else "the rules alone"
    yield f"Model {report.model}, trained in {took:,.0f} s until {moment(report.ended)}, compared with {against}."
    rows = sum(part.attacks + part.legitimate for part in report.parts)
    attacks = sum(part.attacks for part in report.parts)
    yield f"It knows {count(rows, 'row')}, {attacks:,} of them attacks, each labelled in hindsight."
    yield "It may be used." if report.verdict.passed else "The gate holds it back."


def _tries(compared: Comparison) -> None:
    """Print how many attacks are found at each budget of harm."""
    scorers = _scorers(compared)
    rows = [
        (
            _named(at),
            *(_percent(each.tries[place].macro_recall) for _, each in scorers),
            *(_percent(each.tries[place].recall) for _, each in scorers),
        )
        for place, at in enumerate(compared.challenger.tries)
    ]
    names = [name for name, _ in scorers]
    columns = ["legitimate harmed", *(f"macro, {name}" for name in names), *(f"all, {name}" for name in names)]
    show("Attacks found, as the mean over their kinds and in all:")
    show_table(columns, rows, numbers=columns)
    _warn(compared.challenger.tries)
    show("")


def _hits(compared: Comparison) -> None:
    """Print how many right guesses are stopped at each budget of refused logins."""
    scorers = [(name, each) for name, each in _scorers(compared) if each.hits]
    if not compared.challenger.hits:
        show("Right guesses stopped: not measured, as the rows hold none.")
        show("")
        return
    rows = [
        (_named(at), *(_percent(each.hits[n].recall) for _, each in scorers))
        for n, at in enumerate(compared.challenger.hits)
    ]
    columns = ["logins refused", *(name for name, _ in scorers)]
    show(f"Right guesses stopped, of {compared.challenger.rows.hits:,}:")
    show_table(columns, rows, numbers=columns)
    _warn(compared.challenger.hits)
    show("")


def _kinds(compared: Comparison) -> None:
    """Print how much of each kind of attack is found at one legitimate attempt in a thousand, the worst first."""
    ours = compared.challenger
    place = next((n for n, at in enumerate(ours.tries) if at.budget <= 1e-3), len(ours.tries) - 1)
    rows = [
        (kind.kind, f"{kind.rows:,}", _percent(kind.recalls[place]))
        for kind in sorted(ours.kinds, key=lambda kind: kind.recalls[place])
    ]
    if rows:
        columns = ["kind of attack", "rows", f"found at {_percent(ours.tries[place].budget)}"]
        show_table(columns, rows, numbers=columns[1:])
        show("")


def _rest(report: TrainingReport) -> None:
    """Print calibration, thresholds, what the model leans on, and where the labels come from."""
    ours = report.compared.challenger
    show(f"Calibration error: {ours.guess.ece:.4f} of the guess score, {ours.accept.ece:.4f} of the accept score.")
    show("")
    if report.thresholds:
        rows = [(each.use, each.score, f"{each.value:.4f}", _budget(each.budget)) for each in report.thresholds]
        show_table(["what is done", "score", "from", "budget"], rows, numbers=["from", "budget"])
        show("")
    if report.columns:
        columns = [(each.name, f"{each.log_loss:+.4f}") for each in report.columns[:MOST]]
        show_table(["leans on", "log-loss without it"], columns, numbers=["log-loss without it"])
        show("")
    labels = [
        ("attack" if each.attack else "legitimate", f"{each.rows:,}", f"{each.weight:,.0f}", each.reason)
        for each in sorted(report.labels, key=lambda each: (not each.attack, -each.weight))
    ]
    show_table(["label", "rows", "weight", "because"], labels, numbers=["rows", "weight"])


def _scorers(compared: Comparison) -> list[tuple[str, Evaluation]]:
    champion = [] if compared.champion is None else [("in use", compared.champion)]
    return [("this one", compared.challenger), *champion, ("rules", compared.rules)]


def _named(at: AtBudget) -> str:
    """Return a budget, with a mark if its figures are luck."""
    return _percent(at.budget) if at.rows >= ENOUGH else f"{_percent(at.budget)} *"


def _warn(measured: Sequence[AtBudget]) -> None:
    if any(at.rows < ENOUGH for at in measured):
        show(f"* fewer than {ENOUGH} rows: luck")


def _budget(share: float | None) -> str:
    return "" if share is None else _percent(share)


def _percent(share: float) -> str:
    from nacre.network.wording import percent

    return percent(share)
