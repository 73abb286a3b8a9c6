# SPDX-License-Identifier: Apache-2.0
"""
Addresses and subnets, canonical and cheap.

An address is its packed bytes: four for IPv4, sixteen for IPv6.  That is what the kernel's
parser returns, it needs no object, and cutting it to a prefix is a slice.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable
from contextlib import suppress
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import NamedTuple

_MAPPED = bytes(10) + b"\xff\xff"
_LAST_BYTE_MASK = tuple((0xFF << (8 - bits)) & 0xFF if bits else 0xFF for bits in range(8))
MAX_ADDRESS_TEXT = 64
"""Characters; the longest IPv6 text with a zone id stays below."""


def parse_address(text: str) -> bytes:
    """
    Return the packed bytes of an address, IPv4-mapped IPv6 unmapped and zone ids dropped.

    Args:
        text: An IPv4 or IPv6 address.  The empty string stands for an address that is not known.

    Returns:
        4 or 16 bytes, or ``b""`` for the empty string.

    Raises:
        ValueError: *text* is no address.

    >>> parse_address("192.0.2.1").hex()
    'c0000201'
    >>> parse_address("::ffff:192.0.2.1") == parse_address("192.0.2.1")
    True
    >>> parse_address("fe80::1%eth0") == parse_address("FE80:0::1")
    True
    >>> parse_address("192.0.2.256")
    Traceback (most recent call last):
    ...
    ValueError: '192.0.2.256' is no IPv4 or IPv6 address
    """
    try:
        return inet_pton(AF_INET, text)
    except OSError:
        pass
    except (ValueError, UnicodeError):
        raise ValueError(f"{text[:MAX_ADDRESS_TEXT]!r} is no IPv4 or IPv6 address") from None
    if not text:
        return b""
    try:
        packed = inet_pton(AF_INET6, text.partition("%")[0])
    except (OSError, ValueError, UnicodeError):
        raise ValueError(f"{text[:MAX_ADDRESS_TEXT]!r} is no IPv4 or IPv6 address") from None
    return packed[12:] if packed.startswith(_MAPPED) else packed


def format_address(packed: bytes) -> str:
    """
    Return the canonical text of a packed address.

    >>> format_address(parse_address("2001:DB8:0:0::1"))
    '2001:db8::1'
    >>> format_address(b"")
    ''
    """
    if not packed:
        return ""
    return inet_ntop(AF_INET if len(packed) == 4 else AF_INET6, packed)


def cut(packed: bytes, prefix: int) -> bytes:
    """
    Return the leading *prefix* bits of an address, in as few bytes as hold them.

    >>> cut(parse_address("192.0.2.77"), 24).hex()
    'c00002'
    >>> cut(parse_address("192.0.2.77"), 26).hex()
    'c0000240'
    """
    whole, rest = divmod(prefix, 8)
    if not rest:
        return packed[:whole]
    return packed[:whole] + bytes((packed[whole] & _LAST_BYTE_MASK[rest],))


class Subnet(NamedTuple):
    """
    An address cut to a prefix length; what an address rule counts.

    Attributes:
        network: The first address, 4 or 16 packed bytes, host bits zero.
        prefix: Bits that are fixed, 0-32 or 0-128.
    """

    network: bytes
    prefix: int

    @classmethod
    def of(cls, packed: bytes, prefix: int) -> Subnet:
        """
        Return the subnet of *prefix* bits that holds an address.

        >>> str(Subnet.of(parse_address("192.0.2.77"), 24))
        '192.0.2.0/24'
        """
        return cls(cut(packed, prefix).ljust(len(packed), b"\0"), prefix)

    @classmethod
    def parse(cls, text: str) -> Subnet:
        """
        Return the subnet of an address or a CIDR text; host bits are dropped.

        >>> str(Subnet.parse("10.0.0.1/24")), str(Subnet.parse("2001:db8::1"))
        ('10.0.0.0/24', '2001:db8::1/128')

        Raises:
            ValueError: *text* is neither.
        """
        host, _, bits = text.partition("/")
        if len(bits) in {1, 2} and bits.isascii() and bits.isdigit() and int(bits) <= 32:
            with suppress(OSError, ValueError):  # the common form; what it is not, is looked at below
                return cls.of(inet_pton(AF_INET, host), int(bits))
        try:
            network = ipaddress.ip_network(text.strip(), strict=False)
        except ValueError:
            raise ValueError(f"{text[:MAX_ADDRESS_TEXT]!r} is no address and no network in CIDR notation") from None
        packed, prefix = network.network_address.packed, network.prefixlen
        if packed.startswith(_MAPPED) and prefix >= 96:
            return cls(packed[12:], prefix - 96)
        return cls(packed, prefix)

    @property
    def is_host(self) -> bool:
        """Whether it holds one address only."""
        return self.prefix == 8 * len(self.network)

    def __contains__(self, packed: object) -> bool:
        """Whether a packed address lies in this subnet."""
        return (
            isinstance(packed, bytes)
            and len(packed) == len(self.network)
            and Subnet.of(packed, self.prefix).network == self.network
        )

    def __str__(self) -> str:
        return f"{format_address(self.network)}/{self.prefix}"


class SubnetSet:
    """
    Tells whether an address lies in any of very many subnets.

    The subnets are merged into disjoint ranges, so that one bisection answers: about a
    microsecond with 100,000 of them, whatever prefix lengths are mixed.

    >>> trusted = SubnetSet(["10.0.0.0/8", "2001:db8::/32"])
    >>> parse_address("10.1.2.3") in trusted, parse_address("11.1.2.3") in trusted
    (True, False)
    """

    def __init__(self, subnets: Iterable[str | Subnet]) -> None:
        ranges: dict[int, list[tuple[bytes, bytes]]] = {4: [], 16: []}
        for given in subnets:
            subnet = Subnet.parse(given) if isinstance(given, str) else given
            size = len(subnet.network)
            host_bits = 8 * size - subnet.prefix
            last = int.from_bytes(subnet.network, "big") | ((1 << host_bits) - 1)
            ranges[size].append((subnet.network, last.to_bytes(size, "big")))
        self._starts: dict[int, list[bytes]] = {}
        self._ends: dict[int, list[bytes]] = {}
        for size, pairs in ranges.items():
            starts: list[bytes] = []
            ends: list[bytes] = []
            for start, end in sorted(pairs):
                if ends and start <= ends[-1]:
                    ends[-1] = max(ends[-1], end)
                else:
                    starts.append(start)
                    ends.append(end)
            self._starts[size], self._ends[size] = starts, ends

    def __contains__(self, packed: object) -> bool:
        """Whether a packed address (4 or 16 bytes) lies in one of the subnets."""
        if not isinstance(packed, bytes) or not packed:
            return False
        size = len(packed)
        index = bisect_right(self._starts[size], packed) - 1
        return index >= 0 and packed <= self._ends[size][index]

    def __bool__(self) -> bool:
        return any(self._starts.values())


_NOBODY = frozenset({b"", bytes(4), bytes(16), bytes(15) + b"\1"})
"""Unknown; unspecified, IPv4 and IPv6; loopback, IPv6."""


def is_local(packed: bytes) -> bool:
    """
    Whether an address says nothing of who is there: unknown, unspecified or loopback.

    >>> is_local(b""), is_local(parse_address("::1")), is_local(parse_address("127.0.0.9"))
    (True, True, True)
    >>> is_local(parse_address("192.0.2.1"))
    False
    """
    return packed in _NOBODY or (packed[0] == 127 and len(packed) == 4)
