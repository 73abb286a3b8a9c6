# SPDX-License-Identifier: Apache-2.0
"""Sections of a page that show how good scorers are."""

from __future__ import annotations

from collections.abc import Sequence

from nacre.network.evaluation import AtBudget, Comparison, Evaluation
from nacre.network.importance import Importance
from nacre.network.reliability import BINS, Reliability
from nacre.network.wording import percent
from nacre.pages.axes import linear, logarithmic
from nacre.pages.charts import Frame, Group, Series, bar_chart, calibration_chart, line_chart, meter
from nacre.pages.markup import Html, breakable, element, join
from nacre.pages.parts import figure, folded, legend, paragraph, section, table

TOP = 20
"""Columns whose importance is shown."""

_FEW = 10
"""Rows within a budget below which its figures are luck."""

_RECALLS = (0.5, 0.8, 0.9, 0.95, 0.99)

_BARS = ("budget", "macro recall")


def scorers(compared: Comparison) -> list[tuple[str, str, Evaluation]]:
    """Return class, name and figures of each scorer, the new model first."""
    champion = [] if compared.champion is None else [("champion", "model in use", compared.champion)]
    return [("challenger", "this model", compared.challenger), *champion, ("rules", "rules alone", compared.rules)]


def at_budgets(compared: Comparison) -> Html:
    """Return what is caught if only so many legitimate rows may be harmed."""
    found = scorers(compared)
    budgets = [at.budget for at in compared.challenger.tries]
    lines = [
        Series(name, mark, [(point.false_positive_rate, point.recall) for point in each.curve])
        for mark, name, each in found
    ]
    frame = Frame(logarithmic("legitimate attempts refused", 1e-5, 1.0), linear("attacks caught"))
    curve = line_chart(
        "Attacks caught by share of legitimate attempts refused",
        "One line for each scorer; vertical lines mark the budgets of the table.",
        frame,
        lines,
        steps=True,
        marks=budgets,
    )
    groups = [
        Group(percent(budget), [(mark, each.tries[place].macro_recall) for mark, _, each in found])
        for place, budget in enumerate(budgets)
    ]
    bars = bar_chart("Macro recall by budget", "Bars for each scorer at each budget.", _BARS, groups)
    charts = (
        figure(curve, "Caught, whatever the kind, as more is refused. Left is strict."),
        figure(bars, "Mean over the kinds of attack, each counting the same."),
    )
    return section(
        "What it catches within a budget",
        paragraph(
            "A budget is the share of legitimate attempts that may be refused. A threshold keeps it even among ties."
        ),
        legend((mark, name) for mark, name, _ in found),
        element("div", *charts, class_="pair"),
        _table("Tries: macro recall and recall", [(n, e.tries) for _, n, e in found]),
        _table("Hits: guesses that were right, against refused logins", [(n, e.hits) for _, n, e in found]),
        _luck(compared.challenger),
    )


def _table(caption: str, found: Sequence[tuple[str, Sequence[AtBudget]]]) -> Html:
    rows = [
        (
            percent(at.budget),
            name,
            percent(at.macro_recall),
            percent(at.recall),
            percent(at.precision),
            f"{at.threshold:.4f}",
        )
        for at_each in zip(*(measured for _, measured in found), strict=True)
        for (name, _), at in zip(found, at_each, strict=True)
    ]
    if not rows:
        return paragraph(f"{caption}: the rows hold none.")
    return table(caption, ("budget", "scorer", "macro recall", "recall", "precision", "threshold"), rows, words=2)


def _luck(evaluation: Evaluation) -> Html:
    thin = [at for at in evaluation.tries if at.rows < _FEW]
    if not thin:
        return Html()
    named = " and ".join(f"{percent(at.budget)} ({at.rows:.1f} rows)" for at in thin)
    return paragraph(f"Fewer than {_FEW} legitimate rows lie within {named}: there, read a difference as luck.", "note")


def precision_and_recall(compared: Comparison) -> Html:
    """Return how much of what is caught was an attack."""
    found = scorers(compared)
    lines = [
        Series(name, mark, [(point.recall, point.precision) for point in each.curve]) for mark, name, each in found
    ]
    chart = line_chart(
        "Precision and recall",
        "One line for each scorer, precision over recall.",
        Frame(linear("recall: attacks caught"), linear("precision: share of attacks in what is caught")),
        lines,
    )
    areas = [(name, f"{each.auc_pr:.4f}", f"{each.roc_auc:.4f}", *_precisions(each)) for _, name, each in found]
    headings = ("scorer", "AUC-PR", "ROC-AUC", *(f"at {percent(recall)}" for recall in _RECALLS))
    levels = [
        (f"{point.threshold:g}", percent(point.recall), percent(point.precision), percent(point.false_positive_rate))
        for point in compared.challenger.thresholds
    ]
    return section(
        "Precision and recall",
        legend((mark, name) for mark, name, _ in found),
        element(
            "div",
            figure(chart, "Of all that a threshold catches, how much was an attack."),
            table("This model by threshold", ("from", "recall", "precision", "false positives"), levels),
            class_="pair",
        ),
        table("Areas, and precision at a recall of", headings, areas),
    )


