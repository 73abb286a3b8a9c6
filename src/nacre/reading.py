# SPDX-License-Identifier: Apache-2.0
"""What the store tells of an attempt, in one trip; or that it tells nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from nacre.attempt import Attempt
from nacre.entity import Entity
from nacre.errors import StoreCorrupt, StoreUnavailable, UnknownRequest
from nacre.lookout import Look, Lookout
from nacre.ports import DecisionStore, Subjects
from nacre.record import Record

_WRITTEN_WITHIN = 0.05
"""Seconds within which a decision that was answered is in the store."""


class Reading(NamedTuple):
    """
    What the store told.

    Attributes:
        entities: What is known of each subject.
        look: What the network is about to see; ``None`` without one.
        values: What it wanted, as it is; ``None`` if that could not be read.
        error: Why nothing is told, ``None`` if something is.
    """

    entities: Sequence[Entity]
    look: Look | None = None
    values: Sequence[bytes | None] | None = None
    error: StoreUnavailable | StoreCorrupt | None = None


async def read(subjects: Subjects, lookout: Lookout | None, attempt: Attempt, keys: Sequence[bytes]) -> Reading:
    """
    Ask the store about an attempt, once.

    Args:
        subjects: Knows what was counted.
        lookout: Says what else to read; ``None`` leaves the rules alone.
        attempt: What is tried.
        keys: Of its subjects.
    """
    try:
        if lookout is None:
            return Reading(await subjects.read(keys))
        look = lookout.look(attempt)
        entities, values = await subjects.read_with(keys, look.wanted.keys)
        return Reading(entities, look, values)
    except (StoreUnavailable, StoreCorrupt) as error:
        return Reading((), error=error)


async def decided(
    decisions: DecisionStore, request_id: str, *, pause: Callable[[float], Awaitable[object]] = asyncio.sleep
) -> Record:
    """
    Return a decision that another process made, and may be writing just now: it answers first.

    Args:
        decisions: Finds it.
        request_id: Its name.
        pause: Lets that process write, for so many seconds.

    Raises:
        UnknownRequest: nothing is kept under *request_id*.
        StoreUnavailable: the store refused or did not answer.
    """
    record = await decisions.find(request_id)
    if record is None:
        await pause(_WRITTEN_WITHIN)
        record = await decisions.find(request_id)
    if record is None:
        raise UnknownRequest(request_id)
    return record
