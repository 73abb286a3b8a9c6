# SPDX-License-Identifier: Apache-2.0
"""
What the rows of the journal say beyond their own flags: outcomes, shapes of sources, who signs in where.

Flags hold at the time of the attempt.  An attacker who guessed right is "seen" from then on, so flags alone
establish nothing: a pair of account and network is established by successes on two days, or on one day and before
the first row, and only by successes away from sources that look like attacks.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nacre.learning.event import Flag
from nacre.learning.groups import Counts, Groups, Mask

DAY = 86_400.0
SOURCE_USERS, SOURCE_TOKENS, NETWORK_USERS = 10, 30, 25
"""Accounts and passwords failing from an address, accounts failing from a network, in one day at least."""
SPRAY_USERS, COHORT_USERS = 8, 10
"""Accounts that a sprayed password fails for in two days; accounts for which an initial password is right."""
INSIDER_USERS, INSIDER_SHARE = 5, 0.05
"""Accounts failing that are strange at an address, in one day; the same as a share of those that sign in there."""
DEVICE_REPEATS, DEVICE_DAYS, FEW = 5, 3, 3
"""Failures alike that make a stubborn device, or days of them; accounts and passwords that it has at most."""
ACCOUNT_IPS, ACCOUNT_TOKENS = 8, 6
"""Strange addresses and passwords that fail for an attacked account in one day."""

_PARTS = 4
"""Parts that passwords are looked at in: each row is there twice, and all of them at once would be half of all room."""


class Facts:
    """
    Columns that the rules compare, each (n,), from rows that are all known by now.

    Args:
        rows: (n,) EVENT, sorted by time.

    Attributes:
        success: The backend accepted it and we did not refuse it: the only evidence for anybody.
        right: The backend accepted it, whatever we said.
        failure: The backend rejected it.  A refused row counts where its flags tell of an answer or of an older one.
        orphan: A failure of an account that never signed in from there.
        device: A failure of a device that sends the same wrong password again and again.
        strange: A failure, a repeated one too, of an account that neither before nor after signs in from there.
        excused: A failure with a password that was right before or becomes right afterwards.
        pair: The account is established in the network.
        pair_before: It signed in from there before the first row.
        provider: The account is established at the provider.
        source: The address or the network of the row attacked that day.
        account: The account is attacked that day.
        sprayed: The password is being sprayed.
        insider: The address failed that day for many accounts that are strange there, whoever else signs in from it.
        intruded: The account's first success in the network lay beside attacks and was new in every way.
        new: Neither the network nor the provider of the row is the account's own.
    """

    def __init__(self, rows: NDArray[np.void]) -> None:
        self.rows = rows
        self.flags: NDArray[np.uint32] = rows["flags"]
        self.day = (rows["time"] // DAY).astype(np.uint32)
        self.by_ip_day = Groups(rows["ip"], self.day)
        self.by_net_day = Groups(rows["net"], self.day)
        self.by_pair = Groups(rows["user"], rows["net"])
        self.by_word = Groups(rows["user"], rows["token"])
        self.by_ip = Groups(rows["ip"])
        self.named, self.placed, self.worded = rows["user"] != 0, rows["ip"] != 0, rows["token"] != 0
        self._outcomes()
        self._strangers()
        self._shapes()
        self.sprayed = self._sprayed()
        self._established()

    def has(self, flag: Flag) -> Mask:
        """Return which rows carry any of these flags."""
        return np.asarray((self.flags & np.uint32(flag)) != 0)

    def _outcomes(self) -> None:
        refused, self.right = self.has(Flag.REFUSED), self.has(Flag.SUCCESS)
        self.success = self.right & ~refused
        told = ~refused | self.has(Flag.FRESH | Flag.ORPHAN | Flag.TRIED | Flag.FORMER)
        self.failure = ~self.right & told
        self.orphan = self.failure & self.has(Flag.ORPHAN)
        known = self.has(Flag.FORMER | Flag.RIGHT) | (self.worded & self.by_word.some(self.success))
        self.excused = self.failure & known
        self.unknown = self.has(Flag.UNKNOWN) | ~(
            self.has(Flag.KNOWN | Flag.HISTORY) | Groups(self.rows["user"]).some(self.right)
        )
        away = np.where(self.rows["asn"] != 0, ~self.has(Flag.SEEN_ASN), ~self.has(Flag.SEEN_CLIENT))
        self.new = ~self.has(Flag.SEEN_NET | Flag.SEEN_IP) & away

    def _strangers(self) -> None:
        rows, worded = self.rows, self.failure & self.worded & self.placed
        by_ip_user = Groups(rows["ip"], rows["user"])
        # Each count goes as soon as it was compared: half a dozen of a million rows would be as much as the rows.
        stubborn = Groups(by_ip_user.code, rows["token"]).count(worded) >= DEVICE_REPEATS
        stubborn &= by_ip_user.distinct(rows["token"], worded) <= FEW
        stubborn &= Groups(rows["ip"], rows["token"]).distinct(rows["user"], worded) <= FEW
        stubborn &= Groups(rows["token"]).distinct(rows["user"], worded) < SPRAY_USERS
        self.device = worded & stubborn
        away = ~self.has(Flag.SEEN_NET | Flag.SEEN_IP) & ~self.by_pair.some(self.success)
        self.strange = self.failure & ~self.excused & ~self.device & away & ~self._steady(by_ip_user)
        del by_ip_user
        known = self.by_ip_day.distinct(rows["user"], self.strange & ~self.unknown & self.named)
        others = self.by_ip_day.distinct(rows["user"], self.success)
        self.insider = (known >= INSIDER_USERS) & (known >= INSIDER_SHARE * others) & self.placed

    def _steady(self, by_ip_user: Groups) -> Mask:
        """Return what may be a stubborn device too, for all we know without its password."""
        silent = self.failure & ~self.worded & self.placed
        days, users = by_ip_user.distinct(self.day, silent), self.by_ip.distinct(self.rows["user"], silent)
        return np.asarray(silent & (days >= DEVICE_DAYS) & (users <= FEW))

    def _shapes(self) -> None:
        rows, open_ = self.rows, self.failure & ~self.excused
        named, worded = open_ & self.named, open_ & self.worded
        self.ip_failures, ip_share = self._failures(self.by_ip_day)
        self.many_users = self.by_ip_day.distinct(rows["user"], named) >= SOURCE_USERS
        self.many_users &= (ip_share > 0.9) & self.placed
        self.many_tokens = self.by_ip_day.distinct(rows["token"], worded) >= SOURCE_TOKENS
        self.many_tokens &= (ip_share > 0.95) & self.placed
        del ip_share
        self.net_failures, net_share = self._failures(self.by_net_day)
        self.wide = self.by_net_day.distinct(rows["user"], named) >= NETWORK_USERS
        self.wide &= (net_share > 0.9) & (rows["net"] != 0)
        del net_share
        user_day = Groups(rows["user"], self.day)
        self.account = user_day.distinct(rows["ip"], self.orphan) >= ACCOUNT_IPS
        self.account &= user_day.distinct(rows["token"], self.orphan & self.worded) >= ACCOUNT_TOKENS
        self.account &= self.named

    def _failures(self, groups: Groups) -> tuple[Counts, NDArray[np.float64]]:
        """Return how many rows of each row's group failed, and which share of those that had an answer."""
        failed, right = groups.count(self.failure), groups.count(self.right)
        right += failed
        np.maximum(right, 1, out=right)
        return failed, failed / right

    def _sprayed(self) -> Mask:
        sprayed = np.zeros(len(self.rows), np.bool_)
        worded = self.failure & ~self.excused & self.worded
        for part in range(_PARTS):
            failed = np.flatnonzero(worded & (self.rows["token"] % _PARTS == part))
            token, day, user = self.rows["token"][failed], self.day[failed], self.rows["user"][failed]
            two_days = Groups(np.tile(token, 2), np.concatenate([day, day + 1]))
            users = two_days.distinct(np.tile(user, 2), np.ones(2 * len(failed), np.bool_))
            sprayed[failed] = np.maximum(users[: len(failed)], users[len(failed) :]) >= SPRAY_USERS
        sprayed = Groups(self.rows["token"], self.day).some(sprayed) & self.worded
        sprayed &= Groups(self.rows["token"]).distinct(self.rows["user"], self.right) < COHORT_USERS
        return np.asarray(sprayed)

    def _established(self) -> None:
        clean = self.success & self.named & ~(self.many_users | self.many_tokens | self.wide)
        pair, self.pair_before = self._days(self.by_pair, clean, Flag.SEEN_NET)
        strange = self.success & self.has(Flag.HISTORY) & self.new
        obvious = self._source(pair & ~self.by_pair.some(strange))
        guess = self.failure & (obvious | (self.orphan & (self.account | self.sprayed)))
        hot = self.by_ip_day.near(guess)
        self.intruded = self.by_pair.some(strange & hot)
        self.pair = pair & ~self.intruded & (self.rows["net"] != 0)
        self.source = self._source(self.pair)
        del self.by_net_day, self.ip_failures, self.net_failures  # a quarter of the room, and read here alone
        by_provider = Groups(self.rows["user"], self.rows["asn"])
        provider, before = self._days(by_provider, clean & ~self.intruded, Flag.SEEN_ASN)
        self.provider = provider & (self.rows["asn"] != 0)
        self.provider_before = before & (self.rows["asn"] != 0)
        self.provider_days = by_provider.distinct(self.day, self.success)

    def _days(self, groups: Groups, clean: Mask, seen: Flag) -> tuple[Mask, Mask]:
        before = groups.some(self.has(seen)) & ~groups.some(self.success & ~self.has(seen))
        return groups.distinct(self.day, clean) + before >= 2, before

    def _source(self, pair: Mask) -> Mask:
        ours = self.by_ip_day.count(self.success & pair)
        net_ours = self.by_net_day.count(self.success & pair)
        return np.asarray(
            (self.many_users & (ours <= 0.02 * self.ip_failures))
            | (self.many_tokens & (ours == 0))
            | (self.wide & (net_ours <= 0.02 * self.net_failures))
        )
