# SPDX-License-Identifier: Apache-2.0
"""The page of a training run."""

from __future__ import annotations

import re

import msgspec
import pytest
from pages.document import Node, read
from trainings import comparison, training_report

from nacre.network.gate import Check, Verdict
from nacre.network.training_report import LabelCount, TrainingReport
from nacre.network.wording import percent
from nacre.pages.evaluation import scorers
from nacre.pages.report import training_page

REPORT = training_report()
HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "</style></title><b>", "&lt;script&gt;",
    "\u202egnp.exe", "\u2066a\u2069\x00\x1b[2J", "javascript:alert(1)", "https://example.org/x.js",
]  # fmt: skip


def hostile(name: str) -> TrainingReport:
    """Return a report in which everything that has a name has this one."""
    report = training_report(name=name)
    kinds = tuple(msgspec.structs.replace(kind, kind=name) for kind in report.compared.challenger.kinds)
    challenger = msgspec.structs.replace(report.compared.challenger, kinds=kinds)
    return msgspec.structs.replace(
        report,
        model=name,
        champion=name,
        code=name,
        snapshot=name,
        labels=(LabelCount(reason=name, attack=True, rows=1, weight=1.0),),
        compared=msgspec.structs.replace(report.compared, challenger=challenger),
        verdict=Verdict(passed=False, reasons=(name,), checks=(Check(passed=False, sentence=name),)),
        groups=report.columns[:1],
        thresholds=tuple(msgspec.structs.replace(each, use=name) for each in report.thresholds),
        parts=tuple(msgspec.structs.replace(each, name=name) for each in report.parts),
    )


def shape(node: Node) -> list[tuple[str, tuple[str, ...]]]:
    """Return the elements of a page and the names of their attributes."""
    return [(each.name, tuple(each.attributes)) for each in node if each.name != "wbr"]


def test_a_page_needs_nothing_else() -> None:
    """
    It is sent by mail and opened without a network: nothing to load, nothing to run, nowhere to go.
    """
    page = training_page(REPORT)

    root = read(page)
    assert {node.name for node in root}.isdisjoint(
        {"script", "link", "img", "iframe", "object", "embed", "form", "a", "use", "image", "base", "audio", "video"}
    )
    attributes = {name for node in root for name in node.attributes}
    assert attributes.isdisjoint({"src", "href", "xlink:href", "srcset", "action", "style"})
    assert not [name for name in attributes if name.startswith("on")]
    assert re.findall(r"https?:|//[a-z]|@import|url\(", page) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_changes_no_element(name: str) -> None:
    """
    The page is the one that a plain name gives, and the name can be read on it.
    """
    page, plain = training_page(hostile(name)), training_page(hostile("plain"))

    assert shape(read(page)) == shape(read(plain))
    seen = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    assert read(page).text.count(seen) >= 12
    assert page.replace("\n", "").isprintable()


@pytest.mark.parametrize("compared", [comparison(number=3_000), comparison(number=3_000, champion=None)])
def test_every_element_is_closed(compared: object) -> None:
    """
    With a model in use and without; there is one heading above all, and each section has its own.
    """
    root = read(training_page(msgspec.structs.replace(REPORT, compared=compared)))

    assert [node.name for node in root.children] == ["html"]
    assert len(root.all("h1")) == 1
    assert [node.text for node in root.all("h2")][1:] == [
        "What it catches within a budget", "Precision and recall", "Is the score a probability?",
        "By kind of attack", "What it leans on", "Thresholds", "What it learned from",
    ]  # fmt: skip


def test_every_chart_has_a_title_and_its_figures_in_a_table() -> None:
    """
    Its section holds both, for those who do not see it.
    """
    found = 0
    for section in read(training_page(REPORT)).all("section"):
        for chart in section.all("svg", class_="chart"):
            found += 1
            assert chart.children[0].name == "title"
            assert len(chart.children[1].text) > 20
            assert section.all("table")

    assert found == 5


