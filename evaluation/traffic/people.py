# SPDX-License-Identifier: Apache-2.0
"""Who has an account, what they are like, and which password is right when."""

from __future__ import annotations

import numpy as np

from evaluation.traffic.calendar import DAY, HOUR, Span
from evaluation.traffic.clients import BROWSERS, DESKTOPS, PHONES, pick
from evaluation.traffic.internet import Internet
from evaluation.traffic.rows import USER_KINDS, Flags, Floats, Numbers, Places, mix, unit

SHARES = {
    "office": 0.35,
    "home": 0.2,
    "mobile": 0.16,
    "mail_client": 0.02,
    "webmail": 0.1,
    "shared_mailbox": 0.004,
    "traveller": 0.02,
    "occasional": 0.12,
    "vpn": 0.025,
    "scanner": 0.0016,
    "newcomer": 0.012,
}
"""Kinds of users, and their shares of all accounts, about."""

RIGHT, COMMON, INITIAL, TYPO, OTHER, DEVICE = range(40, 46)
"""Sorts of passwords: of one person, of everybody's list, first ones, mistyped, used elsewhere, left in a device."""

OWN_ACCOUNTS = 60
"""Accounts that attackers opened for themselves."""

_FIRST = [
    "ada",
    "ben",
    "cem",
    "dora",
    "emil",
    "fay",
    "gil",
    "hana",
    "ivo",
    "jana",
    "kai",
    "lena",
    "max",
    "nora",
    "otto",
    "pia",
    "quin",
    "rosa",
    "sven",
    "tara",
    "uwe",
    "vera",
    "wim",
    "yara",
    "zoe",
]
_LAST = [
    "adler",
    "bauer",
    "costa",
    "demir",
    "ekman",
    "ferro",
    "gruber",
    "hansen",
    "ito",
    "jansen",
    "kovac",
    "lang",
    "meyer",
    "novak",
    "ortiz",
    "petit",
    "roth",
    "silva",
    "tran",
    "weber",
]


