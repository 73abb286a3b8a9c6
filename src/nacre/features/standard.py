# SPDX-License-Identifier: Apache-2.0
"""
What is known of an attempt before its outcome, as one number per standard column.

Everything is read before the attempt itself is counted.  What is not known is NaN, which a model replaces by the
median of its training.
"""

from __future__ import annotations

import math
import time as clock
from typing import NamedTuple

from nacre.features.columns import PROTOCOLS
from nacre.features.facts import TOKEN_MASK, Facts, Known
from nacre.features.flags import Flag
from nacre.features.profile import CONTEXT, DAY, SOURCE, TOKEN, USER, WEEK, Layout, Profile

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


LAYOUTS: tuple[Layout, ...] = (SOURCE, SOURCE, USER, TOKEN, CONTEXT, CONTEXT, CONTEXT, CONTEXT, CONTEXT)
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


class Seen(NamedTuple):
    """
    What is known of an attempt before its outcome.

    Attributes:
        values: One number per column of :data:`STANDARD`, before logarithms.
        facts: The attempt in digests, with its flags and what the account's lists said.
    """

    values: list[float]
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
    values = _source(around.address, facts.user, time)
    values += _source(around.network, facts.user, time)
    values.append(around.network.counts_at(time)[_NETWORK_ADDRESSES])
    values += _account(user, facts, time, known)
    novel, flags = _novelty(user, facts, time)
    values += novel
    token_values, token_flags = _token(around, facts, time)
    values += token_values
    values += _context(around, facts, time)
    name = _ALIASES.get(protocol, protocol)
    values += [*(float(name == each) for each in PROTOCOLS), _day_gone(time), suspicious]
    flags |= token_flags
    if known is not None:
        flags |= _IS_KNOWN if known else _IS_UNKNOWN
    facts.flags = flags
    facts.known = Known(
        user.saw(_FAILED_FROM, facts.address, time - _HALF_DAY),
        user.saw(_OK_ADDRESS, facts.address, time - 5 * DAY),
        user.saw(_OK_NETWORK, facts.network, time - 5 * DAY),
        around.address.counts_at(time)[_SUCCEEDING_USERS] > CROWD,
        bool(flags & _HOME) and user.counts_at(time)[_USER_FAILURES] <= GUESSED,
    )
    return Seen(values, facts)


# Plain numbers: an operation on two of an enumeration's takes a microsecond.
_HISTORY, _IS_RIGHT, _WAS_RIGHT = Flag.HISTORY.value, Flag.RIGHT.value, Flag.FORMER.value
_WAS_TRIED, _IS_KNOWN, _IS_UNKNOWN = Flag.TRIED.value, Flag.KNOWN.value, Flag.UNKNOWN.value
_HOME = (Flag.SEEN_IP | Flag.SEEN_NET).value
_USER_FAILURES = USER.counter("failures_1h")
_SUCCEEDING_USERS = SOURCE.counter("succeeding_users_7d")
_NETWORK_ADDRESSES = SOURCE.counter("addresses_24h")


def _source(source: Profile, user: int, now: float) -> list[float]:
    """Return the columns of an address or a network."""
    (
        failures_5m,
        failures_1h, successes_1h, failing_users_1h, failing_tokens_1h, unknown_1h, fresh_1h, open_1h,
        failures_24h, successes_24h, failing_users_24h, failing_tokens_24h, unknown_24h, fresh_24h, open_24h,
        new_pairs_24h, _, successes_7d, succeeding_users_7d,
    ) = source.counts_at(now)  # fmt: skip
    opened = source.lists[_OPENED].get(user)
    if opened is not None:
        elapsed = max(0.0, now - opened)
        open_1h = max(0.0, open_1h - 2.0 ** (-elapsed / 3600.0))
        open_24h = max(0.0, open_24h - 2.0 ** (-elapsed / DAY))
    attempts_24h = failures_24h + successes_24h
    return [
        failures_5m,
        failures_1h,
        failures_24h,
        successes_24h,
        successes_7d,
        (failures_1h + 0.3) / (failures_1h + successes_1h + 1.0),
        (failures_24h + 0.3) / (attempts_24h + 1.0),
        failing_users_1h,
        failing_users_24h,
        succeeding_users_7d,
        failing_tokens_1h,
        failing_tokens_24h,
        unknown_1h,
        unknown_24h,
        max(0.0, now - source.first) if source.first else 0.0,
        max(0.0, now - source.last) if source.last else LONG,
        (new_pairs_24h + 0.3) / (attempts_24h + 1.0),
        fresh_1h,
        fresh_24h,
        open_1h,
        open_24h,
        (fresh_24h + 0.3) / (attempts_24h + 1.0),
    ]


def _account(user: Profile, facts: Facts, now: float, known: bool | None) -> list[float]:  # noqa: FBT001  tri-state
    """Return the columns of the account."""
    if not facts.user:
        return [NAN] * 13 + [0.0, 0.0] + [NAN] * 4
    (
        failures_5m,
        failures_1h, failing_addresses_1h, failing_tokens_1h, fresh_1h,
        failures_24h, failing_addresses_24h, failing_tokens_24h, fresh_24h, fresh_addresses_24h,
        failures_7d, successes_7d, asns_7d, fresh_elsewhere_7d,
    ) = user.counts_at(now)  # fmt: skip
    success, failure = user.stamps
    return [
        failures_5m,
        failures_1h,
        failures_24h,
        failing_addresses_1h,
        failing_addresses_24h,
        failing_tokens_1h,
        failing_tokens_24h,
        asns_7d,
        max(0.0, now - success) if success else LONG,
        max(0.0, now - failure) if failure else LONG,
        successes_7d,
        (failures_7d + 0.3) / (failures_7d + successes_7d + 1.0),
        max(0.0, now - user.first) if user.first else 0.0,
        float(known is True),
        float(known is False),
        fresh_1h,
        fresh_24h,
        fresh_addresses_24h,
        fresh_elsewhere_7d,
    ]


