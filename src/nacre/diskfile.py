# SPDX-License-Identifier: Apache-2.0
"""A small SQLite file in the data directory, shared by processes that come and go."""

from __future__ import annotations

import fcntl
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

import structlog

log = structlog.get_logger(__name__)

_UNREADABLE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def open_file(path: Path, tables: str, *, touch: str) -> sqlite3.Connection:
    """
    Return the database in a file; one that cannot be read is put aside, and a new one begun.

    A process that dies loses nothing that was committed; a machine that dies may lose its last moments.

    Args:
        path: The file; made if missing, readable by its owner only.
        tables: Statements that make its tables, with a semicolon behind each.
        touch: A query that reads every page, so that a broken one is met now.

    Raises:
        sqlite3.Error: it cannot be used for another reason: no room, no right to.
        OSError: it cannot be made.

    >>> from tempfile import TemporaryDirectory
    >>> tables, touch = "CREATE TABLE IF NOT EXISTS notes (note TEXT);", "SELECT count(*) FROM notes"
    >>> with TemporaryDirectory() as place:
    ...     open_file(Path(place) / "notes.sqlite", tables, touch=touch).execute(touch).fetchone()
    (0,)
    """
    path.with_suffix(".lock").touch(mode=0o600)
    with path.with_suffix(".lock").open("r+") as lock:  # one process at a time, lest they put aside each other's
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return _connected(path, tables, touch)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode not in _UNREADABLE:
                raise
            aside = f"{path.name}.unreadable-{time.time_ns()}"
            for part in ("", "-wal", "-shm"):
                with suppress(FileNotFoundError):
                    path.with_name(path.name + part).rename(path.with_name(aside + part))
            log.error("file_unreadable", file=path.name, error=str(error), kept_as=aside)  # noqa: TRY400  the text says it
            return _connected(path, tables, touch)


def _connected(path: Path, tables: str, touch: str) -> sqlite3.Connection:
    path.touch(mode=0o600, exist_ok=True)
    # A blocking guard opens it in one thread and uses it in another, never in both at once.
    db = sqlite3.connect(path, isolation_level=None, timeout=2.0, check_same_thread=False)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        for statement in tables.split(";")[:-1]:
            db.execute(statement)
        db.execute(touch).fetchall()
    except BaseException:
        db.close()
        raise
    return db
