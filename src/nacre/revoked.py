# SPDX-License-Identifier: Apache-2.0
"""Revoked tokens on disk, for a service that starts while its store is away: no token holds again because of that."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import structlog

from nacre.diskfile import open_file

log = structlog.get_logger(__name__)

_TABLES = "CREATE TABLE IF NOT EXISTS revoked (jti TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;"
_ALL = "SELECT jti, until FROM revoked"


class RevokedFile:
    """
    What the processes of a machine know of revoked tokens.

    Where the file cannot be used that is logged, and the store alone knows.

    Args:
        path: The file; made if missing, readable by its owner only.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     RevokedFile(Path(place) / "revoked.sqlite").add("4f1c", 2_000.0)
    ...     RevokedFile(Path(place) / "revoked.sqlite").all(now=1_000.0)
    {'4f1c': 2000.0}
    """

    def __init__(self, path: Path) -> None:
        self._known: dict[str, float] = {}
        self._db: sqlite3.Connection | None = None
        try:
            self._db = open_file(path, _TABLES, touch=_ALL)
        except (OSError, sqlite3.Error) as error:
            log.warning("revocations_not_on_disk", file=path.name, error=str(error))

    def all(self, now: float) -> dict[str, float]:
        """Return the ids of tokens that are revoked to the Unix second until which they are; those that ended go."""
        if self._db is not None:
            try:
                self._db.execute("DELETE FROM revoked WHERE until <= ?", (now,))
                self._known = dict(self._db.execute(_ALL).fetchall())
            except sqlite3.Error as error:
                log.warning("revocations_not_on_disk", error=str(error))
        return dict(self._known)

    def add(self, jti: str, until: float) -> None:
        """Keep a revocation; of two ends the later one counts."""
        if self._db is None or self._known.get(jti, 0.0) >= until:
            return
        try:
            self._db.execute(
                "INSERT INTO revoked VALUES (?, ?) ON CONFLICT (jti) DO UPDATE SET until = max(until, excluded.until)",
                (jti, until),
            )
            self._known[jti] = until
        except sqlite3.Error as error:
            log.warning("revocations_not_on_disk", error=str(error))
