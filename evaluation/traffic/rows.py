# SPDX-License-Identifier: Apache-2.0
"""Logins as rows of an array, and the words for what they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.void]
Numbers = NDArray[np.uint64]
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

PROTOCOLS = ("imap", "smtp", "pop3", "http", "ssh")
IMAP, SMTP, POP3, HTTP, SSH = range(5)

USER_KINDS = (
    "",
    "office",
    "home",
    "mobile",
    "mail_client",
    "webmail",
    "shared_mailbox",
    "traveller",
    "occasional",
    "vpn",
    "scanner",
    "newcomer",
    "own_account",
)
"""Who signs in; "" for an attacker, ``own_account`` for one who uses an account of their own to look harmless."""

ATTACK_KINDS = (
    "",
    "dictionary",
    "spray_fast",
    "spray_slow",
    "stuffing_few",
    "stuffing_wide",
    "botnet_account",
    "low_slow",
    "ipv6_rotation",
    "nat_insider",
    "enumeration",
    "monday_stuffing",
    "residential",
    "poisoning",
    "variants",
    "person",
    "phished",
    "flood",
)
"""What an attack is; "" for none.  ``flood`` belongs to the poisoning story alone."""

ROW = np.dtype(
    [
        ("ts", "<f8"),  # Unix seconds
        ("hi", "<u8"),  # upper half of an IPv6 address, 0 for IPv4
        ("lo", "<u8"),  # lower half, or the IPv4 address
        ("provider", "<i4"),  # index of Internet.providers
        ("account", "<i4"),  # index of the names; the known ones come first
        ("token", "<u8"),  # stands for the password
        ("protocol", "u1"),  # index of PROTOCOLS
        ("client", "<i2"),  # index of CLIENTS
        ("user_kind", "u1"),  # index of USER_KINDS
        ("kind", "u1"),  # index of ATTACK_KINDS
        ("campaign", "<i2"),  # 1, 2, ...; 0 for none
        ("attack", "?"),
        ("success", "?"),
    ]
)

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(*parts: Any) -> Numbers:
    """
    Return 64 well mixed bits for each combination of numbers: the same bits for the same numbers, for ever.

    Passwords and addresses of people are drawn this way: who signs in again from home comes from the same address,
    without a table of addresses.

    Args:
        parts: Non-negative integers or arrays of them that broadcast.

    Source:
        G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix64).

    >>> bool((mix(1, np.arange(5)) == mix(1, np.arange(5))).all()), len(set(mix(1, np.arange(1000)).tolist()))
    (True, 1000)
    """
    state = np.zeros(1, np.uint64)
    with np.errstate(over="ignore"):
        for part in parts:
            state = (state ^ np.asarray(part).astype(np.uint64)) + _GOLDEN
            state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            state ^= state >> np.uint64(31)
    return state


def unit(bits: Numbers) -> Floats:
    """
    Return mixed bits as numbers in [0, 1).

    >>> bool((unit(mix(1, np.arange(1000))) < 1).all())
    True
    """
    return (bits >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def blank(size: int) -> Rows:
    """Return rows to be filled."""
    return np.zeros(size, ROW)


def join(parts: list[Rows]) -> Rows:
    """Return the rows of all parts, one after the other."""
    return np.concatenate(parts) if parts else blank(0)
