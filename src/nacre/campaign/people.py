# SPDX-License-Identifier: Apache-2.0
"""The good logins by which measures are judged, as far as several questions about them share an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import cached_property, reduce
from math import sqrt
from operator import or_

from nacre.campaign.columns import Columns
from nacre.campaign.reach import OWN
from nacre.campaign.sighting import Mark, Sighting

FEWEST = 100
"""Good logins that tell whether strangers have become more."""

_HOME, _OWN = Mark.HOME.value, sum(OWN.values())


class People:
    """
    Good logins.

    Args:
        good: Of a week, in the order of time.

    Attributes:
        good: As given.
    """

    def __init__(self, good: Sequence[Sighting]) -> None:
        self.good = good

    @cached_property
    def recent(self) -> Sequence[Sighting]:
        """
        The later half of them, by which measures are judged that refuse nobody.

        While a site is new, most accounts come for the first time, from places that nobody knows; that does not last.
        Where strangers have become clearly more since, as on the first day of a holiday, it is the last part of the
        half: half of it, and half of that again, as long as the later one has more of them by three standard
        deviations.
        """
        good = self.good
        first = len(good) // 2
        while (size := (len(good) - first) // 2) >= FEWEST:
            before = sum(not seen.marks & _HOME for seen in good[first : first + size])
            after = sum(not seen.marks & _HOME for seen in good[-size:])
            if after - before <= 3 * sqrt(after + before + 1):
                break
            first = len(good) - size
        return good[first:]

    @cached_property
    def strangers(self) -> Columns:
        """Those from origins that were new to their account."""
        return Columns([seen for seen in self.good if not seen.marks & _HOME])

    @cached_property
    def lately(self) -> Columns:
        """Those of the later half from origins that were new to their account."""
        return Columns([seen for seen in self.recent if not seen.marks & _HOME])

    @cached_property
    def told(self) -> int:
        """Marks of what logins share with earlier ones of their accounts, as far as any have them."""
        return reduce(or_, [seen.marks for seen in self.recent], 0) & _OWN

    def share(self, accounts: Collection[str]) -> float:
        """
        Return which share of the later half is on some accounts, 0-1.

        >>> People([Sighting(0.0, bytes(4), name) for name in ("erika", "max", "erika", "otto")]).share({"erika"})
        0.5
        """
        return sum(map(self._counts.__getitem__, accounts)) / len(self.recent) if self.recent else 0.0

    @cached_property
    def _counts(self) -> Counter[str]:
        return Counter(seen.account for seen in self.recent)
