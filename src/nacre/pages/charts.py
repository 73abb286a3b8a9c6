# SPDX-License-Identifier: Apache-2.0
"""
Charts as SVG, drawn for a page that names their colours.

A chart is 400 units wide, so that its text can be read on a telephone.  Shapes carry the class of their
series and no colour: the style of the page has one set for light and one for dark.  What a chart shows is said in
its description, and a table beside it has the figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from nacre.network.reliability import Reliability
from nacre.network.wording import percent
from nacre.pages.axes import Axis, linear, log_odds, logarithmic, tick_label
from nacre.pages.markup import Html, element, join

WIDTH, HEIGHT = 400, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 54.0, 374.0, 34.0, 240.0
"""The area of the axes; beside and below it there is room for half a label in the greatest size of type."""


class Series(NamedTuple):
    """
    A line or a set of bars.

    Attributes:
        name: What it is.
        mark: Class of its shapes: ``challenger``, ``champion``, ``rules``.
        points: x and y of a line, in order.
    """

    name: str
    mark: str
    points: Sequence[tuple[float, float]]


class Group(NamedTuple):
    """
    Bars that stand together.

    Attributes:
        label: What they have in common.
        bars: Class and share in [0, 1] of each.
    """

    label: str
    bars: Sequence[tuple[str, float]]


class Frame(NamedTuple):
    """A rectangle with two axes, in units of the chart."""

    x: Axis
    y: Axis
    left: float = _LEFT
    right: float = _RIGHT
    top: float = _TOP
    bottom: float = _BOTTOM

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies."""
        across, up = self.x.place(x), self.y.place(y)
        return self.left + across * (self.right - self.left), self.bottom - up * (self.bottom - self.top)

    def draw(self) -> Html:
        """Return grid, ticks and labels."""
        return join((*self._rows(), *self._columns()))

    def _rows(self) -> Iterable[Html]:
        yield _label(self.y.label, 2, self.top - 20, class_="axis")
        for tick in self.y.ticks:
            _, y = self.at(self.x.low, tick)
            yield element("line", x1=self.left, x2=self.right, y1=y, y2=y, class_="grid")
            yield _label(tick_label(tick), self.left - 6, y + 4, text_anchor="end")

    def _columns(self) -> Iterable[Html]:
        for tick in self.x.ticks:
            x, _ = self.at(tick, self.y.low)
            yield element("line", x1=x, x2=x, y1=self.bottom, y2=self.bottom + 4, class_="tick")
            yield _label(tick_label(tick), x, self.bottom + 18, text_anchor="middle")
        middle = (self.left + self.right) / 2
        yield _label(self.x.label, middle, self.bottom + 38, text_anchor="middle", class_="axis")


def line_chart(
    name: str,
    description: str,
    frame: Frame,
    lines: Iterable[Series],
    *,
    steps: bool = False,
    marks: Sequence[float] = (),
) -> Html:
    """
    Draw lines over two axes.

    Args:
        name: Title of the chart.
        description: What it shows, for those who do not see it.
        frame: The axes.
        lines: What is drawn; the first lies on top.
        steps: Whether a value holds until the next one, instead of changing evenly.
        marks: Values of x at which a vertical line is drawn.
    """
    shapes = [frame.draw()]
    for mark in marks:
        x, _ = frame.at(mark, frame.y.low)
        shapes.append(element("line", x1=x, x2=x, y1=frame.top, y2=frame.bottom, class_="mark"))
    for line in reversed(list(lines)):
        places = [frame.at(x, y) for x, y in line.points]
        if steps:
            places = [*places[:1], *(corner for a, b in pairwise(places) for corner in ((b[0], a[1]), b))]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        shapes.append(element("polyline", element("title", line.name), points=path, class_=f"line {line.mark}"))
    return _chart(name, description, HEIGHT, shapes)


def bar_chart(name: str, description: str, labels: tuple[str, str], groups: Sequence[Group]) -> Html:
    """
    Draw shares as bars that stand side by side, each with its figure in whole percent above it.

    Args:
        name: Title of the chart.
        description: What it shows, for those who do not see it.
        labels: What the groups differ in, and what the bars measure.
        groups: From left to right.
    """
    frame = Frame(Axis(labels[0], 0.0, 1.0, ()), linear(labels[1]))
    shapes = [frame.draw()]
    wide = (frame.right - frame.left) / max(len(groups), 1)
    for place, group in enumerate(groups):
        left = frame.left + wide * (place + 0.08)
        bar = wide * 0.84 / max(len(group.bars), 1)
        for at, (mark, share) in enumerate(group.bars):
            _, y = frame.at(0.0, share)
            x = left + bar * at
            shape = {"x": x + 1, "y": y, "width": bar - 2, "height": frame.bottom - y, "class_": f"bar {mark}"}
            shapes.append(element("rect", element("title", f"{group.label}: {percent(share)}"), **shape))
            shapes.append(_label(_whole(share), x + bar / 2, y - 4, text_anchor="middle", class_="value"))
        shapes.append(_label(group.label, left + wide * 0.42, frame.bottom + 18, text_anchor="middle"))
    return _chart(name, description, HEIGHT, shapes)


