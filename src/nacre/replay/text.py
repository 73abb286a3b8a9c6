# SPDX-License-Identifier: Apache-2.0
"""Logs as they lie on disk: plain or packed, whole or broken off, given as bounded lines."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from nacre.replay.record import Tally

if TYPE_CHECKING:
    from typing_extensions import Buffer

MAX_LINE = 65_536
"""Bytes of a line; longer ones are counted and left out, so that no file can fill the memory."""

CHUNK = 262_144
"""Bytes unpacked at a time."""

OVERLONG = f"longer than {MAX_LINE} bytes"

_GZIP, _BZIP2, _XZ = b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00"
_BROKEN = (EOFError, zlib.error, lzma.LZMAError, OSError)
_BOM = b"\xef\xbb\xbf"


class _Unpacked(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _Chunks(io.RawIOBase):
    """A stream made of chunks of any size."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        target = memoryview(buffer)
        chunk = self._rest or next(self._chunks, b"")
        self._rest = chunk[len(target) :]
        taken = min(len(chunk), len(target))
        target[:taken] = chunk[:taken]
        return taken


class LogFile:
    """
    An open log, packed or not, that can be read from its beginning more than once.

    Args:
        file: The bytes as they lie on disk; seekable.
        name: How messages call it.

    Attributes:
        name: As given.
        size: Bytes on disk.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self.name = name
        self._file = file
        self.size = file.seek(0, io.SEEK_END)
        self._stated_time: int | None = None
        self._damaged = False

    @property
    def modified(self) -> float:
        """
        When the log was last written, in Unix seconds.

        gzip keeps the time of what it packed; it is known once the file has been read.
        """
        return float(self._stated_time or os.fstat(self._file.fileno()).st_mtime)

    def chunks(self, tally: Tally) -> Iterator[bytes]:
        """
        Yield the content from the beginning, unpacked.

        An archive that breaks off, or is damaged, yields what could be unpacked and a warning in the tally.
        """
        self._file.seek(0)
        unpacked = _unpack(self._file)
        position = 0
        try:
            while chunk := unpacked.read1(CHUNK):
                now = self._file.tell()
                tally.bytes_read += now - position
                position = now
                yield chunk
        except _BROKEN as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise  # The disk failed, not the archive: gzip and bz2 name no number.
            tally.warnings.append(f"{self.name}: the archive breaks off or is damaged: {error}")
            self._damaged = True
        if isinstance(unpacked, gzip.GzipFile):
            self._stated_time = unpacked.mtime
        tally.bytes_read += self.size - position

    def lines(self, tally: Tally) -> Iterator[tuple[int, bytes]]:
        """
        Yield number and bytes of each line, without its line feed; overlong ones are tallied instead.

        What follows the last line feed is a line too, unless the archive broke off in it: half an address is another.
        """
        number, rest = 0, b""
        for chunk in self.chunks(tally):
            pieces = (rest + chunk).split(b"\n")
            # Two bytes too many mark a line as overlong, and are all that it may take of the memory.
            rest = pieces.pop()[: MAX_LINE + 2]
            if not number and pieces:
                pieces[0] = pieces[0].removeprefix(_BOM)
            tally.lines += len(pieces)
            for piece in pieces:
                number += 1
                if len(piece) > MAX_LINE:
                    tally.skip(OVERLONG, self.name, number, piece)
                else:
                    yield number, piece
        if rest and not self._damaged:
            tally.lines += 1
            if len(rest) > MAX_LINE:
                tally.skip(OVERLONG, self.name, number + 1, rest)
            else:
                yield number + 1, rest if number else rest.removeprefix(_BOM)

    def stream(self, tally: Tally) -> BinaryIO:
        """Return the content from the beginning, unpacked, for formats that are not made of lines."""
        return cast("BinaryIO", io.BufferedReader(_Chunks(self.chunks(tally)), CHUNK))

    def head(self) -> list[bytes]:
        """Return the lines of the first chunk that are not blank, the last one perhaps cut off."""
        first = next(self.chunks(Tally()), b"").removeprefix(_BOM)
        return [line for line in (part.strip(b"\0\r\t ") for part in first[:MAX_LINE].split(b"\n")) if line]


@contextmanager
def open_log(path: Path) -> Iterator[LogFile]:
    """
    Open a log; ``-`` stands for standard input.

    What comes through a pipe is copied to a temporary file first: the year of a syslog file is known
    only after its last line.

    Raises:
        OSError: the file cannot be opened.
    """
    if str(path) != "-":
        with path.open("rb") as file:
            yield LogFile(file, str(path))
    elif sys.stdin.buffer.seekable():
        yield LogFile(sys.stdin.buffer, "standard input")
    else:
        with TemporaryFile() as file:
            copyfileobj(sys.stdin.buffer, file)
            yield LogFile(cast("BinaryIO", file), "standard input")


def size_on_disk(path: Path) -> int:
    """Return the bytes of a file, 0 for standard input, whose size shows when it is opened."""
    return 0 if str(path) == "-" else path.stat().st_size


def _unpack(file: BinaryIO) -> _Unpacked:
    start = file.read(len(_XZ))
    file.seek(0)
    if start.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(_BZIP2):
        return bz2.BZ2File(file)
    if start.startswith(_XZ):
        return lzma.LZMAFile(file)
    return cast("_Unpacked", file)
