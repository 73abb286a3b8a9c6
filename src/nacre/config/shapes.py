# SPDX-License-Identifier: Apache-2.0
"""
The shapes that settings have.

A shape turns what a file says into values, and calls itself what the reference calls it.  So
messages and documentation cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NamedTuple, NoReturn, Protocol

import msgspec
from msgspec import NODEFAULT

from nacre.config.document import Raw, shown
from nacre.config.duration import Duration
from nacre.config.forms import Form, Span
from nacre.config.section import Section


class Unusable(Exception):
    """
    A value that a setting cannot take.

    Attributes:
        field: Dotted path of the setting.
        problem: What is wrong, and what would do.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class Shape(Protocol):
    """What a value may be."""

    @property
    def kind(self) -> str:
        """As the reference calls it."""

    @property
    def plural(self) -> str:
        """More than one of it."""

    @property
    def limits(self) -> str:
        """Range of the value, ``""`` for any."""

    def read(self, value: Raw, path: str) -> Any:
        """Return what a file means by *value*; :class:`Unusable` if nothing."""


class Field(NamedTuple):
    """
    One setting.

    Attributes:
        name: Our name.
        also: Other names that are taken for it.
        unset: A text that means the same as no text.
        shape: What its value may be.
        about: Its sentence.
        default: Its default, ``NODEFAULT`` where it has to be set.
        sample: What it might be set to, where it has no default.
    """

    name: str
    also: tuple[str, ...]
    unset: str | None
    shape: Shape
    about: str
    default: Any
    sample: Any


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text, a number, a truth value or a choice, checked by msgspec."""

    annotation: Any
    kind: str
    plural: str
    limits: str
    form: Form | None
    choices: tuple[str, ...] = ()

    def read(self, value: Raw, path: str) -> Any:
        """Return the value."""
        text = _text(value, path, self)
        if self.annotation is not str:
            try:
                parsed = msgspec.convert(text, self.annotation, strict=False)
            except msgspec.ValidationError:
                self._refuse(text, path)
            if isinstance(parsed, float) and not math.isfinite(parsed):
                self._refuse(text, path)
        else:
            parsed = text
        if self.form and (text or not self.form.optional):
            try:
                self.form.check(text)
            except ValueError as error:
                raise Unusable(path, str(error)) from None
        return parsed

    def _refuse(self, text: str, path: str) -> NoReturn:
        close = get_close_matches(text.lower(), self.choices, 1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise Unusable(path, f"{_shown(text)} will not do; expected: {_expected(self)}{hint}")


@dataclass(frozen=True, slots=True)
class Time:
    """A duration within a span."""

    span: Span
    kind: str = "duration"
    plural: str = "durations"

    @property
    def limits(self) -> str:
        """The span, in words."""
        return str(self.span)

    def read(self, value: Raw, path: str) -> Duration:
        """Return the duration."""
        text = _text(value, path, self)
        try:
            duration = Duration.parse(text)
        except ValueError as error:
            raise Unusable(path, str(error)) from None
        if duration > self.span.longest or not (duration or self.span.zero):
            raise Unusable(path, f"{_shown(text)} will not do; expected: {_expected(self)}")
        return duration


@dataclass(frozen=True, slots=True)
class Items:
    """A list of things of one shape; texts may also stand in one text, between commas."""

    item: Shape

    @property
    def kind(self) -> str:
        """A list of what."""
        return f"list of {self.item.plural}"

    @property
    def plural(self) -> str:
        """Lists of what."""
        return f"lists of {self.item.plural}"

    @property
    def limits(self) -> str:
        """The range of each item."""
        return self.item.limits

    def read(self, value: Raw, path: str) -> tuple[Any, ...]:
        """Return the items."""
        if isinstance(value, str) and isinstance(self.item, Leaf):
            value = [part.strip() for part in value.split(",") if part.strip()]
        if not isinstance(value, list):
            raise Unusable(path, f"{_shown(value)} is no {self.kind}; write `[...]`, or one item a line after `-`")
        return tuple(self.item.read(each, f"{path}[{index}]") for index, each in enumerate(value))


@dataclass(frozen=True, slots=True)
class Names:
    """A mapping whose keys the operator chooses."""

    key: Shape
    value: Shape

    @property
    def kind(self) -> str:
        """A mapping of what to what."""
        return f"mapping of {self.key.plural} to {self.value.plural}"

    @property
    def plural(self) -> str:
        """Mappings of what to what."""
        return f"mappings of {self.key.plural} to {self.value.plural}"

    @property
    def limits(self) -> str:
        """The range of each value."""
        return self.value.limits

    def read(self, value: Raw, path: str) -> dict[Any, Any]:
        """Return the mapping."""
        if not isinstance(value, dict):
            raise Unusable(path, f"{_shown(value)} is no {self.kind}; write `name: value`, one a line")
        return {
            self.key.read(name, f"{path}.{shown(name)}"): self.value.read(each, f"{path}.{shown(name)}")
            for name, each in value.items()
        }


@dataclass(frozen=True, slots=True)
class Group:
    """A section of the tree."""

    section: type[Section]
    fields: Mapping[str, Field]
    kind: str = "section"
    plural: str = "sections"
    limits: str = ""

    def read(self, value: Raw, path: str) -> Any:
        """Return the section, its defaults filled in."""
        if not isinstance(value, dict):
            raise Unusable(path, f"{_shown(value)} will not do; expected: settings as `name: value`, one a line")
        known = {name: field for field in self.fields.values() for name in (field.name, *field.also)}
        given: dict[str, Any] = {}
        spelled: dict[str, str] = {}
        for name, each in value.items():
            field = known.get(name)
            here = f"{path}.{shown(name)}" if path else shown(name)
            if field is None:
                raise Unusable(here, _unknown(name, list(known), at_top=not path))
            if each is None or each == field.unset:
                continue
            if field.name in given:
                raise Unusable(here, f"`{spelled[field.name]}` and `{name}` are one setting; keep one of them")
            given[field.name], spelled[field.name] = field.shape.read(each, here), name
        for field in self.fields.values():
            if field.default is NODEFAULT and field.name not in given:
                raise Unusable(path, f"`{field.name}` is missing ({field.shape.kind}): {field.about}")
        self._order(given, path)
        return self.section(**given)

    def _order(self, given: dict[str, Any], path: str) -> None:
        """Check pairs of which one is never greater; a default gives way to what is set."""
        for low, high in self.section.ORDERED:
            if low in given and high in given:
                if given[low] > given[high]:
                    problem = f"`{low}` is {given[low]} and so greater than `{high}`, which is {given[high]}"
                    raise Unusable(f"{path}.{low}", f"{problem}; lower the one or raise the other")
            elif low in given:
                given[high] = max(self.fields[high].default, given[low])
            elif high in given:
                given[low] = min(self.fields[low].default, given[high])


def _expected(shape: Shape) -> str:
    return f"{shape.kind}, {shape.limits}" if shape.limits else shape.kind


def _text(value: Raw, path: str, shape: Shape) -> str:
    if isinstance(value, str):
        return value
    raise Unusable(path, f"{_shown(value)} will not do; expected: {_expected(shape)}")


def _unknown(name: str, known: list[str], *, at_top: bool) -> str:
    close = get_close_matches(name.lower(), known, 1)
    hint = f"did you mean `{close[0]}`?" if close else ""
    choice = ", ".join(f"`{each}`" for each in known)
    if at_top:
        return f"unknown section `{shown(name)}`; {hint}{' ' if hint else ''}nacre reads {choice}"
    return f"unknown setting `{shown(name)}`; {hint or f'here may stand {choice}'}"


def _shown(value: Raw) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"'{shown(value)}'"
    return "a list" if isinstance(value, list) else "a mapping"