def calibration_chart(name: str, description: str, measured: Reliability) -> Html:
    """
    Draw what was predicted against what came true, and below it how often each score was given.

    The bars of attacks point up and those of legitimate rows down, on a logarithmic scale.
    """
    frame = Frame(log_odds("predicted probability of attack"), log_odds("attacks observed"))
    shapes = [frame.draw()]
    (x1, y1), (x2, y2) = frame.at(0.0, 0.0), frame.at(1.0, 1.0)
    shapes.append(element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_="mark"))
    places = [frame.at(each.predicted, each.observed) for each in measured.bins]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    shapes.append(element("polyline", points=path, class_="line challenger"))
    for each, (x, y) in zip(measured.bins, places, strict=True):
        told = f"predicted {percent(each.predicted)}, observed {percent(each.observed)}"
        shapes.append(element("circle", element("title", told), cx=x, cy=y, r=4, class_="dot challenger"))
    shapes.extend(_histogram(measured))
    return _chart(name, description, 436, shapes)


def _histogram(measured: Reliability) -> Iterable[Html]:
    middle, reach, heights = 356.0, 42.0, logarithmic("", 1e-5, 1.0)
    bar = (_RIGHT - _LEFT) / len(measured.attacks)
    yield _label("how often each score is given: attacks up, legitimate down", 2, middle - reach - 10, class_="axis")
    for shares, mark, side in ((measured.attacks, "attack", -1), (measured.legitimate, "legitimate", 1)):
        for at, share in enumerate(shares):
            height = heights.place(share) * reach
            from_, to = at / len(shares), (at + 1) / len(shares)
            told = f"score {from_:.2f} to {to:.2f}: {percent(share)} of {mark} rows"
            top = middle - height if side < 0 else middle
            shape = {"x": _LEFT + at * bar + 0.5, "y": top, "width": bar - 1, "height": height}
            yield element("rect", element("title", told), **shape, class_=f"bar {mark}")
    yield element("line", x1=_LEFT, x2=_RIGHT, y1=middle, y2=middle, class_="tick")
    for tick in (0.0, 0.5, 1.0):
        x = _LEFT + tick * (_RIGHT - _LEFT)
        yield _label(f"{tick:g}", x, middle + reach + 16, text_anchor="middle")
    yield _label("score", (_LEFT + _RIGHT) / 2, middle + reach + 32, text_anchor="middle", class_="axis")


def meter(share: float, mark: str) -> Html:
    """Draw one bar for a cell of a table, as long as its *share* in [0, 1] of the cell."""
    length = f"{min(max(share, 0.0), 1.0) * 100:.1f}%"
    bar = element("rect", width=length, height=10, y=1, rx=1.5, class_=f"bar {mark}")
    return element("svg", bar, class_="meter", height=12, aria_hidden="true")


def swatch(mark: str) -> Html:
    """Draw the line of a series for a legend."""
    line = element("line", x1=1, x2=29, y1=6, y2=6, class_=f"line {mark}")
    return element("svg", line, class_="swatch", viewBox="0 0 30 12", width=30, height=12, aria_hidden="true")


def _chart(name: str, description: str, height: int, shapes: Iterable[Html]) -> Html:
    told = (element("title", name), element("desc", description))
    return element(
        "svg",
        *told,
        *shapes,
        class_="chart",
        viewBox=f"0 0 {WIDTH} {height}",
        role="img",
        aria_label=f"{name}. {description}",
    )


def _whole(share: float) -> str:
    """
    Return a share in whole percent that is 0 or 100 only if nothing or all is meant.

    >>> _whole(0.004), _whole(0.0), _whole(0.906), _whole(0.998)
    ('<1', '0', '91', '>99')
    """
    if 0 < share < 0.005:
        return "<1"
    return ">99" if 0.995 <= share < 1 else f"{share * 100:.0f}"


def _label(words: str, x: float, y: float, **attributes: object) -> Html:
    return element("text", words, x=float(x), y=float(y), **attributes)
