# SPDX-License-Identifier: Apache-2.0
"""
Reports that wait on disk while the store is away.

A report that was acknowledged is in the store or here.  The spool is one SQLite file in the data
directory, shared by all workers: the first to find the store again replays everything in the order in
which it came, and each row goes only after the store took it.  A row that is replayed twice counts once,
because its request id does.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import structlog

from nacre.diskfile import open_file
from nacre.errors import SettingsError, SpoolFull
from nacre.ports import Spooled

log = structlog.get_logger(__name__)

_AT_ONCE = 64
_TABLE = "CREATE TABLE IF NOT EXISTS reports (id INTEGER PRIMARY KEY AUTOINCREMENT, report BLOB NOT NULL);"
_EVERY_PAGE = "SELECT count(*), max(length(report)) FROM reports"


class Spool:
    """
    A bounded queue of reports on disk.

    Args:
        path: The file; made if missing, readable by its owner only.
        most: Reports that it may hold.

    Raises:
        SettingsError: the file cannot be used.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._most = most
        try:
            self._db = open_file(path, _TABLE, touch=_EVERY_PAGE)
        except (sqlite3.Error, OSError) as error:
            raise SettingsError(f"the spool {path} cannot be used: {error}", field="server.data_dir") from error

    def __len__(self) -> int:
        count: int = self._db.execute("SELECT count(*) FROM reports").fetchone()[0]
        return count

    def put(self, report: Spooled) -> None:
        """
        Keep a report.

        Raises:
            SpoolFull: it holds as many as it may, or the disk does; this one is not kept.
        """
        packed = msgspec.msgpack.encode(report)
        try:
            kept = self._db.execute(
                "INSERT INTO reports (report) SELECT ? "
                "WHERE coalesce((SELECT max(id) - min(id) + 1 FROM reports), 0) < ?",
                (packed, self._most),
            )
        except sqlite3.Error as error:
            raise SpoolFull(f"the store is away and the spool cannot be written: {error}") from error
        if kept.rowcount < 1:
            raise SpoolFull(f"the store is away and the spool holds its {self._most} reports")

    async def replay(self, send: Callable[[Spooled], Awaitable[object]]) -> int:
        """
        Hand every report on, oldest first, and forget each one that was taken.

        A few are on their way at a time, sent in their order.  Several workers may replay at
        once: a row counts once, whoever sends it.

        Args:
            send: Takes a report; one for which it raises stays, and so do all that were not sent yet.

        Returns:
            How many were taken.
        """
        taken = 0
        while rows := self._db.execute("SELECT id, report FROM reports ORDER BY id LIMIT ?", (_AT_ONCE,)).fetchall():
            outcomes = await asyncio.gather(*(_sent(send, packed) for _, packed in rows), return_exceptions=True)
            done = [row for row, outcome in zip(rows, outcomes, strict=True) if not isinstance(outcome, BaseException)]
            self._db.execute("BEGIN IMMEDIATE")
            self._db.executemany("DELETE FROM reports WHERE id = ?", [(number,) for number, _ in done])
            self._db.execute("COMMIT")
            taken += len(done)
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
        return taken

    def close(self) -> None:
        """Close the file."""
        self._db.close()


async def _sent(send: Callable[[Spooled], Awaitable[object]], packed: bytes) -> None:
    try:
        report = msgspec.msgpack.decode(packed, type=Spooled)
    except msgspec.MsgspecError as error:
        log.error("report_unreadable", error=str(error))  # noqa: TRY400  written by another version; never to be read
        return
    await send(report)
