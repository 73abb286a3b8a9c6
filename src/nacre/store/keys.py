# SPDX-License-Identifier: Apache-2.0
"""
The only place that spells a key.

The part in braces decides where a cluster keeps a key.  All subnets of an address share the tag of its
first 16 bits (IPv4) or 32 bits (IPv6), so that one script serves them; an account and its pairs share the account's::

    n{c000}20c0000207     the origin or subnet 192.0.2.7/32: prefix length and network in hexadecimal
    a{Dq...}              an account
    p{Dq...}18c00002      an account as tried from 192.0.2.0/24
    c{x3...}              a device
    r{c000}ab...          claim of a request id in one slot
    d{ab...}              a decision
    blocks, tolerations, revoked, audit, sequence, identity
"""

from __future__ import annotations

from collections.abc import Sequence

from nacre.address import cut
from nacre.attempt import Attempt
from nacre.identity import Identity
from nacre.rules.rule import Kind, Watch

_TAG_BYTES = {4: 2, 16: 4}


class Keys:
    """
    Spells the keys of one installation.

    Args:
        prefix: Begins every key.
        identity: Makes the short names of request ids.
    """

    def __init__(self, prefix: str, identity: Identity) -> None:
        self._prefix = prefix
        self._identity = identity
        self.blocks = f"{prefix}blocks".encode()
        self.tolerations = f"{prefix}tolerations".encode()
        self.revoked = f"{prefix}revoked".encode()
        self.audit = f"{prefix}audit".encode()
        self.sequence = f"{prefix}sequence".encode()
        self.identity = f"{prefix}identity".encode()
        self.news = f"{prefix}news"

    def subnet(self, packed: bytes, prefix: int) -> bytes:
        """
        Return the key of the subnet of *prefix* bits that holds an address.

        >>> Keys("nacre:", Identity(b"k" * 32)).subnet(bytes([192, 0, 2, 7]), 24)
        b'nacre:n{c000}18c00002'
        """
        tag = cut(packed, min(prefix, 8 * _TAG_BYTES[len(packed)])).hex()
        return f"{self._prefix}n{{{tag}}}{prefix:02x}{cut(packed, prefix).hex()}".encode()

    def watched(self, watches: Sequence[Watch], attempt: Attempt) -> list[bytes]:
        """Return the keys of an attempt's subjects, in their order."""
        keys = []
        packed = attempt.address
        for kind, prefix, _ in watches:
            if kind is Kind.ORIGIN or kind is Kind.SUBNET:
                keys.append(self.subnet(packed, prefix))
            elif kind is Kind.ACCOUNT:
                keys.append(self.account(attempt.account_key))
            elif kind is Kind.PAIR:
                key = f"{self._prefix}p{{{attempt.account_key}}}{prefix:02x}{cut(packed, prefix).hex()}"
                keys.append(key.encode())
            else:
                keys.append(f"{self._prefix}c{{{attempt.client_key}}}".encode())
        return keys

    def account(self, account_key: str) -> bytes:
        """Return the key of an account."""
        return f"{self._prefix}a{{{account_key}}}".encode()

    def decision(self, request_id: str) -> bytes:
        """Return the key under which a decision is kept."""
        return f"{self._prefix}d{{{self._identity.request(request_id)}}}".encode()

    def claim(self, request_id: str, beside: bytes) -> bytes:
        """Return the key that a report leaves in the slot of another key."""
        tag = beside[beside.index(b"{") : beside.index(b"}") + 1]
        return b"".join((self._prefix.encode(), b"r", tag, self._identity.request(request_id).encode()))
