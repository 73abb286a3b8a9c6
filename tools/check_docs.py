# SPDX-License-Identifier: Apache-2.0
"""
Checks the documents of a checkout: what they point at is there, what they show compiles.

Usage: ``check_docs.py [ROOT]``.  Prints ``file:line: complaint`` for each fault and ends with 1 if there is any.
A further check is a further function in :data:`CHECKS`.
"""

from __future__ import annotations

import ast
import doctest
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

FENCE = re.compile(r"^ {0,3}(?P<ticks>`{3,}|~{3,})\s*(?P<language>[\w+-]*)")
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?(?P<inline>[^)>\s]+)>?[^)]*\)|^ {0,3}\[[^\]]+\]:\s*<?(?P<below>[^>\s]+)")
CODE_SPAN = re.compile(r"(`+).+?\1")
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(?P<title>.+?)\s*#*$")
ANCHOR = re.compile(r"<a\s+(?:id|name)=\"(?P<name>[^\"]+)\"")
ELSEWHERE = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)
PYTHON = frozenset({"python", "py", "pycon"})


class Block(NamedTuple):
    """
    A fenced block of code.

    Attributes:
        line: Number of the line above its first one.
        language: As written behind the fence, ``""`` if nothing is.
        text: What stands between the fences.
    """

    line: int
    language: str
    text: str


class Page(NamedTuple):
    """
    One document, taken apart.

    Attributes:
        path: Where it lies.
        prose: Numbered lines outside of code, code spans blanked.
        blocks: What is fenced.
    """

    path: Path
    prose: list[tuple[int, str]]
    blocks: list[Block]

    @classmethod
    def read(cls, path: Path) -> Page:
        """Take the document at *path* apart."""
        page = cls(path, [], [])
        fence, language, start, body = "", "", 0, list[str]()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            opening = FENCE.match(line)
            if fence:
                if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                    page.blocks.append(Block(start, language, textwrap.dedent("\n".join(body))))
                    fence = ""
                else:
                    body.append(line)
            elif opening:
                fence, language, start, body = opening["ticks"], opening["language"].lower(), number, []
            else:
                page.prose.append((number, line))
        return page

    def anchors(self) -> set[str]:
        """Return the fragments that links to this page may name."""
        seen: dict[str, int] = {}
        names: set[str] = set()
        for _, line in self.prose:
            names.update(match["name"] for match in ANCHOR.finditer(line))
            if heading := HEADING.match(line):
                slug = re.sub(r"[^\w\- ]", "", heading["title"].lower()).replace(" ", "-")
                repeated = seen.get(slug, 0)
                seen[slug] = repeated + 1
                names.add(f"{slug}-{repeated}" if repeated else slug)
        return names


Check = Callable[[Page, Path], Iterator[tuple[int, str]]]


def links(page: Page, root: Path) -> Iterator[tuple[int, str]]:
    """Complain about links into the checkout that lead nowhere."""
    for number, line in page.prose:
        for match in LINK.finditer(CODE_SPAN.sub("", line)):
            target = unquote(match["inline"] or match["below"])
            if ELSEWHERE.match(target):
                continue
            name, _, fragment = target.partition("#")
            path = (root / name.lstrip("/") if name.startswith("/") else page.path.parent / name) if name else page.path
            if not path.exists():
                yield number, f"{target} is not there"
            elif fragment and path.suffix == ".md" and fragment not in Page.read(path).anchors():
                yield number, f"{target}: no heading of that name"


def python_blocks(page: Page, root: Path) -> Iterator[tuple[int, str]]:  # noqa: ARG001 (all checks are called alike)
    """Complain about Python that does not compile; ``await`` may stand outside of a function."""
    for block in page.blocks:
        if block.language not in PYTHON:
            continue
        try:
            examples = doctest.DocTestParser().get_examples(block.text)
            pieces = [(example.lineno, example.source) for example in examples] or [(0, block.text)]
        except ValueError as error:
            yield block.line, str(error)
            continue
        for offset, source in pieces:
            try:
                compile(source, str(page.path), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
            except SyntaxError as error:
                yield block.line + offset + (error.lineno or 1), f"Python that does not compile: {error.msg}"


CHECKS: tuple[Check, ...] = (links, python_blocks)


def main(root: Path) -> int:
    """Check every document below *root* and return the exit code."""
    paths = [*sorted(root.glob("*.md")), *sorted(root.glob("docs/**/*.md"))]
    faults = 0
    for path in paths:
        page = Page.read(path)
        for check in CHECKS:
            for line, complaint in check(page, root):
                print(f"{path.relative_to(root)}:{line}: {complaint}")
                faults += 1
    print(f"{len(paths)} documents, {faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
