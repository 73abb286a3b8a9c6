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

from nacre.features.columns import PROTOCOLS, STANDARD
from nacre.features.facts import TOKEN_MASK, Facts, Known
from nacre.features.flags import Flag
from nacre.features.layout import DAY, HOUR, WEEK, Layout
from nacre.features.profile import Profile
from nacre.features.quotients import CONTEXTS, NOTHING, OF, PROFILES, QUOTIENTS, RATES, at, quotients_of

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

GUESSED = 5.0
"""Failures of an account within an hour from which on it may be guessed at home, too."""

CROWD = 5.0
"""Accounts that signed in from an address within a week; with more, a ban of it would fall on bystanders."""

OWN = 4
"""The first so many are an attempt's own; the others are shared by many."""


_HALF_DAY = DAY / 2
_FAILED, _PASSED, _TOKENS, _OPENED, _ADDRESSES = range(5)
_RIGHT, _TRIED, _OK_ADDRESS, _OK_NETWORK, _OK_ASN, _OK_COUNTRY, _OK_CLIENT, _OK_PROTOCOL, _FAILED_FROM = range(9)

_SCALARS = (
    "address.age", "address.idle", "network.age", "network.idle",
    "user.since_success", "user.since_failure", "user.age", "user.known", "user.unknown",
    "novelty.address", "novelty.network", "novelty.asn", "novelty.country", "novelty.client", "novelty.protocol",
    "novelty.count", "novelty.history",
    "token.known", "token.right", "token.former", "token.tried", "token.tried_here", "token.since_tried",
    "token.since_right", "token.new",
    *(f"protocol.{name}" for name in PROTOCOLS), "original.time_of_day", "original.suspicious_network",
)  # fmt: skip
"""Columns that are no counter and no quotient of counters, in the order in which :func:`see` computes them."""


def _order() -> NDArray[np.intp]:
    """Return for each column its place in an array of all counters, a 0, all quotients, all scalars."""
    quotients = {each.name: NOTHING + 1 + place for place, each in enumerate(QUOTIENTS)}
    scalars = {name: NOTHING + 1 + len(QUOTIENTS) + place for place, name in enumerate(_SCALARS)}
    return np.array(
        [quotients.get(name) or scalars.get(name) or at(*name.split(".", 1)) for name in STANDARD.names],
        dtype=np.intp,
    )


_ORDER = _order()


def _columns(group: str, but: tuple[str, ...] = ()) -> NDArray[np.intp]:
    names = STANDARD.names
    return np.array([i for i, name in enumerate(names) if name.startswith(f"{group}.") and name not in but])


_USER_COLUMNS = _columns("user", but=("user.known", "user.unknown"))
_TOKEN_COLUMNS = _columns("token", but=("token.known",))
_CONTEXT_COLUMNS = tuple(_columns(context) for context in CONTEXTS)
_OPEN_1H = tuple(at(source, "open_1h") for source in ("address", "network"))
_OPEN_24H = tuple(at(source, "open_24h") for source in ("address", "network"))
_SUCCEEDING_USERS = at("address", "succeeding_users_7d")
_USER_FAILURES = at("user", "failures_1h")


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
    """
    Return what is known of an attempt.

    Args:
        facts: The attempt in digests.
        around: The profiles of its subjects, as they are before it counts.
        time: Unix seconds of the attempt.
        protocol: Its protocol.
        known: Whether the directory knows the account, ``None`` if it did not say.
        suspicious: 1 if its address is on a block list, 0 if not, NaN if nobody looked.
    """
    user = around.user
    counts = _counts(around, facts.user, time)
    novel, flags = _novelty(user, facts, time)
    token, token_flags = _token(around, facts, time)
    name = _ALIASES.get(protocol, protocol)
    scalars = [
        *_times(around.address, time),
        *_times(around.network, time),
        *_ages(user, time),
        float(known is True and facts.user != 0),
        float(known is False and facts.user != 0),
        *novel,
        *token,
        *[float(name == each) for each in PROTOCOLS],
        _day_gone(time),
        suspicious,
    ]
    values = np.concatenate((counts, quotients_of(counts), scalars)).take(_ORDER)
    _hide_unknown(values, facts)
    flags |= token_flags
    if known is not None:
        flags |= _IS_KNOWN if known else _IS_UNKNOWN
    facts.flags = flags
    facts.known = Known(
        user.saw(_FAILED_FROM, facts.address, time - _HALF_DAY),
        user.saw(_OK_ADDRESS, facts.address, time - 5 * DAY),
        user.saw(_OK_NETWORK, facts.network, time - 5 * DAY),
        bool(counts[_SUCCEEDING_USERS] > CROWD),
        bool(flags & _HOME) and bool(counts[_USER_FAILURES] <= GUESSED),
    )
    return Seen(values, facts)


