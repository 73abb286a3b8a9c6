# SPDX-License-Identifier: Apache-2.0
"""
What the outcome of an attempt changes in the profiles of its subjects.

Each function counts one outcome in one profile, so that outcomes of many attempts can be applied to a profile
in any process, in the order in which they come.  A pair of subjects is distinct if neither of the two remembers the
other: either list may have overflowed, and whoever tries to overflow both is counted as what that is.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from nacre.features.facts import TOKEN_MASK, Facts
from nacre.features.flags import Flag
from nacre.features.layout import CONTEXT, DAY, HOUR, SOURCE, TOKEN, USER
from nacre.features.profile import Profile


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """
    What became of an attempt.

    Attributes:
        facts: The attempt, with what was known of it before.
        time: Unix seconds.
        accepted: What the backend said.
        refused: Whether we had refused it.
        trusted: Whether it was more likely its owner's, although we refused it.  A right password that was refused
            and is not trusted is no login, and teaches nothing of the owner, until it comes again from the
            same network hours later.
        flags: The flags of the attempt with those that its outcome tells; found when it is made, whatever is given.
    """

    facts: Facts
    time: float
    accepted: bool
    refused: bool = False
    trusted: bool = False
    flags: int = 0

    def __post_init__(self) -> None:
        # Nine profiles ask for these: they are found once.
        flags = self.facts.flags
        told = flags | _SUCCESS if self.accepted else flags
        if self.refused:
            told |= _REFUSED
        if not self.accepted:
            stranger = not flags & _NOT_ORPHAN
            if stranger:
                told |= _IS_ORPHAN
            if not flags & _OLD if self.facts.token else stranger:
                told |= _IS_FRESH
        _set(self, "flags", told)

    @property
    def withheld(self) -> bool:
        """Whether it was a right password that is not taken for its owner's."""
        return self.accepted and self.refused and not self.trusted

    @property
    def orphan(self) -> bool:
        """Whether a stranger failed: from where the account never signed in, with a password new to it."""
        return not self.accepted and self.flags & _IS_ORPHAN != 0

    @property
    def fresh(self) -> bool:
        """Whether it failed with a password never seen for the account; without passwords, if a stranger failed."""
        return not self.accepted and self.flags & _IS_FRESH != 0


_set = msgspec.structs.force_setattr
# Plain numbers: an operation on two of an enumeration's takes a microsecond.
_SUCCESS, _REFUSED, _IS_ORPHAN, _IS_FRESH = Flag.SUCCESS.value, Flag.REFUSED.value, Flag.ORPHAN.value, Flag.FRESH.value
_OLD = (Flag.RIGHT | Flag.FORMER | Flag.TRIED).value
_NOT_ORPHAN = _OLD | (Flag.SEEN_IP | Flag.SEEN_NET).value
_UNKNOWN = Flag.UNKNOWN.value
_SEEN_NET = Flag.SEEN_NET.value
_HALF_DAY = DAY / 2

DOUBT = DAY / 4
"""Seconds after which a right password that was refused, and comes again from there, is its owner's: six hours."""


def _places(layout: object, *names: str) -> tuple[int, ...]:
    return tuple(layout.counter(name) for name in names)  # type: ignore[attr-defined]


_FAILURES = _places(SOURCE, "failures_5m", "failures_1h", "failures_24h")
_SUCCESSES = _places(SOURCE, "successes_1h", "successes_24h", "successes_7d")
_FAILING_USERS = _places(SOURCE, "failing_users_1h", "failing_users_24h")
_FAILING_TOKENS = _places(SOURCE, "failing_tokens_1h", "failing_tokens_24h")
_UNKNOWN_USERS = _places(SOURCE, "unknown_users_1h", "unknown_users_24h")
_FRESH = _places(SOURCE, "fresh_1h", "fresh_24h")
_OPEN = _places(SOURCE, "open_1h", "open_24h")
_NEW_PAIRS = _places(SOURCE, "new_pairs_24h")
_ADDRESSES_24H = _places(SOURCE, "addresses_24h")
_SUCCEEDING_USERS = _places(SOURCE, "succeeding_users_7d")
_FAILED, _PASSED, _TOKENS, _OPENED, _ADDRESSES = range(5)


