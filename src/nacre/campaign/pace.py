# SPDX-License-Identifier: Apache-2.0
"""How many attempts an address makes in a minute."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nacre.address import cut
from nacre.campaign.sighting import Sighting

MINUTE = 60.0
_HOST = 8

MOST = 65_536
"""
Addresses that are counted within one minute; further ones are not, until the next.

Whoever has more addresses than this does not need many attempts from one of them, and is no matter for a limit per
address.
"""


def beyond(seen: Iterable[Sighting], most: int) -> list[Sighting]:
    """
    Return the attempts beyond so many a minute from their address.

    Args:
        seen: Attempts with an address, in the order of time.
        most: Attempts a minute that each address has.

    >>> len(beyond([Sighting(float(second), bytes(4), "erika") for second in range(12)], 10))
    2
    """
    pace, attempts = Pace(), list(seen)
    counts = Counter([each.address[:_HOST] for each in attempts])  # the whole of IPv4, the /64 of IPv6
    often = {start for start, count in counts.items() if count > most}
    if not often:
        return []
    return [each for each in attempts if each.address[:_HOST] in often and pace.count(each.address, each.time) > most]


class Pace:
    """
    Attempts by address within the last minute, in two dictionaries of a minute each.

    The attempts of the minute before are taken to be spread evenly over it; so the figure is off by less than what that
    minute had.  An IPv6 address counts for its /64.

    >>> pace = Pace()
    >>> [pace.count(b"abcd", float(second)) for second in (0, 20, 40)], pace.count(b"abcd", 75.0)
    ([1.0, 2.0, 3.0], 3.25)
    """

    __slots__ = ("_before", "_minute", "_now")

    def __init__(self) -> None:
        self._minute = 0
        self._now: dict[bytes, int] = {}
        self._before: dict[bytes, int] = {}

    def count(self, address: bytes, now: float) -> float:
        """
        Count an attempt, and return how many came from its address within a minute, this one included.

        Args:
            address: 4 or 16 packed bytes.
            now: Unix seconds; what came earlier than others counts among them.
        """
        minute = int(now // MINUTE)
        if minute > self._minute:
            self._before = self._now if minute == self._minute + 1 else {}
            self._now = {}
            self._minute = minute
        key = cut(address, 64) if len(address) == 16 else address
        count = self._now.get(key, 0) + 1
        if count > 1 or len(self._now) < MOST:
            self._now[key] = count
        age = max(now - self._minute * MINUTE, 0.0)
        return self._before.get(key, 0) * (1.0 - age / MINUTE) + count
