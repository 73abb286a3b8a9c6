# SPDX-License-Identifier: Apache-2.0
"""
Tolerations: failures forgiven beside successes.

An address from which many sign in may fail now and then without being refused, even if a bucket
that it shares is full.  An address that nobody ever signed in from is forgiven nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, log
from typing import NamedTuple

from nacre.address import Subnet, cut


class Terms(NamedTuple):
    """
    On what terms failures are forgiven.

    Attributes:
        percent: Failures forgiven, in percent of the successes, 0-100.
        ttl: Seconds that successes and failures count.
        adaptive: Whether the percentage grows with the successes instead.
        least, most: Bounds of the adaptive percentage, 0-100.
        scale: How fast it grows, 0.1-10.
    """

    percent: int
    ttl: float
    adaptive: bool = False
    least: int = 10
    most: int = 50
    scale: float = 1.0

    def allowance(self, positive: int) -> tuple[int, int]:
        """
        Return the percentage in force and the failures that it forgives.

        With ``adaptive`` the share grows with the logarithm of the successes and is full at
        a hundred: ``least + (most - least) x min(1, ln(positive + 1) / ln(100) x scale)``.

        Args:
            positive: Logins that succeeded within ``ttl``.

        >>> adaptive = Terms(percent=0, ttl=86400, adaptive=True)
        >>> [adaptive.allowance(n) for n in (0, 1, 10, 20, 50, 100, 500)]
        [(0, 0), (16, 0), (30, 3), (36, 7), (44, 22), (50, 50), (50, 250)]
        >>> Terms(percent=25, ttl=86400).allowance(10)
        (25, 2)
        """
        if positive <= 0:
            return 0, 0
        percent = self.percent
        if self.adaptive:
            factor = min(1.0, log(positive + 1) / log(100) * self.scale)
            percent = min(max(floor(self.least + (self.most - self.least) * factor), self.least), self.most)
        return percent, percent * positive // 100

    def tolerates(self, positive: int, negative: int) -> bool:
        """
        Whether this many failures beside this many successes are forgiven.

        >>> Terms(percent=50, ttl=3600).tolerates(positive=0, negative=0)
        False
        >>> Terms(percent=50, ttl=3600).tolerates(positive=10, negative=5)
        True
        """
        percent, most = self.allowance(positive)
        return positive > 0 and percent > 0 and self.ttl > 0 and negative <= most


class Toleration(NamedTuple):
    """
    Terms for one subnet.

    Attributes:
        subnet: Where they hold.
        terms: The terms.
        expires: Unix seconds at which they end, ``None`` if they stand in the settings.
    """

    subnet: Subnet
    terms: Terms
    expires: float | None = None


class Tolerations:
    """
    The terms for every address: those of the most specific entry, else the general ones.

    Of two entries for one subnet the later one holds, and the earlier one again when that one ends.

    >>> from nacre.address import parse_address
    >>> office = Toleration(Subnet.parse("192.0.2.0/24"), Terms(percent=40, ttl=3600.0))
    >>> ours = Tolerations(Terms(percent=10, ttl=3600.0), [office])
    >>> [ours.terms(parse_address(ip), now=0.0).percent for ip in ("192.0.2.9", "198.51.100.1")]
    [40, 10]
    """

    def __init__(self, general: Terms, entries: Iterable[Toleration]) -> None:
        self.general = general
        self.entries = tuple(entries)
        self._by_cut: dict[tuple[int, int, bytes], list[Toleration]] = {}
        for entry in self.entries:
            network, prefix = entry.subnet
            self._by_cut.setdefault((len(network), prefix, cut(network, prefix)), []).insert(0, entry)
        self._prefixes = {
            size: sorted({prefix for length, prefix, _ in self._by_cut if length == size}, reverse=True)
            for size in (4, 16)
        }

    def terms(self, packed: bytes, now: float) -> Terms:
        """Return the terms for an address at a time."""
        for prefix in self._prefixes.get(len(packed), ()):
            for entry in self._by_cut.get((len(packed), prefix, cut(packed, prefix)), ()):
                if entry.expires is None or now < entry.expires:
                    return entry.terms
        return self.general

    def longest_ttl(self, packed: bytes) -> float:
        """Return the seconds that successes and failures of an address have to be kept to serve all its entries."""
        longest = self.general.ttl
        if not self.entries:
            return longest
        for prefix in self._prefixes.get(len(packed), ()):
            for entry in self._by_cut.get((len(packed), prefix, cut(packed, prefix)), ()):
                longest = max(longest, entry.terms.ttl)
        return longest
