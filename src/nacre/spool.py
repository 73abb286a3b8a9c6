# SPDX-License-Identifier: Apache-2.0
"""
Reports that wait on disk while the store is away.

A report that was acknowledged is in the store or here.  The spool is one SQLite file in the data
directory, shared by all workers: the first to find the store again replays everything in the order in
which it came, and each row goes only after the store took it.  A row that is replayed twice counts once,
because its request id does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from nacre.errors import SpoolFull
from nacre.ports import Spooled

_BATCH = 256


class Spool:
    """
    A bounded queue of reports on disk.

    Args:
        path: The file; made if missing, readable by its owner only.
        most: Reports that it may hold.
    """

    def __init__(self, path: Path, most: int) -> None:
        self._most = most
        with path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                self._db = _opened(path)
            except sqlite3.DatabaseError as error:
                aside = path.with_suffix(f".broken-{time.time_ns()}")
                path.rename(aside)
                for part in ("-wal", "-shm"):
                    path.with_name(path.name + part).unlink(missing_ok=True)
                log.error("spool_unreadable", error=str(error), kept_as=str(aside))  # noqa: TRY400
                self._db = _opened(path)

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
        kept = self._db.execute(
            "INSERT INTO reports (report) SELECT ? WHERE coalesce((SELECT max(id) - min(id) + 1 FROM reports), 0) < ?",
            (packed, self._most),
        )
        if kept.rowcount < 1:
            raise SpoolFull(f"the store is away and the spool holds its {self._most} reports")

    async def replay(self, send: Callable[[Spooled], Awaitable[object]]) -> int:
        """
        Hand every report on, oldest first, and forget each one that was taken.

        Several workers may replay at once: a row counts once, whoever sends it.

        Args:
            send: Takes a report; if it raises, that report and all after it stay.

        Returns:
            How many were taken.
        """
        taken = 0
        while rows := self._db.execute("SELECT id, report FROM reports ORDER BY id LIMIT ?", (_BATCH,)).fetchall():
            done: list[tuple[int]] = []
            try:
                for row, packed in rows:
                    with suppress(msgspec.MsgspecError):  # a row of another version is dropped, not retried for ever
                        await send(msgspec.msgpack.decode(packed, type=Spooled))
                    done.append((row,))
            finally:
                if done:
                    self._db.execute("BEGIN IMMEDIATE")
                    self._db.executemany("DELETE FROM reports WHERE id = ?", done)
                    self._db.execute("COMMIT")
                taken += len(done)
        return taken

    def close(self) -> None:
        """Close the file."""
        self._db.close()
