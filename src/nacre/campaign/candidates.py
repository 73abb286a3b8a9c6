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

from nacre.address import Subnet
from nacre.campaign.columns import Columns, Mask
from nacre.campaign.measure import Scope, Step
from nacre.campaign.reach import OWN
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.streets import subnets_of_attack

NEARLY = 0.97
"""Share of a campaign's attempts that a list of clients, systems or countries holds, and a score lies below."""

MOST_ACCOUNTS, MOST_VALUES = 1000, 50
"""Entries of one scope: accounts; clients, systems and countries."""

_SIZES = {2: 4, 4: 16}
"""Bytes of an address by those that tell its region: what providers are known by, where no database names them."""

MOST_USUAL = 1000
"""Systems, countries or networks that one scope excepts."""

REGION = 0.1
"""Share of a campaign's attempts that a country has to have to be blocked."""

OWNS: tuple[tuple[str, ...], ...] = (
    (),
    ("history",),
    ("system", "client", "country"),
    ("system", "client+country"),
    ("system",),
    ("country",),
    ("client",),
    ("client+country",),
    ("client+system",),
    ("password+client", "password+country", "password+system"),
    ("password+client",),
    ("password+country",),
    ("password",),
)
"""What is tried as ``except_own``."""

Value = TypeVar("Value", str, int, bytes)

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
        lately: The strangers by whom scopes are judged that refuse nobody, all of them if left out.
        told: Marks of what attempts share with earlier logins of their accounts, as far as any are known.
    """

    seen: Sequence[Sighting]
    strangers: Columns
    harmless: int
    widest: dict[int, int]
    usual: Callable[[], Mapping[str, Any]] = dict
    lately: Columns | None = None
    told: int = 0

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
    accounts, subnets = Scope(accounts=_accounts(field.older)), Scope(subnets=_subnets(field.older, field))
    attack = Columns(field.younger)
    return [
        Candidate(step, scope, attack.met(scope), int(judges.met(scope).sum()))
        for step, scope, judges in (
            (Step.CHALLENGE, accounts, _judges(field)),
            (Step.BLOCK, subnets, field.strangers),
        )
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
    names = {name: value for name, value in shared.items() if getattr(scope, name) != getattr(Scope(), name)}
    return Scope(except_own=scope.except_own, **names)


def regions(field: Field) -> tuple[str, ...]:
    """
    Return the countries from which a good part of a campaign comes, and no stranger's good login, nor two accounts.

    Where people sign in, strangers will be some of them; that none is among those who are remembered says little.
    """
    good = {*field.strangers.column("country"), *field.usual().get("except_countries", ())}
    counts = Counter(seen.country for seen in field.seen)
    least = max(REGION * len(field.seen), 2)
    return tuple(sorted(name for name, count in counts.items() if name and count >= least and name not in good))


def _broad(field: Field) -> list[Candidate]:
    """Return scopes that name no account and no network: every choice among what the attempts have in common."""
    shared = _shared(field, field.older)
    attack, strangers = Columns(field.younger), _judges(field)
    masks = {name: _masks(Scope(**{name: value}), attack, strangers) for name, value in shared.items()}
    always = [name for name, (met, _) in masks.items() if met.all()]
    sometimes = [name for name in shared if name not in always]
    anyone = _masks(Scope(**{name: shared[name] for name in always}), attack, strangers)
    found: list[Candidate] = []
    for own in (own for own in OWNS if not sum(OWN[name] for name in _names(own)) & ~field.told):
        spared = _masks(Scope(except_own=own), attack, strangers)
        for choice in product((True, False), repeat=len(sometimes)):
            names = list(compress(sometimes, choice))
            met, touched = anyone[0] & spared[0], anyone[1] & spared[1]
            for name in names:
                met, touched = met & masks[name][0], touched & masks[name][1]
            scope = Scope(except_own=own, **{name: shared[name] for name in (*always, *names)})
            found.append(Candidate(Step.CHALLENGE, scope, met, int(touched.sum())))
    return sorted(found, key=lambda candidate: candidate.touched)


def _masks(scope: Scope, attack: Columns, strangers: Columns) -> tuple[Mask, Mask]:
    return attack.met(scope), strangers.met(scope)


def usual(good: Sequence[Sighting]) -> dict[str, Any]:
    """
    Return from where people sign in, as the exceptions of a scope: what few of the good logins come from beside.

    A place counts from two accounts on.  So logins from a place of their own are not excepted, and stand for those that
    will come from places which nobody has come from yet; their share is the Good-Turing estimate of it.

    Source:
        I. J. Good, "The population frequencies of species and the estimation of population parameters", 1953.
        https://doi.org/10.1093/biomet/40.3-4.237
    """
    accounts = [each.account for each in good]
    starts = _places(accounts, [_region(each.address) for each in good])
    subnets = [Subnet(start.ljust(_SIZES[len(start)], b"\0"), 8 * len(start)) for start in starts]
    found = {
        "except_asns": tuple(sorted(_places(accounts, [each.asn for each in good]))),
        "except_countries": tuple(sorted(_places(accounts, [each.country for each in good]))),
        "except_subnets": tuple(map(str, subnets)),
    }
    return {name: values for name, values in found.items() if values}


def _region(address: bytes) -> bytes:
    """Return the bytes that tell the region of an address: two of IPv4, four of IPv6."""
    return address[:2] if len(address) == 4 else address[:4]


def _places(accounts: Sequence[str], places: Sequence[Value]) -> list[Value]:
    """Return the places from which at least two accounts come, the most used ones first; none for what is not known."""
    counts = Counter([place for _, place in set(zip(accounts, places, strict=True)) if place])
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
    return int(Columns(strange).met(scope).sum()) > len(strange) / 2


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
    return subnets_of_attack(seen, field.strangers.column("address"), harmless=field.harmless, widest=field.widest)


def _names(own: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name for entry in own for name in entry.split("+"))


def _judges(field: Field) -> Columns:
    return field.strangers if field.lately is None else field.lately
