# SPDX-License-Identifier: Apache-2.0
"""Tokens that no longer hold although their end has not come."""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heappop, heappush
from types import MappingProxyType


class Revocations:
    """
    Revoked tokens, each kept until it would have ended by itself.

    >>> revoked = Revocations()
    >>> revoked.add("4f1c", until=100.0, now=50.0)
    >>> "4f1c" in revoked
    True
    >>> revoked.drop_ended(now=100.0)
    >>> "4f1c" in revoked
    False
    """

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._ends: list[tuple[float, str]] = []

    def add(self, jti: str, *, until: float, now: float) -> None:
        """Refuse a token from now on, until Unix second *until*; of two ends the later one counts."""
        self.drop_ended(now)
        if self._until.get(jti, now) < until:
            self._until[jti] = until
            heappush(self._ends, (until, jti))

    def drop_ended(self, now: float) -> None:
        """Forget the revocations whose end has come."""
        while self._ends and self._ends[0][0] <= now:
            until, jti = heappop(self._ends)
            if self._until.get(jti) == until:
                del self._until[jti]

    def __contains__(self, jti: object) -> bool:
        return jti in self._until

    @property
    def until(self) -> Mapping[str, float]:
        """A live view: token id to the Unix second at which its revocation is forgotten."""
        return MappingProxyType(self._until)
