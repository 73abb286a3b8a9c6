# SPDX-License-Identifier: Apache-2.0
"""What waits on disk, and what was told."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from notify.receivers import change

from nacre.errors import SettingsError
from nacre.notify.message import Message, message
from nacre.notify.outbox import MOST, REMEMBERED, Outbox

MakeOutbox = Callable[[], Outbox]


@pytest.fixture
def make_outbox(tmp_path: Path) -> Iterator[MakeOutbox]:
    """Open outboxes on the file of a test."""
    with contextlib.ExitStack() as stack:

        def make() -> Outbox:
            outbox = Outbox(tmp_path / "box.sqlite")
            stack.callback(outbox.close)
            return outbox

        yield make


def told(number: int = 1) -> Message:
    """A message that its number names."""
    return message(change(number))


def test_a_message_waits_for_each_means_until_it_is_removed(make_outbox: MakeOutbox) -> None:
    """
    Also over a restart; what arrived by one means still waits for the other.
    """
    make_outbox().tell(told(), ["mail", "webhook"], 1000.0)

    outbox = make_outbox()
    waiting = outbox.first("mail")
    assert waiting is not None
    outbox.remove(waiting.number)

    assert (waiting.message, waiting.since, waiting.refusals) == (told(), 1000.0, 0)
    assert outbox.first("mail") is None
    assert outbox.first("webhook") is not None


def test_nothing_is_told_twice(make_outbox: MakeOutbox) -> None:
    """
    Neither at once nor in the digest, until it is forgotten after two weeks.
    """
    outbox = make_outbox()
    outbox.tell(told(1), ["mail"], 1000.0)
    outbox.hold(told(2), 1000.0)

    again = make_outbox()
    for number in (1, 2):
        again.tell(told(number), ["mail"], 1001.0)
        again.hold(told(number), 1001.0)
    first = again.first("mail")
    assert first is not None
    again.remove(first.number)

    assert again.first("mail") is None
    assert again.held() == [told(2)]
    again.tell(told(1), ["mail"], 1002.0 + REMEMBERED)
    assert again.first("mail") is not None


def test_what_was_told_at_once_is_counted(make_outbox: MakeOutbox) -> None:
    """
    Once for a message, however many means there are; what waits for the digest is not.
    """
    outbox = make_outbox()
    for number, time in enumerate((100.0, 200.0, 300.0)):
        outbox.tell(told(number), ["mail", "webhook"], time)
    outbox.hold(told(9), 300.0)

    assert [outbox.told_at_once(since) for since in (0.0, 100.0, 250.0)] == [3, 2, 1]
    assert [outbox.was_told(f"n-{number}") for number in (0, 9, 5)] == [True, True, False]


def test_a_refused_message_waits_behind_the_others(make_outbox: MakeOutbox) -> None:
    """
    It keeps its age and counts its refusals.
    """
    outbox = make_outbox()
    outbox.tell(told(1), ["mail"], 1000.0)
    outbox.tell(told(2), ["mail"], 1001.0)

    first = outbox.first("mail")
    assert first is not None
    outbox.to_the_end(first, "mail")

    second = outbox.first("mail")
    assert second is not None
    assert second.message == told(2)
    outbox.remove(second.number)
    last = outbox.first("mail")
    assert last is not None
    assert (last.message, last.since, last.refusals) == (told(1), 1000.0, 1)


def test_a_digest_takes_the_place_of_what_it_tells(make_outbox: MakeOutbox) -> None:
    """
    At once: what is gathered meanwhile is for the next one.
    """
    outbox = make_outbox()
    outbox.hold(told(1), 1000.0)
    outbox.hold(told(2), 1010.0)
    since = outbox.held_since()

    outbox.put_digest(told(3), ["mail"], 5000.0)

    waiting = outbox.first("mail")
    assert since == 1000.0
    assert waiting is not None
    assert waiting.message == told(3)
    assert outbox.held() == []
    assert outbox.held_since() is None


def test_the_oldest_make_room(make_outbox: MakeOutbox) -> None:
    """
    A server that is away for weeks does not fill the disk.
    """
    outbox = make_outbox()
    for number in range(MOST + 5):
        outbox.tell(told(number), ["mail"], 1000.0)
        outbox.hold(told(-1 - number), 1000.0)

    first = outbox.first("mail")
    assert first is not None
    assert first.message == told(5)
    assert len(outbox.held()) == MOST


def test_the_file_is_for_its_owner_alone(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    """
    Names of accounts that were taken stand in it.
    """
    make_outbox()

    assert (tmp_path / "box.sqlite").stat().st_mode & 0o077 == 0


def test_a_file_that_is_none_of_ours_is_put_aside(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    """
    It must not keep the service from starting, and is not thrown away.
    """
    (tmp_path / "box.sqlite").write_bytes(b"junk" * 4096)

    outbox = make_outbox()
    outbox.tell(told(), ["mail"], 1000.0)

    assert outbox.first("mail") is not None
    assert [kept.read_bytes()[:4] for kept in tmp_path.glob("*unreadable*")] == [b"junk"]


def test_a_row_that_cannot_be_read_holds_up_nobody(make_outbox: MakeOutbox, tmp_path: Path) -> None:
    """
    Another version wrote it.
    """
    outbox = make_outbox()
    with contextlib.closing(sqlite3.connect(tmp_path / "box.sqlite", isolation_level=None)) as other:
        other.execute("INSERT INTO waiting (means, since, message) VALUES ('mail', 0, x'c1')")
        other.execute("INSERT INTO held (time, message) VALUES (0, x'c1')")
    outbox.tell(told(), ["mail"], 1000.0)

    first = outbox.first("mail")

    assert first is not None
    assert first.message == told()
    assert outbox.held() == []


def test_a_place_that_cannot_be_used_is_said_at_the_start(tmp_path: Path) -> None:
    """
    Not when there is something to tell.
    """
    (tmp_path / "box.sqlite").mkdir()

    with pytest.raises(SettingsError, match="cannot be used"):
        Outbox(tmp_path / "box.sqlite")
