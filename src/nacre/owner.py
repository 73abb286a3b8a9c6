# SPDX-License-Identifier: Apache-2.0
"""
Where the owner of an account signs in from.

A subnet or device from which an account signed in before is its owner's.  Failures from elsewhere
never close it: no rule about an account refuses an attempt from there.  An account has room for the 32 subnets
and the 32 devices that it signed in from last.
"""

from __future__ import annotations

from nacre.attempt import Attempt
from nacre.entity import Entity, last_day
from nacre.identity import Identity

OWNER_PREFIX = {4: 24, 16: 56}
"""Bits of an address that stand for one place: what a provider gives to one customer or street."""

SECONDS_PER_DAY = 86_400
_OWNER_BYTES = {size: bits // 8 for size, bits in OWNER_PREFIX.items()}


def subnet_place(attempt: Attempt, identity: Identity) -> int:
    """Return the digest of the subnet that an attempt comes from, an even number; 0 if its address is not known."""
    address = attempt.address
    return (identity.place(b"s" + address[: _OWNER_BYTES[len(address)]]) & ~1 or 2) if address else 0


def device_place(attempt: Attempt, identity: Identity) -> int:
    """Return the digest of the device that an attempt comes from, an odd number; 0 if it named none."""
    return identity.place(b"d" + attempt.client_key.encode()) | 1 if attempt.client_key else 0


def places(attempt: Attempt, identity: Identity) -> tuple[int, int]:
    """
    Return the digests of the subnet and the device of an attempt, 0 for what is not known.

    >>> from nacre.attempt import AttemptFields, admit
    >>> from nacre.account import AccountNames
    >>> ours = Identity(b"k" * 32)
    >>> def at(address):
    ...     fields = AttemptFields(client_ip=address, username="erika")
    ...     return admit(fields, names=AccountNames(), identity=ours, now=0.0, request_id="r")
    >>> places(at("192.0.2.1"), ours) == places(at("192.0.2.200"), ours), places(at("192.0.2.1"), ours)[1]
    (True, 0)
    """
    return subnet_place(attempt, identity), device_place(attempt, identity)


def is_home(attempt: Attempt, account: Entity, identity: Identity, since: int) -> bool:
    """
    Whether an account signed in from the subnet or device of an attempt since a day.

    Args:
        attempt: What is tried.
        account: What is known of its account.
        identity: Makes digests.
        since: Days since the epoch.
    """
    subnet = subnet_place(attempt, identity)
    if subnet and last_day(account, subnet) >= since:
        return True
    device = device_place(attempt, identity)
    return device != 0 and last_day(account, device) >= since
