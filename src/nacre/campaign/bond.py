# SPDX-License-Identifier: Apache-2.0
"""
What suspicious attempts have in common, and how many different ones it binds.

The account that they try binds addresses; a password, a subnet, bind accounts; a client program and an autonomous
system bind addresses again.  Each keeps the last 32 of what it binds.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec

_MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0

MOST = 32
"""Different ones that a bond keeps, the last ones."""

_TOKENS = 4
"""Different passwords that a bond keeps: enough to tell one from several."""


TOKEN, ACCOUNT, SUBNET, CLIENT, ASN = SORTS = ("token", "account", "subnet", "client", "asn")
"""Sorts of bonds, the strongest first."""


class Key(NamedTuple):
    """
    Names a bond.

    Attributes:
        sort: One of :data:`SORTS`.
        name: Account, password digest in decimal, subnet, client or number, as text.
    """

    sort: str
    name: str


class Lately(msgspec.Struct, gc=False):
    """
    Events of about the last hour, or another period, from two fixed ones.

    Attributes:
        slot: Number of the current period from the epoch.
        previous, current: Events in the period before it, and in it.
        period: Seconds.
    """

    slot: int = 0
    previous: int = 0
    current: int = 0
    period: float = HOUR

    def add(self, time: float, number: int = 1) -> None:
        """Count events; those of an earlier period count for the current one."""
        slot = int(time // self.period)
        if slot > self.slot:
            self.previous = self.current if slot == self.slot + 1 else 0
            self.slot, self.current = slot, 0
        self.current += number

    def read(self, now: float) -> float:
        """
        Return the events of the last period, those of the one before spread evenly over it.

        >>> counted = Lately()
        >>> counted.add(3600.0 * 5, 8)
        >>> counted.read(3600.0 * 6 + 900)
        6.0
        """
        slot, period = int(now // self.period), self.period
        if slot <= self.slot:
            return self.current + self.previous * min(max(1 - (now - self.slot * period) / period, 0.0), 1.0)
        return self.current * (1 - (now - slot * period) / period) if slot == self.slot + 1 else 0.0

    def over(self, period: float, now: float) -> Lately:
        """Return about the same events, counted over another period from now on."""
        number = round(self.read(now) * min(period / self.period, 1.0))
        return Lately(int(now // period), 0, number, period)


class Bond(msgspec.Struct, gc=False):
    """
    What binds suspicious attempts.

    Attributes:
        first, last: Unix seconds of the first and the last of them.
        items: What it binds, with the time of the last attempt, the longest ago first.
        tokens: Some of the passwords, at most four.
        tries: Attempts within the hour.
        arrivals: New items within the hour: how many it binds where that is more than 32.
        good: Good logins that have the same in common, halved every day.
        weighed: Unix seconds of that halving.
        known: Whether some of the attempts came from an address from which somebody signed in within a week.
        homes: Known places from which its owner came since, at most eight; of an account only.
        campaign: Id of the campaign it belongs to, ``""`` for none.
    """

    first: float
    last: float
    items: dict[str, float] = msgspec.field(default_factory=dict)
    tokens: tuple[int, ...] = ()
    tries: Lately = msgspec.field(default_factory=Lately)
    arrivals: Lately = msgspec.field(default_factory=Lately)
    good: float = 0.0
    weighed: float = 0.0
    known: bool = False
    homes: tuple[str, ...] = ()
    campaign: str = ""

    @classmethod
    def begun(cls, item: str, time: float, token: int, known: bool) -> Bond:  # noqa: FBT001  a row of a table
        """Return a bond of a single attempt."""
        bond = cls(time, time, known=known)
        bond.tie(item, time, token)
        return bond

    def tie(self, item: str, time: float, token: int = 0) -> None:
        """Bind one more attempt."""
        items = self.items
        if time - self.last > DAY:
            items.clear()
            self.campaign = ""
            self.first = time
        if items.pop(item, None) is None:
            self.arrivals.add(time)
            if len(items) >= MOST:
                del items[next(iter(items))]
        items[item] = time
        self.tries.add(time)
        if token and len(self.tokens) < _TOKENS and token not in self.tokens:
            self.tokens += (token,)
        self.last = max(self.last, time)

    def untie(self, item: str) -> None:
        """Forget an item that turned out to be harmless, with one of its attempts."""
        if self.items.pop(item, None) is not None:
            self.tries.current = max(self.tries.current - 1, 0)
            self.arrivals.current = max(self.arrivals.current - 1, 0)

    def recent(self, since: float) -> int:
        """Return how many of the items it keeps were tried since a time, in Unix seconds."""
        older = 0
        for time in self.items.values():  # the longest ago first
            if time >= since:
                break
            older += 1
        return len(self.items) - older

    def praise(self, time: float) -> None:
        """Count a good login."""
        if time - self.weighed > _MINUTE:
            self.good, self.weighed = self.goods(time), time
        self.good += 1

    def goods(self, now: float) -> float:
        """Return the good logins, halved every day."""
        return self.good * 0.5 ** (max(now - self.weighed, 0.0) / DAY) if self.good else 0.0


class Lines(msgspec.Struct, frozen=True):
    """
    From which number on a bond is hot.

    Attributes:
        hour: Different ones within an hour.
        day: Different ones within a day; at most 32.
        tokens: Different passwords that are expected among the attempts.
        blind: So many more are needed within an hour where there are fewer; a day never does, if passwords are known.
        goods: Good logins that excuse one of what is bound; 0 if nothing does.
        known: Times as many are needed where somebody signed in from there before.
    """

    hour: int
    day: int
    tokens: int = 1
    blind: int = 0
    goods: float = 0.0
    known: int = 1

    def crossed(self, bond: Bond, now: float) -> bool:
        """Whether a bond is hot."""
        items = len(bond.items)
        hour, day = self.hour, self.day
        if items < hour:
            return False
        if bond.known and self.known > 1:
            hour, day = min(hour * self.known, MOST), min(day * self.known, MOST)
        if len(bond.tokens) < self.tokens:
            hour, day = hour + self.blind, MOST + 1 if bond.tokens else min(day + self.blind, MOST)
        excused = bond.goods(now) * self.goods if self.goods else 0.0
        if items < hour + excused:
            return False
        lately = bond.recent(now - HOUR)
        return lately >= hour + excused or (items >= day and bond.recent(now - DAY) >= day + excused)
