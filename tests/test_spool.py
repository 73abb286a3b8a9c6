# SPDX-License-Identifier: Apache-2.0
"""Reports wait on disk until the store is back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nacre.account import AccountNames
from nacre.attempt import AttemptFields, admit
from nacre.errors import SpoolFull, StoreUnavailable
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
