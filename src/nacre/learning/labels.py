# SPDX-License-Identifier: Apache-2.0
"""
Weak labels: what the rows of the journal were, in hindsight and as far as the operator can know.

Success is not benign, failure is no attack, and what we refused ourselves proves nothing.  A rule that
speaks for an attempt or against it gives it a label with a weight; most rows that no rule reaches stay unknown.
Of two rules for one row the earlier one holds.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.learning.event import Flag
from nacre.learning.facts import Facts
from nacre.learning.groups import Mask
from nacre.learning.reason import Reason

SETTLE = 43_200.0
"""Seconds after which it is taken that what an attempt leads to has happened: half a day."""
FIRM = 0.6
"""Weight from which a label is firm: rows labelled so are attacks for the rules about what lies beside them."""
NAMES = 2
"""Names that nobody has, from one address in a day, that are no typo of somebody who signs in there afterwards."""
RARE = 0.05
"""Logins from elsewhere for each firm attack at most: where hardly anybody attacks, they are owners' who travel."""

LASTING = (Reason.ACCOUNT, Reason.PAIR, Reason.RIGHT_ONCE, Reason.PAIR_FAILED)
"""Reasons that no later row takes back: these alone label what has not settled yet."""

_READ = {"time", "ip", "net", "user", "token", "asn", "country", "client", "flags"}


class Labels(NamedTuple):
    """
    Labels of rows, aligned with them.

    Attributes:
        attack: (n,) float32, 1 for an attack, 0 for a legitimate attempt, NaN where it is not known.
        weight: (n,) float32, how sure that is, 0 where it is not known; 1 without feedback at most.
        reason: (n,) uint8, a :class:`Reason`.
    """

    attack: NDArray[np.float32]
    weight: NDArray[np.float32]
    reason: NDArray[np.uint8]

    @classmethod
    def blank(cls, n: int, reason: Reason = Reason.NONE) -> Labels:
        """Return labels that say nothing about *n* rows."""
        return cls(np.full(n, np.nan, np.float32), np.zeros(n, np.float32), np.full(n, reason, np.uint8))

    def put(self, where: Mask, attack: float, weight: float, reason: Reason) -> None:
        """Label rows that no rule has spoken about yet."""
        free = where & (self.reason == Reason.NONE)
        self.attack[free], self.weight[free], self.reason[free] = attack, weight, reason

    def firm_attacks(self) -> Mask:
        """Return which rows are firmly labelled attacks."""
        return np.asarray((self.attack == 1) & (self.weight >= FIRM))


def label(events: NDArray[np.void], now: float, *, settle: float = SETTLE) -> Labels:
    """
    Label rows with what lies at or before *now*; nothing later has any influence.

    Args:
        events: (n,) EVENT or sample rows, sorted by time.
        now: Unix seconds.
        settle: Seconds that rows wait for what they lead to; younger ones have :data:`LASTING` reasons only.

    Returns:
        Labels of all *n* rows; those after *now* are ``LATER``.

    Raises:
        ValueError: *events* are no EVENT rows or not sorted.

    A day-long stranger, half a day later:

    >>> from nacre.learning.event import EVENT
    >>> rows = np.zeros(1, EVENT)
    >>> rows["time"], rows["ip"], rows["net"], rows["user"], rows["token"] = 0.0, 1, 2, 3, 4
    >>> rows["flags"] = Flag.ORPHAN | Flag.FRESH | Flag.KNOWN
    >>> stranger = label(rows, 86_400.0)
    >>> stranger.attack.tolist(), round(float(stranger.weight[0]), 2), Reason(stranger.reason[0]).name
    ([1.0], 0.8, 'STRANGER')
    """
    if _READ - set(events.dtype.names or ()):
        raise ValueError(f"rows of type {events.dtype} are no events")
    times = events["time"]
    if np.any(times[1:] < times[:-1]):
        raise ValueError("events are not sorted by time")
    known = int(np.searchsorted(times, now, side="right"))
    labels = Labels.blank(len(events), Reason.LATER)
    if known:
        made = _settled(events[:known], now - settle)
        labels.attack[:known], labels.weight[:known], labels.reason[:known] = made
    return labels


def _settled(rows: NDArray[np.void], settled: float) -> Labels:
    facts, labels = Facts(rows), Labels.blank(len(rows))
    _attacks_seen_in_groups(facts, labels)
    _excuses(facts, labels)
    _strangers(facts, labels)
    _hits(facts, labels)
    _successes(facts, labels)
    labels.put(facts.has(Flag.REFUSED), np.nan, 0, Reason.NOT_TOLD)
    young = (rows["time"] > settled) & ~np.isin(labels.reason, LASTING)
    labels.attack[young], labels.weight[young], labels.reason[young] = np.nan, 0, Reason.YOUNG
    return labels


