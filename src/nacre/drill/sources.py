# SPDX-License-Identifier: Apache-2.0
"""
Where the tries of a drill come from: addresses, places and clients that tell nobody from anybody.

Addresses are those for documentation and for tests of networks (RFC 5737, RFC 3849, RFC 2544), autonomous systems
likewise (RFC 5398), countries are codes that ISO 3166 leaves to its users.  People come from two countries and a few
systems, attackers from everywhere, these included; all have the same clients.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from nacre.address import format_address
from nacre.attempt import AttemptFields

MOST_BOTS = 57_344
"""Sources of one attack, at most: there are no more IPv6 networks of 48 bits beside those of people."""
MOST_PEOPLE = 4_094

_CLIENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Thunderbird/128.1.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
)
_SYSTEMS = (*range(64_496, 64_512), *range(65_536, 65_552))
_OURS = 4, 2
"""How many of the systems and of the countries are those of people."""
_COUNTRIES = ("QM", "QN", "QO", "QP", "QQ", "XA", "XB", "XC", "XD", "ZZ")
_IPV6 = bytes.fromhex("20010db8")
_AWAY, _HOMES, _ROTATING = MOST_BOTS, MOST_BOTS + 4_096, 65_535
"""Which /48 of the documentation's /32 is whose; the first ones are the attackers'."""


class Source(NamedTuple):
    """
    One end of a line.

    Attributes:
        address: As text.
        asn: Number of the autonomous system.
        country: Two letters.
        client: Client string.
    """

    address: str
    asn: int
    country: str
    client: str

    def fields(self, account: str, password: str, *, known_user: bool = True) -> AttemptFields:
        """Return an attempt from there, without a time."""
        return AttemptFields(
            client_ip=self.address,
            username=account,
            protocol="imap",
            user_agent=self.client,
            password=password,
            known_user=known_user,
            attributes={"asn": self.asn, "country": self.country},
        )


def bots(count: int, chance: random.Random) -> list[Source]:
    """
    Return sources of an attack, no two of one network as long as there are some left.

    >>> [bot.address for bot in bots(4, random.Random(1))]
    ['198.18.0.1', '2001:db8:1::1', '198.18.2.1', '2001:db8:3::1']
    >>> len({bot.address for bot in bots(5_000, random.Random(1))})
    5000

    Args:
        count: How many, at most :data:`MOST_BOTS`.
        chance: Draws what they look like.
    """
    return [_source(_bot(number), chance) for number in range(count)]


def home(number: int, chance: random.Random) -> Source:
    """Return from where a person usually signs in, by number; every other one shares a network with neighbours."""
    if number % 2 or number >= 2 * 254:
        return _person(_ipv6(_HOMES + number), chance)
    return _person(bytes((203, 0, 113, 1 + number // 2)), chance)


def away(number: int, chance: random.Random) -> Source:
    """Return a place where a person never was, in one of the countries that they come from."""
    return _person(_ipv6(_AWAY + number), chance)


def rotating(chance: random.Random) -> Source:
    """Return one of the many addresses of one IPv6 /48, each in a /64 of its own."""
    packed = _ipv6(_ROTATING)[:6] + chance.randbytes(10)
    return Source(format_address(packed), _SYSTEMS[0], _COUNTRIES[0], _CLIENTS[0])


def _bot(number: int) -> bytes:
    if number % 2:
        return _ipv6(number)
    # 198.18.0.0/15 has 512 networks of 24 bits.
    return bytes((198, 18 + (number >> 8 & 1), number & 255, 1 + (number >> 9)))


def _ipv6(number: int) -> bytes:
    return _IPV6 + number.to_bytes(2, "big") + bytes(9) + b"\1"


def _person(packed: bytes, chance: random.Random) -> Source:
    systems, countries = _OURS
    asn, country = chance.choice(_SYSTEMS[:systems]), chance.choice(_COUNTRIES[:countries])
    return Source(format_address(packed), asn, country, chance.choice(_CLIENTS))


def _source(packed: bytes, chance: random.Random) -> Source:
    return Source(format_address(packed), chance.choice(_SYSTEMS), chance.choice(_COUNTRIES), chance.choice(_CLIENTS))
