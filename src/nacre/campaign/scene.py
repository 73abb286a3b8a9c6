# SPDX-License-Identifier: Apache-2.0
"""What came so far: each attempt is counted, bound to others like it, and given to its campaign."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from nacre.address import format_address
from nacre.campaign.bond import ACCOUNT, ASN, CLIENT, MOST, SUBNET, TOKEN, Bond, Lines
from nacre.campaign.bonds import Bonds, Ties
from nacre.campaign.distinct import Hashing
from nacre.campaign.picture import Taken
from nacre.campaign.roster import Roster
from nacre.campaign.sample import GoodSample, Hour
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.signals import Minute, SignalWindows
from nacre.campaign.surge import ATTEMPTS, FAILURES, FRESH, Counts, Surge
from nacre.campaign.trail import Trail
from nacre.campaign.trial import Pending, Trial, number_of, origin_of, subnet_of
from nacre.config.campaigns import Campaigns

RING = 8192
"""Suspicious attempts that are kept: what a campaign is found to have begun with is among them."""

_PER_ACCOUNT, _PER_SUBNET = 3, 8
"""Strangers of one account and of one subnet within an hour that count for a surge: one device is no crowd."""

_ORIGIN_HOURS, _UNKNOWN_HOURS, _ACCOUNT_HOURS = 6 * 3600.0, 6 * 3600.0, 3600.0
"""Seconds for which an address, an invented name and a real one still point at the campaign they were seen in."""

ENOUGH = 500
"""Good logins from which on a surge of strangers adds none: nobody can tell its right guesses from travellers."""

_SURE = 0.5
_DAY = 86_400.0
_SUCCESS, _HOME, _STOPPED = int(Mark.SUCCESS), int(Mark.HOME), int(Mark.STOPPED)
_KNOWN_SOURCE, _SCORED, _UNKNOWN = int(Mark.KNOWN_SOURCE), int(Mark.SCORED), int(Mark.UNKNOWN)
_NEITHER = _SUCCESS | _STOPPED
_UNSUSPICIOUS = int(Mark.SUCCESS | Mark.HOME | Mark.REPEAT)


def lines_of(settings: Campaigns) -> dict[str, Lines]:
    """Return from when on each sort of bond is hot."""
    origins, accounts, crowd = settings.account_origins, settings.password_accounts, settings.subnet_accounts
    return {
        ACCOUNT: Lines(origins, min(3 * origins, MOST), tokens=3, blind=3),
        TOKEN: Lines(accounts, accounts, goods=2.0),
        SUBNET: Lines(crowd, crowd, goods=0.5, known=3),
        CLIENT: Lines(10, 30, goods=1.0),
        ASN: Lines(10, 30, goods=1.0),
    }


class Scene:
    """
    Takes attempts.

    Args:
        settings: How sensitive it is.
        key: Secret with which counted values are hashed.

    Attributes:
        now: Unix seconds of the last attempt.
        signals, surge, bonds, roster, pending, sample: What is known.
        ring: The last suspicious attempts that belong to no campaign.
        flood: The running campaign that was found by a surge, which claims strangers.
    """

    def __init__(self, settings: Campaigns, key: bytes) -> None:
        self.now = 0.0
        self._minute = 0
        hashing = Hashing(key)
        self.signals = SignalWindows(hashing)
        self.surge = Surge()
        self.bonds = Bonds(lines_of(settings))
        self.roster = Roster(hashing, float(settings.quiet))
        self.pending = Pending()
        self.ring: deque[Trial] = deque(maxlen=RING)
        self.sample = GoodSample()
        self.flood: Trail | None = None

    def take(self, now: float, minutes: list[Minute], counts: Counts, hours: list[Hour]) -> None:
        """Take what was counted before a restart."""
        self.now, self._minute = now, int(now // 60)
        self.signals.resume(minutes)
        self.surge = Surge(counts)
        self.sample = GoodSample(hours)

    def see(self, sighting: Sighting) -> None:
        """Take an attempt."""
        time, marks, address = sighting.time, sighting.marks, sighting.address
        if time > self.now:
            self.roll(time)
        origin, subnet = (origin_of(address), subnet_of(address)) if address else ("", "")
        number = number_of(address)
        self.signals.add(sighting, number)
        count = self.surge.count
        count(ATTEMPTS)
        if not marks & _NEITHER:
            count(FAILURES)
        if marks & _SUCCESS:
            self._succeeded(sighting, origin, subnet)
        elif origin and not marks & _UNSUSPICIOUS:
            self._suspect(Trial(sighting, origin, subnet, number))
        elif marks & _HOME:
            self.bonds.at_home(sighting, origin)

    def roll(self, now: float) -> None:
        """Let time go on."""
        self.now = now
        minute = int(now // 60)
        if minute > self._minute:
            self._minute = minute
            self.signals.roll(minute)
            self.surge.roll(minute)

    def _suspect(self, trial: Trial) -> None:
        ties = self.bonds.tie(trial)
        self.pending.add(trial)
        stranger = _stranger(trial.sighting, ties)
        trail, certain = self.owner(trial.sighting, trial.origin, ties, stranger=stranger)
        self._link(trail, trial, ties)
        if trail is not None:
            self.roster.join(trail, trial, certain=certain)
            self.surge.claim(self._minute, failed=not trial.sighting.marks & _STOPPED)
            return
        self.ring.append(trial)
        if stranger:
            trial.minute = self.surge.stranger()

    def owner(self, sighting: Sighting, origin: str, ties: Ties, *, stranger: bool) -> tuple[Trail | None, bool]:
        """
        Return the campaign that a suspicious attempt belongs to, and whether it shows that the campaign goes on.

        What ties it to a campaign, the strongest first: a hot bond, its address, a name that only attackers try.  What
        is left of strangers belongs to the running surge.
        """
        roster = self.roster
        if not roster.running:
            return None, False
        for bond in ties:
            if bond is not None and bond.campaign:
                found = roster.find(bond.campaign)
                if found is not None:
                    return found, True
        seen = roster.last_seen(origin, roster.of_origin, sighting.time - _ORIGIN_HOURS)
        if seen is None and not sighting.marks & _KNOWN_SOURCE:
            seen = self._tried(sighting, ties.account)
        if seen is not None:
            return seen, not seen.surge
        return (self.flood if stranger else None), False

    def _link(self, trail: Trail | None, trial: Trial, ties: Ties) -> None:
        """Link the campaign of an attempt with all others that claim it, and free bonds of those that are over."""
        roster = self.roster
        for bond in ties:
            if bond is not None and bond.campaign:
                other = roster.find(bond.campaign)
                if other is None:
                    bond.campaign = ""
                elif trail is not None:
                    roster.link(trail, other)
        if trail is not None and not trail.surge:
            seen = roster.last_seen(trial.origin, roster.of_origin, trial.sighting.time - _ORIGIN_HOURS)
            if seen is not None:
                roster.link(trail, seen)

    def _tried(self, sighting: Sighting, account: Bond | None) -> Trail | None:
        """
        Return the campaign that tries a name which nobody but attackers uses.

        Such a name has no account, or was tried from several addresses and its owner did not come meanwhile.
        """
        roster, time = self.roster, sighting.time
        if sighting.marks & _UNKNOWN:
            return roster.last_seen(sighting.account, roster.of_account, time - _UNKNOWN_HOURS)
        if account is None or account.homes or len(account.items) < 2:
            return None
        return roster.last_seen(sighting.account, roster.of_account, time - _ACCOUNT_HOURS)

    def _succeeded(self, sighting: Sighting, origin: str, subnet: str) -> None:
        home = bool(sighting.marks & _HOME)
        if not home:
            self.surge.count(FRESH)
        ties = self.bonds.praise(sighting, subnet)
        find = self.roster.find
        attacked = bool(self.roster.running) and any(
            bond is not None and find(bond.campaign) is not None for bond in ties[:3]
        )
        if origin and self.pending and not attacked:
            for trial in self.pending.explained(sighting, origin):
                claimed = find(trial.campaign)
                if claimed is None or claimed.surge or claimed.loose:
                    self._redeem(trial)
        if home:
            self.bonds.at_home(sighting, origin)
        else:
            trail = self._taker(sighting, origin, ties)
            if trail is not None:
                address = format_address(sighting.address)
                trail.take(Taken(sighting.account, address, sighting.time, sighting.request_id))
                return
        if self.flood is None or len(self.sample) < ENOUGH:
            self.sample.add(sighting)

    def _taker(self, sighting: Sighting, origin: str, ties: Ties) -> Trail | None:
        """
        Return the campaign that a login from a new place probably belongs to.

        Its address, password, account or client says so; a subnet, a provider or a surge has good logins too, so that
        there it takes a high score besides.
        """
        roster, find = self.roster, self.roster.find
        if not roster.running:
            return None
        known = bool(sighting.marks & _KNOWN_SOURCE)
        seen = roster.last_seen(origin, roster.of_origin, sighting.time - _ORIGIN_HOURS)
        if seen is not None and not (known and (seen.loose or seen.surge)):
            return seen
        sure = bool(sighting.marks & _SCORED) and sighting.score >= _SURE
        for bond in ties:
            trail = find(bond.campaign) if bond is not None else None
            telling = bond is ties.token or (not known and (sure or bond is ties.account or bond is ties.client))
            if trail is not None and telling:
                return trail
        return self.flood if sure and not known else None

    def _redeem(self, trial: Trial) -> None:
        trial.redeemed = True
        self.bonds.untie(trial)
        if trial.campaign:
            self.roster.release(trial)
        elif trial.minute >= 0:
            self.surge.take_back(trial.minute)
        trial.minute = -1

    def adopt(self, trail: Trail, fits: Callable[[Trial], bool]) -> None:
        """Let a campaign claim what came within a day, fits, and belongs to none."""
        oldest = self.now - _DAY
        rest: list[Trial] = []
        for trial in self.ring:
            if trial.redeemed or trial.sighting.time < oldest:
                continue
            if not fits(trial):
                rest.append(trial)
                continue
            self.surge.claim(int(trial.sighting.time // 60), failed=not trial.sighting.marks & _STOPPED)
            if trial.minute >= 0:
                self.surge.take_back(trial.minute)
                trial.minute = -1
            self.roster.join(trail, trial, certain=False)
        self.ring = deque(rest, maxlen=RING)

    def campaign_of(self, sighting: Sighting) -> str:
        """Return the id of the campaign that an attempt would belong to, ``""`` for none; nothing is counted."""
        if not sighting.address or sighting.marks & _UNSUSPICIOUS:
            return ""
        ties = self.bonds.look(sighting, subnet_of(sighting.address))
        stranger = _stranger(sighting, ties)
        trail, _ = self.owner(sighting, origin_of(sighting.address), ties, stranger=stranger)
        return trail.id if trail is not None else ""


def _stranger(sighting: Sighting, ties: Ties) -> bool:
    """Whether a suspicious attempt counts for a surge."""
    if sighting.marks & _KNOWN_SOURCE:
        return False
    account, subnet = ties.account, ties.subnet
    if account is not None and account.tries.current > _PER_ACCOUNT:
        return False
    return subnet is None or subnet.tries.current <= _PER_SUBNET
