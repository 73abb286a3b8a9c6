# SPDX-License-Identifier: Apache-2.0
"""
What is known of an attempt before its outcome, as one number per standard column.

Everything is read before the attempt itself is counted.  What is not known is NaN, which a model replaces by the
median of its training.
"""

from __future__ import annotations

import math
import time as clock
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.features.columns import PROTOCOLS
from nacre.features.facts import TOKEN_MASK, Facts, Known
from nacre.features.flags import Flag
from nacre.features.layout import DAY, SOURCE, WEEK, Layout
from nacre.features.profile import Profile
from nacre.features.quotients import PROFILES, at
from nacre.features.room import Room

NAN = math.nan
LONG = 30 * DAY
"""Stands for the age of what was never seen."""

_ALIASES = {
    "imaps": "imap", "pop3s": "pop3", "pop": "pop3", "smtps": "smtp", "submission": "smtp", "submissions": "smtp",
    "lmtp": "smtp", "https": "http", "web": "http", "oauth2": "http", "oidc": "http", "sshd": "ssh", "sftp": "ssh",
}  # fmt: skip


class Surroundings(NamedTuple):
    """The profiles around an attempt.  Those of subjects that are not known are empty ones."""

    address: Profile
    network: Profile
    user: Profile
    token: Profile
    asn: Profile
    country: Profile
    client: Profile
    protocol: Profile
    everyone: Profile


LAYOUTS: tuple[Layout, ...] = tuple(PROFILES.values())
"""The layout of each of them."""

NOTHING: tuple[Profile, ...] = tuple(Profile(layout) for layout in LAYOUTS)
"""Profiles of subjects of which nothing is known; nothing is ever counted in them."""

GUESSED = 5.0
"""Failures of an account within an hour from which on it may be guessed at home, too."""

CROWD = 5.0
"""Accounts that signed in from an address within a week; with more, a ban of it would fall on bystanders."""

OWN = 4
"""The first so many are an attempt's own; the others are shared by many."""


_HALF_DAY = DAY / 2
_TOKENS = SOURCE.lists.index("tokens")
_RIGHT, _TRIED, _OK_ADDRESS, _OK_NETWORK, _OK_ASN, _OK_COUNTRY, _OK_CLIENT, _OK_PROTOCOL, _FAILED_FROM = range(9)
_SUCCEEDING_USERS = at("address", "succeeding_users_7d")
_USER_FAILURES = at("user", "failures_1h")
_PROTOCOL = {name: tuple(float(name == each) for each in PROTOCOLS) for name in PROTOCOLS}
_PROTOCOL |= {alias: _PROTOCOL[name] for alias, name in _ALIASES.items()}
_NO_PROTOCOL = (0.0,) * len(PROTOCOLS)


class Seen(NamedTuple):
    """
    What is known of an attempt before its outcome.

    Attributes:
        values: One number per column of :data:`STANDARD`, before logarithms, (columns,) float64.
        facts: The attempt in digests, with its flags and what the account's lists said.
    """

    values: NDArray[np.float64]
    facts: Facts


def see(facts: Facts, around: Surroundings, *, time: float, protocol: str = "", known: bool | None = None,
        suspicious: float = NAN) -> Seen:  # fmt: skip
    """Return what is known of an attempt; arguments are those of :func:`enter`."""
    room = Room()
    enter(room, facts, around, time=time, protocol=protocol, known=known, suspicious=suspicious)
    return Seen(room.values(), facts)


def enter(room: Room, facts: Facts, around: Surroundings, *, time: float, protocol: str = "",
          known: bool | None = None, suspicious: float = NAN) -> None:  # fmt: skip
    """
    Put what is known of an attempt into a room.

    Args:
        room: Where the numbers go.
        facts: The attempt in digests; its flags, and what the account's lists say of it, are noted there.
        around: The profiles of its subjects, as they are before it counts.
        time: Unix seconds of the attempt.
        protocol: Its protocol.
        known: Whether the directory knows the account, ``None`` if it did not say.
        suspicious: 1 if its address is on a block list, 0 if not, NaN if nobody looked.
    """
    user, digest = around.user, facts.user
    novel, flags, here, near = _novelty(user, facts, time)
    token, token_flags = _token(around, facts, time)
    scalars = (
        *_times(around.address, time),
        *_times(around.network, time),
        *_ages(user, time),
        1.0 if known is True and digest else 0.0,
        1.0 if known is False and digest else 0.0,
        *novel,
        *token,
        *_PROTOCOL.get(protocol, _NO_PROTOCOL),
        _day_gone(time),
        suspicious,
    )
    missing = _NO_USER * (not digest) | _NO_TOKEN * (not facts.token)
    missing |= _NO_ASN * (not facts.asn) | _NO_COUNTRY * (not facts.country) | _NO_CLIENT * (not facts.client)
    room.put(around, scalars, user=digest, now=time, missing=missing)
    flags |= token_flags
    if known is not None:
        flags |= _IS_KNOWN if known else _IS_UNKNOWN
    facts.flags = flags
    lately = time - 5 * DAY
    facts.known = Known(
        user.saw(_FAILED_FROM, facts.address, time - _HALF_DAY),
        here >= lately,
        near >= lately,
        bool(room.counts[_SUCCEEDING_USERS] > CROWD),
        flags & _HOME != 0 and bool(room.counts[_USER_FAILURES] <= GUESSED),
    )


