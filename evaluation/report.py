# SPDX-License-Identifier: Apache-2.0
"""Figures of one or several seeds as tables, each beside its bar."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from evaluation.bars import WITHOUT_BARS, Bar
from evaluation.judge import Figures

_COLOURS = {"met": "green", "missed": "red"}


def show(
    console: Console, title: str, bars: Sequence[Bar], ours: list[Figures], others: list[Figures] | None = None
) -> None:
    """
    Print what was reached beside what should be.

    Args:
        console: Where.
        title: What is judged.
        bars: What should be.
        ours: The figures of each seed.
        others: Those of another system on the same seeds, such as rules alone.
    """
    table = _table(title, others is not None)
    for bar in bars:
        values = _values(ours, bar.figure)
        verdict = bar.verdict(values)
        cells = [str(bar.row), bar.what, *(number(value) for value in bar.of(values))]
        if others is not None:
            cells.append(number(bar.of(_values(others, bar.figure))[0]))
        table.add_row(*cells, str(bar), f"[{_COLOURS.get(verdict, 'yellow')}]{verdict}[/]")
    console.print(table)


def show_details(console: Console, ours: list[Figures], others: list[Figures] | None = None) -> None:
    """Print the figures that have no bar, recall by kind of attack and refusals by kind of user."""
    _list(console, "Beside", list(WITHOUT_BARS), ours, others)
    _list(console, "Recall by kind, A 1e-3", _named(ours, "recall."), ours, others)
    _list(console, "Recall by kind, own decisions", _named(ours, "own."), ours, others)
    _list(console, "Right passwords refused, by kind of user", _named(ours, "users."), ours, others)
    _list(console, "Right passwords challenged, by kind of user", _named(ours, "users_challenged."), ours, others)
    _list(console, "All logins refused, by kind of user", _named(ours, "users_all."), ours, others)


def as_values(name: str, ours: list[Figures], bars: Sequence[Bar], others: list[Figures] | None) -> dict[str, Any]:
    """Return all of it as values for JSON; NaN is ``null`` there."""
    rows = []
    for bar in bars:
        values = _values(ours, bar.figure)
        mean, worst = bar.of(values)
        rows.append(
            {
                "row": bar.row,
                "metric": bar.what,
                "mean": mean,
                "worst": worst,
                "bar": str(bar),
                "verdict": bar.verdict(values),
            }
        )
    return {"name": name, "rows": rows, "seeds": ours, "other": others}


def _named(figures: list[Figures], prefix: str) -> list[tuple[str, str]]:
    names = sorted({name for each in figures for name in each if name.startswith(prefix)})
    return [(name.removeprefix(prefix), name) for name in names]


def _list(
    console: Console, title: str, named: list[tuple[str, str]], ours: list[Figures], others: list[Figures] | None
) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("", min_width=34)
    for column in ("mean", "least", "greatest", *(["other mean"] if others is not None else [])):
        table.add_column(column, justify="right")
    for words, name in named:
        values = [value for value in _values(ours, name) if not math.isnan(value)]
        if values:
            cells = [words, *(number(value) for value in (sum(values) / len(values), min(values), max(values)))]
            if others is not None:
                cells.append(number(Bar(0, words, name, 0.0).of(_values(others, name))[0]))
            table.add_row(*cells)
    if table.row_count:
        console.print()
        console.print(table)


def _table(title: str, compared: bool) -> Table:  # noqa: FBT001  one caller
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("#", justify="right")
    table.add_column("metric", min_width=34)
    for column in ("mean", "worst", *(["other"] if compared else [])):
        table.add_column(column, justify="right")
    table.add_column("bar")
    table.add_column("verdict")
    return table


def _values(figures: list[Figures], name: str) -> list[float]:
    return [each.get(name, math.nan) for each in figures]


def number(value: float) -> str:
    """
    Return a number with as many digits as say something.

    >>> [number(value) for value in (math.nan, 0.0, 12345.6, 0.97123, 0.00031)]
    ['-', '0', '12,346', '0.971', '3.1e-04']
    """
    if math.isnan(value):
        return "-"
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) >= 0.01 else f"{value:.1e}"
