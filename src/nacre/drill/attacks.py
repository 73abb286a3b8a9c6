# SPDX-License-Identifier: Apache-2.0
"""
The attacks of a drill, and the people who sign in beside them.

All of it is made up: accounts end in ``@drill.invalid``, which nobody can register (RFC 2606), and tries come from
:mod:`nacre.drill.sources`.  An exercise is the same each time, so that two drills can be compared.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from nacre.attempt import AttemptFields
from nacre.campaign.picture import CampaignKind
from nacre.drill.sources import Source, away, bots, home, rotating

DOMAIN = "drill.invalid"
"""Domain of all accounts."""

_HOUR, _DAY = 3_600.0, 86_400.0
_PEOPLE, _CROWD = 40, 300
_DAYS_BEFORE = 3
_TRAVELLING, _MISTYPED = 0.02, 0.04
_GAP, _GAP_IN_A_CROWD, _MOST_LOGINS = 30.0, 1.0, 400
_ROUND, _ROUNDS_APART = 60, 4 * _HOUR
_FEW, _DOZEN = 8, 12


class Try(NamedTuple):
    """
    One attempt of a drill.

    Attributes:
        time: Seconds since the first hostile one; what lies before is negative.
        fields: As a server would send them, without the time.
        hostile: Whether it belongs to the attack.
        right: Whether its password is right.
        at_home: Whether the account signed in from there before.
    """

    time: float
    fields: AttemptFields
    hostile: bool = True
    right: bool = False
    at_home: bool = False


class Limits(NamedTuple):
    """
    What is asked for.

    Attributes:
        attempts, seconds: Of the attack until it has to be recognised: whichever comes later.
        stopped: Share of what comes after these that has to be refused, challenged or delayed, 0-1.
    """

    attempts: int
    seconds: float = 0.0
    stopped: float = 0.95


class Exercise(NamedTuple):
    """
    An attack to be tried.

    Attributes:
        name: As it is asked for.
        about: What it does, in a few words.
        kinds: What the campaign may be named.
        limits: What is asked for.
        tries: Yields so many hostile tries in the order of time, given a source of chance.
        quick, full: How many of them there are in a quick drill and in a whole one.
        crowd: Whether many people sign in at the same time.
    """

    name: str
    about: str
    kinds: frozenset[CampaignKind]
    limits: Limits
    tries: Callable[[random.Random, int], Iterator[Try]]
    quick: int
    full: int
    crowd: bool = False

    def all_tries(self, count: int) -> list[Try]:
        """Return an attack of *count* tries and the people beside it, in the order of time."""
        chance = random.Random(self.name)  # noqa: S311  nothing secret
        attack = list(self.tries(chance, count))
        beside = people(chance, attack[-1].time, crowd=self.crowd)
        return list(heapq.merge(attack, beside, key=lambda each: each.time))


def people(
    chance: random.Random, lasts: float, *, crowd: bool = False, travelling: float = _TRAVELLING
) -> Iterator[Try]:
    """
    Yield logins of people, in the order of time: on some days before, so that they are known, and beside an attack.

    Args:
        chance: Draws.
        lasts: Seconds that the attack takes.
        crowd: Whether many of them come at once, and some from where they never were.
        travelling: Share of a crowd that does, 0-1.
    """
    count = _CROWD if crowd else _PEOPLE
    homes = [home(number, chance) for number in range(count)]
    for day in range(_DAYS_BEFORE, 0, -1):
        for number, place in enumerate(homes):
            yield _of_person(number, place, number * 30.0 - day * _DAY, right=True)
    gap = _GAP_IN_A_CROWD if crowd else max(_GAP, lasts / _MOST_LOGINS)
    time = 0.0
    while (time := time + chance.expovariate(1 / gap)) < lasts:
        number = chance.randrange(count)
        travels = crowd and chance.random() < travelling
        place = away(number, chance) if travels else homes[number]
        if chance.random() < _MISTYPED:
            yield _of_person(number, place, time, right=False, at_home=not travels)
        yield _of_person(number, place, time, right=True, at_home=not travels)


def _of_person(number: int, place: Source, time: float, *, right: bool, at_home: bool = True) -> Try:
    password = f"right {number}" if right else f"wrong {number} {time}"
    return Try(time, place.fields(f"person{number}@{DOMAIN}", password), hostile=False, right=right, at_home=at_home)


# -- the attacks


def _guessing(chance: random.Random, count: int) -> Iterator[Try]:
    """Yield guesses at one account, two from each address at most."""
    time = 0.0
    for number, bot in enumerate(bots(count, chance)):
        for again in range(1 + number % 2):
            yield Try(time, bot.fields(f"target@{DOMAIN}", f"guess {number} {again}"))
            time += chance.uniform(5.0, 35.0)


def _spraying(chance: random.Random, count: int) -> Iterator[Try]:
    """Yield one password on one account after the other, from many addresses."""
    botnet = bots(count // 10, chance)
    for number in range(count):
        yield Try(number * 0.7, chance.choice(botnet).fields(f"sprayed{number}@{DOMAIN}", "Autumn2026!"))


def _slow_spraying(chance: random.Random, count: int) -> Iterator[Try]:
    """Yield rounds: each has a password of its own, the accounts and addresses of the others, and half an hour."""
    botnet = bots(20, chance)
    for round_ in range(count // _ROUND):
        times = [0.0, *sorted(chance.uniform(0.0, _HOUR / 2) for _ in range(_ROUND - 1))]
        for number, time in enumerate(times):
            fields = chance.choice(botnet).fields(f"sprayed{number}@{DOMAIN}", f"Password{round_}")
            yield Try(round_ * _ROUNDS_APART + time, fields)


def _stuffing(chance: random.Random, count: int) -> Iterator[Try]:
    """Yield leaked pairs, each once and from an address of its own."""
    time = 0.0
    for number, bot in enumerate(bots(count, chance)):
        yield Try(time, _leaked(bot, number, chance))
        time += chance.expovariate(4.0)


def _stuffing_from_few(chance: random.Random, count: int) -> Iterator[Try]:
    """Yield leaked pairs from a handful of addresses."""
    botnet = bots(_FEW, chance)
    for number in range(count):
        yield Try(number * 0.5, _leaked(chance.choice(botnet), number, chance))


def _enumeration(chance: random.Random, count: int) -> Iterator[Try]:
    """Yield names that mostly do not exist, from a dozen addresses."""
    botnet = bots(_DOZEN, chance)
    for number in range(count):
        known = chance.random() < 0.08
        fields = chance.choice(botnet).fields(f"guessed{number}@{DOMAIN}", f"any {number}", known_user=known)
        yield Try(number * 1.5, fields)


def _rotation(chance: random.Random, count: int) -> Iterator[Try]:
    """Yield guesses at some accounts from one IPv6 /48, each from another /64 of it."""
    for number in range(count):
        account = f"rotated{chance.randrange(40)}@{DOMAIN}"
        yield Try(number * 3.0, rotating(chance).fields(account, f"guess {number}"))


def _leaked(bot: Source, number: int, chance: random.Random) -> AttemptFields:
    return bot.fields(f"leaked{number}@{DOMAIN}", f"leaked {number}", known_user=chance.random() < 0.6)


_MANY = Limits(attempts=200, seconds=60.0)
_THIRD_ROUND = Limits(attempts=3 * _ROUND, seconds=2 * _ROUNDS_APART + _HOUR / 2, stopped=0.8)
_GUESSING, _SPRAYING = frozenset({CampaignKind.GUESSING}), frozenset({CampaignKind.SPRAYING})
_STUFFING, _ENUMERATION = frozenset({CampaignKind.STUFFING}), frozenset({CampaignKind.ENUMERATION})

EXERCISES = (
    Exercise("guessing", "one account, one or two tries from each address", _GUESSING, Limits(12), _guessing, 50, 150),
    Exercise("spraying", "one password on hundreds of accounts in minutes", _SPRAYING, _MANY, _spraying, 300, 600),
    Exercise(
        "slow-spraying", "a password every four hours, same accounts", _SPRAYING, _THIRD_ROUND, _slow_spraying, 300, 360
    ),
    Exercise("stuffing", "leaked pairs, each from its own address", _STUFFING, _MANY, _stuffing, 500, 2000),
    Exercise(
        "stuffing-from-few", f"leaked pairs from {_FEW} addresses", _STUFFING, _MANY, _stuffing_from_few, 400, 1000
    ),
    Exercise("enumeration", f"names that may exist, {_DOZEN} addresses", _ENUMERATION, _MANY, _enumeration, 300, 800),
    Exercise(
        "rotation", "one IPv6 network, each try from another /64", _GUESSING | _SPRAYING, _MANY, _rotation, 300, 800
    ),
    Exercise("in-a-crowd", "leaked pairs while hundreds sign in", _STUFFING, _MANY, _stuffing, 500, 2000, crowd=True),
)
"""All that a drill can try."""
