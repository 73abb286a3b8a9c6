# SPDX-License-Identifier: Apache-2.0
"""What is kept: decisions, enough to join, explain and learn from them, and who changed what."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.attempt import Attempt
from nacre.decision import Decision
from nacre.features.facts import Facts


class Sight(msgspec.Struct, array_like=True, gc=False):
    """
    What the network saw of an attempt.

    Attributes:
        facts: The attempt in digests, and what was known of it.
        vector: As scored: little-endian float32, one per standard column.
        slots: Additional features, packed; empty without any.
    """

    facts: Facts
    vector: bytes
    slots: bytes = b""

    @property
    def floats(self) -> NDArray[np.float32]:
        """The vector."""
        return np.frombuffer(self.vector, np.float32)


class Record(msgspec.Struct, array_like=True, gc=False):
    """
    One decision with all that it was made of.

    Attributes:
        attempt: What was tried.
        decision: What was answered.
        counts: Rule to failures within its period, before this attempt; zeros are left out.
        exemption: Why the rules were not asked, ``""`` if they were.
        accepted: What the backend said, ``None`` until it is reported.
        reported: Unix seconds of the report, 0 until then.
        sight: What the network saw; ``None`` if it did not look.
        marks: What was known of the attempt, a :class:`nacre.campaign.sighting.Mark`.
    """

    attempt: Attempt
    decision: Decision
    counts: dict[str, int] = {}
    exemption: str = ""
    accepted: bool | None = None
    reported: float = 0.0
    sight: Sight | None = None
    marks: int = 0


class Told(NamedTuple):
    """
    What became of an attempt.

    Attributes:
        accepted: What the backend said.
        reported: Unix seconds at which it was told, in whole milliseconds.
    """

    accepted: bool
    reported: float

    @classmethod
    def at(cls, now: float, *, accepted: bool) -> Told:
        """Return an outcome that is told at a time."""
        return cls(accepted, int(now * 1000) / 1000)

    def packed(self) -> bytes:
        """
        Return the outcome as a number in digits: the store keeps one in no more bytes than nothing at all.

        >>> Told.at(1700000000.125, accepted=True).packed()
        b'3400000000251'
        """
        return b"%d" % (2 * round(self.reported * 1000) + self.accepted)

    @classmethod
    def unpack(cls, packed: bytes) -> Told:
        """
        Return the outcome that :meth:`packed` made.

        Raises:
            ValueError: it is none.

        >>> Told.unpack(b"3400000000251")
        Told(accepted=True, reported=1700000000.125)
        """
        number = int(packed)
        return cls(bool(number & 1), (number >> 1) / 1000)


class AuditEntry(msgspec.Struct, frozen=True):
    """
    One change by a person or daemon.

    Attributes:
        time: Unix seconds.
        who: Name of the token, key or terminal user.
        action: ``blocks.lift``, ``tolerations.set`` ...
        what: What it was done to.
    """

    time: float
    who: str
    action: str
    what: str


AT_ONCE = "-blocked-"
"""
Stands before the seal in request ids of refusals of which nothing is kept: all that has to be known of them.

The seal tells them from ids that a caller, or whoever gives the caller its ids, made to look like one.
"""


class Receipt(NamedTuple):
    """
    What became of a report.

    Attributes:
        request_id: The attempt.
        counted: Whether it changed any count.
        why: Why not, or how: ``counted``, ``repeated_password``, ``reported_before``, ``refused_before``,
            ``not_learned``, ``spooled``, ``store_corrupt``, ``rejected_by_script``, or the reason of an exemption.
    """

    request_id: str
    counted: bool
    why: str
