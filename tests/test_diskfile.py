# SPDX-License-Identifier: Apache-2.0
"""A file that several processes open, and that may be broken."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nacre.diskfile import open_file

_TABLES = "CREATE TABLE IF NOT EXISTS notes (note TEXT);"
_TOUCH = "SELECT count(*), max(length(note)) FROM notes"


def _open(path: Path) -> sqlite3.Connection:
    return open_file(path, _TABLES, touch=_TOUCH)


def test_what_was_committed_is_there_again(tmp_path: Path) -> None:
    """
    A process that is killed has closed nothing.
    """
    first = _open(tmp_path / "notes.sqlite")
    first.execute("INSERT INTO notes VALUES ('kept')")

    assert _open(tmp_path / "notes.sqlite").execute("SELECT note FROM notes").fetchall() == [("kept",)]


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """
    Names of people are in these files.
    """
    _open(tmp_path / "notes.sqlite")

    assert all(part.stat().st_mode & 0o077 == 0 for part in tmp_path.iterdir())


def test_of_many_that_meet_a_broken_file_one_puts_it_aside(tmp_path: Path) -> None:
    """
    Workers start together; the second must not put aside what the first has begun anew.
    """
    path = tmp_path / "notes.sqlite"
    path.write_bytes(b"junk" * 4096)

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(_open, [path] * 8))
    for number, db in enumerate(opened):
        db.execute("INSERT INTO notes VALUES (?)", (str(number),))

    assert [kept.read_bytes()[:4] for kept in tmp_path.glob("*unreadable*")] == [b"junk"]
    assert _open(path).execute("SELECT count(*) FROM notes").fetchone() == (8,)


def test_what_is_no_file_is_an_error(tmp_path: Path) -> None:
    """
    A directory of that name is somebody's mistake, not a broken file.
    """
    (tmp_path / "notes.sqlite").mkdir()

    with pytest.raises((sqlite3.Error, OSError)):
        _open(tmp_path / "notes.sqlite")
