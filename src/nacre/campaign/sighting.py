# SPDX-License-Identifier: Apache-2.0
"""
What the watch for distributed attacks is told of each attempt.

One sighting per attempt: as soon as it is refused or challenged, otherwise with its outcome.
"""

from __future__ import annotations

import enum

import msgspec


class Mark(enum.IntFlag):
    """
    What is known of an attempt, in bits.

    Attributes:
        SUCCESS: The backend accepted it.
        STOPPED: It was refused or challenged before its password was tested; there is no outcome.
        DELAYED: It was made to wait.
        UNKNOWN: The directory says that there is no such account.
        HOME: The account signed in from this subnet or device before.
        KNOWN_SOURCE: Somebody signed in from this address within a week.
        REPEAT: The same wrong password of the same account from there again, or one that was right before.
        SCORED: ``score`` is a model's.
        RIGHT: Its password is the one that the account signed in with last.
        OWN_SYSTEM, OWN_CLIENT, OWN_COUNTRY: The account signed in from there, or with it, before.
        HISTORY: The account signed in before, from wherever.

    The last five are those of :class:`nacre.features.flags.Flag`, the last four in the same bits.
    """

    SUCCESS = 1
    STOPPED = 2
    DELAYED = 4
    UNKNOWN = 8
    HOME = 16
    KNOWN_SOURCE = 32
    REPEAT = 64
    SCORED = 128
    RIGHT = 256
    OWN_SYSTEM = 2048
    OWN_CLIENT = 4096
    OWN_COUNTRY = 8192
    HISTORY = 16384


class Sighting(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """
    One attempt, as the watch sees it.

    Attributes:
        time: Unix seconds.
        address: 4 or 16 packed bytes, ``b""`` if not known.
        account: Canonical user name, ``""`` without one.
        token: Keyed digest of the password, 32 bits; 0 without one.
        asn: Number of the autonomous system, 0 if not known.
        country: Two letters, ``""`` if not known.
        client: Family of the client string, see :func:`nacre.features.client.client_family`; ``""`` without one.
        protocol: ``imap``, ``http`` ...
        marks: A :class:`Mark`.
        score: Probability that it is a guess, 0-1; with no model how full the fullest bucket was.
        request_id: Names the attempt.
    """

    time: float
    address: bytes
    account: str
    token: int = 0
    asn: int = 0
    country: str = ""
    client: str = ""
    protocol: str = ""
    marks: int = 0
    score: float = 0.0
    request_id: str = ""

    @property
    def failed(self) -> bool:
        """Whether the backend rejected it."""
        return not self.marks & (Mark.SUCCESS | Mark.STOPPED)
