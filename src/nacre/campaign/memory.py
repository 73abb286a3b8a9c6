# SPDX-License-Identifier: Apache-2.0
"""What one round of the watch leaves to the next, so that the same is not worked out again every few seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from nacre.campaign.candidates import usual
from nacre.campaign.people import People
from nacre.campaign.picture import Campaign
from nacre.campaign.sighting import Sighting

USUAL_FOR, GROWN = 3_600.0, 20
"""Seconds for which it is known from where people sign in, and the part of the sample that may come beside."""

PEOPLE_FOR = 3_600.0
"""Seconds for which measures are judged by the same good logins."""

AGAIN_AFTER, AGAIN_GROWN = 1_800.0, 1.1
"""Seconds and growth after which measures are looked for again where none was found that meets all."""

YOUNG = 600.0
"""Seconds for which a campaign is new: measures are looked for whenever somebody asks."""

_MOST = 1_000


class _Search(NamedTuple):
    time: float
    attempts: int
    standing: frozenset[str]


class Memory:
    """
    Remembers from where people sign in, and for which campaigns measures were looked for.

    Without it the same is found, a little earlier and with far more work.
    """

    def __init__(self) -> None:
        self._usual: tuple[float, int, dict[str, Any]] = (float("-inf"), 0, {})
        self._people: tuple[float, People] = (float("-inf"), People(()))
        self._searches: dict[str, _Search] = {}
        self._tried: dict[str, float] = {}

    def people(self, now: float, good: Sequence[Sighting]) -> People:
        """
        Return the good logins by which measures are judged, as they were an hour ago at most.

        Args:
            now: Unix seconds.
            good: Recent good logins.
        """
        looked, known = self._people
        of = len(known.good)
        if abs(now - looked) >= PEOPLE_FOR or abs(len(good) - of) > of // GROWN:
            known = People(good)
            self._people = now, known
        return known

    def renew(self) -> None:
        """Look at the good logins anew, however short ago that was: something began, and they speak for or against."""
        self._people = float("-inf"), People(())

    def usual(self, now: float, good: Sequence[Sighting]) -> dict[str, Any]:
        """
        Return from where people sign in, as it was an hour ago at most: new places become usual slowly.

        Args:
            now: Unix seconds.
            good: Recent good logins.
        """
        looked, of, known = self._usual
        if abs(now - looked) >= USUAL_FOR or len(good) > of + of // GROWN:
            known = usual(good)
            self._usual = now, len(good), known
        return known

    def again(self, what: str, now: float) -> bool:
        """
        Whether it is time to look at something again: not within half an hour.

        >>> memory = Memory()
        >>> [memory.again("a limit for all", now) for now in (0.0, 5.0, 1800.0)]
        [True, False, True]
        """
        if 0.0 <= now - self._tried.get(what, float("-inf")) < AGAIN_AFTER:
            return False
        if len(self._tried) >= _MOST:
            self._tried.clear()
        self._tried[what] = now
        return True

    def calls(self, now: float, campaign: Campaign, standing: frozenset[str]) -> bool:
        """
        Whether a campaign calls for another search: it is new or grew, what stood against it ended, or time went by.

        Args:
            now: Unix seconds.
            campaign: It runs, and what stands does not meet all of it.
            standing: Ids of the measures against it.

        >>> from nacre.campaign.picture import CampaignKind
        >>> memory, none = Memory(), frozenset()
        >>> spray = Campaign(id="c", kind=CampaignKind.SPRAYING, since=0, last=9, attempts=100, sources=9, subnets=9,
        ...                  accounts=9)
        >>> [memory.calls(now, spray, none) for now in (600.0, 605.0, 2400.0)]
        [True, False, True]
        """
        last = self._searches.get(campaign.id)
        if (
            last is not None
            and standing == last.standing
            and now - campaign.since >= YOUNG
            and campaign.attempts < last.attempts * AGAIN_GROWN
            and 0.0 <= now - last.time < AGAIN_AFTER
        ):
            return False
        if len(self._searches) >= _MOST:
            self._searches.clear()
        self._searches[campaign.id] = _Search(now, campaign.attempts, standing)
        return True
