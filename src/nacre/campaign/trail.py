# SPDX-License-Identifier: Apache-2.0
"""What is known of one campaign, growing as its attempts come."""

from __future__ import annotations

import msgspec
import numpy as np

from nacre.campaign.bond import Lately
from nacre.campaign.distinct import Distinct, Hashing
from nacre.campaign.picture import Campaign, CampaignKind, Taken
from nacre.campaign.sighting import Mark
from nacre.campaign.trial import Trial, subnets_of

MOST_TARGETS = 512
SHOWN_TARGETS = 100
MOST_TAKEN = 1000
_MOST_SHARES = 12
_UNKNOWN, _STOPPED = int(Mark.UNKNOWN), int(Mark.STOPPED)


class Trail(msgspec.Struct, kw_only=True):
    """
    A campaign, as it grows.

    Attributes:
        id: Names it.
        since, last: Unix seconds of its first and its last attempt.
        active: Unix seconds when it was last certain that it goes on.
        ended: Unix seconds at which it was over, 0 while it runs.
        attempts, unknown, stopped: So far; of these, on names without an account; of these, stopped by us.
        named: Attempts whose password is known by its digest.
        sources, subnets, accounts, tokens: Distinct ones.
        targets: Attempts by account, of at most 512 accounts.
        shares: What its sources have in common, as sentences.
        taken: Successes among its attempts.
        lately: Attempts within five minutes; within the window of the surge that it was found by.
        surge: Minutes of that window, 0 if it was not found by a surge.
        loose: Whether nothing but a rare client, a rare place or their number binds its attempts.
        fresh: Good logins from new places per second, before a surge began.
        numbers, names, digests: Addresses, accounts and passwords that wait to be counted.
    """

    id: str
    since: float
    last: float
    active: float
    ended: float = 0.0
    attempts: int = 0
    unknown: int = 0
    stopped: int = 0
    named: int = 0
    sources: Distinct = msgspec.field(default_factory=Distinct)
    subnets: Distinct = msgspec.field(default_factory=Distinct)
    accounts: Distinct = msgspec.field(default_factory=Distinct)
    tokens: Distinct = msgspec.field(default_factory=Distinct)
    targets: dict[str, int] = msgspec.field(default_factory=dict)
    shares: list[str] = msgspec.field(default_factory=list)
    taken: list[Taken] = msgspec.field(default_factory=list)
    lately: Lately = msgspec.field(default_factory=lambda: Lately(period=300.0))
    surge: int = 0
    loose: bool = False
    fresh: float = 0.0
    numbers: list[int] = msgspec.field(default_factory=list)
    names: list[str] = msgspec.field(default_factory=list)
    digests: list[int] = msgspec.field(default_factory=list)

    def add(self, trial: Trial) -> None:
        """Take an attempt; what is distinct about it is counted by :meth:`flush`."""
        sighting = trial.sighting
        time, marks, account = sighting.time, sighting.marks, sighting.account
        self.attempts += 1
        if marks & _UNKNOWN:
            self.unknown += 1
        if marks & _STOPPED:
            self.stopped += 1
        if sighting.token:
            self.named += 1
            self.digests.append(sighting.token)
        self.numbers.append(trial.number)
        if account:
            self.names.append(account)
            self._aim(account)
        self.since, self.last = min(self.since, time), max(self.last, time)
        self.lately.add(time)

    def flush(self, hashing: Hashing) -> None:
        """Count the distinct ones among the last attempts."""
        if self.numbers:
            numbers = np.array(self.numbers, np.uint64)
            self.sources.add(hashing.numbers(numbers))
            self.subnets.add(hashing.numbers(subnets_of(numbers)))
            self.accounts.add(hashing.texts(self.names))
            self.tokens.add(hashing.numbers(np.array(self.digests, np.uint64)))
            self.numbers, self.names, self.digests = [], [], []

    def remove(self, trial: Trial) -> None:
        """Take an attempt back that turned out to be harmless; distinct numbers stay as they are."""
        marks = trial.sighting.marks
        self.attempts = max(self.attempts - 1, 0)
        self.unknown -= bool(marks & _UNKNOWN and self.unknown)
        self.stopped -= bool(marks & _STOPPED and self.stopped)
        self.named -= bool(trial.sighting.token and self.named)
        self.lately.current = max(self.lately.current - 1, 0)
        account = trial.sighting.account
        tries = self.targets.get(account, 0)
        if tries > 1:
            self.targets[account] = tries - 1
        else:
            self.targets.pop(account, None)

    def _aim(self, account: str) -> None:
        targets = self.targets
        tries = targets.get(account)
        if tries is not None:
            targets[account] = tries + 1
            return
        if len(targets) >= MOST_TARGETS:
            oldest = next(iter(targets))
            tries = targets.pop(oldest)
            if tries > 1:
                targets[oldest] = tries // 2
                return
        targets[account] = 1

    def share(self, sentence: str) -> None:
        """Note what its sources have in common."""
        if sentence not in self.shares and len(self.shares) < _MOST_SHARES:
            self.shares.append(sentence)

    def take(self, taken: Taken) -> None:
        """Note a success; the newest thousand are kept."""
        self.taken.append(taken)
        del self.taken[:-MOST_TAKEN]

    def absorb(self, other: Trail) -> None:
        """Become one with a campaign that turned out to be the same."""
        self.since, self.last = min(self.since, other.since), max(self.last, other.last)
        self.active = max(self.active, other.active)
        self.attempts += other.attempts
        self.unknown += other.unknown
        self.stopped += other.stopped
        self.named += other.named
        for mine, theirs in (
            (self.sources, other.sources),
            (self.subnets, other.subnets),
            (self.accounts, other.accounts),
            (self.tokens, other.tokens),
        ):
            mine.join(theirs)
        for account, tries in other.targets.items():
            if account in self.targets or len(self.targets) < MOST_TARGETS:
                self.targets[account] = self.targets.get(account, 0) + tries
        for sentence in other.shares:
            self.share(sentence)
        self.taken = sorted([*self.taken, *other.taken], key=lambda taken: taken.time)[-MOST_TAKEN:]
        self.fresh = max(self.fresh, other.fresh)
        self.loose &= other.loose
        if other.surge and not self.surge:
            self.surge, self.lately, other.lately = other.surge, other.lately, self.lately
        self.lately.current += other.lately.over(self.lately.period, self.last).current

    def per_minute(self, now: float) -> float:
        """Return its attempts per minute, lately."""
        return self.lately.read(now) / self.lately.period * 60

    def kind(self) -> CampaignKind:
        """Return how it attacks, by how its attempts spread over accounts and passwords."""
        return kind_of(
            attempts=self.attempts,
            accounts=self.accounts.size(),
            tokens=self.tokens.size() if self.named * 2 >= self.attempts else 0,
            unknown=self.unknown,
        )

    def picture(self) -> Campaign:
        """Return it as others see it."""
        by_tries = sorted(self.targets.items(), key=lambda item: (-item[1], item[0]))
        return Campaign(
            id=self.id,
            kind=self.kind(),
            since=self.since,
            last=self.last,
            attempts=self.attempts,
            sources=self.sources.size(),
            subnets=self.subnets.size(),
            accounts=self.accounts.size(),
            shares=tuple(self.shares),
            targets=tuple(account for account, _ in by_tries[:SHOWN_TARGETS]),
            taken=tuple(self.taken),
            ended=self.ended,
        )


def kind_of(*, attempts: int, accounts: int, tokens: int, unknown: int) -> CampaignKind:
    """
    Return how a campaign attacks.

    Args:
        attempts: Of it.
        accounts: Distinct ones among them.
        tokens: Distinct passwords among them, 0 if passwords are not known.
        unknown: Attempts on names without an account.

    >>> [str(kind_of(attempts=n, accounts=a, tokens=t, unknown=u)) for n, a, t, u in
    ...     ((40, 1, 38, 0), (200, 200, 190, 180), (200, 200, 1, 20), (200, 190, 195, 90))]
    ['guessing', 'enumeration', 'spraying', 'stuffing']
    """
    if accounts <= max(3, attempts // 20) and (not tokens or tokens > accounts // 2):
        return CampaignKind.GUESSING
    if unknown > 0.7 * attempts:
        return CampaignKind.ENUMERATION
    if tokens and tokens * 4 <= attempts:
        return CampaignKind.SPRAYING
    return CampaignKind.GUESSING if attempts >= 5 * accounts else CampaignKind.STUFFING