def count_address(profile: Profile, outcome: Outcome) -> None:
    """Count an outcome for the address that it came from."""
    known = outcome.facts.known
    _count_source(profile, outcome, known.failed_here, known.passed_here)


def count_network(profile: Profile, outcome: Outcome) -> None:
    """Count an outcome for the network that it came from."""
    _count_source(profile, outcome, outcome.facts.known.failed_here, outcome.facts.known.passed_near)
    address, now = outcome.facts.address, outcome.time
    if not profile.saw(_ADDRESSES, address, now - DAY):
        profile.add(*_ADDRESSES_24H)
    profile.touch(_ADDRESSES, address, now)


def _count_source(profile: Profile, outcome: Outcome, failed_before: bool, passed_before: bool) -> None:  # noqa: C901, FBT001, PLR0912  one line per counter
    facts, now, user = outcome.facts, outcome.time, outcome.facts.user
    profile.begin(now)
    if outcome.withheld:
        return
    if user and not (
        failed_before
        or passed_before
        or profile.seen(_FAILED, user) is not None
        or profile.seen(_PASSED, user) is not None
    ):
        profile.add(*_NEW_PAIRS)
    if outcome.accepted:
        profile.add(*_SUCCESSES)
        if user:
            if not (passed_before or profile.saw(_PASSED, user, now - 5 * DAY)):
                profile.add(*_SUCCEEDING_USERS)
            profile.touch(_PASSED, user, now)
            opened = profile.seen(_OPENED, user)
            if opened is not None:
                profile.drop(_OPENED, user)
                profile.take(_OPEN[0], HOUR, opened)
                profile.take(_OPEN[1], DAY, opened)
        return
    profile.add(*_FAILURES)
    if facts.flags & _UNKNOWN:
        profile.add(*_UNKNOWN_USERS)
    if user:
        if not (failed_before or profile.saw(_FAILED, user, now - _HALF_DAY)):
            profile.add(*_FAILING_USERS)
        profile.touch(_FAILED, user, now)
    if facts.token:
        if not profile.saw(_TOKENS, facts.token, now - _HALF_DAY):
            profile.add(*_FAILING_TOKENS)
        profile.touch(_TOKENS, facts.token, now)
    if outcome.flags & _IS_FRESH:
        profile.add(*_FRESH)
        if user and profile.seen(_OPENED, user) is None:
            profile.add(*_OPEN)
            profile.touch(_OPENED, user, now)


_USER_FAILURES = _places(USER, "failures_5m", "failures_1h", "failures_24h", "failures_7d")
_USER_SUCCESSES = _places(USER, "successes_7d")
_USER_ADDRESSES = _places(USER, "failing_addresses_1h", "failing_addresses_24h")
_USER_TOKENS = _places(USER, "failing_tokens_1h", "failing_tokens_24h")
_USER_FRESH = _places(USER, "fresh_1h", "fresh_24h")
_USER_FRESH_ADDRESSES = _places(USER, "fresh_addresses_24h")
_USER_ASNS = _places(USER, "asns_7d")
_USER_ELSEWHERE = _places(USER, "fresh_elsewhere_7d")
(
    _RIGHT,
    _TRIED,
    _OK_ADDRESS,
    _OK_NETWORK,
    _OK_ASN,
    _OK_COUNTRY,
    _OK_CLIENT,
    _OK_PROTOCOL,
    _FAILED_FROM,
    _ASNS,
    _DOUBTED,
) = range(11)


