# SPDX-License-Identifier: Apache-2.0
"""
Cases that every model has to get right, whatever its training told it.

A small site is lived through for some days, through the same profiles and features as real attempts; then come the
attacks that nobody may miss, and the oddities that nobody may be locked out for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.features.changes import COUNTS, Outcome
from nacre.features.columns import STANDARD
from nacre.features.encoding import Encoding
from nacre.features.facts import Facts
from nacre.features.flags import Flag
from nacre.features.layout import DAY
from nacre.features.pack import NOT_GIVEN
from nacre.features.profile import Profile
from nacre.features.standard import LAYOUTS, Surroundings, see
from nacre.learning.limits import DELAY, REFUSE
from nacre.network.gate import Canned
from nacre.network.model import Model
from nacre.network.threshold import KNOWN, NOVEL

_BEGAN = 1_750_032_000.0
_DAYS, _USERS = 6, 120
_HOME_ASNS, _CLIENTS = (11, 12, 13), (21, 22, 23)
_COUNTRY, _PROTOCOL = 41, 31
_FOREIGN = {"asn": 91, "country": 92, "client": 93}
_NONE = np.zeros(0, np.float32)


class Case(NamedTuple):
    """
    One attempt that a model is tried with.

    Attributes:
        name: What it is.
        attack: Whether it is part of an attack.
        head: ``guess`` or ``accept``.
        vector: What is seen of it.
        known: Whether its account signed in from there before.
    """

    name: str
    attack: bool
    head: str
    vector: NDArray[np.float32]
    known: bool


class _Site:
    """A site that remembers what happened to it."""

    def __init__(self) -> None:
        self._profiles: dict[tuple[int, int], Profile] = {}
        self.now = _BEGAN

    def attempt(self, who: dict[str, int], *, accepted: bool, known: bool = True) -> tuple[Facts, NDArray[np.float64]]:
        """Let something happen, and return what was seen of it before it counted."""
        facts = Facts(
            who["address"], who["network"], who["user"], who["token"], who["asn"], who["client"],
            who.get("country", _COUNTRY), _PROTOCOL,
        )  # fmt: skip
        seen = see(facts, self._around(facts), time=self.now, protocol="imap", known=known)
        outcome = Outcome(seen.facts, self.now, accepted)
        for role, profile in enumerate(self._around(facts)):
            COUNTS[role](profile, outcome)
        return seen.facts, seen.values

    def _around(self, facts: Facts) -> Surroundings:
        digests = (
            facts.address, facts.network, facts.user, facts.token, facts.asn, facts.country, facts.client,
            facts.protocol, 1,
        )  # fmt: skip
        return Surroundings(
            *(self._profiles.setdefault((role, digest), Profile(LAYOUTS[role])) for role, digest in enumerate(digests))
        )


def _home(user: int) -> dict[str, int]:
    """Return where and with what a user signs in: every third one from the office, behind one address."""
    office = user % 3 == 0
    place = 1_000 if office else 1_000 + user
    return {
        "user": user,
        "address": place,
        "network": place + 100_000,
        "asn": _HOME_ASNS[0] if office else _HOME_ASNS[user % 3],
        "client": _CLIENTS[user % 3],
        "token": 200_000 + user,
    }


@cache
def cases() -> tuple[Case, ...]:
    """Return all cases; the same every time."""
    site, chance = _Site(), Random(1)  # noqa: S311  it has to be the same every time
    for day in range(_DAYS):
        for number in range(3 * _USERS):
            site.now = _BEGAN + day * DAY + 8 * 3600 + number * 100
            user = 1 + chance.randrange(_USERS)
            if chance.random() < 0.03:
                site.attempt(_home(user) | {"token": 300_000 + chance.randrange(99_999)}, accepted=False)
            site.attempt(_home(user), accepted=True)
    return tuple(
        Case(name, attack, head, STANDARD.vector(values), bool(facts.flags & (Flag.SEEN_IP | Flag.SEEN_NET)))
        for name, attack, head, make in _STORIES
        for facts, values in (make(site),)
    )


def canned(model: Model) -> list[Canned]:
    """
    Return the cases as a model scores them.

    An attack has to be slowed at least, an oddity must not be refused.  Nobody gives additional features.
    """
    found = []
    packed = model.artifact.extras
    extra = Encoding.from_bytes(packed).encode(np.frombuffer(NOT_GIVEN, np.uint8)[None])[0] if packed else _NONE
    for case in cases():
        guess, accept = model.score_one(np.concatenate((case.vector, extra)))
        head = model.artifact.guess if case.head == "guess" else model.artifact.accept
        limits = head.thresholds.get(KNOWN if case.known else NOVEL, {})
        found.append(
            Canned(
                name=case.name,
                attack=case.attack,
                score=guess if case.head == "guess" else accept,
                threshold=limits.get(DELAY if case.attack else REFUSE, 0.5),
            )
        )
    return found


_Story = Callable[[_Site], tuple[Facts, NDArray[np.float64]]]


def _stranger(number: int) -> dict[str, int]:
    return {"address": 500_000 + number, "network": 600_000 + number, **_FOREIGN}


def _dictionary(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    for guess in range(40):
        site.now += 7
        last = site.attempt(_stranger(1) | {"user": 7, "token": 700_000 + guess}, accepted=False)
    return last


def _spraying(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    for user in range(1, 31):
        site.now += 20
        last = site.attempt(_stranger(2) | {"user": user, "token": 710_000}, accepted=False)
    return last


def _stuffing(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    for user in range(31, 71):
        site.now += 9
        last = site.attempt(_stranger(3) | {"user": user, "token": 720_000 + user}, accepted=False)
    return last


def _hit(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    site.now += 9
    return site.attempt(_stranger(3) | {"user": 71, "token": 200_071}, accepted=True)


def _botnet(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    for number in range(15):
        site.now += 90
        last = site.attempt(_stranger(100 + number) | {"user": 9, "token": 730_000 + number}, accepted=False)
    return last


def _enumeration(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    for name in range(40):
        site.now += 5
        last = site.attempt(
            _stranger(4) | {"user": 50_000 + name, "token": 740_000 + name}, accepted=False, known=False
        )
    return last


def _owner_under_attack(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    _botnet(site)
    site.now += 60
    return site.attempt(_home(9), accepted=True)


def _ordinary(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    site.now += 60
    return site.attempt(_home(44), accepted=True)


def _typo(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    site.now += 60
    return site.attempt(_home(45) | {"token": 750_000}, accepted=False)


def _stale_client(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    site.attempt(_home(46) | {"token": 760_000}, accepted=True)
    for _ in range(60):
        site.now += 60
        last = site.attempt(_home(46), accepted=False)
    return last


def _newcomer(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    site.now += 60
    return site.attempt(_home(3) | {"user": 60_001, "token": 770_000}, accepted=True)


def _office(site: _Site) -> tuple[Facts, NDArray[np.float64]]:
    for user in range(3, _USERS, 3):
        site.now += 4
        if user % 15 == 0:
            site.attempt(_home(user) | {"token": 780_000 + user}, accepted=False)
        last = site.attempt(_home(user), accepted=True)
    return last


_STORIES: tuple[tuple[str, bool, str, _Story], ...] = (
    ("an ordinary login", False, "accept", _ordinary),
    ("a typo at home", False, "guess", _typo),
    ("a mail client with yesterday's password", False, "guess", _stale_client),
    ("the first login of a newcomer at the office", False, "accept", _newcomer),
    ("an office in the morning", False, "guess", _office),
    ("a dictionary from one address", True, "guess", _dictionary),
    ("spraying from one address", True, "guess", _spraying),
    ("stuffing from one address", True, "guess", _stuffing),
    ("a right password among them", True, "accept", _hit),
    ("a botnet on one account", True, "guess", _botnet),
    ("enumeration of names", True, "guess", _enumeration),
    ("the owner while a botnet guesses", False, "accept", _owner_under_attack),
)