def _novelty(user: Profile, facts: Facts, now: float) -> tuple[list[float], int]:
    """Return the columns of what is new to the account, and the flags that say the same."""
    lists = user.lists
    seen = (
        lists[_OK_ADDRESS].get(facts.address),
        lists[_OK_NETWORK].get(facts.network),
        lists[_OK_ASN].get(facts.asn),
        lists[_OK_COUNTRY].get(facts.country),
        lists[_OK_CLIENT].get(facts.client),
        lists[_OK_PROTOCOL].get(facts.protocol),
    )
    history = float(user.stamps[0] > 0)
    given = (facts.address, facts.network, facts.asn, facts.country, facts.client, facts.protocol)
    values = [
        NAN if not digest else 0.0 if last is None else 1.0 / (1.0 + max(0.0, now - last) / WEEK)
        for last, digest in zip(seen, given, strict=True)
    ]
    flags = _HISTORY if history else 0
    for last, flag in zip(seen, _SEEN, strict=False):
        if last is not None:
            flags |= flag
    values.append(float(sum(1 for last, digest in zip(seen, given, strict=True) if last is None and digest)))
    values.append(history)
    return values, flags


_SEEN = (Flag.SEEN_IP.value, Flag.SEEN_NET.value, Flag.SEEN_ASN.value, Flag.SEEN_COUNTRY.value, Flag.SEEN_CLIENT.value)


def _token(around: Surroundings, facts: Facts, now: float) -> tuple[list[float], int]:
    """Return the columns of the password, and the flags that say the same."""
    if not facts.token:
        return [NAN, NAN, NAN, 0.0, NAN, NAN, NAN, NAN, NAN, NAN, NAN], 0
    failing_1h, failing_24h, right_7d = around.token.counts_at(now)
    short = facts.token & TOKEN_MASK
    right, tried = around.user.lists[_RIGHT], around.user.lists[_TRIED]
    right_at, tried_at = right.get(short), tried.get(short)
    present = right_at is not None and next(reversed(right)) == short
    flags = (_IS_RIGHT if present else _WAS_RIGHT) if right_at is not None else 0
    if tried_at is not None:
        flags |= _WAS_TRIED
    return [
        failing_1h,
        failing_24h,
        right_7d,
        1.0,
        float(present),
        float(right_at is not None and not present),
        float(tried_at is not None),
        float(facts.token in around.address.lists[_TOKENS]),
        LONG if tried_at is None else max(0.0, now - tried_at),
        LONG if right_at is None else max(0.0, now - right_at),
        float(right_at is None and tried_at is None),
    ], flags


def _context(around: Surroundings, facts: Facts, now: float) -> list[float]:
    """Return the columns of what attempts have in common."""
    every = around.everyone.counts_at(now)
    logins = every[12 + 1]
    values = []
    for digest, profile in (
        (facts.asn, around.asn), (facts.country, around.country), (facts.client, around.client),
    ):  # fmt: skip
        if not digest:
            values += [NAN] * 4
            continue
        _, _, _, _, _, failures_1h, successes_1h, orphans_1h, _, _, _, _, _, successes_7d, orphans_7d = (
            profile.counts_at(now)
        )
        values += [
            math.log((successes_7d + 0.1) / (logins + 10.0)),
            (failures_1h + 0.3) / (failures_1h + successes_1h + 1.0),
            orphans_1h,
            _rise(orphans_1h, 3_600.0, orphans_7d, WEEK),
        ]
    failures_10m, successes_10m, fresh_10m, *_ = around.protocol.counts_at(now)
    values += [
        (failures_10m + 0.3) / (failures_10m + successes_10m + 1.0),
        (fresh_10m + 0.3) / (failures_10m + successes_10m + 1.0),
    ]
    failures, successes, fresh, orphans, unknown, _, _, _, failures_24h, successes_24h, fresh_24h, orphans_24h, *_ = (
        every
    )
    attempts, attempts_24h = failures + successes, failures_24h + successes_24h
    values += [
        (failures + 0.3) / (attempts + 1.0),
        (failures_24h + 0.3) / (attempts_24h + 1.0),
        _rise(orphans, 600.0, orphans_24h, DAY),
        _rise(fresh, 600.0, fresh_24h, DAY),
        (unknown + 0.3) / (attempts + 1.0),
        _rise(attempts, 600.0, attempts_24h, DAY),
    ]
    return values


def _rise(now: float, half_life: float, usual: float, usual_half_life: float) -> float:
    """Return the logarithm of a rate beside its usual one; one event more keeps silence from being a surprise."""
    return math.log((now + 1.0) / (usual * half_life / usual_half_life + 1.0))


def _day_gone(time: float) -> float:
    return (clock.localtime(time).tm_hour + time % 3_600.0 // 60.0 / 60.0) / 24.0
