# SPDX-License-Identifier: Apache-2.0
"""Attempts with outcomes, as profiles count them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from nacre.account import AccountNames
from nacre.attempt import Attempt, AttemptFields, admit
from nacre.features.changes import Outcome
from nacre.features.columns import STANDARD
from nacre.features.facts import Digests, Facts
from nacre.features.profile import Profile
from nacre.features.standard import Seen, Surroundings, see
from nacre.identity import Identity
from nacre.replay.profiles import PrivateProfiles
from nacre.store.keys import Keys

IDENTITY = Identity(b"k" * 32)
DIGESTS = Digests(IDENTITY)
NOW = 1_800_000_000.0
_numbers = itertools.count()


def attempt(client_ip: str = "192.0.2.7", username: str = "erika", *, time: float = NOW, **other: Any) -> Attempt:
    """An attempt; without further words it brings no password."""
    fields = AttemptFields(client_ip=client_ip, username=username, time=time, **other)
    return admit(fields, names=AccountNames(), identity=IDENTITY, now=NOW, request_id=f"r{next(_numbers)}")


def facts(client_ip: str = "192.0.2.7", username: str = "erika", **other: Any) -> Facts:
    """The facts of an attempt."""
    return DIGESTS.facts(attempt(client_ip, username, **other))


def count_of(profile: Profile, name: str, now: float) -> float:
    """Return a counter of a profile by its name, as it is at a time."""
    return profile.counts_at(now)[profile.layout.counter(name)]


def value(seen: Seen, name: str) -> float:
    """Return what was seen in one column, before its logarithm."""
    return float(seen.values[STANDARD.place(name)])


class Try(NamedTuple):
    """An attempt and what becomes of it."""

    attempt: Attempt
    accepted: bool
    refused: bool = False


class History:
    """
    What happened so far.

    >>> history = History()
    >>> _ = history.add(attempt(password="wrong"), accepted=False)
    >>> value(history.see(attempt(password="right")), "user.failures_1h")
    1.0
    """

    def __init__(self) -> None:
        self.profiles = PrivateProfiles(Keys("", IDENTITY))

    def around(self, attempt: Attempt) -> Surroundings:
        """Return the profiles around an attempt."""
        return self.profiles.around(self.profiles.want(attempt, DIGESTS.facts(attempt)), ())

    def see(self, attempt: Attempt, *, suspicious: float = math.nan) -> Seen:
        """Return what is known of an attempt."""
        around = self.around(attempt)
        return see(
            DIGESTS.facts(attempt),
            around,
            time=attempt.time,
            protocol=attempt.protocol,
            known=attempt.known_user,
            suspicious=suspicious,
        )

    def add(self, attempt: Attempt, *, accepted: bool, refused: bool = False) -> Seen:
        """See an attempt, then count its outcome; return what was seen."""
        seen = self.see(attempt)
        self.profiles.count(attempt, Outcome(seen.facts, attempt.time, accepted, refused))
        return seen

    def outcome(self, attempt: Attempt, *, accepted: bool, refused: bool = False) -> Outcome:
        """See an attempt and return its outcome, which is not counted."""
        return Outcome(self.see(attempt).facts, attempt.time, accepted, refused)


_ADDRESSES = ("192.0.2.7", "192.0.2.8", "198.51.100.1", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", "")
_PLACES: tuple[dict[str, Any], ...] = (
    {},
    {"country": "DE", "asn": 64500},
    {"country": "FR", "asn": "AS64501"},
    {"country": "DE", "asn": 64502},
)
_AGENTS = ("", "Thunderbird/115.1", "curl/8.5.0", "K-9 Mail 6.804")
_PROTOCOLS = ("", "imap", "imaps", "pop3", "submission", "smtp", "https", "ssh", "sieve")


def stream(seed: int, length: int = 200) -> Iterator[Try]:
    """Make a few accounts, addresses and passwords meet at random; a few attempts come late."""
    random = Random(seed)  # noqa: S311  no secret
    time = NOW
    right = {name: random.randrange(4) for name in ("erika", "max", "nobody", "anna", "")}
    for _ in range(length):
        time += random.choice((0.0, 0.4, 30.0, 900.0, 20_000.0))
        name = random.choice(tuple(right))
        password = random.choice((-1, right[name], right[name], *range(8)))
        if random.random() < 0.02:
            right[name] = random.randrange(4)
        yield Try(
            attempt(
                random.choice(_ADDRESSES),
                name,
                time=time - random.choice((0.0, 0.0, 0.0, 0.0, 700.0)),
                password="" if password < 0 else f"password {password}",
                protocol=random.choice(_PROTOCOLS),
                user_agent=random.choice(_AGENTS),
                attributes=random.choice(_PLACES),
                known_user=random.choice((None, name != "nobody")),
            ),
            accepted=name not in {"nobody", ""}
            and (random.random() < 0.3 if password < 0 else password == right[name]),
            refused=random.random() < 0.1,
        )
