# SPDX-License-Identifier: Apache-2.0
"""Attempts as CSV: a header, then a row per attempt."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator

import msgspec

from nacre.attempt import AttemptFields
from nacre.replay.record import Recorded, Tally
from nacre.replay.rows import COLUMNS, OTHER_NAMES, REQUIRED, from_mapping
from nacre.replay.text import LogFile

DELIMITERS = ",;\t"


def read_table(log: LogFile, *, timezone: dt.tzinfo, tally: Tally) -> Iterator[Recorded]:
    """
    Yield the attempts of a CSV file.

    A row with more or fewer cells than the header is not understood: a delimiter inside a user name
    would otherwise move one column into the next.

    Args:
        log: The file; its first line that is not blank names the columns.
        timezone: Of times that name none.
        tally: Counts what becomes no attempt.

    Raises:
        ValueError: columns are missing; says which.
    """
    lines = _Lines(log, tally)
    header = next((line for line in lines if line.strip()), None)
    if header is None:
        return
    delimiter, columns = split_header(header)
    if missing := _missing(columns):
        raise ValueError(f"{log.name}: line {lines.number}: no column for {missing}; there are {', '.join(columns)}")
    cells = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(cells)
            if not row:
                continue
            fields, success = _attempt(columns, row, timezone)
        except StopIteration:
            return
        except (ValueError, csv.Error, msgspec.MsgspecError) as error:
            tally.misunderstand(log.name, lines.number, str(error))
        else:
            yield Recorded(fields, success, lines.number)


def _attempt(columns: list[str], row: list[str], timezone: dt.tzinfo) -> tuple[AttemptFields, bool]:
    if len(row) != len(columns):
        raise ValueError(f"{len(row)} cells instead of {len(columns)}")
    values: dict[str, str | None] = {"client_ip": None, "username": None}
    values.update((column, cell) for column, cell in zip(columns, row, strict=True) if cell)
    return from_mapping(values, timezone=timezone, text=True)


def split_header(line: str) -> tuple[str, list[str]]:
    """
    Return the delimiter of a header, and its columns: those that say most to us.

    >>> split_header("Time; Client_IP; username; success")
    (';', ['time', 'client_ip', 'username', 'success'])
    """
    found = {
        delimiter: [name.strip().lower() for name in next(csv.reader([line.strip("\r\n")], delimiter=delimiter), [])]
        for delimiter in DELIMITERS
    }
    best = max(DELIMITERS, key=lambda delimiter: _familiar(found[delimiter]))
    return best, found[best]


def is_header(line: str) -> bool:
    """Whether a line names columns of ours, perhaps not all that are needed."""
    return _familiar(split_header(line)[1]) >= len(REQUIRED) / 2


def _familiar(columns: list[str]) -> int:
    return sum(OTHER_NAMES.get(name, name) in COLUMNS for name in columns)


def _missing(columns: list[str]) -> str:
    """Return what a row would not tell, with the columns that would; ``""`` if nothing is missing."""
    present = {OTHER_NAMES.get(name, name) for name in columns}
    shorter = {meaning: name for name, meaning in OTHER_NAMES.items()}
    missing = []
    for fact, names in REQUIRED.items():
        if present.isdisjoint(names):
            choices = [*names, *(shorter[name] for name in names if name in shorter)]
            missing.append(f"{fact} ({' or '.join(choices)})")
    return ", ".join(missing)


class _Lines:
    """The lines of a log as text, and the number of the one that was taken last."""

    def __init__(self, log: LogFile, tally: Tally) -> None:
        self._lines = log.lines(tally)
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.number, raw = next(self._lines)
        return raw.rstrip(b"\r").replace(b"\0", b"").decode("utf-8", "replace") + "\n"
