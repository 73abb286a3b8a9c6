# SPDX-License-Identifier: Apache-2.0
"""What is kept: decisions, enough to join, explain and learn from them, and who changed what."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

from nacre.attempt import Attempt
from nacre.decision import Decision


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
    """

    attempt: Attempt
    decision: Decision
    counts: dict[str, int] = {}
    exemption: str = ""
    accepted: bool | None = None
    reported: float = 0.0


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
            ``not_learned``, ``spooled``, ``store_corrupt``, or the reason of an exemption.
    """

    request_id: str
    counted: bool
    why: str
