# SPDX-License-Identifier: Apache-2.0
"""
Draws an attack and what becomes of it: ``python -m tools.draw_attack docs/guide/attack.svg``.

Prints the figures, and writes the picture; takes a minute or two.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from nacre.campaign.measure import Step
from nacre.logs import configure_logs
from nacre.pages.axes import Axis
from nacre.pages.markup import Html, element
from tools.attack_story import BEFORE, MINUTE, PAIRS, Story, figures, rows, run

WIDE, LEFT, FAR, ROW = 820, 64.0, 800.0, 34
STYLE = """
svg { color-scheme: light dark; font: 13px system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
.paper { fill: #fff } text { fill: #545b66 } .head { fill: #1b1f24; font-weight: 600 } .grid { stroke: #e4e7eb }
.axis { stroke: #545b66 } .through { fill: #b3261e } .stopped { fill: #7aa7d9 } .people { stroke: #0d7268 }
.small { font-size: 10px } .line { fill: none; stroke-width: 2 }
.threat { stroke: #b4500a } .band { stroke: #b4500a; stroke-dasharray: 2 4 }
.consent { stroke: #545b66; stroke-dasharray: 5 3 }
.measure { fill: #0b5fc0 } .quiet { fill: #a7b0bc } .key { fill: #0d7268 }
@media (prefers-color-scheme: dark) {
.paper { fill: #14171b } text { fill: #a7b0bc } .head { fill: #e8eaed } .grid { stroke: #2a3038 }
.axis { stroke: #a7b0bc } .through { fill: #ff8a80 } .stopped { fill: #3f6ea6 } .people { stroke: #5fcabd }
.threat { stroke: #f3a651 } .band { stroke: #f3a651 }
.consent { stroke: #a7b0bc } .measure { fill: #6db1ff } .quiet { fill: #545b66 } .key { fill: #5fcabd }
}
"""


def draw(story: Story) -> str:
    """Return the picture as SVG."""
    last = len(story.minutes) - BEFORE / MINUTE
    across = Axis("minutes since the first try", -BEFORE / MINUTE, last, tuple(range(-10, int(last) + 1, 10)))
    shapes = [*_attempts(story), *_threat(story), *_measures(story, across)]
    high = 380 + ROW * len(rows(story))
    shapes += _minutes(across, high)
    paper = element("rect", width=WIDE, height=high + 44, class_="paper")
    told = "Attempts of a stuffing attack per minute, let through and stopped; the threat; the measures in force."
    names = (element("title", "A stuffing attack and the response"), element("desc", told))
    whole = element(
        "svg", *names, element("style", Html(STYLE)), paper, *shapes,
        xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {WIDE} {high + 44}", role="img", aria_label=told,
    )  # fmt: skip
    return f"{whole}\n"


def _x(across: Axis, minute: float) -> float:
    return LEFT + across.place(minute) * (FAR - LEFT)


def _rows(up: Axis, top: float, bottom: float, form: str) -> Iterator[Html]:
    yield element("text", up.label, x=8.0, y=top - 12, class_="head")
    for tick in up.ticks:
        y = bottom - up.place(tick) * (bottom - top)
        yield element("line", x1=LEFT, x2=FAR, y1=y, y2=y, class_="grid")
        yield element("text", format(tick, form), x=LEFT - 8, y=y + 4, text_anchor="end")


def _attempts(story: Story) -> Iterator[Html]:
    most = max(minute.let_through + minute.stopped for minute in story.minutes)
    high = (most // 100 + 1) * 100
    step = max(high // 4 // 50 * 50, 25)
    up, top, bottom = Axis("attempts per minute", 0, high, tuple(range(0, high + 1, step))), 52.0, 210.0
    yield from _rows(up, top, bottom, "d")
    wide = (FAR - LEFT) / len(story.minutes)
    for number, minute in enumerate(story.minutes):
        x, below = LEFT + number * wide, bottom
        for count, mark in ((minute.let_through, "through"), (minute.stopped, "stopped")):
            height = up.place(count) * (bottom - top)
            below -= height
            if count:
                told = element("title", f"minute {number - BEFORE / MINUTE:.0f}: {count} {mark}")
                shape = {"x": x + 0.5, "y": below, "width": wide - 1, "height": height}
                yield element("rect", told, **shape, class_=mark)
    points = [
        (LEFT + (number + 0.5) * wide, bottom - up.place(minute.people) * (bottom - top))
        for number, minute in enumerate(story.minutes[:-1])
    ]
    yield element("polyline", points=_path(points), class_="line people")
    legend = (("through", "attack, let through"), ("stopped", "attack, stopped"), ("key", "people who sign in"))
    for place, (mark, name) in enumerate(legend):
        x = 330.0 + place * 160
        shape = {"y": 30.0, "height": 12} if mark != "key" else {"y": 35.0, "height": 2}
        yield element("rect", x=x, width=12, **shape, class_=mark)
        yield element("text", name, x=x + 18, y=40.0)


def _threat(story: Story) -> Iterator[Html]:
    up, top, bottom = Axis("threat", 0.0, 1.0, (0.0, 0.5, 1.0)), 258.0, 336.0
    yield from _rows(up, top, bottom, ".1f")
    for band, name in ((0.5, "moderate"), (0.7, "high"), (0.9, "severe")):
        y = bottom - band * (bottom - top)
        yield element("line", x1=LEFT, x2=FAR, y1=y, y2=y, class_="band")
        yield element("text", name, x=LEFT + 4, y=y - 3, class_="small")
    wide = (FAR - LEFT) / len(story.minutes)
    points = [
        (LEFT + (number + 1) * wide, bottom - up.place(minute.threat) * (bottom - top))
        for number, minute in enumerate(story.minutes)
    ]
    yield element("polyline", points=_path([(LEFT, bottom), *points]), class_="line threat")


def _measures(story: Story, across: Axis) -> Iterator[Html]:
    yield element("text", "measures in force", x=8.0, y=364.0, class_="head")
    for at in story.confirmed:
        x = _x(across, at / MINUTE)
        yield element("line", x1=x, x2=x, y1=52.0, y2=366.0, class_="consent")
        yield element("text", "an operator confirms", x=x + 5, y=364.0)
    for place, (name, spans) in enumerate(rows(story).items()):
        y = 376.0 + ROW * place
        mark = "quiet" if name.startswith(Step.MONITOR.value) else "measure"
        yield element("text", name.replace("_", " "), x=_x(across, spans[0][0] / MINUTE), y=y + 11)
        for since, until in spans:
            x, end = _x(across, since / MINUTE), _x(across, until / MINUTE)
            yield element("rect", x=x, y=y + 17, width=max(end - x, 2.0), height=8, rx=2, class_=mark)


def _minutes(across: Axis, high: float) -> Iterator[Html]:
    yield element("line", x1=LEFT, x2=FAR, y1=high, y2=high, class_="axis")
    for tick in across.ticks:
        x = _x(across, tick)
        yield element("line", x1=x, x2=x, y1=high, y2=high + 5, class_="axis")
        yield element("text", f"{tick:.0f}", x=x, y=high + 18, text_anchor="middle")
    yield element("text", across.label, x=(LEFT + FAR) / 2, y=high + 36, text_anchor="middle", class_="head")


def _path(points: list[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def main(path: Path, pairs: int = PAIRS) -> None:
    """Write the picture and print the figures."""
    configure_logs("error")
    story = asyncio.run(run(pairs))
    path.write_text(draw(story), encoding="utf-8")
    print("\n".join(figures(story)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