_NO_USER, _NO_TOKEN, _NO_ASN, _NO_COUNTRY, _NO_CLIENT = (1 << bit for bit in range(5))
# Plain numbers: an operation on two of an enumeration's takes a microsecond.
_HISTORY, _LATELY, _IS_RIGHT, _WAS_RIGHT = (
    Flag.HISTORY.value, Flag.LATELY.value, Flag.RIGHT.value, Flag.FORMER.value,
)  # fmt: skip
_WAS_TRIED, _IS_KNOWN, _IS_UNKNOWN = Flag.TRIED.value, Flag.KNOWN.value, Flag.UNKNOWN.value
_HOME = (Flag.SEEN_IP | Flag.SEEN_NET).value


def _times(source: Profile, now: float) -> tuple[float, float]:
    """Return how long an address or network has been known, and how long it was silent."""
    return _since(source.first, now) if source.first else 0.0, _since(source.last, now) if source.last else LONG


def _ages(user: Profile, now: float) -> tuple[float, float, float]:
    """Return the seconds since an account's last success and failure, and since it was first seen."""
    success, failure = user.stamps
    return (
        _since(success, now) if success else LONG,
        _since(failure, now) if failure else LONG,
        _since(user.first, now) if user.first else 0.0,
    )


def _since(then: float, now: float) -> float:
    """Return the seconds since a time; none since one that is yet to come."""
    return now - then if now > then else 0.0


def _novelty(user: Profile, facts: Facts, now: float) -> tuple[list[float], int, float, float]:
    """
    Return the columns of what is new to the account, and the flags that say the same.

    Then, in Unix seconds, when the account last signed in from this address, and when from this network.
    """
    values: list[float] = []
    signed_in = user.stamps[0]
    flags = 0 if not signed_in else _HISTORY if now - signed_in > _HALF_DAY else _HISTORY | _LATELY
    new, here, near = 0.0, _NEVER, _NEVER
    for list_, digest, flag in (
        (_OK_ADDRESS, facts.address, _SEEN_IP), (_OK_NETWORK, facts.network, _SEEN_NET),
        (_OK_ASN, facts.asn, _SEEN_ASN), (_OK_COUNTRY, facts.country, _SEEN_COUNTRY),
        (_OK_CLIENT, facts.client, _SEEN_CLIENT), (_OK_PROTOCOL, facts.protocol, 0),
    ):  # fmt: skip
        if not digest:
            values.append(NAN)
            continue
        last = user.seen(list_, digest)
        if last is None:
            new += 1.0
            values.append(0.0)
            continue
        flags |= flag
        values.append(1.0 / (1.0 + _since(last, now) / WEEK))
        if flag == _SEEN_IP:
            here = last
        elif flag == _SEEN_NET:
            near = last
    values += (new, 1.0 if flags & _HISTORY else 0.0)
    return values, flags, here, near


_NEVER = -math.inf
_SEEN_IP, _SEEN_NET, _SEEN_ASN = Flag.SEEN_IP.value, Flag.SEEN_NET.value, Flag.SEEN_ASN.value
_SEEN_COUNTRY, _SEEN_CLIENT = Flag.SEEN_COUNTRY.value, Flag.SEEN_CLIENT.value


def _token(around: Surroundings, facts: Facts, now: float) -> tuple[tuple[float, ...], int]:
    """Return the columns of the password, and the flags that say the same."""
    if not facts.token:
        return (0.0, NAN, NAN, NAN, NAN, NAN, NAN, NAN), 0
    short, user = facts.token & TOKEN_MASK, around.user
    right_at, tried_at = user.seen(_RIGHT, short), user.seen(_TRIED, short)
    present = right_at is not None and user.is_newest(_RIGHT, short)
    flags = (_IS_RIGHT if present else _WAS_RIGHT) if right_at is not None else 0
    if tried_at is not None:
        flags |= _WAS_TRIED
    return (
        1.0,
        1.0 if present else 0.0,
        1.0 if right_at is not None and not present else 0.0,
        0.0 if tried_at is None else 1.0,
        0.0 if around.address.seen(_TOKENS, facts.token) is None else 1.0,
        LONG if tried_at is None else _since(tried_at, now),
        LONG if right_at is None else _since(right_at, now),
        1.0 if right_at is None and tried_at is None else 0.0,
    ), flags


def _day_gone(time: float) -> float:
    return (_hour(time // 900.0) + time % 3_600.0 // 60.0 / 60.0) / 24.0


@lru_cache(maxsize=64)
def _hour(quarter: float) -> int:
    """Return the hour of the day on our clock; clocks are set forward and back at full quarters."""
    return clock.localtime(quarter * 900.0).tm_hour