class People:
    """
    The accounts of a service; all arrays have one entry for each, the own accounts of attackers come last.

    Args:
        internet: Where they come from.
        span: The time of the study.
        size: Users, without the own accounts of attackers.
        seed: Another one makes other people.
    """

    def __init__(self, internet: Internet, span: Span, size: int, seed: int) -> None:
        rng = np.random.default_rng([seed, 2])
        self.seed, self.internet, self.span, self.size = seed, internet, span, size
        self.known = total = size + OWN_ACCOUNTS
        self.kind = self._kinds(rng)
        self.names = [f"{_FIRST[n % 25]}.{_LAST[n // 25 % 20]}{n // 500 or ''}@example.org" for n in range(total)]
        self.home = rng.choice(internet.providers("isp"), total)
        foreign = rng.random(total) < rng.uniform(0.05, 0.15)
        self.home[foreign] = rng.choice(internet.providers("abroad"), int(foreign.sum()))
        self.carrier = rng.choice(internet.providers("carrier"), total)
        self.vpn = rng.choice(internet.providers("vpn"), total)
        self.six = rng.random(total) < rng.uniform(0.25, 0.45)
        self.lease = rng.choice([1.0, 3.0, 7.0, 30.0, 400.0], total, p=[0.25, 0.1, 0.15, 0.2, 0.3])
        self.office = self._offices(rng)
        self.desk = np.where(rng.random(total) < 0.55, pick(BROWSERS, self._bits(1)), pick(DESKTOPS, self._bits(2)))
        mailer = self.of("mail_client")
        self.desk[mailer] = pick(DESKTOPS, self._bits(3))[mailer]
        self.phone = pick(PHONES, self._bits(4))
        self.new_device = np.where(rng.random(total) < 0.04, rng.uniform(span.start, span.end, total), np.inf)
        self.shell = (self.kind == USER_KINDS.index("office")) & (rng.random(total) < 0.03)
        self.pops = rng.random(total) < 0.15
        self.phase = rng.normal(0.0, 0.8, total)
        self.clumsy = rng.beta(1.2, 42, total)
        self.common = np.where(rng.random(total) < 0.02, (rng.pareto(0.6, total) * 4).clip(0, 40_000).astype(int), -1)
        self.policy_days = np.array(
            [rng.choice(span.mornings(since=span.at(a), until=span.at(b))) for a, b in ((0.1, 0.5), (0.6, 0.95))]
        )
        self.change = self._changes(rng)
        self.joined, self.cohort = np.full(total, span.start), np.full(total, -1)
        self._onboard(rng)
        self.change.sort(axis=1)

    def _bits(self, sort: int) -> Numbers:
        return mix(self.seed, 70, sort, np.arange(self.known))

    def _kinds(self, rng: np.random.Generator) -> Places:
        counts = {kind: max(round(share * self.size), 4) for kind, share in SHARES.items()}
        counts["office"] += self.size - sum(counts.values())
        kinds = np.repeat([USER_KINDS.index(kind) for kind in counts], list(counts.values()))
        rng.shuffle(kinds)
        return np.append(kinds, np.full(OWN_ACCOUNTS, USER_KINDS.index("own_account")))

    def _offices(self, rng: np.random.Generator) -> Places:
        """Return the office of each: one of 500 people, as far as there are so many, and smaller ones."""
        worker = self.of("office") | self.of("newcomer") | self.of("shared_mailbox") | self.of("scanner")
        worker |= (self.of("mail_client") | self.of("traveller")) & (rng.random(len(self.kind)) < 0.6)
        count = int(worker.sum())
        sizes = [min(500, count // 4)]
        while sum(sizes) < count:
            sizes.append(int(np.clip(rng.lognormal(3.2, 1.0), 4, 300)))
        offices = np.repeat(np.arange(len(sizes)), sizes)[:count]
        rng.shuffle(offices)
        found = np.full(len(self.kind), -1)
        found[worker] = offices
        return found

    def _changes(self, rng: np.random.Generator) -> Floats:
        """Return when each changes the password: (n, 3) Unix seconds, infinity for never."""
        total = len(self.names)
        change = np.full((total, 3), np.inf)
        some = rng.random(total) < 0.05
        change[some, 0] = rng.uniform(self.span.start, self.span.end, int(some.sum()))
        for place, day in enumerate(self.policy_days, start=1):
            asked = rng.random(total) < rng.uniform(0.06, 0.18)
            morning = self.span.start + day * DAY + rng.normal(8.8, 0.8, total).clip(7, 14) * HOUR
            change[asked, place] = morning[asked] + rng.exponential(0.3, int(asked.sum())) * DAY
        change[~np.isin(self.kind, [USER_KINDS.index(kind) for kind in SHARES if kind != "scanner"])] = np.inf
        return change

    def _onboard(self, rng: np.random.Generator) -> None:
        """Let newcomers join in two cohorts, each in one room on one morning, with one initial password each."""
        new = np.flatnonzero(self.of("newcomer"))
        parts = ((0.05, 0.55), (0.62, 0.95))
        for cohort, (members, (after, before)) in enumerate(zip(np.array_split(new, 2), parts, strict=True)):
            day = rng.choice(self.span.mornings(since=self.span.at(after), until=self.span.at(before)))
            begin = self.span.start + day * DAY + rng.uniform(8.5, 10.5) * HOUR
            self.joined[members] = begin + rng.uniform(0, 1.5 * HOUR, len(members))
            self.cohort[members] = cohort
            self.office[members] = self.office[members[0]] if len(members) else -1
            self.change[members] = np.inf
            self.change[members, 0] = self.joined[members] + 60 + rng.exponential(6 * HOUR, len(members))

    def of(self, kind: str) -> Flags:
        """Return who is of a kind, as (n,) bool."""
        return np.asarray(self.kind == USER_KINDS.index(kind))

    @property
    def own(self) -> Places:
        """The own accounts of attackers."""
        return np.arange(self.size, self.known)

    def password(self, account: Places, version: Places) -> Numbers:
        """
        Return what stands for the password of each account after so many changes.

        Weak ones are on the lists of attackers, and new members of one cohort share their first.
        """
        token = mix(self.seed, RIGHT, account, version)
        weak = (self.common[account] >= 0) & (version == 0)
        token = np.where(weak, mix(self.seed, COMMON, self.common[account].clip(0)), token)
        initial = (self.cohort[account] >= 0) & (version == 0)
        return np.where(initial, mix(self.seed, INITIAL, self.cohort[account].clip(0)), token)

    def version(self, account: Places, ts: Floats) -> Places:
        """Return how often each account's password had been changed by a time."""
        return np.asarray((self.change[account] <= np.asarray(ts)[:, None]).sum(axis=1))

    def right(self, account: Places, ts: Floats) -> Numbers:
        """Return what stands for the right password of each account at a time."""
        return self.password(account, self.version(account, ts))

    def typo(self, account: Places, ts: Floats, draw: Floats) -> Numbers:
        """Return a mistyped password; the same slips come again, and a cohort mistypes its first password alike."""
        return mix(self.seed, TYPO, self.right(account, ts), (draw**2.5 * 24).astype(np.int64))

    def unlike(self, sort: int, size: int, lowest: float) -> Floats:
        """Return a number for each of the first accounts that stays theirs, from *lowest* up to 1."""
        return lowest + (1 - lowest) * unit(mix(self.seed, 71, sort, np.arange(size)))


def invent(rng: np.random.Generator, people: People, size: int) -> Places:
    """Return new names that are no accounts, as indices past those of the accounts."""
    first, known = len(people.names), set(people.names[: people.known])
    kind = rng.random(size)
    numbers = rng.integers(0, 1 << 32, size)
    for draw, number in zip(kind.tolist(), numbers.tolist(), strict=True):
        name = f"{_FIRST[number % 25]}{'._-'[number % 3]}{_LAST[number // 25 % 20]}"
        if draw < 0.1:
            name = ("admin", "info", "test", "postmaster", "backup", "scan", "office", "root")[number % 8] + str(
                number // 8 % 90
            )
        name += f"{number // 500 % 9_000 if draw < 0.9 else ''}{'@example.org' if draw < 0.8 else ''}"
        people.names.append(f"x{name}" if name in known else name)
    return np.arange(first, first + size)
