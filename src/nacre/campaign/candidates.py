# SPDX-License-Identifier: Apache-2.0
"""
Scopes that may answer a campaign, the narrowest first, and what each would meet.

A scope is made of the older half of a campaign's attempts and judged by the younger half: a list of the accounts that
were tried so far covers all of the past, and nothing of what is to come, where every account is tried once.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress, product
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from nacre.address import Subnet
from nacre.campaign.measure import Scope, Step
from nacre.campaign.prefixes import cover
from nacre.campaign.ranges import SubnetTable
from nacre.campaign.reach import Reach
from nacre.campaign.sighting import Mark, Sighting

Mask = NDArray[np.bool_]

NEARLY = 0.97
"""Share of a campaign's attempts that a list of clients, systems or countries holds, and a score lies below."""

MOST_ACCOUNTS, MOST_SUBNETS, MOST_VALUES = 1000, 1000, 50
"""Entries of one scope: accounts, subnets; clients, systems and countries."""

CUSTOMER = {4: 24, 16: 48}
"""Prefix lengths up to which a prefix is widened where no stranger signs in: what one street or company has."""

LEAST_ATTEMPTS = 3
"""Attempts from a prefix for it to be blocked; fewer say little of who is there."""

REGIONS = {4: 16, 16: 32}
"""Prefix lengths of what providers are known by, where no database names them."""

MOST_USUAL = 1000
"""Systems, countries or networks that one scope excepts."""

REGION = 0.1
"""Share of a campaign's attempts that a country has to have to be blocked."""

Value = TypeVar("Value", str, int)
Place = TypeVar("Place", str, int, tuple[int, bytes])

_HOME, _KNOWN = Mark.HOME.value, Mark.KNOWN_SOURCE.value


class Candidate(NamedTuple):
    """
    A scope, and what it would meet.

    Attributes:
        step: What a measure with it would do.
        scope: Whom it meets.
        met: Which of the younger attempts it would have met; of each an entry.
        touched: Good logins that it would have met.
    """

    step: Step
    scope: Scope
    met: Mask
    touched: int


