# SPDX-License-Identifier: Apache-2.0
"""
Mustache templates: variables, sections, inverted sections, comments and other delimiters.

Written here because a name in a template must find keys of tables and nothing else; the usual library also looks
at attributes of Python's objects and calls what it finds.

Source:
    The Mustache specification, version 1.1, without partials and lambdas.
    https://mustache.github.io/mustache.5.html
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from nacre.hooks.call import Value
from nacre.hooks.library.arguments import written

DEEPEST = 32
"""Sections within sections."""

MOST_STEPS = 100_000
"""Texts, values and rounds of sections in one rendering."""


@dataclass(slots=True)
class Node:
    """
    A piece of a template.

    Attributes:
        kind: ``text``, ``value``, ``plain`` (not escaped), ``#`` or ``^``.
        content: The text, or the name.
        inner: What a section holds.
    """

    kind: str
    content: str
    inner: list[Node] = field(default_factory=list)


def render(template: str, values: Value, most: int = 1_048_576) -> str:
    """
    Return a template with its values filled in.

    Args:
        template: The text.
        values: A plain value; names are keys of it.
        most: Characters of the answer.

    Raises:
        ValueError: the template is none, or the answer is too long.

    >>> render("Hello {{name}}!{{#list}} {{.}}{{/list}}{{^none}} Bye.{{/none}}", {"name": "<you>", "list": [1.0, "2"]})
    'Hello &lt;you&gt;! 1 2 Bye.'
    """
    if len(template) > most:
        raise ValueError(f"a template has {most:,} characters at most")
    pieces: list[str] = []
    length = 0
    for steps, piece in enumerate(_pieces(parsed(template), [values])):
        length += len(piece)
        if length > most or steps > MOST_STEPS:
            raise ValueError(f"the rendered text has more than {most:,} characters, or {MOST_STEPS:,} pieces")
        pieces.append(piece)
    return "".join(pieces)


@lru_cache(maxsize=256)
def parsed(template: str) -> Sequence[Node]:
    """
    Return the pieces of a template.

    Raises:
        ValueError: a tag or a section has no end, or ends what was not begun.
    """
    return _Parser(template).pieces()


class _Parser:
    """Reads a template from its beginning to its end."""

    def __init__(self, template: str) -> None:
        self._template = template
        self._marks = "{{", "}}"
        self._place = 0
        self._root: list[Node] = []
        self._open: list[tuple[str, list[Node]]] = [("", self._root)]

    def pieces(self) -> Sequence[Node]:
        """Return the pieces."""
        while (begin := self._template.find(self._marks[0], self._place)) >= 0:
            sign, name, after = self._tag(begin)
            before, after = _alone(self._template, self._place, begin, after) if sign in _SILENT else (begin, after)
            self._open[-1][1].append(Node("text", self._template[self._place : before]))
            self._place = after
            self._take(sign, name)
        self._open[-1][1].append(Node("text", self._template[self._place :]))
        if len(self._open) > 1:
            raise ValueError(f"the section {self._open[-1][0]!r} has no end")
        return self._root

    def _tag(self, begin: int) -> tuple[str, str, int]:
        """Return the sign of a tag, its name, and where it ends."""
        inside = begin + len(self._marks[0])
        sign = self._template[inside : inside + 1]
        closing = {"{": "}", "=": "="}.get(sign, "") + self._marks[1]
        end = self._template.find(closing, inside)
        if end < 0:
            raise ValueError(f"unclosed tag at {self._template[begin : begin + 20]!r}")
        signed = sign in _SIGNS
        return sign if signed else "", self._template[inside + signed : end].strip(), end + len(closing)

    def _take(self, sign: str, name: str) -> None:
        match sign:
            case "=":
                marks = name.split()
                if len(marks) != 2:
                    raise ValueError(f"cannot take {name!r} as delimiters")
                self._marks = marks[0], marks[1]
            case "#" | "^":
                if len(self._open) > DEEPEST:
                    raise ValueError(f"sections stand in one another {DEEPEST} deep at most")
                section = Node(sign, name)
                self._open[-1][1].append(section)
                self._open.append((name, section.inner))
            case "/":
                if len(self._open) < 2 or self._open.pop()[0] != name:
                    raise ValueError(f"{{{{/{name}}}}} ends no section")
            case ">":
                raise ValueError("a template of a script has no partials")
            case "!":
                pass
            case _:
                self._open[-1][1].append(Node("plain" if sign else "value", name))


_SIGNS = frozenset("{=&#^/!>")
_SILENT = frozenset("=#^/!")
_REST_OF_LINE = re.compile(r"[ \t]*(?:\r?\n|\Z)")


def _alone(template: str, place: int, begin: int, after: int) -> tuple[int, int]:
    """Return where a tag begins and ends; if it stands alone on its line, that is the whole line."""
    start = template.rfind("\n", 0, begin) + 1
    rest = _REST_OF_LINE.match(template, after)
    if start < place and place != 0 and template[place - 1] != "\n":
        return begin, after  # another tag stands on this line
    if rest is None or template[start:begin].strip(" \t"):
        return begin, after
    return max(start, place), rest.end()


def _pieces(nodes: Sequence[Node], scopes: list[Value]) -> Iterator[str]:
    for node in nodes:
        if node.kind == "text":
            yield node.content
            continue
        value = _find(node.content, scopes)
        empty = value is None or value is False or value in ([], {})
        if node.kind == "^":
            if empty:
                yield from _pieces(node.inner, scopes)
        elif node.kind == "#":
            for item in value if isinstance(value, list) else [] if empty else [value]:
                yield ""  # a round counts, also one without text
                yield from _pieces(node.inner, [*scopes, item])
        else:
            text = _text(value)
            yield html.escape(text) if node.kind == "value" else text


def _find(name: str, scopes: list[Value]) -> Value:
    if name == ".":
        return scopes[-1]
    first, *others = name.split(".")
    for scope in reversed(scopes):
        if isinstance(scope, dict) and first in scope:
            value: Value = scope[first]
            for other in others:
                value = value.get(other) if isinstance(value, dict) else None
            return value
    return None


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return written(value)
        case bytes():
            return value.decode("utf-8", "replace")
        case str():
            return value
        case _:
            return "table"
