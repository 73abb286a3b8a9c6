# SPDX-License-Identifier: Apache-2.0
"""Sections of a page that show how good scorers are."""

from __future__ import annotations

import msgspec
import pytest
from pages.document import Node, read
from trainings import comparison

from nacre.network.importance import Importance
from nacre.network.wording import percent
from nacre.pages.evaluation import TOP, at_budgets, by_kind, importance, is_probability, precision_and_recall, scorers

COMPARED = comparison(number=6_000)
ALONE = comparison(number=6_000, champion=None)


def rows(table: Node) -> list[list[str]]:
    """Return the words of a table without its head."""
    (body,) = table.all("tbody")
    return [[cell.text for cell in row.all("th", "td")] for row in body.all("tr")]


def table(section: Node, caption: str) -> Node:
    """Return the table whose caption begins so."""
    (one,) = (each for each in section.all("table") if each.all("caption")[0].text.startswith(caption))
    return one


def test_the_new_model_comes_first() -> None:
    """
    Then the one in use, if there is one, and the rules always.
    """
    assert [mark for mark, _, _ in scorers(COMPARED)] == ["challenger", "champion", "rules"]
    assert [mark for mark, _, _ in scorers(ALONE)] == ["challenger", "rules"]
    assert scorers(COMPARED)[0][2] is COMPARED.challenger


def test_every_scorer_stands_in_the_table_at_every_budget() -> None:
    """
    What the curves show, as figures.
    """
    found = rows(table(read(at_budgets(COMPARED)), "Tries"))

    assert len(found) == 4 * 3
    first = COMPARED.challenger.tries[0]
    assert found[0] == [
        "1 %", "this model", percent(first.macro_recall), percent(first.recall), percent(first.precision),
        f"{first.threshold:.4f}",
    ]  # fmt: skip
    assert [each[1] for each in found[:3]] == ["this model", "model in use", "rules alone"]


def test_each_scorer_has_a_line_a_bar_at_each_budget_and_a_name() -> None:
    """
    Two of them where no model is in use.
    """
    for compared, marks in ((COMPARED, ["challenger", "champion", "rules"]), (ALONE, ["challenger", "rules"])):
        lines, bars = (figure.all("svg", class_="chart")[0] for figure in read(at_budgets(compared)).all("figure"))
        for mark in marks:
            assert len(lines.all("polyline", class_=mark)) == 1
            assert len(bars.all("rect", class_=mark)) == 4
        assert len(lines.all("polyline")) == len(marks)
        assert len(read(at_budgets(compared)).all("ul", class_="legend")[0].all("li")) == len(marks)


def test_figures_on_few_rows_are_called_luck() -> None:
    """
    Not those on many: there the note would cost its credit.
    """
    many = msgspec.structs.replace(
        COMPARED.challenger, tries=tuple(msgspec.structs.replace(at, rows=10.0) for at in COMPARED.challenger.tries)
    )

    few = read(at_budgets(COMPARED)).all("p", class_="note")
    enough = read(at_budgets(msgspec.structs.replace(COMPARED, challenger=many))).all("p", class_="note")

    strictest = COMPARED.challenger.tries[-1]
    assert f"0.01 % ({strictest.rows:.1f} rows)" in few[0].text
    assert "1 % (" not in few[0].text.partition("0.1 % (")[0]
    assert enough == []


def test_without_hits_it_is_said_that_there_are_none() -> None:
    """
    Rather than an empty table.
    """
    bare = comparison(number=2_000)
    sides = {
        side: msgspec.structs.replace(getattr(bare, side), hits=()) for side in ("challenger", "champion", "rules")
    }

    root = read(at_budgets(msgspec.structs.replace(bare, **sides)))

    assert "Hits: guesses that were right, against refused logins: the rows hold none." in root.text
    assert len(root.all("table")) == 1


def test_areas_stand_beside_the_curve() -> None:
    """
    And the best precision for each recall, by which the curve is read.
    """
    root = read(precision_and_recall(COMPARED))

    areas = rows(table(root, "Areas"))
    assert [each[:3] for each in areas] == [
        [name, f"{each.auc_pr:.4f}", f"{each.roc_auc:.4f}"] for _, name, each in scorers(COMPARED)
    ]
    best = max(point.precision for point in COMPARED.rules.curve if point.recall >= 0.5)
    assert areas[-1][3] == percent(best)
    assert len(rows(table(root, "This model by threshold"))) == len(COMPARED.challenger.thresholds)


def test_calibration_is_drawn_and_tabled_for_both_heads() -> None:
    """
    The dots and the bars.
    """
    root = read(is_probability(COMPARED.challenger))

    assert len(root.all("svg", class_="chart")) == 2
    for head, measured in (("guess", COMPARED.challenger.guess), ("accept", COMPARED.challenger.accept)):
        assert f"Error {measured.ece:.4f}, Brier skill {measured.brier_skill:.3f}." in root.text
        assert len(rows(table(root, f"{head}: predicted"))) == len(measured.bins)
        bars = rows(table(root, f"{head}: how often"))
        assert bars[0] == ["0.00 to 0.05", percent(measured.attacks[0]), percent(measured.legitimate[0])]
        assert bars[-1][0] == "0.95 to 1.00"


def test_the_worst_kind_of_attack_comes_first() -> None:
    """
    With the figures of the others beside it, found by its name.
    """
    found = rows(table(read(by_kind(COMPARED)), "Recall at 0.1 %"))

    kinds = {kind.kind: kind for kind in COMPARED.challenger.kinds}
    rules = {kind.kind: kind for kind in COMPARED.rules.kinds}
    recalls = [kinds[each[0]].recalls[1] for each in found]
    assert recalls == sorted(recalls)
    assert len(found) == len(kinds)
    assert all(each[4] == percent(rules[each[0]].recalls[1]) for each in found)
    assert all(each[5] == f"{kinds[each[0]].rows:,}" for each in found)


def test_the_heaviest_feature_fills_its_cell() -> None:
    """
    The others by their share of it; one that the model is better without has no bar.
    """
    columns = [
        Importance(name=name, columns=1, log_loss=loss, auc_pr=area)
        for name, loss, area in (("a.b", 0.2, 0.1), ("c", 0.05, 0.00001), ("d", -0.1, -0.02))
    ]

    root = read(importance(columns, ()))

    assert [each.attributes["width"] for each in root.all("rect")] == ["100.0%", "25.0%", "0.0%"]
    assert rows(root.all("table")[0]) == [
        ["a.b", "", "+0.2000", "-0.1000"], ["c", "", "+0.0500", "+0.0000"], ["d", "", "-0.1000", "+0.0200"],
    ]  # fmt: skip


def test_only_the_heaviest_features_are_shown() -> None:
    """
    A hundred more would bury the rest of the page; the JSON has them.
    """
    columns = [Importance(name=f"f{at}", columns=1, log_loss=1 / (at + 1), auc_pr=0.0) for at in range(TOP + 5)]

    found = rows(read(importance(columns, ())).all("table")[0])

    assert [each[0] for each in found] == [f"f{at}" for at in range(TOP)]


@pytest.mark.parametrize("loss", [0.0, -0.3])
def test_a_model_that_leans_on_nothing_can_be_shown(loss: float) -> None:
    """
    And where nothing was measured, there is no section.
    """
    flat = Importance(name="flat", columns=1, log_loss=loss, auc_pr=0.0)

    assert read(importance([flat], [flat])).all("rect")[0].attributes["width"] == "0.0%"
    assert importance((), ()) == ""
