# SPDX-License-Identifier: Apache-2.0
"""
What a training learns from: events and samples, by day.

Each day has its own room, and within a day each kind of attempt, so that no flood pushes out yesterday, and no flood
of failures today's logins.  When all room is taken, the oldest day goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.learning.event import EVENT
from nacre.learning.keep import SHARES, Stratum, place, stratum
from nacre.learning.row import EVENT_BYTES, read_rows, row_dtype

DAY = 86_400
FULL_DAYS = 7
"""Days that all room lasts for when each of them is full."""

EVENTS_PER_SAMPLE = 10
"""Events for which there is room, per sample."""


class Material(NamedTuple):
    """
    What there is to learn from.

    Attributes:
        events: (n,) EVENT, in the order of time.
        samples: (m,) of :func:`nacre.learning.row.row_dtype`, in the order of time.
    """

    events: NDArray[np.void]
    samples: NDArray[np.void]


class Room(NamedTuple):
    """
    How much is kept of one day.

    Attributes:
        events: Events.
        samples: Samples of each kind.
    """

    events: int
    samples: tuple[int, ...]

    @classmethod
    def of(cls, records: int) -> Room:
        """
        Return the room of a day, if so many samples are kept in all.

        >>> Room.of(70_000)
        Room(events=100000, samples=(4000, 2500, 1500, 2000))
        """
        return cls(
            records * EVENTS_PER_SAMPLE // FULL_DAYS,
            tuple(int(records * SHARES[kind] / FULL_DAYS) for kind in Stratum),
        )


class Shelf:
    """
    Rows of one size in a bounded room, each of those that came with the same chance to be among them.

    Args:
        room: Rows.
        size: Bytes of a row.
    """

    def __init__(self, room: int, size: int) -> None:
        self._room, self._size = room, size
        self.came = 0
        self.data = bytearray()

    def put(self, digest: int, row: bytes) -> None:
        """Keep a row, in its own or another one's place, or not."""
        index = place(digest, self.came, self._room)
        self.came += 1
        if index is not None:
            self.data[index * self._size : (index + 1) * self._size] = row


class PrivateJournal:
    """
    The journal of a replay, in memory.

    Args:
        records: Samples to keep in all.
    """

    def __init__(self, records: int) -> None:
        self._records = records
        self._room = Room.of(records)
        self._dtype = row_dtype()
        self._days: dict[int, tuple[Shelf, tuple[Shelf, ...]]] = {}

    def put(self, event: bytes, sample: bytes | None) -> None:
        """Keep an event, and its sample if it has one."""
        digest, time, _, _, _, _, asn, client, country, flags, *_ = EVENT_BYTES.unpack(event)
        day = int(time) // DAY
        shelves = self._days.get(day)
        if shelves is None:
            size = self._dtype.itemsize
            shelves = Shelf(self._room.events, EVENT.itemsize), tuple(Shelf(n, size) for n in self._room.samples)
            self._days[day] = shelves
            self._drop()
        shelves[0].put(digest, event)
        if sample is not None:
            kind = stratum(flags, asn=asn, client=client, country=country)
            shelves[1][kind].put(digest, sample)

    def material(self) -> Material:
        """Return all that is kept, in the order of time."""
        days = [self._days[day] for day in sorted(self._days)]
        return gather(
            [bytes(events.data) for events, _ in days], [bytes(shelf.data) for _, shelves in days for shelf in shelves]
        )

    def _drop(self) -> None:
        most = self._dtype.itemsize * self._records
        taken = {day: sum(len(shelf.data) for shelf in shelves) for day, (_, shelves) in self._days.items()}
        while len(taken) > 1 and sum(taken.values()) > most:
            day = to_drop(taken)
            del taken[day], self._days[day]


def to_drop(rows: Mapping[int, int]) -> int:
    """
    Return the day that gives way where there is no more room: the oldest of those that take much of it.

    A flood fills its days, and pays with them; the calm days before it take little, and stay for as long as rows are
    kept at all.

    Args:
        rows: What each day takes, two days at least; the newest is kept.

    >>> to_drop({1: 60, 2: 100, 3: 100, 4: 90}), to_drop({1: 10, 2: 12, 3: 1000, 4: 1000, 5: 1000})
    (1, 3)
    """
    older = sorted(rows)[:-1]
    most = max(rows[day] for day in older)
    return next(day for day in older if 2 * rows[day] >= most)


def gather(events: list[bytes], samples: list[bytes]) -> Material:
    """Return what some values of the store hold, in the order of time."""
    return Material(
        *(
            rows[np.argsort(rows["time"], kind="stable")]
            for rows in (read_rows(b"".join(events), EVENT), read_rows(b"".join(samples), row_dtype()))
        )
    )