def _attacks_seen_in_groups(facts: Facts, labels: Labels) -> None:
    ours = facts.pair | facts.pair_before
    labels.put(facts.failure & facts.source & ~ours, 1, 1, Reason.SOURCE)
    guess = (facts.orphan & ~facts.excused & ~facts.device) | facts.strange
    labels.put(guess & facts.account & ~ours, 1, 1, Reason.ACCOUNT)
    labels.put(guess & facts.sprayed & ~ours, 1, 1, Reason.SPRAYED)
    labels.put(guess & ours & (facts.account | facts.sprayed), np.nan, 0, Reason.CONFLICT)


def _excuses(facts: Facts, labels: Labels) -> None:
    labels.put(facts.excused, 0, 1, Reason.RIGHT_ONCE)
    ours = facts.pair | (facts.pair_before & facts.has(Flag.SEEN_NET))
    labels.put(facts.failure & ours, 0, 0.8, Reason.PAIR_FAILED)
    labels.put(facts.device, 0, 0.6, Reason.DEVICE)


def _strangers(facts: Facts, labels: Labels) -> None:
    signed_in = facts.by_ip.some(facts.success & ~(facts.new & facts.has(Flag.HISTORY) & ~facts.pair))
    regular = facts.by_ip.some(facts.success & facts.pair)
    failure, alone = facts.failure, facts.strange & ~signed_in & facts.placed
    used = facts.has(Flag.SEEN_ASN) | facts.provider
    labels.put(alone & ~used & ~facts.unknown, 1, 0.8, Reason.STRANGER)
    labels.put(facts.strange & facts.insider, 1, 0.8, Reason.INSIDER)
    labels.put(alone & used & ~facts.unknown, 1, 0.35, Reason.STRANGER_KNOWN_PROVIDER)
    unknown = facts.unknown & failure & facts.placed
    several = facts.by_ip_day.distinct(facts.rows["user"], unknown) >= NAMES
    labels.put(unknown & ~regular & (several | ~facts.by_ip.some(facts.success)), 1, 0.6, Reason.NO_SUCH_ACCOUNT)
    labels.put(unknown & regular, 0, 0.4, Reason.MISTYPED_NAME)
    guessed = facts.worded & facts.by_word.some(failure & labels.firm_attacks())
    labels.put(facts.strange & guessed, 1, 0.6, Reason.REPEATED_GUESS)
    labels.put(failure & (used | facts.has(Flag.SEEN_NET | Flag.SEEN_IP)), 0, 0.2, Reason.PROVIDER_FAILED)
    owners = facts.by_pair.some(facts.success) & ~facts.intruded
    labels.put(failure & owners, 0, 0.2, Reason.BESIDE_SUCCESS)


def _hits(facts: Facts, labels: Labels) -> None:
    nobodys = facts.right & ~facts.pair & ~facts.by_ip.some(facts.success & facts.pair) & facts.placed
    novel = nobodys & facts.new
    labels.put(novel & facts.source, 1, 1, Reason.HIT_OF_SOURCE)
    beside = facts.by_ip_day.near(labels.firm_attacks())
    labels.put(novel & beside & facts.has(Flag.HISTORY), 1, 0.7, Reason.HIT)
    labels.put(nobodys & facts.intruded & beside, 1, 0.7, Reason.RETURNED)


def _successes(facts: Facts, labels: Labels) -> None:
    # A right password that we refused is as much a login as any other here: to leave those out would teach the next
    # model that logins from new places are attacks, and it would refuse more of them.  They establish nothing.
    success = facts.right
    labels.put(success & facts.pair, 0, 1, Reason.PAIR)
    labels.put(success & facts.provider, 0, 0.7, Reason.PROVIDER)
    abroad = (facts.rows["country"] != 0) & ~facts.has(Flag.SEEN_COUNTRY)
    once = facts.new & (abroad | ~facts.has(Flag.SEEN_CLIENT)) & (facts.provider_days <= 1)
    other = (facts.rows["asn"] != 0) & (facts.rows["client"] != 0) & ~facts.has(Flag.SEEN_CLIENT)
    elsewhere = success & once & abroad & other & facts.has(Flag.HISTORY)
    if np.count_nonzero(elsewhere) <= RARE * np.count_nonzero(labels.firm_attacks()):
        labels.put(elsewhere, 1, 0.5, Reason.ELSEWHERE)
    labels.put(success & once, np.nan, 0, Reason.ONCE)
    labels.put(success & ~facts.intruded, 0, 0.25, Reason.OTHER_SUCCESS)
