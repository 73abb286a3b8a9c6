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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 100_000
"""Columns when nobody looks: no cell is wrapped, and each row is one line."""

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

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    _write(table)


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


def _console() -> Console:
    """Return a console on standard output."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _PIPED_WIDTH, markup=False, highlight=False, emoji=False)


def _write(renderable: Any) -> None:
    screen = _console()
    with screen.capture() as captured:
        screen.print(renderable)
    emit("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