def count_user(profile: Profile, outcome: Outcome) -> None:  # noqa: C901, PLR0912  one line per counter
    """Count an outcome for its account."""
    facts, now = outcome.facts, outcome.time
    profile.begin(now)
    short = facts.token & TOKEN_MASK
    if facts.asn:
        if profile.seen(_ASNS, facts.asn) is None:
            profile.add(*_USER_ASNS)
        profile.touch(_ASNS, facts.asn, now)
    if outcome.accepted:
        if outcome.withheld and not _came_again(profile, facts.network, now):
            return
        profile.add(*_USER_SUCCESSES)
        profile.stamp(0, now)
        for list_, item in (
            (_OK_ADDRESS, facts.address), (_OK_NETWORK, facts.network), (_OK_ASN, facts.asn),
            (_OK_COUNTRY, facts.country), (_OK_CLIENT, facts.client), (_OK_PROTOCOL, facts.protocol),
        ):  # fmt: skip
            if item:
                profile.touch(list_, item, now)
        if facts.token:
            profile.touch(_RIGHT, short, now)
            profile.drop(_TRIED, short)
        return
    profile.add(*_USER_FAILURES)
    profile.stamp(1, now)
    distinct = facts.address != 0 and not profile.saw(_FAILED_FROM, facts.address, now - _HALF_DAY)
    if distinct:
        profile.add(*_USER_ADDRESSES)
    if facts.address:
        profile.touch(_FAILED_FROM, facts.address, now)
    if facts.token:
        if profile.seen(_TRIED, short) is None and profile.seen(_RIGHT, short) is None:
            profile.add(*_USER_TOKENS)
        profile.touch(_TRIED, short, now)
    if outcome.flags & _IS_FRESH:
        profile.add(*_USER_FRESH)
        if distinct:
            profile.add(*_USER_FRESH_ADDRESSES)
        if not facts.flags & _SEEN_NET:
            profile.add(*_USER_ELSEWHERE)


def _came_again(profile: Profile, network: int, now: float) -> bool:
    """Whether a right password that was refused comes from a network from which one was refused hours ago."""
    since = profile.seen(_DOUBTED, network)
    if since is None:
        profile.touch(_DOUBTED, network, now)
        return False
    if now - since < DOUBT:
        return False
    profile.drop(_DOUBTED, network)
    return True


_TOKEN_FAILING = _places(TOKEN, "failing_users_1h", "failing_users_24h")
_TOKEN_RIGHT = _places(TOKEN, "right_users_7d")


def count_token(profile: Profile, outcome: Outcome) -> None:
    """Count an outcome for its password: how many accounts failed with it, and for how many it was right."""
    flags = outcome.facts.flags
    profile.begin(outcome.time)
    if outcome.accepted:
        if not outcome.withheld and not flags & (Flag.RIGHT | Flag.FORMER).value:
            profile.add(*_TOKEN_RIGHT)
    elif not flags & _OLD:
        profile.add(*_TOKEN_FAILING)


_ALL_FAILURES = _places(CONTEXT, "failures_10m", "failures_1h", "failures_24h", "failures_7d")
_ALL_SUCCESSES = _places(CONTEXT, "successes_10m", "successes_1h", "successes_24h", "successes_7d")
_ALL_FRESH = _places(CONTEXT, "fresh_10m", "fresh_24h")
_ALL_ORPHANS = _places(CONTEXT, "orphans_10m", "orphans_1h", "orphans_24h", "orphans_7d")
_ALL_UNKNOWN = _places(CONTEXT, "unknown_users_10m")


def count_context(profile: Profile, outcome: Outcome) -> None:
    """Count an outcome for what it has in common with many others."""
    profile.begin(outcome.time)
    if outcome.accepted:
        if not outcome.withheld:
            profile.add(*_ALL_SUCCESSES)
        return
    profile.add(*_ALL_FAILURES)
    flags = outcome.flags
    if flags & _IS_FRESH:
        profile.add(*_ALL_FRESH)
    if flags & _IS_ORPHAN:
        profile.add(*_ALL_ORPHANS)
    if flags & _UNKNOWN:
        profile.add(*_ALL_UNKNOWN)


Count = Callable[[Profile, Outcome], None]
COUNTS: tuple[Count, ...] = (count_address, count_network, count_user, count_token, *(count_context,) * 5)
"""What counts an outcome, for each of the profiles around an attempt."""
