# SPDX-License-Identifier: Apache-2.0
"""Attempts as NDJSON: one JSON object per line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import msgspec

from nacre.attempt import AttemptFields
from nacre.replay.record import Recorded, Tally
from nacre.replay.rows import Row, from_mapping, from_row
from nacre.replay.text import LogFile

_ROW = msgspec.json.Decoder(Row)
_OBJECT = msgspec.json.Decoder(dict[str, Any])


def read_ndjson(log: LogFile, *, timezone: dt.tzinfo, tally: Tally) -> Iterator[Recorded]:
    """
    Yield the attempts of an NDJSON file.

    What is wrong with a line is tallied without showing the line: it may hold a password.

    Args:
        log: The file.
        timezone: Of times that name none.
        tally: Counts what becomes no attempt.
    """
    for number, raw in log.lines(tally):
        line = raw.strip(b"\0\r\t ")
        if not line:
            continue
        try:
            fields, success = _attempt(line, timezone)
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            tally.misunderstand(log.name, number, str(error))
        else:
            yield Recorded(fields, success, number)


def _attempt(line: bytes, timezone: dt.tzinfo) -> tuple[AttemptFields, bool]:
    """Return what one line tells; only lines with columns of their own take the slower way."""
    try:
        row = _ROW.decode(line)
    except (msgspec.ValidationError, UnicodeDecodeError):
        values = _OBJECT.decode(line.decode("utf-8", "replace"))
        return from_mapping(values, timezone=timezone, text=False)
    return from_row(row, timezone=timezone)