class Field(NamedTuple):
    """
    What candidates are made from and judged by.

    Attributes:
        seen: Recent attempts of the campaign, in the order of time.
        strangers: Good logins from origins that are new to their account.
        harmless: Good logins that a block may meet.
        widest: Shortest prefix of a block by length of the address in bytes.
        usual: Gives from where people sign in, by field of a scope, see :func:`usual`; asked where it is needed.
    """

    seen: Sequence[Sighting]
    strangers: Sequence[Sighting]
    harmless: int
    widest: dict[int, int]
    usual: Callable[[], Mapping[str, Any]] = dict

    @property
    def older(self) -> Sequence[Sighting]:
        """What scopes are made of."""
        return self.seen[: (len(self.seen) + 1) // 2]

    @property
    def younger(self) -> Sequence[Sighting]:
        """What they are judged by."""
        return younger(self.seen)


def younger(seen: Sequence[Sighting]) -> Sequence[Sighting]:
    """Return the younger half of some attempts in the order of time; one alone is its own younger half."""
    return seen[len(seen) // 2 :]


def candidates(field: Field) -> list[Candidate]:
    """Return the scopes that may answer a campaign, the narrowest first."""
    return narrowest(field) + _broad(field) if field.seen else []


def narrowest(field: Field) -> list[Candidate]:
    """Return the scopes among these that name accounts or subnets."""
    named = [
        (Step.CHALLENGE, Scope(accounts=_accounts(field.older))),
        (Step.BLOCK, Scope(subnets=_subnets(field.older, field))),
    ]
    return [
        Candidate(step, scope, _met(scope, field.younger), int(_met(scope, field.strangers).sum()))
        for step, scope in named
        if scope != Scope()
    ]


def of_all(candidate: Candidate, field: Field) -> Scope:
    """Return the scope of a candidate, made of all the attempts instead of the older half."""
    scope = candidate.scope
    if scope.accounts:
        return Scope(accounts=_accounts(field.seen))
    if scope.subnets:
        return Scope(subnets=_subnets(field.seen, field))
    shared = _shared(field, field.seen)
    return Scope(**{name: value for name, value in shared.items() if getattr(scope, name) != getattr(Scope(), name)})


def regions(field: Field) -> tuple[str, ...]:
    """Return the countries from which a good part of a campaign comes, and no good login of a stranger."""
    good = {seen.country for seen in field.strangers}
    counts = Counter(seen.country for seen in field.seen)
    least = max(REGION * len(field.seen), 2)
    return tuple(sorted(name for name, count in counts.items() if name and count >= least and name not in good))


def _broad(field: Field) -> list[Candidate]:
    """Return scopes that name no account and no network: every choice among what the attempts have in common."""
    shared = _shared(field, field.older)
    anyone = _met(Scope(), field.younger), _met(Scope(), field.strangers)
    masks = {name: _masks(Scope(**{name: value}), field) for name, value in shared.items()}
    found: list[Candidate] = []
    for choice in product((True, False), repeat=len(shared)):
        names = list(compress(shared, choice))
        met, touched = anyone
        for name in names:
            met, touched = met & masks[name][0], touched & masks[name][1]
        scope = Scope(**{name: shared[name] for name in names})
        found.append(Candidate(Step.CHALLENGE, scope, met, int(touched.sum())))
    return sorted(found, key=lambda candidate: candidate.touched)


def usual(good: Sequence[Sighting]) -> dict[str, Any]:
    """
    Return from where people sign in, as the exceptions of a scope: what few of the good logins come from beside.

    A place counts from two accounts on.  So logins from a place of their own are not excepted, and stand for those that
    will come from places which nobody has come from yet; their share is the Good-Turing estimate of it.

    Source:
        I. J. Good, "The population frequencies of species and the estimation of population parameters", 1953.
        https://doi.org/10.1093/biomet/40.3-4.237
    """
    starts = _places((each.account, _region(each.address)) for each in good if each.address)
    subnets = [Subnet(start.ljust(size, b"\0"), REGIONS[size]) for size, start in starts]
    found = {
        "except_asns": tuple(sorted(_places((each.account, each.asn) for each in good if each.asn))),
        "except_countries": tuple(sorted(_places((each.account, each.country) for each in good if each.country))),
        "except_subnets": tuple(map(str, subnets)),
    }
    return {name: values for name, values in found.items() if values}


def _region(address: bytes) -> tuple[int, bytes]:
    """Return what tells the region of an address: its length, and the bytes that it begins with."""
    size = len(address)
    return size, address[: REGIONS[size] // 8]


def _places(seen: Iterable[tuple[str, Place]]) -> list[Place]:
    """Return the places from which at least two accounts come, the most used ones first."""
    counts = Counter(place for _, place in set(seen))
    return [place for place, count in counts.most_common(MOST_USUAL) if count >= 2]


def _shared(field: Field, seen: Sequence[Sighting]) -> dict[str, Any]:
    """Return what nearly all attempts have in common, by field of a scope."""
    known = sum(bool(each.marks & _KNOWN) for each in seen)
    least = sorted(each.score for each in seen)[math.floor((1 - NEARLY) * len(seen))]
    shared = {
        "new_sources": known <= (1 - NEARLY) * len(seen),
        "clients": _values(each.client for each in seen),
        "asns": _values(each.asn for each in seen),
        "countries": _values(each.country for each in seen),
        "protocols": _values(each.protocol for each in seen),
        "least_score": math.floor(least * 1000) / 1000,
    }
    beside = {name: value for name, value in field.usual().items() if _mostly(Scope(**{name: value}), seen)}
    return {name: value for name, value in shared.items() if value} | beside


def _mostly(scope: Scope, seen: Sequence[Sighting]) -> bool:
    """Whether a scope meets most of the strangers' attempts; if not, it is no mark of theirs."""
    strange = [each for each in seen if not each.marks & _HOME]
    return sum(_met(scope, strange)) > len(strange) / 2


def _values(values: Iterable[Value]) -> tuple[Value, ...]:
    """Return the few values that nearly all attempts have; none if there are no few, or one of them is not known."""
    counts = Counter(values)
    needed = NEARLY * counts.total()
    taken: list[Value] = []
    for value, count in counts.most_common(MOST_VALUES):
        if needed <= 0:
            break
        taken.append(value)
        needed -= count
    return tuple(sorted(taken)) if needed <= 0 and all(taken) else ()


def _accounts(seen: Sequence[Sighting]) -> tuple[str, ...]:
    """Return the accounts that are tried most."""
    counts = Counter(each.account for each in seen if each.account)
    return tuple(sorted(name for name, _ in counts.most_common(MOST_ACCOUNTS)))


def _subnets(seen: Sequence[Sighting], field: Field) -> tuple[str, ...]:
    """Return few prefixes that hold the attempts and hardly any good login of a stranger."""
    attack = Counter(each.address for each in seen if each.address and not each.marks & _HOME)
    good = [each.address for each in field.strangers]
    found = cover(attack, good, budget=field.harmless, widest=field.widest).subnets
    streets = Counter(Subnet.of(address, CUSTOMER[len(address)]) for address in good if address)
    wide = [_street(subnet, streets) for subnet in found]
    weights: Counter[Subnet] = Counter()
    table = SubnetTable((subnet, subnet) for subnet in wide)
    for address, count in attack.items():
        weights.update(dict.fromkeys(table.at(address), count))
    return tuple(str(subnet) for subnet, count in weights.most_common(MOST_SUBNETS) if count >= LEAST_ATTEMPTS)


def _street(subnet: Subnet, streets: Mapping[Subnet, int]) -> Subnet:
    """Return a long prefix widened to what one customer or street has, unless somebody signs in from there."""
    size = len(subnet.network)
    street = Subnet.of(subnet.network, min(subnet.prefix, CUSTOMER[size]))
    return street if street not in streets else subnet


def _masks(scope: Scope, field: Field) -> tuple[Mask, Mask]:
    return _met(scope, field.younger), _met(scope, field.strangers)


def _met(scope: Scope, seen: Sequence[Sighting]) -> Mask:
    return np.fromiter(map(Reach(scope).meets, seen), np.bool_, len(seen))
