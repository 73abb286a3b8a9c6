# SPDX-License-Identifier: Apache-2.0
"""
The only place that spells a key.

The part in braces decides where a cluster keeps a key.  All subnets of an address share the tag of its
first 16 bits (IPv4) or 32 bits (IPv6), so that one script serves them; an account and its pairs share the account's::

    n{c000}20c0000207     the origin or subnet 192.0.2.7/32: prefix length and network in hexadecimal
    s{20010db8}2020010db8 the same for IPv6: 2001:db8::/32
    a{Dq...}              an account
    p{Dq...}18c00002      an account as tried from 192.0.2.0/24
    c{x3...}              a device
    r{c000}ab...          claim of a request id in one slot
    d{ab...}              a decision
    i{c000}c0000207       profile of the address 192.0.2.7
    i{c000}/c00002        profile of its network, 192.0.2.0/24
    u{Dq...}, t{5e...}    profiles of an account and of a password's digest
    x{a1b2c3d4}           profile of an operator (a), country (c), client (f) or protocol (p); x{e} of everyone
    j{9f2c51d7.5124}e     a day of the journal: its events; 0 to 3 samples of a kind, n how many came
    w{n}state             what all instances know of the network; models, jobs, claims ... lie beside it
    m{c}state             the same of campaigns; sightings, measures, lease ... lie beside it
    blocks, tolerations, revoked, audit, sequence, identity
"""

from __future__ import annotations

import re
from binascii import hexlify
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from nacre.address import cut
from nacre.attempt import Attempt
from nacre.features.facts import ADDRESS_PREFIX, NETWORK_PREFIX, Facts
from nacre.identity import Identity
from nacre.rules.rule import Kind, Watch

_TAG_BYTES = {4: 2, 16: 4}
_FAMILY = {4: b"n", 16: b"s"}
_PLAIN_ID = 48
"""Characters of a request id that stands in keys as it is."""
_KEPT = 1_024
"""Groups of subjects, which many attempts share, whose spellers are kept."""

_Speller = Callable[[Attempt, bytes], bytes]
"""Returns the key of one subject of an attempt, given the digits of its address."""


