# SPDX-License-Identifier: Apache-2.0
"""All bonds between suspicious attempts, in bounded tables, and which of them became hot."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from nacre.campaign.bond import ACCOUNT, ASN, CLIENT, DAY, HOUR, SORTS, SUBNET, TOKEN, Bond, Key, Lines
from nacre.campaign.picture import AttackedAccount
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.table import Table
from nacre.campaign.telling import origin_text
from nacre.campaign.trial import Trial

SIZES = {TOKEN: 8_192, ACCOUNT: 8_192, SUBNET: 8_192, CLIENT: 1_024, ASN: 2_048}
"""Bonds of each sort at most; of those of a single attempt twice as many."""

_MOST_HOMES, _MOST_CROSSED, _SHOWN_ORIGINS = 8, 256, 10
_MANY_GOODS = 100
"""Good logins from which on a client or an autonomous system is not looked at any more: it never becomes hot."""
_FEWEST_GOODS, _RARE = 50, 0.1
"""Good logins within about a day that it takes to tell what is rare among them, and the share that is."""
_KNOWN_SOURCE = int(Mark.KNOWN_SOURCE)


class Ties(NamedTuple):
    """The bonds of an attempt, the strongest first; ``None`` where it has none of a sort, or is the first one."""

    token: Bond | None
    account: Bond | None
    subnet: Bond | None
    client: Bond | None
    asn: Bond | None


_First = tuple[str, float, int, bool]
"""Of a single attempt: what it binds, when, its password, and whether its source is known."""


class Kept(msgspec.Struct):
    """
    What is kept of the bonds.

    Attributes:
        bonds: By sort and name.
        crossed: Sorts and names of those that became hot and belong to no campaign yet.
        everyone: What all good logins have in common.
    """

    bonds: dict[str, dict[str, Bond]]
    crossed: list[tuple[str, str]]
    everyone: Bond


class Bonds:
    """
    Keeps the bonds.

    Args:
        lines: From when on each sort is hot.

    Attributes:
        tables: By sort.
        crossed: Bonds that became hot and belong to no campaign yet, in the order of events.
    """

    def __init__(self, lines: dict[str, Lines]) -> None:
        self._lines = lines
        self.tables: dict[str, Table[_First, Bond]] = {sort: Table(SIZES[sort], self._needed) for sort in SORTS}
        self._all = tuple(self.tables.values())
        self.crossed: dict[Key, None] = {}
        self._now = 0.0
        self._everyone = Bond(0.0, 0.0)

    def _needed(self, bond: Bond) -> bool:
        return self._now - bond.last < HOUR and (bool(bond.campaign) or len(bond.items) > 2 or bond.good > 1)

    def keys(self, sighting: Sighting, subnet: str) -> tuple[str, str, str, str, str]:
        """Return the names of an attempt's bonds, ``""`` where there is none, in the order of :data:`SORTS`."""
        token, asn = sighting.token, sighting.asn
        return str(token) if token else "", sighting.account, subnet, sighting.client, str(asn) if asn else ""

    def tie(self, trial: Trial) -> Ties:
        """Bind a suspicious attempt to whatever it has in common with others."""
        sighting = trial.sighting
        self._now = sighting.time
        token, account, subnet, client, asn = self.keys(sighting, trial.subnet)
        origin = trial.origin
        return Ties(
            self._tie(TOKEN, token, account, sighting) if token and account else None,
            self._tie(ACCOUNT, account, origin, sighting) if account else None,
            self._tie(SUBNET, subnet, account, sighting) if account else None,
            self._lean(CLIENT, client, origin, sighting) if client else None,
            self._lean(ASN, asn, origin, sighting) if asn else None,
        )

    def _tie(self, sort: str, name: str, item: str, sighting: Sighting) -> Bond | None:
        table, time = self.tables[sort], sighting.time
        bond = table.kept.get(name)
        known = sighting.marks & _KNOWN_SOURCE > 0
        if bond is None:
            first = table.waiting.get(name)
            if first is None or time - first[1] > DAY:
                table.waiting.put(name, (item, time, sighting.token, known))
                return None
            bond = Bond.begun(*first)
            table.keep(name, bond)
        bond.tie(item, time, sighting.token)
        if known:
            bond.known = True
        if not bond.campaign and len(bond.items) >= self._lines[sort].hour:
            self._cross(sort, name, bond)
        return bond

    def _lean(self, sort: str, name: str, item: str, sighting: Sighting) -> Bond | None:
        """Bind what good logins have in common too: once it belongs to a campaign, or never will, it need not count."""
        bond = self.tables[sort].kept.get(name)
        if bond is None:
            return self._tie(sort, name, item, sighting)  # too few to be hot
        if bond.good > _MANY_GOODS:
            return None
        if bond.campaign:
            bond.last = sighting.time
            return bond
        bond.tie(item, sighting.time, 0)
        if len(bond.items) >= self._lines[sort].hour and self._rare(bond, sighting.time):
            self._cross(sort, name, bond)
        return bond

    def _rare(self, bond: Bond, now: float) -> bool:
        """Whether good logins hardly have this in common; where there are few good logins nobody can tell."""
        everyone = self._everyone.goods(now)
        return everyone >= _FEWEST_GOODS and bond.goods(now) <= _RARE * everyone

    def _cross(self, sort: str, name: str, bond: Bond) -> None:
        if len(self.crossed) < _MOST_CROSSED and self._lines[sort].crossed(bond, bond.last):
            self.crossed[Key(sort, name)] = None

    def look(self, sighting: Sighting, subnet: str) -> Ties:
        """Return the bonds that an attempt would have, and bind nothing."""
        tokens, accounts, subnets, clients, asns = self._all
        token, account, subnet, client, asn = self.keys(sighting, subnet)
        return Ties(
            tokens.kept.get(token),
            accounts.kept.get(account),
            subnets.kept.get(subnet),
            clients.kept.get(client),
            asns.kept.get(asn),
        )

    def untie(self, trial: Trial) -> None:
        """Take a suspicious attempt back."""
        sighting = trial.sighting
        account, origin = sighting.account, trial.origin
        items = (account, origin, account, origin, origin)
        names = self.keys(sighting, trial.subnet)
        for table, name, item in zip(self._all, names, items, strict=True):
            bond = table.kept.get(name)
            if bond is not None:
                bond.untie(item)
            else:
                table.waiting.pop(name)

    def praise(self, sighting: Sighting, subnet: str) -> Ties:
        """Count a good login for what it has in common with others, and return these bonds."""
        time = sighting.time
        self._everyone.praise(time)
        ties = self.look(sighting, subnet)
        if ties.client is None and sighting.client:
            self.tables[CLIENT].keep(sighting.client, Bond(time, time, good=1.0, weighed=time))
        if ties.asn is None and sighting.asn:
            self.tables[ASN].keep(str(sighting.asn), Bond(time, time, good=1.0, weighed=time))
        token, _, shared, client, asn = ties
        for bond in (token, shared, client, asn):
            if bond is not None:
                bond.praise(time)
        return ties

    def at_home(self, sighting: Sighting, origin: str) -> None:
        """Note that the owner of an account came from a known place, whatever the outcome."""
        bond = self.tables[ACCOUNT].kept.get(sighting.account)
        if bond is None:
            return
        if origin not in bond.homes:
            bond.homes = (*bond.homes, origin)[-_MOST_HOMES:]
        if sighting.failed:
            bond.tries.add(sighting.time)

    def hot(self, key: Key, now: float) -> Bond | None:
        """Return a bond if it is (still) hot."""
        bond = self.tables[key.sort].kept.get(key.name)
        return bond if bond is not None and self._lines[key.sort].crossed(bond, now) else None

    def origins(self, account: str, now: float) -> int | None:
        """Return an attacked account's origins within the hour, ``None`` once half of what made it hot is gone."""
        bond, lines = self.tables[ACCOUNT].kept.get(account), self._lines[ACCOUNT]
        if bond is None:
            return None
        lately = bond.recent(now - HOUR)
        if 2 * lately < lines.hour and 2 * bond.recent(now - DAY) < lines.day:
            return None
        return max(lately, round(bond.arrivals.read(now)))

    def attacked(self, account: str, now: float) -> AttackedAccount | None:
        """Return an account as one under attack; ``None`` if it is not, or not any more."""
        origins = self.origins(account, now)
        if origins is None:
            return None
        bond = self.tables[ACCOUNT].kept[account]
        failures = max(round(bond.tries.read(now)), origins)
        return AttackedAccount(
            account=account,
            score=origins,
            failures=failures,
            ratio=round(origins / failures, 4) if failures else 0.0,
            new_share=round(origins / (origins + len(bond.homes)), 4) if origins else 0.0,
            since=bond.first,
            origins=tuple(origin_text(origin) for origin in list(bond.items)[-_SHOWN_ORIGINS:]),
        )

    def forget(self, account: str) -> bool:
        """Forget an account and say whether it was known."""
        mine = self.tables[ACCOUNT]
        known = mine.kept.pop(account, None) is not None
        known |= mine.waiting.pop(account) is not None
        self.crossed.pop(Key(ACCOUNT, account), None)
        for sort in (TOKEN, SUBNET):
            table = self.tables[sort]
            for bond in table.kept.values():
                known |= bond.items.pop(account, None) is not None
            for name, first in table.waiting.items().items():
                if first[0] == account:
                    table.waiting.pop(name)
                    known = True
        return known

    def keep(self, most: int) -> Kept:
        """Return what is to be kept: of each sort the last *most* of those that bind something."""
        kept = {sort: dict(list(table.kept.items())[-most:]) for sort, table in self.tables.items()}
        return Kept(kept, [(key.sort, key.name) for key in self.crossed], self._everyone)

    def restore(self, kept: Kept) -> None:
        """Take what was kept."""
        for sort, bonds in kept.bonds.items():
            self.tables[sort].kept.update(bonds)
        self.crossed = {Key(*key): None for key in kept.crossed}
        self._everyone = kept.everyone


def bound_by(key: Key) -> Callable[[Trial], bool]:
    """Return what says whether a bond binds an attempt."""
    sort, name = key
    if sort == ACCOUNT:
        return lambda trial: trial.sighting.account == name
    if sort == SUBNET:
        return lambda trial: trial.subnet == name
    if sort == CLIENT:
        return lambda trial: trial.sighting.client == name
    number = int(name)
    if sort == TOKEN:
        return lambda trial: trial.sighting.token == number
    return lambda trial: trial.sighting.asn == number
