# SPDX-License-Identifier: Apache-2.0
"""Revoked tokens on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from nacre.revoked import RevokedFile


def test_what_one_process_revoked_the_next_one_knows(tmp_path: Path) -> None:
    """
    Whoever starts while the store is away must not let in whom everybody refused a second ago.
    """
    path = tmp_path / "revoked.sqlite"
    one, other = RevokedFile(path), RevokedFile(path)
    one.add("a", 100.0)
    other.add("a", 90.0)
    other.add("b", 50.0)

    assert RevokedFile(path).all(now=10.0) == {"a": 100.0, "b": 50.0}
    assert path.stat().st_mode & 0o077 == 0


def test_what_ended_is_forgotten(tmp_path: Path) -> None:
    """
    The token has ended by itself; the file does not grow.
    """
    path = tmp_path / "revoked.sqlite"
    RevokedFile(path).add("a", 100.0)

    assert RevokedFile(path).all(now=100.0) == {}
    assert RevokedFile(path).all(now=0.0) == {}


def test_a_file_that_cannot_be_used_is_told_and_no_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """
    The store knows them too; a full disk is no reason not to start.
    """
    kept = RevokedFile(tmp_path / "nowhere" / "revoked.sqlite")
    kept.add("a", 100.0)

    assert kept.all(now=0.0) == {}
    assert "revocations_not_on_disk" in capsys.readouterr().out


def test_a_file_that_is_broken_is_put_aside(tmp_path: Path) -> None:
    """
    A new one is begun, and the store fills it.
    """
    path = tmp_path / "revoked.sqlite"
    path.write_bytes(b"no database" * 1000)

    kept = RevokedFile(path)
    kept.add("a", 100.0)

    assert kept.all(now=0.0) == {"a": 100.0}
