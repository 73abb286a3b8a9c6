# SPDX-License-Identifier: Apache-2.0
"""Many attempts, column by column: which of them a scope meets, several times faster than one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nacre.campaign.measure import Scope
from nacre.campaign.reach import own_marks, subnet_set
from nacre.campaign.sighting import Mark, Sighting

Mask = NDArray[np.bool_]

_MOST_MASKS = 64
_HOME, _KNOWN = Mark.HOME.value, Mark.KNOWN_SOURCE.value


class Columns:
    """
    Attempts by columns, each of which is made when a scope asks for it.

    Args:
        seen: The attempts.

    >>> from nacre.campaign.sighting import Sighting
    >>> both = [Sighting(0.0, bytes(4), "erika", client="curl"), Sighting(0.0, bytes(4), "max", marks=Mark.HOME)]
    >>> Columns(both).met(Scope()).tolist(), Columns(both).met(Scope(clients=("wget",))).tolist()
    ([True, False], [False, False])
    """

    def __init__(self, seen: Sequence[Sighting]) -> None:
        self.seen = seen
        self._columns: dict[str, list[Any]] = {}
        self._masks: dict[tuple[str, tuple[Any, ...]], Mask] = {}

    def __len__(self) -> int:
        return len(self.seen)

    @cached_property
    def marks(self) -> NDArray[np.int64]:
        """Their marks, (n,) int64."""
        return np.fromiter(map(attrgetter("marks"), self.seen), np.int64, len(self.seen))

    def met(self, scope: Scope) -> Mask:
        """
        Return which of them a scope meets, (n,) bool; the same as :class:`nacre.campaign.reach.Reach` says of each.

        Raises:
            ValueError: a subnet of the scope is none, or what it excepts.
        """
        met: Mask = self.marks & (scope.unknown_origins * _HOME | scope.new_sources * _KNOWN) == 0
        for entry in scope.except_own:
            marks = own_marks(entry)
            met &= self.marks & marks != marks
        if scope.least_score:
            met &= np.array(self.column("score"), np.float64) >= scope.least_score
        for name, values in _among(scope):
            met &= self._inside(name, values)
        for name, values in _unless(scope):
            met &= ~self._inside(name, values)
        return met

    def column(self, name: str) -> list[Any]:
        """Return one thing of each, by the name that it has in a sighting."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = list(map(attrgetter(name), self.seen))
        return found

    def _inside(self, name: str, values: tuple[Any, ...]) -> Mask:
        """Return which of them are among some values, as it was found before: scopes have much in common."""
        key = name, values
        found = self._masks.get(key)
        if found is None:
            if len(self._masks) >= _MOST_MASKS:
                self._masks.clear()
            among = subnet_set(values) if name == "address" else frozenset(values)
            column = self.column(name)
            found = self._masks[key] = np.fromiter(map(among.__contains__, column), np.bool_, len(column))
        return found


def _among(scope: Scope) -> list[tuple[str, tuple[Any, ...]]]:
    named = (
        ("account", scope.accounts),
        ("protocol", scope.protocols),
        ("country", scope.countries),
        ("asn", scope.asns),
        ("client", scope.clients),
        ("address", scope.subnets),
    )
    return [(name, values) for name, values in named if values]


def _unless(scope: Scope) -> list[tuple[str, tuple[Any, ...]]]:
    named = (("asn", scope.except_asns), ("country", scope.except_countries), ("address", scope.except_subnets))
    return [(name, values) for name, values in named if values]