def test_what_is_drawn_without_a_title_is_not_read_aloud() -> None:
    """
    Bars and lines that stand beside their figure or name.
    """
    svgs = read(training_page(REPORT)).all("svg")

    assert all(
        ("title" in {c.name for c in svg.children}) != (svg.attributes.get("aria-hidden") == "true") for svg in svgs
    )


def test_the_page_is_as_wide_as_its_reader() -> None:
    """
    Charts have a shape and no width, and wide tables scroll by themselves.
    """
    root = read(training_page(REPORT))

    assert all("width" not in chart.attributes for chart in root.all("svg", class_="chart"))
    assert len(root.all("div", class_="scroll")) == len(root.all("table"))


@pytest.mark.parametrize(
    ("checks", "heading", "words"),
    [
        ([True, True], "It may be published", "All 2 conditions that could be judged are met."),
        ([True, True, None], "It may be published", "All 2 conditions that could be judged are met; 1 could not be."),
        ([True, False, None], "It is held back", "1 of 3 conditions failed."),
    ],
)
def test_the_verdict_comes_first(checks: list[bool | None], heading: str, words: str) -> None:
    """
    What failed is open to read, the rest is folded away; a sign is never told by its colour alone.
    """
    told = tuple(Check(passed, f"Condition {at}.") for at, passed in enumerate(checks))
    verdict = Verdict(passed=False not in checks, reasons=(), checks=told)

    section = read(training_page(msgspec.structs.replace(REPORT, verdict=verdict))).all("section")[0]

    assert [section.all("h2")[0].text, section.all("p")[0].text] == [heading, words]
    folded = section.all("details")[0].text
    assert all((check.sentence in folded) == (check.passed is not False) for check in told)
    assert all(check.sentence in section.text for check in told)
    assert {sign.attributes["aria-label"] for sign in section.all("span", class_="sign")} == {
        {True: "met", False: "failed", None: "not judged"}[passed] for passed in checks
    }


def test_the_figures_at_the_top_are_those_of_the_new_model() -> None:
    """
    Those of the others stand below them.
    """
    tile = read(training_page(REPORT)).all("div", class_="tile")[0]
    ours, theirs, rules = (each.tries[1].macro_recall for _, _, each in scorers(REPORT.compared))

    assert tile.all("b")[0].text == percent(ours)
    assert tile.all("small")[0].text == f"model in use {percent(theirs)}, rules alone {percent(rules)}"


@pytest.mark.parametrize(
    ("champion", "lead"),
    [
        ("v7", "Compared with model v7 and the rules alone."),
        ("", "Compared with the rules alone; no model is in use."),
    ],
)
def test_it_is_said_what_the_model_was_compared_with(champion: str, lead: str) -> None:
    """
    The first model has none before it.
    """
    words = read(training_page(msgspec.structs.replace(REPORT, champion=champion))).all("p", class_="lead")[0].text

    assert words == f"Ended 2026-09-24 14:14 UTC after 42 s. {lead}"


def test_a_run_can_be_repeated_from_its_page() -> None:
    """
    Program, seed and rows are told; what is not known has no line.
    """
    with_all = read(training_page(REPORT)).all("footer")[0]
    without = read(training_page(msgspec.structs.replace(REPORT, code=""))).all("footer")[0]

    assert [node.text for node in with_all.all("dt", "dd")] == [
        "program", REPORT.code, "seed", str(REPORT.seed), "rows", REPORT.snapshot,
    ]  # fmt: skip
    assert [node.text for node in without.all("dt")] == ["seed", "rows"]


def test_what_was_not_measured_has_no_section() -> None:
    """
    Importance takes a few seconds and may be left out; thresholds may be missing.
    """
    bare = msgspec.structs.replace(REPORT, columns=(), groups=(), thresholds=())

    headings = [node.text for node in read(training_page(bare)).all("h2")]

    assert "What it leans on" not in headings
    assert "Thresholds" not in headings
