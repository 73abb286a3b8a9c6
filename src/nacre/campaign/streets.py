# SPDX-License-Identifier: Apache-2.0
"""The networks of an attack: few prefixes that hold its attempts, and hardly any good login of a stranger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence

from nacre.address import Subnet
from nacre.campaign.prefixes import cover
from nacre.campaign.ranges import SubnetTable
from nacre.campaign.sighting import Mark, Sighting

MOST_SUBNETS = 1000
"""Prefixes of one answer."""

CUSTOMER = {4: 24, 16: 48}
"""Prefix lengths up to which a prefix is widened where no stranger signs in: what one street or company has."""

LEAST_ATTEMPTS = 3
"""Attempts from a prefix for it to be blocked; fewer say little of who is there."""

_HOME = Mark.HOME.value


def subnets_of_attack(
    seen: Sequence[Sighting], strangers: Sequence[bytes], *, harmless: int, widest: Mapping[int, int]
) -> tuple[str, ...]:
    """
    Return the prefixes that hold most attempts, as text, the most used ones first.

    Args:
        seen: The attempts; those at home are not looked at.
        strangers: Addresses of good logins from origins that are new to their account.
        harmless: How many of these may lie in them.
        widest: Shortest prefix by length of the address in bytes.

    >>> seen = [Sighting(0.0, bytes([192, 0, 2, host]), f"user{host}") for host in (4, 5, 6, 9)]
    >>> subnets_of_attack(seen, [], harmless=0, widest={4: 20, 16: 40})
    ('192.0.2.0/24',)
    """
    attack = Counter(each.address for each in seen if each.address and not each.marks & _HOME)
    cuts = {size: min(widest[size], CUSTOMER[size]) // 8 for size in widest}
    near = {address[: cuts[len(address)]] for address in attack}
    good = [address for address in strangers if address and address[: cuts[len(address)]] in near]
    found = cover(attack, good, budget=harmless, widest=widest).subnets
    streets = {address[: CUSTOMER[len(address)] // 8] for address in good}
    wide = [_street(subnet, streets) for subnet in found]
    weights: Counter[Subnet] = Counter()
    table = SubnetTable((subnet, subnet) for subnet in wide)
    for address, count in attack.items():
        weights.update(dict.fromkeys(table.at(address), count))
    return tuple(str(subnet) for subnet, count in weights.most_common(MOST_SUBNETS) if count >= LEAST_ATTEMPTS)


def _street(subnet: Subnet, streets: Container[bytes]) -> Subnet:
    """Return a long prefix widened to what one customer or street has, unless somebody signs in from there."""
    size = len(subnet.network)
    if subnet.network[: CUSTOMER[size] // 8] in streets:
        return subnet
    return Subnet.of(subnet.network, min(subnet.prefix, CUSTOMER[size]))
