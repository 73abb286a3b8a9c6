# SPDX-License-Identifier: Apache-2.0
"""Charts as SVG."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pages.document import Node, read

from nacre.network.reliability import reliability
from nacre.pages.axes import linear, log_odds, logarithmic
from nacre.pages.charts import (
    HEIGHT,
    WIDTH,
    Frame,
    Group,
    Series,
    bar_chart,
    calibration_chart,
    line_chart,
    meter,
    swatch,
)
from nacre.pages.markup import Html

FRAME = Frame(logarithmic("refused", 1e-5, 1.0), linear("caught"))
BARS = ("budget", "recall")
MEASURED = reliability(
    np.linspace(0, 1, 600), np.linspace(0, 1, 600) > np.random.default_rng(0).random(600), np.ones(600)
)
WIDEST = 8.0
"""Units that a character of a label takes, on average, in a wide typeface of the greatest size."""


def drawn(chart: Html) -> Node:
    """Return the one SVG of a chart."""
    (svg,) = read(chart).children
    assert svg.name == "svg"
    return svg


def points(line: Node) -> list[tuple[float, float]]:
    """Return the corners of a line."""
    corners = (pair.split(",") for pair in line.attributes["points"].split())
    return [(float(x), float(y)) for x, y in corners]


@pytest.mark.parametrize(
    "chart",
    [
        line_chart("<name>", 'what "it" shows', FRAME, [Series("a", "rules", [(0.1, 0.2), (0.3, 0.4)])]),
        bar_chart("<name>", 'what "it" shows', BARS, [Group("1 %", [("rules", 0.4)])]),
        calibration_chart("<name>", 'what "it" shows', MEASURED),
    ],
)
def test_a_chart_says_what_it_shows(chart: Html) -> None:
    """
    To those who do not see it, escaped; and it is as wide as there is room.
    """
    svg = drawn(chart)

    assert [(each.name, each.text) for each in svg.children[:2]] == [("title", "<name>"), ("desc", 'what "it" shows')]
    assert svg.attributes["role"] == "img"
    assert svg.attributes["aria-label"] == '<name>. what "it" shows'
    assert svg.attributes["viewbox"].startswith(f"0 0 {WIDTH} ")
    assert {"width", "height"}.isdisjoint(svg.attributes)


def test_colours_are_left_to_the_page() -> None:
    """
    One for light and one for dark: a chart names neither.
    """
    chart = line_chart("n", "d", FRAME, [Series("a", "challenger", [(0.1, 0.2), (1.0, 1.0)])], marks=[0.01])

    assert {"fill", "stroke", "style", "color"}.isdisjoint(name for node in drawn(chart) for name in node.attributes)
    assert drawn(chart).all("polyline", class_="challenger")


@pytest.mark.parametrize(
    "frame",
    [FRAME, Frame(log_odds("predicted"), log_odds("observed")), Frame(linear("a"), linear("b", 0.5))],
)
def test_labels_neither_touch_nor_leave_the_chart(frame: Frame) -> None:
    """
    Beside the axes as well as below them, in the greatest size of type.
    """
    labels = drawn(line_chart("n", "d", frame, [])).all("text")
    below = [
        each for each in labels if each.attributes.get("text-anchor") == "middle" and "class" not in each.attributes
    ]
    beside = [each for each in labels if each.attributes.get("text-anchor") == "end"]

    spans = [(float(each.attributes["x"]), len(each.text) * WIDEST / 2) for each in below]
    assert len(below) == len(frame.x.ticks)
    assert all(x - half >= 0 and x + half <= WIDTH for x, half in spans)
    assert all(x + half < y - other for (x, half), (y, other) in pairwise(spans))
    assert len(beside) == len(frame.y.ticks)
    assert all(float(each.attributes["x"]) - len(each.text) * WIDEST >= 0 for each in beside)


@given(x=st.floats(-1, 2), y=st.floats(-1, 2))
def test_a_point_beyond_the_axes_is_drawn_on_the_edge(x: float, y: float) -> None:
    """
    A rate of 0 has no place on a logarithmic axis.
    """
    across, down = FRAME.at(x, y)

    assert FRAME.left <= across <= FRAME.right
    assert FRAME.top <= down <= FRAME.bottom


def test_a_step_holds_its_value_until_the_next() -> None:
    """
    A straight line between two thresholds would promise what no threshold gives.
    """
    series = Series("a", "rules", [(1e-5, 0.0), (1e-3, 0.5), (1.0, 1.0)])

    (line,) = drawn(line_chart("n", "d", FRAME, [series], steps=True)).all("polyline")

    xs, ys = [FRAME.at(x, 0)[0] for x, _ in series.points], [FRAME.at(1, y)[1] for _, y in series.points]
    expected = [(xs[0], ys[0]), (xs[1], ys[0]), (xs[1], ys[1]), (xs[2], ys[1]), (xs[2], ys[2])]
    assert [c for pair in points(line) for c in pair] == pytest.approx([c for p in expected for c in p], abs=0.06)


def test_the_first_line_lies_on_top() -> None:
    """
    It is drawn last, and each tells its name.
    """
    lines = [Series("this model", "challenger", [(0.1, 0.2)]), Series("rules alone", "rules", [(0.1, 0.2)])]

    found = drawn(line_chart("n", "d", FRAME, lines)).all("polyline")

    assert [line.all("title")[0].text for line in found] == ["rules alone", "this model"]


def test_marks_stand_where_their_value_is() -> None:
    """
    From the top of the chart to its bottom.
    """
    marks = drawn(line_chart("n", "d", FRAME, [], marks=[1e-3, 1e-2])).all("line", class_="mark")

    assert [float(each.attributes["x1"]) for each in marks] == pytest.approx(
        [FRAME.at(1e-3, 0)[0], FRAME.at(1e-2, 0)[0]], abs=0.01
    )
    assert all(each.attributes["x1"] == each.attributes["x2"] for each in marks)


def test_a_bar_is_as_high_as_its_share() -> None:
    """
    Its figure stands above it, and its name when pointed at.
    """
    svg = drawn(bar_chart("n", "d", BARS, [Group("1 %", [("challenger", 0.8), ("rules", 0.2)])]))

    high, low = svg.all("rect")
    assert float(high.attributes["height"]) == pytest.approx(4 * float(low.attributes["height"]), abs=0.1)
    assert [each.text for each in svg.all("text", class_="value")] == ["80", "20"]
    assert high.all("title")[0].text == "1 %: 80 %"
    assert [each.text for each in svg.all("text", class_="axis")] == ["recall", "budget"]


def test_the_figure_of_a_full_bar_stays_below_the_name_of_its_axis() -> None:
    """
    The first bar stands right under it.
    """
    svg = drawn(bar_chart("n", "d", BARS, [Group("1 %", [("challenger", 1.0)])]))

    (figure,), axis = svg.all("text", class_="value"), svg.all("text", class_="axis")[0]
    assert float(axis.attributes["y"]) >= 13
    assert float(figure.attributes["y"]) - 11 >= float(axis.attributes["y"]) + 3


@pytest.mark.parametrize("groups", [1, 4, 7])
def test_bars_do_not_cover_one_another(groups: int) -> None:
    """
    Within the chart, whatever their number.
    """
    bars = [("challenger", 0.5), ("champion", 1.0), ("rules", 0.0)]

    rects = drawn(bar_chart("n", "d", BARS, [Group(f"{n} %", bars) for n in range(groups)])).all("rect")

    spans = [(float(each.attributes["x"]), float(each.attributes["width"])) for each in rects]
    assert len(spans) == 3 * groups
    assert all(width > 5 for _, width in spans)
    assert all(x + width <= y for (x, width), (y, _) in pairwise(spans))
    assert spans[-1][0] + spans[-1][1] <= FRAME.right


def test_a_score_that_keeps_its_word_lies_on_the_diagonal() -> None:
    """
    Each dot tells its figures when pointed at.
    """
    chance = np.random.default_rng(1)
    scores = chance.random(60_000)
    measured = reliability(scores, chance.random(60_000) < scores, np.ones(60_000))

    svg = drawn(calibration_chart("n", "d", measured))

    dots = svg.all("circle")
    frame = Frame(log_odds(""), log_odds(""))
    assert len(dots) == len(measured.bins)
    for dot in dots:
        across = (float(dot.attributes["cx"]) - frame.left) / (frame.right - frame.left)
        up = (frame.bottom - float(dot.attributes["cy"])) / (frame.bottom - frame.top)
        assert up == pytest.approx(across, abs=0.02)
        assert dot.all("title")[0].text.startswith("predicted ")


def test_both_classes_are_counted_below_the_diagonal() -> None:
    """
    Attacks above the line and legitimate rows below it, all within the chart.
    """
    svg = drawn(calibration_chart("n", "d", MEASURED))

    height = float(svg.attributes["viewbox"].split()[3])
    attacks, legitimate = svg.all("rect", class_="attack"), svg.all("rect", class_="legitimate")
    assert len(attacks) == len(legitimate) == len(MEASURED.attacks)
    line = {float(each.attributes["y"]) for each in legitimate}
    assert {round(float(e.attributes["y"]) + float(e.attributes["height"]), 1) for e in attacks} == line
    assert HEIGHT < max(line) < max(float(each.attributes["y"]) for each in svg.all("text")) < height - 3


@pytest.mark.parametrize(("share", "width"), [(0.5, "50.0%"), (0.0, "0.0%"), (-0.2, "0.0%"), (7.0, "100.0%")])
def test_a_meter_fills_no_more_than_its_cell(share: float, width: str) -> None:
    """
    A feature whose loss helps the model has no length; the figure beside it has the sign.
    """
    svg = drawn(meter(share, "challenger"))

    assert svg.all("rect")[0].attributes["width"] == width
    assert svg.attributes["aria-hidden"] == "true"


def test_a_swatch_is_drawn_like_its_line() -> None:
    """
    And is passed over by screen readers, as the name follows.
    """
    svg = drawn(swatch("champion"))

    assert svg.all("line")[0].attributes["class"] == "line champion"
    assert svg.attributes["aria-hidden"] == "true"
