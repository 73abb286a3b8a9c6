# SPDX-License-Identifier: Apache-2.0
"""A watch that looks on while sightings come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nacre.campaign.picture import Campaign, Picture
from nacre.campaign.sighting import Sighting
from nacre.campaign.watch import Watch


class Naming(NamedTuple):
    """
    When a campaign was first named.

    Attributes:
        attempts: Of the attack so far.
        seconds: Since its first attempt.
        campaign: As it was named.
    """

    attempts: int
    seconds: float
    campaign: Campaign


def pictures(watch: Watch, stream: Iterable[Sighting], every: float = 1.0) -> Iterator[Picture]:
    """Yield what the watch makes of a stream, each second of event time and at once when it is alarmed."""
    due = 0.0
    for sighting in stream:
        watch.see(sighting)
        if sighting.time >= due or watch.alarmed:
            due = sighting.time + every
            yield watch.assess(sighting.time)


def after(watch: Watch, stream: Iterable[Sighting], every: float = 1.0) -> Picture:
    """Return what the watch makes of a stream when all of it has come."""
    last = Picture()
    for picture in pictures(watch, stream, every):
        last = picture
    return watch.assess(last.time)


def naming(watch: Watch, stream: Iterable[Sighting], every: float = 1.0) -> Naming:
    """Return when the watch first named a campaign in a stream; ids of attackers' attempts begin with an ``a``."""
    attempts, begin = 0, 0.0

    def counted() -> Iterator[Sighting]:
        nonlocal attempts, begin
        for sighting in stream:
            if sighting.request_id.startswith("a"):
                attempts += 1
                begin = begin or sighting.time
            yield sighting

    for picture in pictures(watch, counted(), every):
        if picture.campaigns:
            return Naming(attempts, picture.time - begin, picture.campaigns[0])
    raise AssertionError(f"no campaign was named in {attempts} attempts")
