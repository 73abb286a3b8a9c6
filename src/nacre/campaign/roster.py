# SPDX-License-Identifier: Apache-2.0
"""
The campaigns: which run, which are over, and to which an attempt belongs.

Who was seen in a campaign is remembered by address, and what it tried by account: a new suspicion that shares some of
its addresses, or most of its accounts, with a campaign belongs to it, also if that one seemed to be over.  Two
campaigns whose attempts point at one another become one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from nacre.campaign.distinct import Hashing
from nacre.campaign.sighting import Sighting
from nacre.campaign.table import Fading, Latest
from nacre.campaign.trail import Trail
from nacre.campaign.trial import Trial

MOST_MEMBERS = 2000
MOST_RUNNING, MOST_ENDED = 32, 68
_ORIGINS, _ACCOUNTS = 32_768, 32_768
_FEWEST_SHARED = 2
_LINKS, _LINKED = 8, 0.2
_DAY = 86_400.0
_LOOSELY = 1800.0
_LONGEST_PAUSE, _GAPS = 6 * 3600.0, 8


Seen = tuple[str, float]
"""In which campaign, and when."""


class Kept(msgspec.Struct):
    """
    What is kept of the roster.

    Attributes:
        serial: Campaigns so far.
        trails: All of them.
        members: Some attempts by campaign.
        origins, accounts: By address and account, the campaign that they were seen in.
        alias: Campaigns that became one with another.
    """

    serial: int
    trails: list[Trail]
    members: dict[str, list[Sighting]]
    origins: dict[str, Seen]
    accounts: dict[str, Seen]
    alias: dict[str, str]


class Roster:
    """
    Keeps the campaigns.

    Args:
        hashing: Of what is counted.
        quiet: Seconds without an attempt after which a campaign is over.

    Attributes:
        running, ended: By id.
        members: The last 2,000 attempts of each.
        of_origin, of_account: Where an address and an account were last seen; bounded, the oldest go first.
    """

    def __init__(self, hashing: Hashing, quiet: float) -> None:
        self._hashing, self._quiet = hashing, quiet
        self.running: dict[str, Trail] = {}
        self.ended: dict[str, Trail] = {}
        self.members: dict[str, Latest[Sighting]] = {}
        self.of_origin: Fading[Seen] = Fading(_ORIGINS)
        self.of_account: Fading[Seen] = Fading(_ACCOUNTS)
        self._alias: dict[str, str] = {}
        self._links: Counter[tuple[str, str]] = Counter()
        self._serial = 0

    def find(self, name: str) -> Trail | None:
        """Return the running campaign that this id stands for now."""
        return self.running.get(self._alias.get(name, name)) if name else None

    def open(self, since: float, now: float) -> Trail:
        """Begin a campaign; if too many run, the one with the fewest attempts lately is over."""
        self._make_room(now)
        self._serial += 1
        trail = Trail(id=f"c{int(since):x}-{self._serial}", since=since, last=since, active=now)
        self.running[trail.id] = trail
        self.members[trail.id] = Latest(MOST_MEMBERS)
        return trail

    def _make_room(self, now: float) -> None:
        if len(self.running) >= MOST_RUNNING:
            least = min(self.running.values(), key=lambda trail: (trail.per_minute(now), trail.id))
            least.ended = now
            self.ended[least.id] = self.running.pop(least.id)

    def last_seen(self, name: str, of: Fading[Seen], since: float) -> Trail | None:
        """Return the running campaign that an address or account was last seen in, if that was not before *since*."""
        seen = of.get(name)
        return self.find(seen[0]) if seen is not None and seen[1] >= since else None

    def akin(self, names: Iterable[str], of: Fading[Seen], now: float, *, share: float) -> Trail | None:
        """
        Return the campaign that some addresses or accounts were seen in within a day, resumed if it was over.

        Args:
            names: Addresses or accounts.
            of: :attr:`of_origin` or :attr:`of_account`.
            now: Unix seconds.
            share: Of the names that has to have been seen there, 0-1.
        """
        keys = list(names)
        seen = [each[0] for each in map(of.get, keys) if each is not None and now - each[1] < _DAY]
        votes = Counter(self._alias.get(name, name) for name in seen)
        for name, number in votes.most_common(3):
            if number < max(_FEWEST_SHARED, share * len(keys)):
                break
            trail = self.running.get(name) or self._resume(name, now)
            if trail is not None:
                return trail
        return None

    def _resume(self, name: str, now: float) -> Trail | None:
        trail = self.ended.get(name)
        if trail is None:
            return None
        self._make_room(now)
        del self.ended[name]
        trail.ended, trail.active = 0.0, now
        self.running[name] = trail
        return trail

    def loose(self, now: float) -> Trail | None:
        """Return the running campaign that only number, client or place bind, if it is half an hour old at most."""
        found = [trail for trail in self.running.values() if trail.loose and now - trail.last < _LOOSELY]
        return max(found, key=lambda trail: (trail.last, trail.id)) if found else None

    def latest(self, now: float, within: float) -> Trail | None:
        """Return the campaign that was found by a surge and was over last, resumed, if that was not long ago."""
        past = [trail for trail in self.ended.values() if trail.surge and now - trail.ended < within]
        return self._resume(max(past, key=lambda trail: trail.ended).id, now) if past else None

    def join(self, trail: Trail, trial: Trial, *, certain: bool) -> None:
        """
        Let an attempt belong to a campaign.

        Args:
            trail: The campaign.
            trial: The attempt.
            certain: Whether it shows that the campaign goes on; what merely comes during a surge does not.
        """
        trial.campaign = trail.id
        trail.add(trial)
        if certain and trial.sighting.time > trail.active:
            trail.active = trial.sighting.time
        self.members[trail.id].add(trial.sighting)
        seen = (trail.id, trial.sighting.time)
        self.of_origin.put(trial.origin, seen)
        if trial.sighting.account:
            self.of_account.put(trial.sighting.account, seen)

    def release(self, trial: Trial) -> None:
        """Let an attempt go that turned out to be harmless."""
        name = self._alias.get(trial.campaign, trial.campaign)
        trail = self.running.get(name)
        trial.campaign = ""
        if trail is None:
            return
        trail.remove(trial)
        self.of_origin.pop(trial.origin)
        self.members[name].discard(trial.sighting)

    def link(self, one: Trail, other: Trail) -> None:
        """Note that an attempt of one campaign points at another; a surge has everybody's, so that it says nothing."""
        if one is not other and not one.surge and not other.surge:
            self._links[(one.id, other.id) if one.id < other.id else (other.id, one.id)] += 1

    def settle(self, now: float) -> None:
        """Count what waits, make one of those that point at one another, and end what is over."""
        for trail in self.running.values():
            trail.flush(self._hashing)
        for (one, other), number in list(self._links.items()):
            first, second = self.find(one), self.find(other)
            if first is None or second is None or first is second:
                del self._links[one, other]
            elif number >= max(_LINKS, _LINKED * min(first.attempts, second.attempts)):
                del self._links[one, other]
                self._merge(*sorted((first, second), key=lambda trail: (trail.since, trail.id)))
        for trail in list(self.running.values()):
            gap = (trail.last - trail.since) / max(trail.attempts, 1)
            pause = max(self._quiet, min(_GAPS * gap, _LONGEST_PAUSE))
            if now - trail.active > pause:
                trail.ended = now
                self.ended[trail.id] = self.running.pop(trail.id)
        for trail in list(self.ended.values()):
            if now - trail.ended > _DAY or len(self.ended) > MOST_ENDED:
                self._drop(trail.id)

    def _merge(self, older: Trail, younger: Trail) -> None:
        younger.flush(self._hashing)
        older.absorb(younger)
        both = sorted([*self.members[older.id], *self.members[younger.id]], key=lambda sighting: sighting.time)
        self.members[older.id] = Latest(MOST_MEMBERS, both)
        self._drop(younger.id)
        self._alias = {name: older.id if to == younger.id else to for name, to in self._alias.items()}
        self._alias[younger.id] = older.id

    def _drop(self, name: str) -> None:
        self.running.pop(name, None)
        self.ended.pop(name, None)
        self.members.pop(name, None)
        self._alias = {other: to for other, to in self._alias.items() if to != name}

    def all(self) -> Sequence[Trail]:
        """Return all campaigns: those that run, then those that are over, the newest first."""
        return [
            *sorted(self.running.values(), key=lambda trail: (-trail.since, trail.id)),
            *sorted(self.ended.values(), key=lambda trail: (-trail.ended, trail.id)),
        ]

    def forget(self, account: str) -> bool:
        """Forget an account in every campaign and say whether it was known."""
        known = self.of_account.pop(account) is not None
        for trail in self.all():
            known |= trail.targets.pop(account, None) is not None
            trail.shares = [each for each in trail.shares if not each.startswith(f"the account {account},")]
            before = len(trail.taken)
            trail.taken = [taken for taken in trail.taken if taken.account != account]
            known |= len(trail.taken) < before
        for name, members in self.members.items():
            if any(sighting.account == account for sighting in members):
                self.members[name] = Latest(MOST_MEMBERS, [one for one in members if one.account != account])
                known = True
        return known

    def keep(self, members: int, names: int) -> Kept:
        """Return what is to be kept: of each campaign so many members, of addresses and accounts the last so many."""
        for trail in self.running.values():
            trail.flush(self._hashing)
        return Kept(
            self._serial,
            list(self.all()),
            {name: list(kept)[-members:] for name, kept in self.members.items()},
            dict(list(self.of_origin.items().items())[-names:]),
            dict(list(self.of_account.items().items())[-names:]),
            self._alias,
        )

    def restore(self, kept: Kept) -> None:
        """Take what was kept."""
        self._serial, self._alias = kept.serial, kept.alias
        for trail in kept.trails:
            (self.ended if trail.ended else self.running)[trail.id] = trail
            self.members[trail.id] = Latest(MOST_MEMBERS, kept.members.get(trail.id, ()))
        for of, names in ((self.of_origin, kept.origins), (self.of_account, kept.accounts)):
            for key, name in names.items():
                of.put(key, name)
