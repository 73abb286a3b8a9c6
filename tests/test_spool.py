# SPDX-License-Identifier: Apache-2.0
"""Reports wait on disk until the store is back."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nacre.account import AccountNames
from nacre.attempt import AttemptFields, admit
from nacre.errors import SettingsError, SpoolFull, StoreUnavailable
from nacre.identity import Identity
from nacre.ports import Spooled
from nacre.spool import Spool

MakeSpool = Callable[..., Spool]


def report(number: int) -> Spooled:
    """A report that says which one it is."""
    fields = AttemptFields(client_ip="192.0.2.7", username="erika", password="secret", request_id=f"r{number}")
    return Spooled(admit(fields, names=AccountNames(), identity=Identity(b"k" * 32), now=1.0, request_id=""), False)  # noqa: FBT003


@pytest.fixture
def make_spool(tmp_path: Path) -> Iterator[MakeSpool]:
    """Open spools on the file of a test."""
    opened: list[Spool] = []

    def make(most: int = 1000) -> Spool:
        opened.append(Spool(tmp_path / "spool.sqlite", most))
        return opened[-1]

    yield make
    for spool in opened:
        spool.close()


async def test_reports_are_handed_on_in_the_order_in_which_they_came(make_spool: MakeSpool) -> None:
    """
    Two workers put them in by turns; the file has one order.
    """
    first, second = make_spool(), make_spool()
    taken: list[str] = []

    async def take(spooled: Spooled) -> None:
        taken.append(spooled.attempt.request_id)

    for number in range(200):
        (first if number % 2 else second).put(report(number))
    await first.replay(take)

    assert taken == [f"r{number}" for number in range(200)]
    assert len(second) == 0


async def test_a_report_goes_only_when_it_was_taken(make_spool: MakeSpool) -> None:
    """
    The store may be lost again in the middle of a replay.
    """
    spool = make_spool()
    for number in range(150):
        spool.put(report(number))
    seen: list[str] = []

    async def take(spooled: Spooled) -> None:
        if spooled.attempt.request_id == "r100":
            raise StoreUnavailable("gone again")
        seen.append(spooled.attempt.request_id)

    with pytest.raises(StoreUnavailable):
        await spool.replay(take)
    seen.clear()

    async def take_all(spooled: Spooled) -> None:
        seen.append(spooled.attempt.request_id)

    await make_spool().replay(take_all)

    assert "r100" in seen
    assert seen[-1] == "r149"


def test_a_full_spool_says_so(make_spool: MakeSpool) -> None:
    """
    What is not kept must not be acknowledged.
    """
    spool = make_spool(most=3)
    for number in range(3):
        spool.put(report(number))

    with pytest.raises(SpoolFull, match="3 reports"):
        spool.put(report(3))

    assert len(spool) == 3


def test_a_file_that_is_none_of_ours_is_put_aside(tmp_path: Path) -> None:
    """
    A half-written file must not keep the service from starting, and is not thrown away.
    """
    path = tmp_path / "spool.sqlite"
    path.write_bytes(b"junk" * 4096)

    spool = Spool(path, 10)
    spool.put(report(1))

    assert len(spool) == 1
    assert [kept.read_bytes()[:4] for kept in tmp_path.glob("*unreadable*")] == [b"junk"]
    spool.close()


def test_no_password_lies_on_disk(make_spool: MakeSpool, tmp_path: Path) -> None:
    """
    Reports wait with the digest of the password, never with the password.
    """
    make_spool().put(report(1))

    assert all(b"secret" not in part.read_bytes() for part in tmp_path.iterdir())
    assert (tmp_path / "spool.sqlite").stat().st_mode & 0o077 == 0


async def test_a_row_that_cannot_be_read_holds_up_nobody(make_spool: MakeSpool, tmp_path: Path) -> None:
    """
    A later version wrote it, or a disk did; it is logged and forgotten, and those behind it are counted.
    """
    spool = make_spool()
    spool.put(report(1))
    with contextlib.closing(sqlite3.connect(tmp_path / "spool.sqlite", isolation_level=None)) as other:
        other.execute("INSERT INTO reports (report) VALUES (x'c1c1')")
    spool.put(report(2))
    taken: list[str] = []

    async def take(spooled: Spooled) -> None:
        taken.append(spooled.attempt.request_id)

    await spool.replay(take)

    assert taken == ["r1", "r2"]
    assert len(spool) == 0


async def test_a_replay_that_is_cut_short_forgets_nothing(make_spool: MakeSpool) -> None:
    """
    The service ends in the middle of it: what was on its way stays on disk, and counts once by its request id.
    """
    spool = make_spool()
    for number in range(10):
        spool.put(report(number))
    begun = asyncio.Event()

    async def hang(_: Spooled) -> None:
        begun.set()
        await asyncio.Event().wait()

    replay = asyncio.create_task(spool.replay(hang))
    await begun.wait()
    replay.cancel()
    await asyncio.wait([replay])

    assert len(spool) == 10


def test_a_disk_that_takes_no_more_is_a_full_spool(make_spool: MakeSpool, tmp_path: Path) -> None:
    """
    The caller is told to come again, whatever it is that the file cannot be written for.
    """
    spool = make_spool()
    with contextlib.closing(sqlite3.connect(tmp_path / "spool.sqlite", isolation_level=None)) as other:
        other.execute("DROP TABLE reports")

    with pytest.raises(SpoolFull, match="cannot be written"):
        spool.put(report(1))


def test_a_place_that_cannot_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    """
    Not when the store is away and the first report should wait.
    """
    (tmp_path / "spool.sqlite").mkdir()

    with pytest.raises(SettingsError, match="cannot be used"):
        Spool(tmp_path / "spool.sqlite", 10)
