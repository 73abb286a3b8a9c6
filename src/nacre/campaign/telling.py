# SPDX-License-Identifier: Apache-2.0
"""What suspicious attempts have in common, in words."""

from __future__ import annotations

from nacre.address import Subnet, format_address
from nacre.campaign.bond import ACCOUNT, CLIENT, MOST, SUBNET, TOKEN, Bond, Key
from nacre.campaign.trial import address_of


def named(key: Key, bond: Bond) -> str:
    """
    Return what a hot bond says, as a sentence without an end.

    >>> named(Key(TOKEN, "17"), Bond(0.0, 0.0, {"erika": 0.0, "otto": 0.0}))
    'one password on 2 accounts'
    """
    number = len(bond.items)
    many = f"{number} or more" if number >= MOST else str(number)
    if key.sort == TOKEN:
        return f"one password on {many} accounts"
    if key.sort == ACCOUNT:
        return f"the account {key.name}, from {many} addresses"
    if key.sort == SUBNET:
        return f"the subnet {subnet_text(key.name)}, on {many} accounts"
    if key.sort == CLIENT:
        return f"the client {key.name}, which good logins hardly have, from {many} addresses"
    return f"AS{key.name}, from which good logins hardly come, {many} addresses"


def subnet_text(subnet: str) -> str:
    """
    Return a subnet key as text.

    >>> subnet_text(bytes([192, 0, 2]).decode("latin-1"))
    '192.0.2.0/24'
    """
    packed = subnet.encode("latin-1")
    return str(Subnet(packed.ljust(4 if len(packed) == 3 else 16, b"\0"), 8 * len(packed)))


def origin_text(origin: str) -> str:
    """
    Return an address key as text; of IPv6 the first address of its /64.

    >>> origin_text(bytes([192, 0, 2, 7]).decode("latin-1"))
    '192.0.2.7'
    """
    return format_address(address_of(origin))
