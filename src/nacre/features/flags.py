# SPDX-License-Identifier: Apache-2.0
"""What is known of an attempt, in bits."""

from __future__ import annotations

import enum


class Flag(enum.IntFlag):
    """
    What is known of an attempt; all but ``SUCCESS``, ``ORPHAN`` and ``FRESH`` before its outcome.

    Attributes:
        SUCCESS: The backend accepted it.
        KNOWN: The directory knows the account.
        UNKNOWN: The directory says that there is no such account.  Neither: it did not say.
        REFUSED: We refused it: what the backend would have said proves little.
        RIGHT: Its password is the one that the account signed in with last.
        FORMER: Its password was right before.
        TRIED: It failed before, with this password, for this account.
        ORPHAN: It failed, and the account never signed in from this address or network; its password was neither
            right before nor failed before.
        FRESH: It failed with a password never seen for this account.
        SEEN_IP, SEEN_NET, SEEN_ASN, SEEN_CLIENT, SEEN_COUNTRY: The account signed in from there, or with it, before.
        HISTORY: The account signed in before, from wherever.
        LATELY: It signed in within the last half day, from wherever.
    """

    SUCCESS = 1
    KNOWN = 2
    UNKNOWN = 4
    REFUSED = 8
    RIGHT = 16
    FORMER = 32
    TRIED = 64
    ORPHAN = 128
    FRESH = 256
    SEEN_IP = 512
    SEEN_NET = 1024
    SEEN_ASN = 2048
    SEEN_CLIENT = 4096
    SEEN_COUNTRY = 8192
    HISTORY = 16384
    LATELY = 32768