# Plain numbers: an operation on two of an enumeration's takes a microsecond.
_HISTORY, _IS_RIGHT, _WAS_RIGHT = Flag.HISTORY.value, Flag.RIGHT.value, Flag.FORMER.value
_WAS_TRIED, _IS_KNOWN, _IS_UNKNOWN = Flag.TRIED.value, Flag.KNOWN.value, Flag.UNKNOWN.value
_HOME = (Flag.SEEN_IP | Flag.SEEN_NET).value


def _counts(around: Surroundings, user: int, now: float) -> NDArray[np.float64]:
    """Return the counters of all profiles as they are now, and a 0 behind them."""
    flat: list[float] = []
    elapsed = []
    for profile in around:
        flat += profile.counts
        last = profile.last
        elapsed.append(last - now if last and now > last else 0.0)
    flat.append(0.0)
    counts = np.array(flat)
    left = np.array(elapsed).take(OF)
    left *= RATES
    np.exp2(left, left)
    counts[:NOTHING] *= left
    for source, open_1h, open_24h in zip(around, _OPEN_1H, _OPEN_24H, strict=False):
        opened = source.seen(_OPENED, user)
        if opened is not None:  # this account is not one of the others
            since = min(0.0, opened - now)
            counts[open_1h] = max(0.0, counts[open_1h] - 2.0 ** (since / HOUR))
            counts[open_24h] = max(0.0, counts[open_24h] - 2.0 ** (since / DAY))
    return counts


def _hide_unknown(values: NDArray[np.float64], facts: Facts) -> None:
    """Leave open what was not given; a counter of nothing is no 0."""
    if not facts.user:
        values[_USER_COLUMNS] = NAN
    if not facts.token:
        values[_TOKEN_COLUMNS] = NAN
    for digest, columns in zip((facts.asn, facts.country, facts.client), _CONTEXT_COLUMNS, strict=True):
        if not digest:
            values[columns] = NAN


def _times(source: Profile, now: float) -> tuple[float, float]:
    """Return how long an address or network has been known, and how long it was silent."""
    return (
        max(0.0, now - source.first) if source.first else 0.0,
        max(0.0, now - source.last) if source.last else LONG,
    )


def _ages(user: Profile, now: float) -> tuple[float, float, float]:
    """Return the seconds since an account's last success and failure, and since it was first seen."""
    success, failure = user.stamps
    return (
        max(0.0, now - success) if success else LONG,
        max(0.0, now - failure) if failure else LONG,
        max(0.0, now - user.first) if user.first else 0.0,
    )


def _novelty(user: Profile, facts: Facts, now: float) -> tuple[list[float], int]:
    """Return the columns of what is new to the account, and the flags that say the same."""
    values: list[float] = []
    flags = _HISTORY if user.stamps[0] else 0
    new = 0.0
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
        else:
            flags |= flag
            values.append(1.0 / (1.0 + max(0.0, now - last) / WEEK))
    values += (new, float(user.stamps[0] > 0))
    return values, flags


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
        float(present),
        float(right_at is not None and not present),
        float(tried_at is not None),
        float(around.address.seen(_TOKENS, facts.token) is not None),
        LONG if tried_at is None else max(0.0, now - tried_at),
        LONG if right_at is None else max(0.0, now - right_at),
        float(right_at is None and tried_at is None),
    ), flags


def _day_gone(time: float) -> float:
    return (_hour(time // 900.0) + time % 3_600.0 // 60.0 / 60.0) / 24.0


@lru_cache(maxsize=64)
def _hour(quarter: float) -> int:
    """Return the hour of the day on our clock; clocks are set forward and back at full quarters."""
    return clock.localtime(quarter * 900.0).tm_hour
