# SPDX-License-Identifier: Apache-2.0
"""What a training learns from: bounded, by day and kind."""

from __future__ import annotations

import numpy as np
import pytest

from nacre.learning.event import EVENT, Flag
from nacre.learning.journal import DAY, EVENTS_PER_SAMPLE, Material, PrivateJournal, Room, Shelf, gather
from nacre.learning.keep import SHARES, Stratum
from nacre.learning.row import pack_row, row_dtype

GUESS, ROUTINE = int(Flag.ORPHAN | Flag.FRESH), int(Flag.SUCCESS | Flag.SEEN_NET | Flag.SEEN_IP)
VECTOR = bytes(row_dtype()["vector"].itemsize)


def event(number: int, time: float, flags: int = ROUTINE) -> bytes:
    """An event whose digest is spread over 64 bits."""
    row = np.zeros(1, EVENT)
    row["id"] = (number * 0x9E3779B97F4A7C15) % 2**64 or 1
    row["time"], row["flags"] = time, flags
    return row.tobytes()


def put(journal: PrivateJournal, number: int, time: float, flags: int = ROUTINE) -> None:
    """Keep an event with its sample."""
    packed = event(number, time, flags)
    journal.put(packed, pack_row(packed, VECTOR))


def days_of(material: Material) -> dict[int, int]:
    """Return the samples of each day."""
    days, counts = np.unique(material.samples["time"] // DAY, return_counts=True)
    return dict(zip(days.astype(int).tolist(), counts.tolist(), strict=True))


def test_what_is_put_comes_back_in_the_order_of_time() -> None:
    """
    Reports come late, and labels need what came before and after.
    """
    journal = PrivateJournal(7_000)
    for number, time in enumerate((3.0 * DAY, 5.0, 2.5 * DAY, 6.0), 1):
        put(journal, number, time)
    journal.put(event(9, 1.0), None)

    material = journal.material()

    assert material.events["time"].tolist() == [1.0, 5.0, 6.0, 2.5 * DAY, 3.0 * DAY]
    assert material.samples["time"].tolist() == [5.0, 6.0, 2.5 * DAY, 3.0 * DAY]
    assert PrivateJournal(7_000).material().samples.size == 0


def test_a_flood_of_guesses_pushes_out_neither_yesterday_nor_todays_logins() -> None:
    """
    Ten times the room of a day.
    """
    journal, room = PrivateJournal(7_000), Room.of(7_000)
    for number in range(1, 101):
        put(journal, number, 100.0 + number)
        put(journal, 1_000 + number, DAY + 100.0 + number)
    for number in range(10 * sum(room.samples)):
        put(journal, 100_000 + number, DAY + 1_000.0 + number, GUESS)

    material = journal.material()

    today = material.samples[material.samples["time"] >= DAY]
    assert days_of(material)[0] == 100
    assert np.count_nonzero(today["flags"] == ROUTINE) == 100
    assert np.count_nonzero(today["flags"] == GUESS) == room.samples[Stratum.GUESS]


def test_of_a_full_day_early_and_late_attempts_are_kept_alike() -> None:
    """
    Each of three thousand has the same chance of a place among 400, whenever it came.
    """
    shelf = Shelf(400, EVENT.itemsize)
    for number in range(1, 3_001):
        packed = event(number, float(number))
        shelf.put(int(np.frombuffer(packed, EVENT)["id"][0]), packed)

    times = np.frombuffer(bytes(shelf.data), EVENT)["time"]

    assert (shelf.came, len(times), len(set(times.tolist()))) == (3_000, 400, 400)
    early = np.count_nonzero(times <= 1_500)
    assert abs(early - 200) < 50  # five standard deviations of 400 draws


def test_the_oldest_day_goes_when_all_room_is_taken() -> None:
    """
    However many days the log has; the newest is never the one.
    """
    journal, room = PrivateJournal(1_400), Room.of(1_400)
    for day in range(40):
        for number in range(room.samples[Stratum.ROUTINE] * 2):
            put(journal, day * 1_000 + number, day * DAY + number)

    days = days_of(journal.material())

    assert max(days) == 39
    assert sorted(days) == list(range(min(days), 40))
    assert 1_400 - room.samples[Stratum.ROUTINE] <= sum(days.values()) <= 1_400 + room.samples[Stratum.ROUTINE]


@pytest.mark.parametrize("records", [1_000, 100_000])
def test_the_room_of_a_week_is_all_there_is(records: int) -> None:
    """
    Samples by kind, and ten times as many events.
    """
    room = Room.of(records)

    assert records - 7 * len(SHARES) <= 7 * sum(room.samples) <= records
    assert room.events == records * EVENTS_PER_SAMPLE // 7


def test_values_of_a_store_are_gathered_whatever_their_order() -> None:
    """
    One value for each day and kind, some of them empty.
    """
    rows = [event(number, float(number)) for number in (3, 1, 2)]

    found = gather([rows[0] + rows[1], b"", rows[2]], [b""])

    assert found.events["time"].tolist() == [1.0, 2.0, 3.0]
    assert found.samples.dtype == row_dtype()