class Keys:
    """
    Spells the keys of one installation.

    Args:
        prefix: Begins every key.
        identity: Makes the short names of request ids.
        database: Number of the database; a server has its channels once for all of them.
    """

    def __init__(self, prefix: str, identity: Identity, *, database: int = 0) -> None:
        self._prefix = prefix.encode()
        self._identity = identity
        self._spellers: dict[int, tuple[Sequence[Watch], int, list[_Speller]]] = {}
        self.blocks = f"{prefix}blocks".encode()
        self.tolerations = f"{prefix}tolerations".encode()
        self.revoked = f"{prefix}revoked".encode()
        self.audit = f"{prefix}audit".encode()
        self.sequence = f"{prefix}sequence".encode()
        self.identity = f"{prefix}identity".encode()
        self.news = f"{prefix}news:{database}" if database else f"{prefix}news"

    def subnet(self, packed: bytes, prefix: int) -> bytes:
        """
        Return the key of the subnet of *prefix* bits that holds an address.

        >>> Keys("nacre:", Identity(b"k" * 32)).subnet(bytes([192, 0, 2, 7]), 24)
        b'nacre:n{c000}18c00002'
        """
        opening, closing, tag_digits = _ends(self._prefix, len(packed), prefix)
        digits = hexlify(cut(packed, prefix))
        return b"".join((opening, digits[:tag_digits], closing, digits))

    def watched(self, watches: Sequence[Watch], attempt: Attempt) -> list[bytes]:
        """Return the keys of an attempt's subjects, in their order."""
        address, size = attempt.address, len(attempt.address)
        kept = self._spellers.get(id(watches))
        if kept is None or kept[0] is not watches or kept[1] != size:
            if len(self._spellers) >= _KEPT:
                self._spellers.clear()
            kept = self._spellers[id(watches)] = watches, size, [self._speller(watch, size) for watch in watches]
        digits = hexlify(address)  # all subnets of the address share them
        return [spell(attempt, digits) for spell in kept[2]]

    def _speller(self, watch: Watch, size: int) -> _Speller:
        """Return what spells the keys of a subject, for addresses of so many bytes."""
        kind, prefix, _ = watch
        if kind is Kind.ACCOUNT:
            return lambda attempt, _: self.account(attempt.account_key)
        if kind is Kind.PAIR:
            return lambda attempt, _: (
                b"%sp{%s}%02x%s"
                % (
                    self._prefix,
                    attempt.account_key.encode(),
                    prefix,
                    hexlify(cut(attempt.address, prefix)),
                )
            )
        if kind is Kind.CLIENT:
            return lambda attempt, _: b"%sc{%s}" % (self._prefix, attempt.client_key.encode())
        if prefix % 8:
            return lambda attempt, _: self.subnet(attempt.address, prefix)
        opening, closing, tag = _ends(self._prefix, size, prefix)
        network = prefix // 4
        return lambda _, digits: b"".join((opening, digits[:tag], closing, digits[:network]))

    def account(self, account_key: str) -> bytes:
        """Return the key of an account."""
        return b"%sa{%s}" % (self._prefix, account_key.encode())

    def profiles(self, attempt: Attempt, facts: Facts) -> tuple[bytes, ...]:
        """Return the keys of the profiles around an attempt, ``b""`` for what is not known."""
        prefix, address = self._prefix, attempt.address
        place = network = b""
        if address:
            bits, wide = ADDRESS_PREFIX[len(address)], NETWORK_PREFIX[len(address)]
            digits = hexlify(cut(address, bits))
            tag = digits[: 2 * _TAG_BYTES[len(address)]]
            place = b"%si{%s}%s" % (prefix, tag, digits)
            network = b"%si{%s}/%s" % (prefix, tag, digits[: wide // 4])
        return (
            place,
            network,
            b"%su{%s}" % (prefix, attempt.account_key.encode()) if attempt.account_key else b"",
            b"%st{%s}" % (prefix, hexlify(attempt.token)) if attempt.token else b"",
            b"%sx{a%x}" % (prefix, facts.asn) if facts.asn else b"",
            b"%sx{c%x}" % (prefix, facts.country) if facts.country else b"",
            b"%sx{f%x}" % (prefix, facts.client) if facts.client else b"",
            b"%sx{p%x}" % (prefix, facts.protocol) if facts.protocol else b"",
            b"%sx{e}" % prefix,
        )

    def journal(self, layout: str, day: int) -> tuple[bytes, ...]:
        """Return the keys of a day of the journal: how many rows came, events, and samples of each kind."""
        tag = b"%sj{%s.%x}" % (self._prefix, layout.encode(), day)
        return tuple(tag + end for end in (b"n", b"e", b"0", b"1", b"2", b"3"))

    def network(self, what: str) -> bytes:
        """
        Return the key of something that is known of the network.

        >>> Keys("nacre:", Identity(b"k" * 32)).network("state")
        b'nacre:w{n}state'
        """
        return b"%sw{n}%s" % (self._prefix, what.encode())

    def campaign(self, what: str) -> bytes:
        """
        Return the key of something that is known of campaigns.

        >>> Keys("nacre:", Identity(b"k" * 32)).campaign("measures")
        b'nacre:m{c}measures'
        """
        return b"%sm{c}%s" % (self._prefix, what.encode())

    def matching(self, beginning: str = "") -> str:
        """
        Return the pattern of all keys that begin like this behind the prefix, for SCAN.

        >>> Keys("nacre:", Identity(b"k" * 32)).matching("d{")
        'nacre:d{*'
        """
        return re.sub(r"([\\*?\[\]])", r"\\\1", self._prefix.decode() + beginning) + "*"

    def is_decision(self, key: bytes) -> bool:
        """Whether a key is that of a decision."""
        return key.startswith(self._prefix + b"d{")

    def is_source(self, key: bytes) -> bool:
        """Whether a key is that of the profile of an address or a network."""
        return key.startswith(self._prefix + b"i{")

    def by_slot(self, keys: Iterable[bytes]) -> list[list[bytes]]:
        """Return some keys in groups that a cluster keeps together."""
        groups: dict[bytes, list[bytes]] = {}
        for key in keys:
            groups.setdefault(key[key.index(b"{") : key.index(b"}")], []).append(key)
        return list(groups.values())

    def decision(self, request_id: str) -> bytes:
        """
        Return the key under which a decision is kept.

        >>> Keys("nacre:", Identity(b"k" * 32)).decision("4xQ-1f")
        b'nacre:d{4xQ-1f}'
        """
        return b"%sd{%s}" % (self._prefix, self._name(request_id))

    def claim(self, request_id: str, beside: bytes) -> bytes:
        """Return the key that a report leaves in the slot of another key."""
        tag = beside[beside.index(b"{") : beside.index(b"}") + 1]
        return b"".join((self._prefix, b"r", tag, self._name(request_id)))

    def _name(self, request_id: str) -> bytes:
        """Return a request id as it may stand in a key: itself, or a digest of one that is long or has braces."""
        if len(request_id) <= _PLAIN_ID and "{" not in request_id and "}" not in request_id:
            return request_id.encode()
        return b"#" + self._identity.request(request_id).encode()


@cache
def _ends(prefix: bytes, size: int, bits: int) -> tuple[bytes, bytes, int]:
    """Return what stands before the tag of a subnet's key and after it, and the digits of the tag."""
    return b"%s%s{" % (prefix, _FAMILY[size]), b"}%02x" % bits, 2 * min(_TAG_BYTES[size], (bits + 7) // 8)
