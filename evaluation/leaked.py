# SPDX-License-Identifier: Apache-2.0
"""Sites whose people sign in while a leaked list is tried on them: what comes, attempt by attempt."""

from __future__ import annotations

import random
from typing import NamedTuple

START = 1_800_000_000.0
"""Unix seconds of the first try of the list."""

CLIENTS = ("firefox 128", "chrome 126", "edge 126", "thunderbird 128", "iphone mail", "outlook 16")
_COUNTRIES = ("DE", "FR", "US", "BR", "VN", "IN", "ID", "RU", "CN", "ZA", "IT", "PL")
COUNTRIES = (*_COUNTRIES, "AT", "CH", "NL", "TR", "MX", "AR", "TH", "EG")
HITS = 0.002
"""Share of the pairs that are right."""

_REGIONS, _TYPOS, _OWN_CLIENT, _OWN_REGION, _IPV6 = 40, 0.04, 0.6, 0.8, 3
_DAY, _WRONG = 86_400.0, 1 << 31


class Site(NamedTuple):
    """
    A site, and the list that is tried there, each pair once and from an address of its own.

    Attributes:
        people: How many sign in.
        rate: Logins per second.
        travel: Share of them that come from a place where the person never was, 0-1.
        days: On each of so many before, everybody signed in once.
        hours: Of ordinary logins right before the list.
        scattered: Whether people live all over the Internet, and not in forty regions.
        places, passwords, names: Whether providers and countries, digests of passwords, and which accounts exist, are
            known.
        protocol: By which everybody signs in.
        pairs: On the list.
        per_second: Of them that are tried.
        real: Share of the names that have an account, 0-1.
        ours: Share of those that are accounts of people who sign in, 0-1.
        near: Share of the tries that come from the country and the providers of the people, 0-1.
        clients: Of the tries: ``ordinary`` ones, ``one`` of them, an ``odd`` one, or ``none``.
    """

    people: int = 300
    rate: float = 0.28
    travel: float = 0.005
    days: int = 3
    hours: float = 0.5
    scattered: bool = False
    places: bool = True
    passwords: bool = True
    names: bool = True
    protocol: str = "imap"
    pairs: int = 10_000
    per_second: float = 5.0
    real: float = 0.6
    ours: float = 0.0
    near: float = 0.05
    clients: str = "ordinary"


class Try(NamedTuple):
    """
    What comes: a login of somebody, a typo, or a pair of the list.

    Attributes:
        time: Unix seconds.
        account: User name.
        address: 4 or 16 packed bytes.
        asn, country, client: Where it comes from, and with what.
        token: Stands for the password.
        attack: Whether it is of the list.
        exists: Whether there is such an account.
        right: Whether the password is.
    """

    time: float
    account: str
    address: bytes
    asn: int
    country: str
    client: str
    token: int
    attack: bool
    exists: bool
    right: bool


class _Person(NamedTuple):
    address: bytes
    asn: int
    country: str
    clients: list[str]


def tries(site: Site, seed: int = 1) -> list[Try]:
    """
    Return all that comes, in the order of time; the same for the same seed.

    >>> found = tries(Site(people=10, rate=0.01, days=1, pairs=20))
    >>> sum(each.attack for each in found), found == tries(Site(people=10, rate=0.01, days=1, pairs=20))
    (20, True)
    """
    draw = random.Random(f"{seed}")  # noqa: S311  nothing secret
    people = _people(site, draw)
    found: list[Try] = []
    for day in range(site.days, 0, -1):
        for number in range(site.people):
            time = START - day * _DAY + draw.uniform(-14_400, 36_000) - 14_400
            found += _login(site, people, number, time, draw)
    if site.rate:
        time = START - site.hours * 3600
        while (time := time + draw.expovariate(site.rate)) < START + site.pairs / site.per_second:
            found += _login(site, people, draw.randrange(site.people), time, draw)
    found += _list(site, draw)
    return sorted(found, key=lambda each: each.time)


def _people(site: Site, draw: random.Random) -> list[_Person]:
    regions = [bytes((draw.randrange(20, 120), draw.randrange(256))) for _ in range(_REGIONS)]
    people = []
    for _ in range(site.people):
        if site.scattered:
            address = _anywhere(draw)
        else:
            address = draw.choice(regions) + bytes((draw.randrange(256), draw.randrange(1, 255)))
        asn, country = 64_500 + draw.randrange(6), "DE" if draw.random() < 0.9 else "AT"
        people.append(_Person(address, asn, country, draw.sample(CLIENTS, 2 if draw.random() < 0.4 else 1)))
    return people


def _anywhere(draw: random.Random) -> bytes:
    return bytes((draw.randrange(20, 220), draw.randrange(256), draw.randrange(256), draw.randrange(1, 255)))


def _login(site: Site, people: list[_Person], number: int, time: float, draw: random.Random) -> list[Try]:
    """Return a login, and the typo before it if there is one."""
    address, asn, country, clients = people[number]
    client = draw.choice(clients)
    if draw.random() < site.travel:
        address = _anywhere(draw)
        if draw.random() < _OWN_REGION:
            asn = 64_500 + draw.randrange(12)
        else:
            asn, country = draw.randrange(1, 60_000), draw.choice(COUNTRIES)
        if draw.random() > _OWN_CLIENT:
            client = draw.choice(CLIENTS)
    where = (address, asn, country, client)
    found = []
    if draw.random() < _TYPOS:
        wrong = draw.getrandbits(31) | _WRONG
        found.append(Try(time, f"user{number}", *where, wrong, attack=False, exists=True, right=False))
        time += draw.uniform(3, 30)
    return [*found, Try(time, f"user{number}", *where, _right(number), attack=False, exists=True, right=True)]


def _right(number: int) -> int:
    return 1_000_000 + number


def _list(site: Site, draw: random.Random) -> list[Try]:
    """Return the tries of the list."""
    victims = list(range(site.people))
    draw.shuffle(victims)
    time, found = START, []
    for number in range(site.pairs):
        time += draw.expovariate(site.per_second)
        address = _of_a_bot(draw, ipv6=number % 10 < _IPV6)
        near = draw.random() < site.near
        asn, country = (
            (64_500 + draw.randrange(6), "DE") if near else (draw.randrange(1, 60_000), draw.choice(COUNTRIES))
        )
        ordinary = draw.choice(CLIENTS)
        client = {"ordinary": ordinary, "odd": "python-requests 2", "none": "", "one": CLIENTS[0]}[site.clients]
        token, account, right = draw.getrandbits(31) | _WRONG, f"leaked{number}", False
        exists = draw.random() < site.real
        if exists:
            ours = draw.random() < site.ours
            account = f"user{victims[number % site.people]}" if ours else f"victim{number}"
            right = draw.random() < HITS / site.real
            token = _right(victims[number % site.people]) if right and ours else token
        found.append(Try(time, account, address, asn, country, client, token, attack=True, exists=exists, right=right))
    return found


def _of_a_bot(draw: random.Random, *, ipv6: bool) -> bytes:
    if ipv6:
        return bytes((0x2A, draw.randrange(16), draw.randrange(256), draw.randrange(256))) + draw.randbytes(12)
    return _anywhere(draw)
