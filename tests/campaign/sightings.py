# SPDX-License-Identifier: Apache-2.0
"""
Sightings of attacks and of days that look like one: each a function of a seed, in the order of time.

Addresses of attackers are drawn from all over the address space, those of users from 10.0.0.0/8.  Accounts of users
are ``user0`` ...; user n signs in at home from 10.x.y.z of his own.  Several streams are laid over one another with
:func:`together`.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterable, Iterator

from nacre.campaign.sighting import Mark, Sighting

MONDAY = 1_800_000_000.0 // 604_800 * 604_800 + 4 * 86_400
"""A Monday, 0:00 UTC."""
START = MONDAY + 9 * 3600
"""That Monday, 9:00."""

CLIENTS = ("firefox 128", "chrome 126", "edge 126", "thunderbird 128", "iphone mail", "outlook 16")
COUNTRIES = ("DE", "FR", "US", "BR", "VN", "IN", "ID", "RU", "CN", "ZA", "IT", "PL")
HOME = Mark.HOME | Mark.KNOWN_SOURCE
AT_HOME = Mark.SUCCESS | HOME


def together(*streams: Iterable[Sighting]) -> Iterator[Sighting]:
    """Lay streams over one another."""
    return heapq.merge(*streams, key=lambda sighting: sighting.time)


def chance(name: str) -> random.Random:
    """Return what draws: the same for the same name."""
    return random.Random(name)  # noqa: S311  nothing secret


def home_of(user: int) -> bytes:
    """Return the address from which a user usually signs in."""
    return bytes((10, user >> 16 & 255, user >> 8 & 255, user & 255))


def right_of(user: int) -> int:
    """Return what stands for the right password of a user."""
    return 1_000_000 + user


def of_user(time: float, user: int, marks: int, *, address: bytes | None = None, token: int = 0) -> Sighting:
    """Return an attempt of a user, from home with the right password if nothing else is said."""
    return Sighting(
        time,
        address or home_of(user),
        f"user{user}",
        token=token or right_of(user),
        asn=64_500 + user % 7,
        country="DE",
        client=CLIENTS[user % 6],
        protocol="imap",
        marks=int(marks),
        request_id=f"u{user}-{time:.3f}",
    )


def wrong(rng: random.Random) -> int:
    """Return what stands for a wrong password."""
    return rng.getrandbits(31) | 1 << 31


def somewhere(rng: random.Random) -> bytes:
    """Return an address that no user has."""
    return bytes(
        (rng.choice((45, 91, 103, 177, 186, 200)), rng.randrange(256), rng.randrange(256), rng.randrange(1, 255))
    )


def foreign(rng: random.Random, time: float, account: str, **fields: object) -> Sighting:
    """Return an attempt from somewhere, with an ordinary client string and a wrong password."""
    values: dict[str, object] = {
        "address": somewhere(rng),
        "token": wrong(rng),
        "asn": rng.randrange(1, 60_000),
        "country": rng.choice(COUNTRIES),
        "client": rng.choice(CLIENTS),
        "protocol": "imap",
        "request_id": f"a{rng.getrandbits(48):x}",
    }
    return Sighting(time=time, account=account, **(values | fields))  # type: ignore[arg-type]


def normal(
    seed: int,
    *,
    start: float = START,
    duration: float = 3600.0,
    rate: float = 5.0,
    users: int = 2000,
    new_places: float = 0.03,
    typos: float = 0.04,
) -> Iterator[Sighting]:
    """
    Yield ordinary logins: mostly from home, some from new places, typos that are put right seconds later.

    Args:
        seed: Another one draws other users and times.
        start: Unix seconds.
        duration: Seconds.
        rate: Logins per second.
        users: How many there are.
        new_places: Share of the logins that come from a place that is new to the account.
        typos: Share of the logins before which the password was mistyped; one of twenty gives up.
    """
    rng = chance(f"normal {seed}")
    time = start
    late: list[tuple[float, int, Sighting]] = []
    while (time := time + rng.expovariate(rate)) < start + duration:
        user = rng.randrange(users)
        there, marks = home_of(user), int(HOME)
        if rng.random() < new_places:
            there, marks = bytes((10, 200 + rng.randrange(50), rng.randrange(256), rng.randrange(1, 255))), 0
        entered = time
        if rng.random() < typos:
            heapq.heappush(late, (time, user, of_user(time, user, marks, address=there, token=wrong(rng))))
            entered = time + rng.uniform(3, 40)
        if entered == time or rng.random() > 0.05:
            right = of_user(entered, user, marks | Mark.SUCCESS, address=there)
            heapq.heappush(late, (entered, user, right))
        while late and late[0][0] <= time:
            yield heapq.heappop(late)[2]
    yield from (heapq.heappop(late)[2] for _ in range(len(late)))


def botnet(
    seed: int, *, start: float = START, account: str = "user1", addresses: int = 200, each: int = 1, gap: float = 20.0
) -> Iterator[Sighting]:
    """Yield guesses at one account from many addresses, one or two tries from each."""
    rng = chance(f"botnet {seed}")
    bots = [foreign(rng, 0.0, account) for _ in range(addresses)]
    for number in range(addresses * each):
        bot = bots[number % addresses]
        yield foreign(
            rng, start + number * gap, account, address=bot.address, asn=bot.asn, country=bot.country, client=bot.client
        )


def stuffing(
    seed: int, *, start: float = START, attempts: int = 10_000, rate: float = 5.0, hits: float = 0.0, known: float = 0.6
) -> Iterator[Sighting]:
    """
    Yield leaked pairs: each from another address, on another account, with another password, by ordinary clients.

    Args:
        seed: Another one draws other addresses.
        start: Unix seconds.
        attempts: How many, each from an address of its own and on an account of its own.
        rate: Attempts per second.
        hits: Share of the attempts that are right.
        known: Share of the names that are users' (from ``user5000`` on); the others have no account.
    """
    rng = chance(f"stuffing {seed}")
    time = start
    for number in range(attempts):
        time += rng.expovariate(rate)
        exists = rng.random() < known
        marks = Mark.SUCCESS if exists and rng.random() < hits else 0 if exists else Mark.UNKNOWN
        yield foreign(rng, time, f"user{5000 + number}" if exists else f"stranger{number}", marks=int(marks))


def slow_spray(
    seed: int,
    *,
    start: float = START,
    rounds: int = 5,
    apart: float = 4 * 3600.0,
    accounts: int = 60,
    lasting: float = 1800.0,
    addresses: int = 20,
    reused: bool = True,
    tokens: bool = True,
) -> Iterator[Sighting]:
    """
    Yield rounds of one password over many accounts.

    Args:
        seed: Another one draws other addresses.
        start: Unix seconds.
        rounds: Each has a password of its own.
        apart: Seconds from one round to the next.
        accounts: On which each password is tried.
        lasting: Seconds that a round takes.
        addresses: From which a round comes.
        reused: Whether all rounds come from the same addresses.
        tokens: Whether passwords are known by their digests.
    """
    rng = chance(f"spray {seed}")
    sources = [foreign(rng, 0.0, "") for _ in range(addresses)]
    for number in range(rounds):
        if not reused:
            sources = [foreign(rng, 0.0, "") for _ in range(addresses)]
        for place, time in enumerate(sorted(rng.uniform(0, lasting) for _ in range(accounts))):
            bot = rng.choice(sources)
            yield foreign(
                rng,
                start + number * apart + time,
                f"user{place}",
                address=bot.address,
                asn=bot.asn,
                country=bot.country,
                client=bot.client,
                token=77 + number if tokens else 0,
            )


def rotation(
    seed: int, *, start: float = START, prefix: int = 56, attempts: int = 300, accounts: int = 40, gap: float = 10.0
) -> Iterator[Sighting]:
    """Yield guesses from one IPv6 prefix, each from another /64 of it."""
    rng = chance(f"rotation {seed}")
    network = 0x2A02_0DB8 << 32 | rng.getrandbits(32) >> (64 - prefix) << (64 - prefix)
    for number in range(attempts):
        upper = network | rng.getrandbits(64 - prefix)
        address = (upper << 64 | rng.getrandbits(64)).to_bytes(16, "big")
        account = f"user{rng.randrange(accounts)}"
        yield foreign(rng, start + number * gap, account, address=address, asn=64_999, country="NL")


def enumeration(
    seed: int, *, start: float = START, attempts: int = 400, addresses: int = 5, gap: float = 3.0
) -> Iterator[Sighting]:
    """Yield tries of invented names, with a few real ones among them, from some addresses."""
    rng = chance(f"enumeration {seed}")
    sources = [somewhere(rng) for _ in range(addresses)]
    for number in range(attempts):
        exists = rng.random() < 0.08
        account, marks = (f"user{rng.randrange(900)}", 0) if exists else (f"name{number}", int(Mark.UNKNOWN))
        yield foreign(rng, start + number * gap, account, address=rng.choice(sources), token=5, marks=marks)