def _precisions(evaluation: Evaluation) -> list[str]:
    """Return the best precision at each recall."""
    return [
        percent(max(point.precision for point in evaluation.curve if point.recall >= recall)) for recall in _RECALLS
    ]


def is_probability(evaluation: Evaluation) -> Html:
    """Return whether the two scores are probabilities."""
    heads = (
        ("guess", "is this attempt a guess?", evaluation.guess),
        ("accept", "may a right password be accepted?", evaluation.accept),
    )
    charts = []
    for head, question, measured in heads:
        drawn = calibration_chart(
            f"Calibration of the {head} score",
            "Predicted probability against observed share of attacks; on the diagonal, they agree.",
            measured,
        )
        bins = [
            (f"{each.low:.4f} to {each.high:.4f}", percent(each.predicted), percent(each.observed), percent(each.share))
            for each in measured.bins
        ]
        headings = ("scores", "predicted", "observed", "share of rows")
        error = f"Error {measured.ece:.4f}, Brier skill {measured.brier_skill:.3f}."
        caption = join((f"{head}: {question}", element("br"), error))
        tables = (table(f"{head}: predicted and observed", headings, bins), _histogram(head, measured))
        charts.append(element("div", figure(drawn, caption), folded("As a table", *tables)))
    return section(
        "Is the score a probability?",
        paragraph(
            f"Of the rows scored 20 %, a fifth should be attacks. The rows are cut into {BINS} parts of equal weight, "
            "a dot each; what lies beyond the scale is drawn at its end."
        ),
        element("div", *charts, class_="pair"),
    )


def _histogram(head: str, measured: Reliability) -> Html:
    """Return how often each score is given, as figures."""
    steps = len(measured.attacks)
    rows = [
        (f"{at / steps:.2f} to {(at + 1) / steps:.2f}", percent(attacks), percent(legitimate))
        for at, (attacks, legitimate) in enumerate(zip(measured.attacks, measured.legitimate, strict=True))
    ]
    return table(f"{head}: how often each score is given", ("scores", "attacks", "legitimate"), rows)


def by_kind(compared: Comparison) -> Html:
    """Return how much of each kind of attack is caught, the worst first."""
    place = next(at for at, each in enumerate(compared.challenger.tries) if each.budget <= 1e-3)
    budget = compared.challenger.tries[place].budget
    others = {name: {kind.kind: kind.recalls[place] for kind in each.kinds} for _, name, each in scorers(compared)[1:]}
    rows = [
        (
            kind.kind,
            meter(kind.recalls[place], "challenger"),
            percent(kind.recalls[place]),
            *(percent(recalls.get(kind.kind)) for recalls in others.values()),
            f"{kind.rows:,}",
        )
        for kind in sorted(compared.challenger.kinds, key=lambda kind: kind.recalls[place])
    ]
    headings = ("kind", "", "this model", *others, "rows")
    return section(
        "By kind of attack",
        table(f"Recall at {percent(budget)} false positives, the worst first", headings, rows, words=2),
    )


def importance(columns: Sequence[Importance], groups: Sequence[Importance]) -> Html:
    """Return what the model leans on."""
    if not columns and not groups:
        return Html()
    return section(
        "What it leans on",
        paragraph(
            "How much the log-loss grows if a feature no longer belongs to its row. Features that stand in for one "
            "another look light one by one; their group shows them."
        ),
        _shuffled("Groups of features", groups),
        _shuffled(f"Features, the {min(TOP, len(columns))} heaviest", columns[:TOP]),
    )


def _shuffled(caption: str, measured: Sequence[Importance]) -> Html:
    if not measured:
        return Html()
    most = max(*(each.log_loss for each in measured), 1e-12)
    rows = [
        (breakable(each.name), meter(each.log_loss / most, "challenger"), _signed(each.log_loss), _signed(-each.auc_pr))
        for each in measured
    ]
    return table(caption, ("feature", "", "log-loss", "AUC-PR"), rows, words=2)


def _signed(change: float) -> str:
    """Return a change with its sign; one that rounds to nothing has grown by nothing."""
    return f"{round(change, 4) + 0.0:+.4f}"
