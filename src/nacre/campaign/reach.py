# SPDX-License-Identifier: Apache-2.0
"""Whom a scope meets."""

from __future__ import annotations

from functools import lru_cache
from operator import attrgetter

from nacre.address import SubnetSet
from nacre.campaign.measure import Scope
from nacre.campaign.sighting import Mark, Sighting

OWN = {
    "history": Mark.HISTORY.value,
    "password": Mark.RIGHT.value,
    "system": Mark.OWN_SYSTEM.value,
    "client": Mark.OWN_CLIENT.value,
    "country": Mark.OWN_COUNTRY.value,
}
"""What an attempt may share with earlier logins of its account, and the mark that says so."""

_HOME, _KNOWN = Mark.HOME.value, Mark.KNOWN_SOURCE.value


def own_marks(entry: str) -> int:
    """
    Return the marks that an entry of ``except_own`` stands for.

    Raises:
        ValueError: it is none.

    >>> own_marks("password+client") == Mark.RIGHT | Mark.OWN_CLIENT
    True
    """
    names = set(entry.split("+"))
    unknown = min(names - OWN.keys(), default=None)
    if unknown is not None:
        raise ValueError(f"{unknown!r} is none of {', '.join(OWN)}")
    return sum(OWN[name] for name in names)


def spared(scope: Scope) -> int:
    """
    Return the marks each of which keeps an attempt out of a scope, whatever else it names.

    >>> spared(Scope(unknown_origins=False, new_sources=True)) == Mark.KNOWN_SOURCE
    True
    """
    return scope.unknown_origins * _HOME | scope.new_sources * _KNOWN


@lru_cache(maxsize=64)
def subnet_set(subnets: tuple[str, ...]) -> SubnetSet:
    """
    Return networks to be asked; a scope has up to a thousand, and is compiled again and again.

    Raises:
        ValueError: one of them is none.
    """
    return SubnetSet(subnets)


class Reach:
    """
    A scope, compiled to be asked often.

    Args:
        scope: Whom a measure is for.

    Raises:
        ValueError: a subnet of the scope is none, or what it excepts.

    >>> reach = Reach(Scope(accounts=("erika",), subnets=("192.0.2.0/24",)))
    >>> reach.meets(Sighting(0.0, bytes([192, 0, 2, 7]), "erika"))
    True
    >>> reach.meets(Sighting(0.0, bytes([192, 0, 2, 7]), "erika", marks=Mark.HOME))
    False
    """

    __slots__ = ("_among", "_beside", "_own", "_score", "_spared", "_subnets", "_unless")

    def __init__(self, scope: Scope) -> None:
        self._spared = spared(scope)
        self._own = tuple([own_marks(entry) for entry in scope.except_own])
        self._score = scope.least_score
        among = (
            (attrgetter("account"), scope.accounts),
            (attrgetter("protocol"), scope.protocols),
            (attrgetter("country"), scope.countries),
            (attrgetter("asn"), scope.asns),
            (attrgetter("client"), scope.clients),
        )
        unless = ((attrgetter("asn"), scope.except_asns), (attrgetter("country"), scope.except_countries))
        self._among = [(of, frozenset(values)) for of, values in among if values]
        self._unless = [(of, frozenset(values)) for of, values in unless if values]
        self._subnets = subnet_set(scope.subnets) if scope.subnets else None
        self._beside = subnet_set(scope.except_subnets) if scope.except_subnets else None

    def meets(self, seen: Sighting) -> bool:
        """Whether an attempt fits all that the scope names."""
        marks = seen.marks
        if marks & self._spared or seen.score < self._score:
            return False
        for own in self._own:
            if marks & own == own:
                return False
        for of, values in self._among:
            if of(seen) not in values:
                return False
        for of, values in self._unless:
            if of(seen) in values:
                return False
        if self._subnets is not None and seen.address not in self._subnets:
            return False
        return self._beside is None or seen.address not in self._beside
