# SPDX-License-Identifier: Apache-2.0
"""
YAML as a tree of texts, lists and mappings.

What a text means is for the field that takes it to say: a rule may be named ``no`` and a user
``0123``, although YAML itself would make a boolean and a number of them.  For the same reason an address
like ``2001:10:20:30:40:50:10:20`` stays one (YAML 1.1 reads a number to base 60).

The parser's events are read rather than its tree: they tell of a key that stands twice, and a
text of brackets cannot exhaust the stack, which libyaml's own tree builder lets it do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import yaml

from nacre.errors import SettingsError

try:
    from yaml import CBaseLoader as _Loader
except ImportError:  # PyYAML built without libyaml: the same events, ten times slower
    from yaml import BaseLoader as _Loader  # type: ignore[assignment]

Raw = str | list["Raw"] | dict[str, "Raw"] | None
"""``None`` stands for nothing written behind a key, ``null`` or ``~``."""

MAX_CHARACTERS = 16 * 2**20
"""Length of a text; 100,000 networks fill about an eighth of it."""

MAX_VALUES = 1_000_000
"""Values in a text, those behind an alias counted each time."""

MAX_DEPTH = 32

MAX_SHOWN = 64
"""Characters of a text that a message repeats."""

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_TAG = "tag:yaml.org,2002:"
_KNOWN_TAGS = frozenset(_TAG + name for name in ("str", "int", "float", "bool", "map", "seq"))


def read_document(text: str, *, file: str | None = None) -> Raw:
    r"""
    Return what a YAML text holds.

    Anchors, aliases and merge keys (``<<``) work as usual.  Tags other than YAML's own are refused, and so is
    a key that stands twice in one mapping: one of the two would be lost without a word.

    Args:
        text: One YAML document, or nothing.
        file: Named in errors.

    Raises:
        SettingsError: *text* is no YAML, or too much of it.

    >>> read_document("a: &x [1, yes]\nb: *x\nc:")
    {'a': ['1', 'yes'], 'b': ['1', 'yes'], 'c': None}
    >>> read_document("a: 1\na: 2")
    Traceback (most recent call last):
    ...
    nacre.errors.SettingsError: line 2, column 1: `a` stands here a second time; the first one is in line 1
    """
    if len(text) > MAX_CHARACTERS:
        raise SettingsError(f"{len(text):,} characters; up to {MAX_CHARACTERS:,} are read", file=file)
    try:
        return _Reader(yaml.parse(text, Loader=_Loader)).document()
    except _Unreadable as error:
        raise SettingsError(str(error), file=file) from None
    except yaml.MarkedYAMLError as error:
        raise SettingsError(_complaint(error, text), file=file) from None
    except (yaml.YAMLError, UnicodeError) as error:
        raise SettingsError(f"no YAML: {str(error).splitlines()[0]}", file=file) from None


def shown(text: str) -> str:
    r"""
    Return a text as a message may repeat it: short, on one line, without control characters.

    >>> shown("a\nb"), shown("x" * 100) == "x" * 64 + "…"
    ('a\\nb', True)
    """
    text = text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}…"
    return text if text.isprintable() else repr(text)[1:-1]


class _Unreadable(Exception):
    """The text is YAML that we do not take."""


class _Reader:
    """Builds values of parser events; *left* bounds their number, aliases included."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._anchors: dict[str, tuple[Raw, int]] = {}
        self._left = MAX_VALUES

    def document(self) -> Raw:
        next(self._events)  # the start of the stream
        event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(next(self._events), depth=0)
        next(self._events)  # the end of the document
        event = next(self._events)
        if not isinstance(event, yaml.StreamEndEvent):
            raise _Unreadable(_at(event.start_mark, "a second document begins; one is read"))
        return value

    def _value(self, event: yaml.Event, *, depth: int) -> Raw:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if not isinstance(event, yaml.NodeEvent):  # pragma: no cover - the parser gives no other
            raise TypeError(event)
        if depth > MAX_DEPTH:
            raise _Unreadable(_at(event.start_mark, f"nested more than {MAX_DEPTH} levels deep"))
        before = self._left
        self._spend(1, event)
        tag = getattr(event, "tag", None)
        if tag is not None and tag not in _KNOWN_TAGS:
            raise _Unreadable(_at(event.start_mark, f"the tag {shown(tag.replace(_TAG, '!!'))!r} has no meaning here"))
        value: Raw
        if isinstance(event, yaml.ScalarEvent):
            value = None if event.implicit[0] and event.value in _NOTHING else event.value
        elif isinstance(event, yaml.SequenceStartEvent):
            value = self._sequence(depth)
        else:
            value = self._mapping(depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = value, before - self._left
        return value

    def _alias(self, event: yaml.AliasEvent) -> Raw:
        if event.anchor not in self._anchors:
            raise _Unreadable(_at(event.start_mark, f"the alias *{shown(event.anchor or '')} has no anchor before it"))
        value, size = self._anchors[event.anchor]
        self._spend(size, event)
        return value

    def _sequence(self, depth: int) -> list[Raw]:
        values: list[Raw] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, depth=depth + 1))
        return values

    def _mapping(self, depth: int) -> dict[str, Raw]:
        own: dict[str, Raw] = {}
        merged: dict[str, Raw] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _Unreadable(_at(event.start_mark, "a key is a text, not a list, a mapping or an alias"))
            key, mark = event.value, event.start_mark
            value = self._value(next(self._events), depth=depth + 1)
            if key == "<<" and event.implicit[0]:
                for source in reversed(value if isinstance(value, list) else [value]):
                    if not isinstance(source, dict):
                        raise _Unreadable(_at(mark, "`<<` takes a mapping, or a list of mappings"))
                    merged |= source
            elif key in lines:
                raise _Unreadable(
                    _at(mark, f"`{shown(key)}` stands here a second time; the first one is in line {lines[key]}")
                )
            else:
                own[key], lines[key] = value, _line(mark)
        return merged | own

    def _spend(self, values: int, event: yaml.Event) -> None:
        self._left -= values
        if self._left < 0:
            raise _Unreadable(_at(event.start_mark, f"more than {MAX_VALUES:,} values, aliases counted each time"))


def _complaint(error: yaml.MarkedYAMLError, text: str) -> str:
    mark = error.problem_mark or error.context_mark
    problem = f"{error.context or ''} {error.problem or 'no YAML'}".strip()
    if mark and text.removeprefix("\ufeff").startswith("::", mark.index):
        problem += "; between brackets, an address that begins with `::` needs quotes"
    return _at(mark, problem)


class _Place(Protocol):
    """A mark of libyaml or of PyYAML."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


def _at(mark: _Place | None, problem: str) -> str:
    return f"line {_line(mark)}, column {mark.column + 1}: {problem}" if mark else problem


def _line(mark: _Place | None) -> int:
    return mark.line + 1 if mark else 0
