# SPDX-License-Identifier: Apache-2.0
"""Pages as trees, for tests: what is open, what is closed, and what stands where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"meta", "br", "wbr"})
"""Elements of HTML that are never closed; in SVG, ``/>`` closes an element."""


@dataclass
class Node:
    """An element: its name, attributes, children, and all the text within it."""

    name: str
    attributes: dict[str, str]
    children: list[Node] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All the text within."""
        return "".join(self.words)

    def all(self, *names: str, class_: str = "") -> list[Node]:
        """Return the elements of these names, in order, that have the class."""
        return [
            node for node in self
            if (node.name in names or not names) and (not class_ or class_ in node.attributes.get("class", "").split())
        ]  # fmt: skip

    def __iter__(self) -> Iterator[Node]:
        for child in self.children:
            yield child
            yield from child


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(set(names)) == len(names), f"{tag}: an attribute is given twice: {names}"
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            assert any(node.name == "svg" for node in self.open), f"{tag} cannot close itself in HTML"
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for node in self.open:
            node.words.append(data)


def read(page: str) -> Node:
    """
    Return the tree of a page or a part of one.

    Raises:
        AssertionError: an element is not closed, closed by another one, or has an attribute twice.
    """
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], f"left open: {[node.name for node in reader.open[1:]]}"
    return reader.root
