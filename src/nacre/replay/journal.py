# SPDX-License-Identifier: Apache-2.0
"""
Exports of the systemd journal: ``journalctl -o json`` and ``journalctl -o export``.

The second is text unless a value holds line feeds or control characters: such a value follows its name in a line
of its own, with its length in front, eight bytes, little-endian.

Source:
    systemd, "Journal Export Formats". https://systemd.io/JOURNAL_EXPORT_FORMATS/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import msgspec

from nacre.replay.connections import Connections
from nacre.replay.record import Recorded, Tally
from nacre.replay.sshd import OTHER_PROGRAM, PROGRAMS, SILENT, parse
from nacre.replay.text import CHUNK, MAX_LINE, LogFile

TIME = "__REALTIME_TIMESTAMP"
MESSAGE = "MESSAGE"
_PROGRAM = ("SYSLOG_IDENTIFIER", "_COMM")
_HOST = ("_HOSTNAME",)
_PROCESS = ("SYSLOG_PID", "_PID")
_WANTED = frozenset((TIME, MESSAGE, *_PROGRAM, *_HOST, *_PROCESS))
_FIELD_NAME = re.compile(rb"[A-Z_][A-Z0-9_]{0,63}")
_LAST_TIME = 2**33
_BYTE = range(256)


def read_json(log: LogFile, tally: Tally) -> Iterator[Recorded]:
    """Yield the attempts of a journal with one JSON object per line."""
    connections = Connections(tally, log.name)
    decoder = msgspec.json.Decoder(dict[str, Any])
    for number, raw in log.lines(tally):
        line = raw.strip(b"\0\r ")
        if not line:
            continue
        if b"sshd" not in line:
            tally.skip(OTHER_PROGRAM, log.name, number, line)
            continue
        try:
            entry = decoder.decode(line.decode("utf-8", "replace"))
        except msgspec.MsgspecError:
            tally.misunderstand(log.name, number, line)
            continue
        yield from _hear(connections, log.name, number, {name: _text(entry.get(name)) for name in _WANTED}, tally)
    yield from connections.finish()


def read_export(log: LogFile, tally: Tally) -> Iterator[Recorded]:
    """Yield the attempts of a journal in export format."""
    connections = Connections(tally, log.name)
    for number, entry in _entries(log, tally):
        yield from _hear(connections, log.name, number, entry, tally)
    yield from connections.finish()


def _hear(
    connections: Connections, file: str, number: int, entry: Mapping[str, str], tally: Tally
) -> Iterator[Recorded]:
    message = entry.get(MESSAGE, "").rstrip()
    if _first(entry, _PROGRAM) not in PROGRAMS:
        tally.skip(OTHER_PROGRAM, file, number, message)
        return
    try:
        time = int(entry.get(TIME, "")) / 1e6
    except ValueError:
        time = -1.0
    if not 0 <= time < _LAST_TIME:
        tally.misunderstand(file, number, f"no {TIME}: {message}")
    elif said := parse(message):
        yield from connections.hear(said, (_first(entry, _HOST), _first(entry, _PROCESS)), time, number, message)
    else:
        tally.skip(SILENT, file, number, message)


def _first(entry: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((entry[name] for name in names if entry.get(name)), "")


def _text(value: object) -> str:
    """Return the text of a value: a list of bytes if it is not UTF-8, of texts if the field came twice."""
    if isinstance(value, list):
        if value and isinstance(value[0], str):
            return value[0]
        return bytes(byte for byte in value if isinstance(byte, int) and byte in _BYTE).decode("utf-8", "replace")
    return value if isinstance(value, str) else ""


def _entries(log: LogFile, tally: Tally) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of the first line of each entry, and the fields that matter here."""
    stream = log.stream(tally)
    number, begin = 0, 0
    entry: dict[str, str] = {}
    while line := stream.readline(MAX_LINE + 1):
        number += 1
        tally.lines += 1
        if line.strip(b"\r\n"):
            begin = begin or number
            if not _field(stream, line, entry):
                tally.misunderstand(log.name, number, line)
        else:
            if entry:
                yield begin, entry
            entry, begin = {}, 0
    if entry:
        yield begin, entry


def _field(stream: BinaryIO, line: bytes, entry: dict[str, str]) -> bool:
    """Read the field that begins with *line*, and tell whether there is one."""
    name, equals, value = line.partition(b"=")
    if not line.endswith(b"\n"):
        _skip_line(stream)
    if not equals:
        name = line.rstrip(b"\n")
    if not _FIELD_NAME.fullmatch(name):
        return False
    if not equals:
        value = _sized(stream)
    key = name.decode()
    if key in _WANTED and len(value) <= MAX_LINE:
        entry[key] = value.rstrip(b"\r\n").replace(b"\0", b"").decode("utf-8", "replace")
    return True


def _sized(stream: BinaryIO) -> bytes:
    """Return the value that follows with its length; of one that is too long only the beginning."""
    left = int.from_bytes(stream.read(8), "little")
    value = stream.read(min(left, MAX_LINE))
    left -= len(value)
    while left > 0 and (more := stream.read(min(left, CHUNK))):
        left -= len(more)
    stream.readline(2)
    return value


def _skip_line(stream: BinaryIO) -> None:
    while (more := stream.readline(CHUNK)) and not more.endswith(b"\n"):
        pass
