# SPDX-License-Identifier: Apache-2.0
"""How many attempts came each minute, and how many of them reached a threshold, counted by all instances together."""

from __future__ import annotations

from typing import NamedTuple

from nacre.store.keys import Keys
from nacre.store.topology import Servers

MINUTES, HOURS = 1_440, 168
"""How many of each are kept: a day of minutes, a week of hours."""

_MINUTE, _HOUR = 60, 3_600
_LIVES = (HOURS + 1) * _HOUR


class Tally(NamedTuple):
    """
    What came within one minute or hour.

    Attributes:
        attempts: All that were looked at.
        reached: Those of them that reached the threshold.
    """

    attempts: int
    reached: int


class Course(NamedTuple):
    """
    How it went.

    Attributes:
        minutes: By their number since the epoch; what is not there is 0.
        hours: Likewise.
    """

    minutes: dict[int, Tally]
    hours: dict[int, Tally]


class Tallies:
    """
    Counts, in one hash.

    Args:
        servers: Where it is.
        keys: Spells the key.
    """

    def __init__(self, servers: Servers, keys: Keys) -> None:
        self._servers = servers
        self._key = keys.network("tallies")

    async def add(self, now: float, tally: Tally) -> None:
        """
        Count what came in the last moments.

        Args:
            now: Unix seconds.
            tally: How much.

        Raises:
            StoreUnavailable: the store refused or did not answer; some may be counted.
        """
        key = self._key
        for kind, seconds in (("m", _MINUTE), ("h", _HOUR)):
            for what, count in (("a", tally.attempts), ("r", tally.reached)):
                if count:
                    await self._servers.run(key, ("HINCRBY", key, f"{kind}{int(now) // seconds}{what}", count))
        await self._servers.run(key, ("EXPIRE", key, _LIVES))

    async def read(self, now: float) -> Course:
        """
        Return how it went, and forget what is too old.

        Args:
            now: Unix seconds.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        key = self._key
        flat = await self._servers.run(key, ("HGETALL", key))
        counts: dict[tuple[str, int], dict[str, int]] = {}
        old: list[bytes] = []
        first = {"m": int(now) // _MINUTE - MINUTES, "h": int(now) // _HOUR - HOURS}
        for field, value in zip(flat[::2], flat[1::2], strict=True):
            name = field.decode()
            kind, number, what = name[:1], int(name[1:-1]), name[-1:]
            if number < first[kind]:
                old.append(field)
            else:
                counts.setdefault((kind, number), {})[what] = int(value)
        if old:
            await self._servers.run(key, ("HDEL", key, *old))
        course = Course({}, {})
        for (kind, number), given in counts.items():
            part = course.minutes if kind == "m" else course.hours
            part[number] = Tally(given.get("a", 0), given.get("r", 0))
        return course
