# SPDX-License-Identifier: Apache-2.0
"""A commented file with every setting and its default, made from the tree so that it cannot drift."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from msgspec import NODEFAULT

from nacre.config.duration import Duration
from nacre.config.schema import group_of, nested
from nacre.config.section import Section
from nacre.config.shapes import Field, Group, Items, Leaf
from nacre.config.tree import Settings

WIDTH = 100

_PLAIN = re.compile(r"[A-Za-z0-9_./+](?:[A-Za-z0-9_./:+ -]*[A-Za-z0-9_./+-])?")
_READ_OTHERWISE = frozenset({"", "~", "null", "true", "false", "yes", "no", "on", "off"})

_HEAD = """\
# Settings of nacre.  All of this is default: keep what you change and leave out the rest.
#
# Durations are written as in Go (`90s`, `15m`, `1h30m`) or as seconds; `d` stands for days.
# `nacre config check FILE` says in sentences what a file does.
"""


def example() -> str:
    """
    Return a YAML file that holds every setting; read back it is the defaults.

    >>> print(example()[-73:], end="")
      # How long a decision beyond these numbers is kept.
      keep_excess: 10m
    """
    lines = [_HEAD]
    for field in group_of(Settings).fields.values():
        lines += [f"# --- {field.about.rstrip('.')} ".ljust(WIDTH, "-"), *_lines(field, field.default, 0), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def scalar(value: object) -> str:
    """
    Return a value as YAML writes it in one line.

    >>> [scalar(value) for value in (True, 0.5, Duration(90), "no", "::1", ("a", "b"), {})]
    ['true', '0.5', '1m30s', '"no"', '"::1"', '[a, b]', '{}']
    """
    match value:
        case Duration():
            return value.spoken
        case bool() | int() | float():
            return str(value).lower()
        case tuple() | list():
            return f"[{', '.join(map(scalar, value))}]"
        case Mapping():
            return f"{{{', '.join(f'{scalar(key)}: {scalar(each)}' for key, each in value.items())}}}"
    return _text(str(value))


def _text(text: str) -> str:
    if _PLAIN.fullmatch(text) and ": " not in text and text.lower() not in _READ_OTHERWISE:
        return text
    return json.dumps(text, ensure_ascii=False)


def _lines(field: Field, value: Any, depth: int) -> Iterator[str]:
    indent, group = "  " * depth, nested(field)
    if not group:
        yield f"{indent}{field.name}: {scalar(value)}"
    elif not isinstance(field.shape, Items):
        yield f"{indent}{field.name}:"
        yield from _section(group, value, depth + 1)
    elif value:
        yield f"{indent}{field.name}:"
        yield from (f"{indent}  {line}".rstrip() for line in _entries(group, value))
    else:
        yield f"{indent}{field.name}: []  # an entry looks like this:"
        yield from (f"{indent}# {line}" for line in _entry(group, _sample(group)))


def _section(group: Group, value: Section, depth: int) -> Iterator[str]:
    for number, field in enumerate(group.fields.values()):
        if number and depth == 1:
            yield ""
        yield from _comment(field, "  " * depth)
        yield from _lines(field, getattr(value, field.name), depth)


def _entries(group: Group, values: tuple[Section, ...]) -> Iterator[str]:
    """Yield the first entry with every field and its comment, of the others what is not default."""
    first, *others = values
    yield from _entry(group, {name: getattr(first, name) for name in group.fields})
    for other in others:
        set_here = {name: getattr(other, name) for name, field in group.fields.items()}
        set_here = {name: value for name, value in set_here.items() if value != group.fields[name].default}
        yield ""
        for number, (name, value) in enumerate(set_here.items()):
            yield f"{'  ' if number else '- '}{name}: {scalar(value)}"


def _entry(group: Group, values: Mapping[str, object]) -> Iterator[str]:
    for number, (name, value) in enumerate(values.items()):
        yield from _comment(group.fields[name], "  ", width=WIDTH - 4)
        yield f"{'  ' if number else '- '}{name}: {scalar(value)}"


def _sample(group: Group) -> Mapping[str, object]:
    fields = group.fields.values()
    return {field.name: field.sample if field.default is NODEFAULT else field.default for field in fields}


def _comment(field: Field, indent: str, *, width: int = WIDTH) -> Iterator[str]:
    wanted = _wanted(field)
    text = f"{field.about.rstrip('.')} ({wanted})." if wanted else field.about
    yield from (f"{indent}# {line}" for line in wrap(text, width - len(indent) - 2, break_long_words=False))


def _wanted(field: Field) -> str:
    """Return the choices or the numbers that a sentence does not name itself."""
    shape = field.shape.item if isinstance(field.shape, Items) else field.shape
    if not isinstance(shape, Leaf) or shape.plural == "texts":
        return ""
    if all(f"`{choice}`" in field.about for choice in shape.choices):
        return "" if shape.choices else shape.limits
    return ", ".join(f"`{choice}`" for choice in shape.choices)
