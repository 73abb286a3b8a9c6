# SPDX-License-Identifier: Apache-2.0
"""Syslog files in which sshd writes, such as ``/var/log/auth.log`` and ``/var/log/secure``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from nacre.replay.connections import Connections
from nacre.replay.record import Recorded, Tally
from nacre.replay.sshd import OTHER_PROGRAM, SILENT, parse
from nacre.replay.syslog import Clock, is_stamped, parse_header
from nacre.replay.text import LogFile
from nacre.replay.years import Years

_LAST_TIME = 2**33


def read_syslog(log: LogFile, *, years: Years, timezone: dt.tzinfo, tally: Tally) -> Iterator[Recorded]:
    """
    Yield the attempts of a syslog file, in the order of its lines.

    Args:
        log: The file; it is read twice, first for its years.
        years: Finds the years that stamps leave out.
        timezone: Of stamps that name none.
        tally: Counts what becomes no attempt.
    """
    marks = years.marks(log.lines(Tally()), lambda: dt.datetime.fromtimestamp(log.modified, timezone).date())
    clock = Clock(timezone, marks)
    connections = Connections(tally, log.name)
    for number, raw in log.lines(tally):
        header = parse_header(raw.replace(b"\0", b"").decode("utf-8", "replace")) if b"sshd" in raw else None
        if header is None:
            _tally_other(tally, log.name, number, raw)
            continue
        said = parse(header.message)
        if said is None:
            tally.skip(SILENT, log.name, number, header.message)
            continue
        try:
            time = clock.read(header.stamp, number)
        except (ValueError, OverflowError):
            time = -1.0
        if not 0 <= time < _LAST_TIME:
            tally.misunderstand(log.name, number, f"no such date: {header.stamp[0]}")
            continue
        yield from connections.hear(said, (header.host, header.pid), time, number, header.message)
    yield from connections.finish()


def _tally_other(tally: Tally, file: str, number: int, raw: bytes) -> None:
    if is_stamped(raw):
        tally.skip(OTHER_PROGRAM, file, number, raw)
    elif raw.strip(b"\0\r\t "):
        tally.misunderstand(file, number, raw)
