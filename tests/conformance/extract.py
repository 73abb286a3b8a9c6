# SPDX-License-Identifier: Apache-2.0
"""
What the specification of the Lua interface shows, as facts: its blocks of code, and its lists of parameters.

``python tests/conformance/extract.py FOLDER`` reads the documents in a folder and writes tests/conformance/cases; the
tests run from these, so that they need no document.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec

CASES = Path(__file__).with_name("cases")
DOCUMENTS = ("bruteforce", "neural")

_HEADING = re.compile(r"(#{1,6}) +(.*)")
_FENCE = re.compile(r"```(\w*)")
_ITEM = re.compile(r"( *)- `([^`]+)` \(([^)]+)\)(.*)")
_VALUES = re.compile(r" +- (`[^`]+`(?: or `[^`]+`)*)")
_QUOTED = re.compile(r"`\"?([^`\"]+)\"?`")
_DEFAULT = re.compile(r"Default: (\S+)")
_MUST = re.compile(r'(?:Must be|If not provided or set to) "(\w+)"')


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """
    A block of code.

    Attributes:
        section: Headings above it, the outermost first.
        language: ``lua``, ``json``, ``yaml`` or ``""``.
        text: What stands in it.
    """

    section: tuple[str, ...]
    language: str
    text: str


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """
    A parameter or a result.

    Attributes:
        section: Headings above it, the outermost first.
        name: As callers spell it.
        kind: What stands between its brackets: ``number, optional``.
        depth: 0, or 1 where it is part of the item before.
        default: What is taken if it is left out, ``""`` if that is not said.
        values: Those that are accepted, if they are listed.
    """

    section: tuple[str, ...]
    name: str
    kind: str
    depth: int = 0
    default: str = ""
    values: tuple[str, ...] = ()


class Document(msgspec.Struct, frozen=True):
    """Blocks and items of one document, in their order."""

    blocks: tuple[Block, ...]
    items: tuple[Item, ...]


def extract(text: str) -> Document:
    r"""
    Return what a document shows.

    >>> document = extract("# f\n```lua\nf(a)\n```\n- `a` (number, optional): Anything. Default: 5\n")
    >>> document.blocks[0].text, document.items[0].default
    ('f(a)', '5')
    """
    section: list[str] = []
    blocks: list[Block] = []
    items: list[Item] = []
    lines = iter(text.splitlines())
    for line in lines:
        if fence := _FENCE.fullmatch(line):
            code = []
            while not (line := next(lines)).startswith("```"):
                code.append(line)
            blocks.append(Block(section=tuple(section), language=fence[1], text="\n".join(code)))
        elif heading := _HEADING.fullmatch(line):
            depth = len(heading[1])
            section = [*section[: depth - 1], *[""] * (depth - 1 - len(section)), heading[2].strip()]
        elif (item := _ITEM.fullmatch(line)) and item[3] == "default":
            value = item[2].strip('"')
            items[-1] = msgspec.structs.replace(items[-1], default=value, values=(*items[-1].values, value))
        elif item:
            default, must = _DEFAULT.search(item[4]), _MUST.search(item[4])
            items.append(
                Item(
                    section=tuple(section),
                    name=item[2],
                    kind=item[3],
                    depth=len(item[1]) // 2,
                    default=default[1].rstrip(".") if default else "",
                    values=(must[1],) if must else (),
                )
            )
        elif values := _VALUES.match(line):
            items[-1] = msgspec.structs.replace(items[-1], values=(*items[-1].values, *_QUOTED.findall(values[1])))
    return Document(tuple(blocks), tuple(items))


def cases(name: str) -> Document:
    """Return what was extracted from a document."""
    return msgspec.json.decode((CASES / f"{name}.json").read_bytes(), type=Document)


def main(folder: Path) -> None:
    """Write the cases anew."""
    for name in DOCUMENTS:
        document = extract((folder / f"{name}.md").read_text(encoding="utf-8"))
        packed = msgspec.json.format(msgspec.json.encode(document), indent=1)
        (CASES / f"{name}.json").write_bytes(packed + b"\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
