# SPDX-License-Identifier: Apache-2.0
"""What was measured, beside what it should be."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Target(NamedTuple):
    """
    What a figure should be.

    Attributes:
        bound: The figure that just meets it.
        at_least: Whether more is better.

    >>> Target.most(2.0).is_met(1.5), Target.least(0.35).is_met(0.3), str(Target.least(0.35))
    (True, False, '>= 0.35')
    """

    bound: float
    at_least: bool

    @classmethod
    def least(cls, bound: float) -> Target:
        """Return the target of a figure that should be as great as possible."""
        return cls(bound, at_least=True)

    @classmethod
    def most(cls, bound: float) -> Target:
        """Return the target of a figure that should be as small as possible."""
        return cls(bound, at_least=False)

    def is_met(self, value: float) -> bool:
        """Whether a figure is as it should be."""
        return value >= self.bound if self.at_least else value <= self.bound

    def __str__(self) -> str:
        return f"{'>=' if self.at_least else '<='} {self.bound:g}"


class Figure(NamedTuple):
    """
    One figure.

    Attributes:
        name: What was measured.
        value: The median of all rounds.
        unit: ``us``, ``ms``, ``/s``, ``bytes`` ...; ``""`` for a ratio or a number of things.
        target: What it should be, if that is laid down.
        spread: The least and the greatest of all rounds, where there were several.
    """

    name: str
    value: float
    unit: str = ""
    target: Target | None = None
    spread: tuple[float, float] | None = None

    @classmethod
    def of(cls, name: str, values: Sequence[float], unit: str = "", target: Target | None = None) -> Figure:
        """
        Return the figure of several rounds.

        >>> Figure.of("rate", [3.0, 1.0, 2.0], "/s").value
        2.0
        """
        spread = (min(values), max(values)) if len(values) > 1 else None
        return cls(name, statistics.median(values), unit, target, spread)

    @property
    def verdict(self) -> str:
        """``met``, ``missed``, or nothing without a target."""
        return "" if self.target is None else "met" if self.target.is_met(self.value) else "missed"

    def line(self, width: int) -> str:
        """Return the figure as a line of a table whose first column is *width* wide."""
        spread = f"{number(self.spread[0])} - {number(self.spread[1])}" if self.spread else ""
        target = f"{self.target}" if self.target else ""
        measured = f"  {self.name:<{width}} {number(self.value):>9} {self.unit:<6} {spread:>19}"
        return f"{measured}  {target:<9} {self.verdict}".rstrip()


class Section(NamedTuple):
    """
    Figures that belong together.

    Attributes:
        title: What they are about.
        figures: The figures.
    """

    title: str
    figures: Sequence[Figure]

    def value(self, name: str) -> float:
        """Return the value of a figure."""
        return next(figure.value for figure in self.figures if figure.name == name)


def number(value: float) -> str:
    """
    Return a number with as many digits as say something.

    >>> [number(value) for value in (12345.6, 123.4, 12.34, 0.4567, 0)]
    ['12,346', '123', '12.3', '0.457', '0']
    """
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def percentile(values: Iterable[float], share: float) -> float:
    """
    Return the value below which a share of all values lies.

    >>> percentile(range(101), 0.99)
    99
    """
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def show(section: Section, say: Callable[[str], None] = print) -> None:
    """Print a section."""
    width = max(len(figure.name) for figure in section.figures)
    say(f"\n{section.title}")
    for figure in section.figures:
        say(figure.line(width))
