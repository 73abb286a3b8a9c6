# SPDX-License-Identifier: Apache-2.0
"""
Country and autonomous system of an address, from databases in the MaxMind format.

A database that is replaced while we run is read anew.  A reader maps a private copy, never the operator's
file: a file that somebody cuts short while it is mapped ends the process, and one that is overwritten in place
gives half of each version.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import maxminddb

from nacre.address import format_address, is_local, parse_address
from nacre.features.place import NOWHERE, Place

CACHED = 16_384
"""Addresses whose place is remembered."""

_PROBES = tuple(parse_address(f"{first}.{first % 7}.2.1") for first in range(1, 224)) + tuple(
    parse_address(f"2{first:03x}:{first:x}::1") for first in range(0, 4096, 32)
)
"""Addresses looked up in a new file before it is used: a broken tree shows."""

Stamp = tuple[int, int, int, int]
"""Device, inode, size and time of last change of a file, in ns."""


class Source(NamedTuple):
    """
    One file as it is in use.

    Attributes:
        path: Where it is looked for.
        kind: Type that the database in use gives itself, ``""`` if none is in use.
        built: Unix seconds at which it was made, 0 if none is in use.
        problem: Why the file that lies there now is not in use, ``""`` if it is.
    """

    path: str
    kind: str = ""
    built: int = 0
    problem: str = ""


class _File:
    """
    One database and what is known of its file.

    Args:
        path: Where it lies.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reader: maxminddb.Reader | None = None
        self.source = Source(str(path))
        self._stamp: Stamp | None = None

    def refresh(self) -> bool:
        """Read the file if it is another one than before; say whether :attr:`source` changed."""
        known = self._stamp
        try:
            self._stamp = _stamp(self.path)
            if self._stamp == known:
                return False
            reader = _open(self.path)
            if _stamp(self.path) != self._stamp:
                return self._refuse("it is being written", again=True)
        except OSError as error:
            return self._refuse(error.strerror or str(error), again=True)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return self._refuse("it is no database in the MaxMind format, or a damaged one", again=False)
        meta = reader.metadata()
        self.reader = reader
        self.source = Source(str(self.path), meta.database_type, meta.build_epoch)
        return True

    def _refuse(self, problem: str, *, again: bool) -> bool:
        """Keep what is in use, and read the file once more, at once or when it is another one."""
        before, self.source = self.source, self.source._replace(problem=problem)
        if again:
            self._stamp = None
        return self.source != before


class Places:
    """
    Finds the place of an address in one or more databases; the first that knows the country or the number says it.

    A file that is missing or broken when it is first read gives no places until a good one lies there; one that
    breaks later leaves the last good one in use.  Either is told in :attr:`sources`.

    Args:
        paths: City, country or ASN databases, in any order.
        every: Seconds between two looks at the files.
    """

    def __init__(self, paths: Iterable[Path], *, every: float = 60.0) -> None:
        self._files = [_File(path) for path in paths]
        self._every = every
        self._looked: float | None = None
        self._find = _finder(())
        self._read()

    @property
    def sources(self) -> tuple[Source, ...]:
        """All files as they are in use, in the order given."""
        return tuple(file.source for file in self._files)

    def lookup(self, packed: bytes) -> Place:
        """
        Return the place of an address: 0.1 µs if it is remembered, else 4 to 9 µs a database.

        Args:
            packed: 4 or 16 bytes; other bytes, and addresses of this host, are nowhere.
        """
        return self._find(packed)

    def refresh(self, now: float) -> tuple[Source, ...]:
        """
        Read anew what was replaced, if it is time to look, and return the files of which there is news.

        Reading takes about 0.1 s for 100 MB; call it in a thread.  Who looks up meanwhile sees all of the old
        databases or all of the new ones.

        Args:
            now: Seconds of any clock that does not go backwards.
        """
        if self._looked is not None and now - self._looked < self._every:
            return ()
        self._looked = now
        return self._read()

    def _read(self) -> tuple[Source, ...]:
        news = tuple(file.source for file in self._files if file.refresh())
        if news:
            self._find = _finder(tuple(file.reader for file in self._files if file.reader is not None))
        return news


def _finder(readers: tuple[maxminddb.Reader, ...]) -> Callable[[bytes], Place]:
    """Return the function that looks addresses up in these databases, with a cache of its own."""

    @lru_cache(maxsize=CACHED)
    def lookup(packed: bytes) -> Place:
        if len(packed) not in (4, 16) or is_local(packed):
            return NOWHERE
        country, asn = "", 0
        text = format_address(packed)
        for reader in readers:
            found = _place(reader, text)
            country, asn = country or found.country, asn or found.asn
        return Place(country, asn)

    return lookup


def _place(reader: maxminddb.Reader, text: str) -> Place:
    """Return what one database says of an address."""
    try:
        record = reader.get(text)
    except (ValueError, maxminddb.InvalidDatabaseError):
        return NOWHERE  # an IPv6 address in a database of IPv4, or a broken corner of the file
    if not isinstance(record, dict):
        return NOWHERE
    country = ""
    for field in ("country", "registered_country"):
        named = record.get(field)
        code = named.get("iso_code") if isinstance(named, dict) else None
        if isinstance(code, str) and not country:
            country = code[:2]
    asn = record.get("autonomous_system_number")
    return Place(country, asn if isinstance(asn, int) and 0 <= asn < 2**32 else 0)


def _stamp(path: Path) -> Stamp:
    stat = path.stat()
    return stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns


def _open(path: Path) -> maxminddb.Reader:
    """
    Return a reader of a private copy of a database.

    Raises:
        OSError: it cannot be read.
        ValueError, maxminddb.InvalidDatabaseError: it is broken.
    """
    content = path.read_bytes()
    reader = _mapped(content) or maxminddb.open_database(BytesIO(content), maxminddb.MODE_FD)
    for packed in _PROBES:
        if len(packed) == 4 or reader.metadata().ip_version == 6:
            reader.get(format_address(packed))
    return reader


def _mapped(content: bytes) -> maxminddb.Reader | None:
    """Return a reader in C of a copy in anonymous memory, ten times as fast, where the system has such."""
    if not hasattr(os, "memfd_create"):
        return None
    copy = os.memfd_create("places")
    try:
        with open(copy, "wb", closefd=False) as file:
            file.write(content)
        return maxminddb.open_database(f"/proc/self/fd/{copy}", maxminddb.MODE_MMAP_EXT)
    except maxminddb.InvalidDatabaseError:
        raise
    except (OSError, ValueError):
        return None  # no C extension, or no /proc
    finally:
        os.close(copy)
