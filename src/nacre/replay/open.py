# SPDX-License-Identifier: Apache-2.0
"""Logs in, attempts out: recognises what a file holds, and reads one file or several."""

from __future__ import annotations

import datetime as dt
import heapq
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from nacre.replay.authlog import read_syslog
from nacre.replay.journal import TIME, read_export, read_json
from nacre.replay.ndjson import read_ndjson
from nacre.replay.record import Recorded, Tally
from nacre.replay.syslog import is_stamped
from nacre.replay.table import is_header, read_table
from nacre.replay.text import LogFile, open_log, size_on_disk
from nacre.replay.years import Years

FORMATS = ("sshd", "syslog", "journal", "ndjson", "csv")
"""Names of formats; ``syslog`` is another one for ``sshd``."""

_EXPORT = re.compile(rb"__(?:CURSOR|REALTIME_TIMESTAMP)=")


def read(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002 - the name that users know
    year: int | None = None,
    timezone: dt.tzinfo = dt.UTC,
    tally: Tally,
) -> Iterator[Recorded]:
    """
    Yield the attempts of a log, in the order of its lines.

    Args:
        path: The file, plain or packed with gzip, xz or bzip2; ``-`` is standard input.
        format: One of :data:`FORMATS`; ``None`` to recognise it.
        year: Year of the first line, for stamps without one; ``None`` to infer it.
        timezone: Of stamps that name none.
        tally: Counts lines, attempts, and whatever becomes no attempt.

    Raises:
        ValueError: the file as a whole cannot be used; names it, and the line.
        OSError: the file cannot be read.
    """
    return _read(path, format, Years(year), timezone, tally)


def read_all(
    paths: Iterable[Path],
    *,
    format: str | None = None,  # noqa: A002 - the name that users know
    year: int | None = None,
    timezone: dt.tzinfo = dt.UTC,
    tally: Tally,
) -> Iterator[Recorded]:
    """
    Yield the attempts of several logs, merged by time.

    The parts of a rotated log may be named in any order, and logs of several hosts become one.

    Args:
        paths: The files, as in :func:`read`.
        format: As in :func:`read`, for all of them.
        year: Year of the first line of the first file; the next file continues it.
        timezone: As in :func:`read`.
        tally: Counts for all of them; its ``bytes_total`` is known before the first attempt.
    """
    every = list(paths)
    tally.bytes_total += sum(map(size_on_disk, every))
    years = Years(year)
    # One after the other: a file has found its years before the next one continues them.
    logs = [_begun(_read(path, format, years, timezone, tally)) for path in every]
    return heapq.merge(*logs, key=_time)


def recognise(log: LogFile) -> str | None:
    """
    Return the format of a log, ``None`` if it holds nothing.

    The content decides where it can, the name where it cannot.

    Raises:
        ValueError: neither tells.
    """
    head = log.head()
    if not head:
        return None
    first = head[0]
    if first.startswith(b"{"):
        return "journal" if f'"{TIME}"'.encode() in first else "ndjson"
    if _EXPORT.match(first):
        return "journal"
    suffixes = Path(log.name).suffixes
    if is_header(first.decode("utf-8", "replace")) or not {".csv", ".tsv"}.isdisjoint(suffixes):
        return "csv"
    if any(map(is_stamped, head)):
        return "sshd"
    if not {".ndjson", ".jsonl"}.isdisjoint(suffixes):
        return "ndjson"
    raise ValueError(f"{log.name}: line 1: the format is not recognised; name one of {', '.join(FORMATS)}")


def _read(path: Path, name: str | None, years: Years, timezone: dt.tzinfo, tally: Tally) -> Iterator[Recorded]:
    if name is not None and name not in FORMATS:
        raise ValueError(f"{path}: {name!r} is no format; there are {', '.join(FORMATS)}")
    with open_log(path) as log:
        tally.bytes_total = max(tally.bytes_total, tally.bytes_read + log.size)
        for recorded in _attempts(log, name or recognise(log), years, timezone, tally):
            tally.attempts += 1
            yield recorded


def _attempts(log: LogFile, name: str | None, years: Years, timezone: dt.tzinfo, tally: Tally) -> Iterator[Recorded]:
    if name in ("sshd", "syslog"):
        return read_syslog(log, years=years, timezone=timezone, tally=tally)
    if name == "journal":
        first = next(iter(log.head()), b"")
        return read_json(log, tally) if first.startswith(b"{") else read_export(log, tally)
    if name == "ndjson":
        return read_ndjson(log, timezone=timezone, tally=tally)
    if name == "csv":
        return read_table(log, timezone=timezone, tally=tally)
    return iter(())


def _begun(attempts: Iterator[Recorded]) -> Iterator[Recorded]:
    """Read up to the first attempt, which opens the file and finds its years."""
    for first in attempts:
        return chain((first,), attempts)
    return iter(())


def _time(recorded: Recorded) -> float:
    return recorded.fields.time or 0.0
