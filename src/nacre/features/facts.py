# SPDX-License-Identifier: Apache-2.0
"""
Who tries what from where, as the digests that profiles and journals know, with what was known of it.

Facts are gathered when an attempt is checked and kept until its report: what a report changes, and what the
journal says of the attempt, is what was known before its outcome.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from nacre.address import cut
from nacre.attempt import Attempt
from nacre.features.client import client_family
from nacre.features.place import NOWHERE, Place
from nacre.identity import Identity

ADDRESS_PREFIX = {4: 32, 16: 64}
NETWORK_PREFIX = {4: 24, 16: 56}
"""Bits that stand for one network: what a provider gives to one customer or street."""

TOKEN_MASK = 0xFFFFF
"""An account remembers 20 bits of a password's digest: enough to know it again, too little to test guesses against."""


class Known(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """
    What the account's own lists said of an attempt, for those who count it elsewhere.

    Attributes:
        failed_here: It failed from this address within half a day.
        passed_here: It signed in from this address within five days.
        passed_near: It signed in from this network within five days.
        crowded: Many accounts signed in from this address within a week.
        at_home: It signed in from this address or network before, and hardly failed within the hour.
    """

    failed_here: bool = False
    passed_here: bool = False
    passed_near: bool = False
    crowded: bool = False
    at_home: bool = False


class Facts(msgspec.Struct, array_like=True, gc=False):
    """
    One attempt in digests.

    Attributes:
        address, network, user, token, asn, client, country, protocol: Keyed digests of 32 bits, 0 if not known.
        flags: A :class:`nacre.learning.event.Flag`, without what only the outcome tells.
        known: What the account's lists said.
    """

    address: int
    network: int
    user: int
    token: int
    asn: int
    client: int
    country: int
    protocol: int
    flags: int = 0
    known: Known = Known()


class Digests:
    """
    Makes the facts of attempts.

    Args:
        identity: Makes the keyed digests.
        places: Says where an address is, for attempts that do not say it themselves.
    """

    def __init__(self, identity: Identity, places: Callable[[bytes], Place] | None = None) -> None:
        self._digest = identity.place
        self._places = places
        self._families: dict[str, int] = {}

    def facts(self, attempt: Attempt) -> Facts:
        """
        Return who tries what from where.

        >>> from nacre.account import AccountNames
        >>> from nacre.attempt import AttemptFields, admit
        >>> ours = Identity(b"k" * 32)
        >>> def facts(address):
        ...     fields = AttemptFields(client_ip=address, username="erika")
        ...     return Digests(ours).facts(admit(fields, names=AccountNames(), identity=ours, now=0.0, request_id="r"))
        >>> facts("192.0.2.1").network == facts("192.0.2.9").network, facts("192.0.2.1").token
        (True, 0)
        """
        digest, address = self._digest, attempt.address
        size = len(address)
        place = self.place(attempt)
        return Facts(
            digest(b"i" + cut(address, ADDRESS_PREFIX[size])) if size else 0,
            digest(b"n" + cut(address, NETWORK_PREFIX[size])) if size else 0,
            digest(b"u" + attempt.account_key.encode()) if attempt.account_key else 0,
            int.from_bytes(attempt.token[:4], "little") or 1 if attempt.token else 0,
            digest(b"a%d" % place.asn) if place.asn else 0,
            self._client(attempt.user_agent) if attempt.user_agent else 0,
            digest(b"c" + _bytes(place.country)) if place.country else 0,
            digest(b"p" + _bytes(attempt.protocol)) if attempt.protocol else 0,
        )

    def place(self, attempt: Attempt) -> Place:
        """Return where an attempt comes from: as it says itself, otherwise as the databases say."""
        attributes = attempt.attributes
        if "country" in attributes or "asn" in attributes:
            country, asn = attributes.get("country"), attributes.get("asn")
            number = str(asn).upper().removeprefix("AS") if asn is not None else ""
            return Place(
                country.upper() if isinstance(country, str) and len(country) == 2 else "",
                int(number) if number.isascii() and number.isdecimal() and len(number) <= 10 else 0,
            )
        return self._places(attempt.address) if self._places is not None and attempt.address else NOWHERE

    def _client(self, user_agent: str) -> int:
        kept = self._families.get(user_agent)
        if kept is None:
            if len(self._families) >= 4096:
                self._families.clear()
            kept = self._families[user_agent] = self._digest(b"f" + client_family(user_agent).encode())
        return kept


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
