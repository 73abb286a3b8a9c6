# SPDX-License-Identifier: Apache-2.0
"""
What commands print: tables for people, JSON for programs, notes on standard error.

User names, clients and reasons are written by whoever tries to sign in.  Nothing of that reaches a terminal
as a control sequence.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable, Sequence
from typing import Any, Literal

_PIPED_WIDTH = 100_000
"""Columns when nobody looks: no cell is wrapped, and each row is one line."""

_GAP = 2
_WIDEST = 60
"""Columns of a terminal that one column of a table takes at most; the last one takes what is left."""
_LAST = 40
"""Columns of a terminal that the last column of a table has at least; where there are fewer, the terminal wraps."""

_NOT_PLAIN = re.compile(r"[^\n -~]")


def printable(text: str) -> str:
    r"""
    Return a text whose control, direction and invisible characters are spelled out.

    >>> print(printable("root\x1b[2J\u202eexe"))
    root\x1b[2J\u202eexe
    >>> print(printable("Jürgen"))
    Jürgen
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def moment(seconds: float) -> str:
    """Return a Unix time as the clock of this terminal shows it, ``""`` for none."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds)) if seconds else ""


def count(number: int, one: str, several: str = "") -> str:
    """
    Return a number with its noun.

    >>> count(1, "block"), count(1200, "block"), count(0, "entry", "entries")
    ('1 block', '1,200 blocks', '0 entries')
    """
    return f"{number:,} {one if number == 1 else several or f'{one}s'}"


def note(text: str) -> None:
    """Tell people something that is no part of the answer."""
    sys.stderr.write(f"{printable(text)}\n")


def emit(text: str) -> None:
    """
    Write text to standard output.

    A reader that has seen enough, as `head` has, is no error: the command ends with the code it would have had.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # What is left in the buffer would break the pipe again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show(text: str) -> None:
    """Print a sentence."""
    emit(f"{printable(text)}\n")


def show_json(value: Any) -> None:
    """Print a value as one JSON document, in ASCII where a terminal would not show the character itself."""
    import msgspec

    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()
    emit(f"{_NOT_PLAIN.sub(_escape, text)}\n")


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
    """
    Print a table.

    Args:
        columns: Their headings.
        rows: The cells.
        numbers: Headings of columns that are aligned to the right.
    """
    from rich.table import Table
    from rich.text import Text

    cells = [[Text(printable(str(cell))) for cell in row] for row in rows]
    widths = [max(len(name), *(row[at].cell_len for row in cells)) for at, name in enumerate(columns)]
    table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    for name in columns[:-1]:
        justify: Literal["right", "left"] = "right" if name in numbers else "left"
        table.add_column(name, justify=justify, no_wrap=True, max_width=_WIDEST, overflow="fold")
    table.add_column(columns[-1], justify="right" if columns[-1] in numbers else "left", overflow="fold")
    for row in cells:
        table.add_row(*row)
    _write(table, sum(min(width, _WIDEST) + _GAP for width in widths[:-1]) + min(widths[-1], _LAST))


def show_pairs(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and their values below each other; a name that comes again is left out."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    last = ""
    for name, value in pairs:
        table.add_row("" if name == last else name, Text(printable(str(value))))
        last = name
    _write(table)


def _write(renderable: Any, least: int = 0) -> None:
    """Print what rich lays out, on a terminal as wide as it is but no narrower than *least*."""
    from rich.console import Console

    screen = Console(markup=False, highlight=False, emoji=False)
    screen.width = max(screen.width, least) if sys.stdout.isatty() else _PIPED_WIDTH
    with screen.capture() as captured:
        screen.print(renderable)
    emit("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
