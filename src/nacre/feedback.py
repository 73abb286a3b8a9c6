# SPDX-License-Identifier: Apache-2.0
"""What somebody says of attempts, and what comes of that."""

from __future__ import annotations

import msgspec


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """
    One claim about an attempt.

    Attributes:
        request_id: The attempt.
        is_attack: What it was; ``None``: withdrawn.
        giver: Who says so.
        time: Unix seconds.
        client_ip, username: Of the attempt, as long as its decision is kept; else ``""``.
        new: Whether no training has used it yet.
    """

    request_id: str
    is_attack: bool | None
    giver: str
    time: float
    client_ip: str = ""
    username: str = ""
    new: bool = True


class Meant(msgspec.Struct, frozen=True, kw_only=True):
    """
    Several attempts of which something is said at once: those of a block, or of a campaign.

    Attributes:
        subnet: What the block refuses, as ``192.0.2.0/24``.
        account: The account that it refuses; with *subnet*, from there.
        rule: Name of its rule, ``""`` for any.
        campaign: Id of a campaign, instead.
    """

    subnet: str = ""
    account: str = ""
    rule: str = ""
    campaign: str = ""


class FeedbackOnMany(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of a claim about several attempts.

    Attributes:
        is_attack: What they were; ``None``: withdrawn.
        giver: Who says so.
        time: Unix seconds.
        attempts: How many the claim is about, or was.
        not_scored: Attempts left out as the network did not look at them.
        beyond: Attempts left out as they were too many for one claim; the newest are taken.
    """

    is_attack: bool | None
    giver: str
    time: float
    attempts: int
    not_scored: int = 0
    beyond: int = 0
