# SPDX-License-Identifier: Apache-2.0
"""Names, asked of resolvers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver
import dns.reversename

TYPES = ("A", "AAAA", "MX", "NS", "TXT", "CNAME", "PTR")
MOST_RECORDS = 200


class Resolver:
    """
    Asks resolvers.

    Args:
        nameservers: Addresses; empty means those of this machine.
        port: Where they listen.
    """

    def __init__(self, nameservers: Sequence[str] = (), port: int = 53) -> None:
        self._nameservers = list(nameservers)
        self._port = port

    @cached_property
    def _resolver(self) -> dns.resolver.Resolver:
        resolver = dns.resolver.Resolver(configure=not self._nameservers)
        resolver.cache = dns.resolver.LRUCache(1000)
        if self._nameservers:
            resolver.nameservers = self._nameservers
            resolver.port = self._port
        return resolver

    def find(self, name: str, kind: str, timeout: float) -> list[object]:
        """
        Return the records of a name: texts, or for ``MX`` dicts with ``host`` and ``pref``.

        Args:
            name: A domain; for ``PTR`` an address does as well.
            kind: One of :data:`TYPES`.
            timeout: Seconds for all tries.

        Raises:
            ValueError: the name has no such records, or is none, or nobody answered.
        """
        if kind not in TYPES:
            raise ValueError(f"unsupported record type {kind[:16]!r}; known are {', '.join(TYPES)}")
        try:
            asked = _reversed(name) if kind == "PTR" else dns.name.from_text(name)
            answer = self._resolver.resolve(asked, kind, lifetime=timeout, search=False)
        except (dns.exception.DNSException, UnicodeError) as error:
            raise ValueError(f"lookup {name[:253]}: {_reason(error)}") from error
        return [_told(record, kind) for record in list(answer)[:MOST_RECORDS]]


def _reversed(name: str) -> dns.name.Name:
    try:
        return dns.reversename.from_address(name)
    except (dns.exception.SyntaxError, ValueError):
        return dns.name.from_text(name)


def _told(record: object, kind: str) -> object:
    match kind:
        case "MX":
            return {"host": record.exchange.to_text(), "pref": record.preference}  # type: ignore[attr-defined]
        case "TXT":
            return b"".join(record.strings)  # type: ignore[attr-defined]
        case "A" | "AAAA":
            return record.address  # type: ignore[attr-defined]
        case _:
            return record.target.to_text()  # type: ignore[attr-defined]


def _reason(error: Exception) -> str:
    match error:
        case dns.resolver.NXDOMAIN():
            return "no such host"
        case dns.resolver.NoAnswer():
            return "no such record"
        case dns.exception.Timeout():
            return "timeout"
        case _:
            return str(error) or type(error).__name__
