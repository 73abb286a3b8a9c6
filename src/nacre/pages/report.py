# SPDX-License-Identifier: Apache-2.0
"""The page of a training run: whether the model may be used, how good it is, and what it learned from."""

from __future__ import annotations

from nacre.network.gate import Check
from nacre.network.training_report import TrainingReport
from nacre.network.wording import percent
from nacre.pages.evaluation import at_budgets, by_kind, importance, is_probability, precision_and_recall, scorers
from nacre.pages.markup import Html, element, join
from nacre.pages.parts import folded, moment, page, paragraph, section, sentence, table

_TOLD = (1e-3, 1e-4)
"""Budgets of the figures at the top."""

_MARKS = {True: ("met", "✓"), False: ("failed", "✗"), None: ("open", "?")}


def training_page(report: TrainingReport) -> str:
    """Return the page of a training run as one HTML document without scripts and without anything to load."""
    compared = report.compared
    return page(
        f"Training of model {report.model}",
        _header(report),
        _verdict(report),
        _figures(report),
        at_budgets(compared),
        precision_and_recall(compared),
        is_probability(compared.challenger),
        by_kind(compared),
        importance(report.columns, report.groups),
        _thresholds(report),
        _provenance(report),
        _footer(report),
    )


def _header(report: TrainingReport) -> Html:
    took = max(report.ended - report.began, 0.0)
    against = (
        f"model {report.champion} and the rules alone" if report.champion else "the rules alone; no model is in use"
    )
    return element(
        "header",
        element("h1", "Training of model ", element("span", report.model, class_="name")),
        paragraph(
            sentence("Ended", moment(report.ended), f"after {took:,.0f} s.", f"Compared with {against}."), "lead"
        ),
    )


def _verdict(report: TrainingReport) -> Html:
    checks = report.verdict.checks
    failed = [check for check in checks if check.passed is False]
    unknown = [check for check in checks if check.passed is None]
    if report.verdict.passed:
        heading, state = "It may be published", "met"
        words = f"All {len(checks) - len(unknown)} conditions that could be judged are met"
        words += f"; {len(unknown)} could not be." if unknown else "."
    else:
        heading, state = "It is held back", "failed"
        words = f"{len(failed)} of {len(checks)} conditions failed."
    rest = [check for check in checks if check.passed is not False]
    return element(
        "section",
        element("h2", heading),
        paragraph(words),
        _list(failed),
        folded("The other conditions" if failed else "The conditions", _list(rest)) if rest else "",
        class_=f"verdict {state}",
    )


def _list(checks: list[Check]) -> Html:
    if not checks:
        return Html()
    return element("ul", *(_check(check) for check in checks), class_="checks")


def _check(check: Check) -> Html:
    state, sign = _MARKS[check.passed]
    words = {"met": "met", "failed": "failed", "open": "not judged"}[state]
    mark = element("span", sign, class_="sign", role="img", aria_label=words)
    return element("li", mark, element("span", check.sentence), class_=state)


def _figures(report: TrainingReport) -> Html:
    """Return the few figures that most readers come for, each beside those of the others."""
    found = scorers(report.compared)
    tiles = []
    for budget in _TOLD:
        told = [(name, at.macro_recall) for _, name, each in found for at in each.tries if at.budget == budget]
        tiles.append(_tile(f"macro recall at {percent(budget)} false positives", [(n, percent(v)) for n, v in told]))
    hits = [(name, at.recall) for _, name, each in found for at in each.hits if at.budget == _TOLD[0]]
    if hits:
        tiles.append(_tile(f"hits stopped at {percent(_TOLD[0])} refused logins", [(n, percent(v)) for n, v in hits]))
    tiles.append(_tile("calibration error", [(name, f"{each.guess.ece:.3f}") for _, name, each in found]))
    return element("section", *tiles, class_="tiles", aria_label="The most important figures")


def _tile(what: str, figures: list[tuple[str, str]]) -> Html:
    (_, first), *others = figures
    beside = join((f"{name} {value}" for name, value in others), ", ")
    return element(
        "div", element("b", first), element("span", what), element("small", beside), class_="tile"
    )  # fmt: skip


def _thresholds(report: TrainingReport) -> Html:
    if not report.thresholds:
        return Html()
    rows = [
        (each.use, each.score, f"{each.value:.4f}", "set by hand" if each.budget is None else percent(each.budget))
        for each in report.thresholds
    ]
    return section(
        "Thresholds",
        table("From which score on something is done", ("use", "score", "from", "budget"), rows, words=2),
    )


def _provenance(report: TrainingReport) -> Html:
    parts = [
        (each.name, moment(each.began), moment(each.ended), f"{each.attacks:,}", f"{each.legitimate:,}")
        for each in report.parts
    ]
    labels = [
        (each.reason, "attack" if each.attack else "legitimate", f"{each.rows:,}", f"{each.weight:,.0f}")
        for each in sorted(report.labels, key=lambda each: (not each.attack, -each.weight))
    ]
    totals = {side: sum(each.rows for each in report.labels if each.attack == side) for side in (True, False)}
    return section(
        "What it learned from",
        paragraph(
            f"{totals[True]:,} rows of attacks and {totals[False]:,} legitimate ones were labelled. "
            "The parts follow one another in time: no part is judged by what came before it."
        ),
        table("Parts", ("part", "from", "to", "attacks", "legitimate"), parts, words=3),
        table("Reasons of labels", ("reason", "label", "rows", "weight"), labels, words=2),
    )


def _footer(report: TrainingReport) -> Html:
    facts = (("program", report.code), ("seed", report.seed), ("rows", report.snapshot))
    listed = [part for name, value in facts if value != "" for part in (element("dt", name), element("dd", value))]
    return element("footer", paragraph("The same program, seed and rows give the same model."), element("dl", *listed))
