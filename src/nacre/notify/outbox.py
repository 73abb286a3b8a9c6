# SPDX-License-Identifier: Apache-2.0
"""
Messages that wait on disk until they arrived, what was told already, and what waits for a digest.

One SQLite file in the data directory: a restart loses nothing, and tells nothing twice.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from nacre.diskfile import open_file
from nacre.errors import SettingsError
from nacre.notify.message import Message

log = structlog.get_logger(__name__)

MOST = 1000
"""Messages that wait for one means, and changes that wait for a digest; the oldest make room."""

REMEMBERED = 14 * 86_400.0
"""Seconds for which it is remembered that something was told."""

_TABLES = """
CREATE TABLE IF NOT EXISTS waiting (id INTEGER PRIMARY KEY AUTOINCREMENT, means TEXT NOT NULL, since REAL NOT NULL,
  refusals INTEGER NOT NULL DEFAULT 0, message BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS told (key TEXT PRIMARY KEY, time REAL NOT NULL, at_once INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS held (id INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, message BLOB NOT NULL);
"""
_EVERY_PAGE = """
SELECT count(*), max(length(message)) FROM waiting UNION ALL SELECT count(*), max(length(key)) FROM told
UNION ALL SELECT count(*), max(length(message)) FROM held
"""


class Waiting(NamedTuple):
    """
    A message that waits.

    Attributes:
        number: Names it here.
        since: Unix seconds.
        refusals: How often it was refused.
        message: The message.
    """

    number: int
    since: float
    refusals: int
    message: Message


class Outbox:
    """
    What waits, and what was told.

    Args:
        path: The file; made if missing, readable by its owner only.

    Raises:
        SettingsError: the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._db = open_file(path, _TABLES, touch=_EVERY_PAGE)
        except (sqlite3.Error, OSError) as error:
            raise SettingsError(f"{path} cannot be used: {error}", field="server.data_dir") from error

    def tell(self, message: Message, means: Iterable[str], now: float) -> None:
        """Let a message wait for each of some means, unless it was told before."""
        with self._at_once():
            if self._is_new(message.key, now, at_once=True):
                self._put(means, message, now)

    def hold(self, message: Message, now: float) -> None:
        """Let a message wait for the digest, unless it was told before."""
        with self._at_once():
            if self._is_new(message.key, now, at_once=False):
                self._db.execute("INSERT INTO held (time, message) VALUES (?, ?)", (now, _packed(message)))
                self._db.execute(
                    "DELETE FROM held WHERE id IN (SELECT id FROM held ORDER BY id DESC LIMIT -1 OFFSET ?)", (MOST,)
                )

    def was_told(self, key: str) -> bool:
        """Whether something was told."""
        return self._db.execute("SELECT 1 FROM told WHERE key = ?", (key,)).fetchone() is not None

    def told_at_once(self, since: float) -> int:
        """Return how much was told at once from a time on."""
        row = self._db.execute("SELECT count(*) FROM told WHERE at_once AND time > ?", (since,)).fetchone()
        return int(row[0])

    def first(self, means: str) -> Waiting | None:
        """Return the message that waits longest for a means, ``None`` without any."""
        row = self._db.execute(
            "SELECT id, since, refusals, message FROM waiting WHERE means = ? ORDER BY id LIMIT 1", (means,)
        ).fetchone()
        if row is None:
            return None
        message = _unpacked(row[3])
        if message is None:
            self.remove(row[0])
            return self.first(means)
        return Waiting(row[0], row[1], row[2], message)

    def remove(self, number: int) -> None:
        """Forget a message: it arrived, or never will."""
        self._db.execute("DELETE FROM waiting WHERE id = ?", (number,))

    def to_the_end(self, waiting: Waiting, means: str) -> None:
        """Let a message that was refused wait behind the others."""
        with self._at_once():
            self.remove(waiting.number)
            self._db.execute(
                "INSERT INTO waiting (means, since, refusals, message) VALUES (?, ?, ?, ?)",
                (means, waiting.since, waiting.refusals + 1, _packed(waiting.message)),
            )

    def held_since(self) -> float | None:
        """Return when the first change began to wait for the digest, ``None`` without any."""
        since: float | None = self._db.execute("SELECT min(time) FROM held").fetchone()[0]
        return since

    def held(self) -> list[Message]:
        """Return the messages that wait for the digest."""
        rows = self._db.execute("SELECT message FROM held ORDER BY id").fetchall()
        return [message for (packed,) in rows if (message := _unpacked(packed)) is not None]

    def put_digest(self, message: Message | None, means: Iterable[str], now: float) -> None:
        """Let a digest wait in place of what it tells; ``None`` if there is nothing to tell."""
        with self._at_once():
            self._db.execute("DELETE FROM held")
            if message is not None:
                self._put(means, message, now)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Write all of it or nothing."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _is_new(self, key: str, now: float, *, at_once: bool) -> bool:
        """Remember that something is told; whether it was not before."""
        self._db.execute("DELETE FROM told WHERE time < ?", (now - REMEMBERED,))
        told = self._db.execute("INSERT OR IGNORE INTO told VALUES (?, ?, ?)", (key, now, at_once))
        return told.rowcount > 0

    def _put(self, means: Iterable[str], message: Message, now: float) -> None:
        """Let a message wait for each of some means."""
        for each in means:
            self._db.execute(
                "INSERT INTO waiting (means, since, message) VALUES (?, ?, ?)", (each, now, _packed(message))
            )
            gone = self._db.execute(
                "DELETE FROM waiting WHERE id IN (SELECT id FROM waiting WHERE means = ? ORDER BY id DESC "
                "LIMIT -1 OFFSET ?)",
                (each, MOST),
            ).rowcount
            if gone:
                log.warning("notifications_dropped", means=each, number=gone, why="too many wait")


def _packed(message: Message) -> bytes:
    return msgspec.msgpack.encode(message)


def _unpacked(packed: bytes) -> Message | None:
    try:
        return msgspec.msgpack.decode(packed, type=Message)
    except msgspec.MsgspecError as error:
        log.error("notification_unreadable", error=str(error))  # noqa: TRY400  another version wrote it
        return None
