# SPDX-License-Identifier: Apache-2.0
"""
Stuffing on many sites, in a circle: what is seen decides what is stopped, and what is stopped is seen.

Watch, plan and measures are those of nacre; check and report are a model that knows what an account's earlier logins
were like.  No rule is set and no network looks.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import msgspec

from evaluation.leaked import START, Site, Try, tries
from nacre.campaign.answers import STOPPING
from nacre.campaign.apply import InForce
from nacre.campaign.measure import Measure
from nacre.campaign.sighting import Mark, Sighting
from nacre.campaign.watch import Watch
from nacre.config.campaigns import Campaigns, Measures
from nacre.decision import Action, Decision
from nacre.rounds import Rounds

_OWNERS_HOME = {4: 3, 16: 7}
"""Bytes of an address by which its subnet is known, by its length."""
_LOOK, _QUIET, _ALARM, _ENFORCED = 1.0, 600.0, 0.2, 1.0
_FREE, _SPARED = 200, 60.0
"""Tries, and seconds, after which the rest of an attack begins; the later one counts."""
_STOPPED = frozenset({Action.REFUSE, Action.CHALLENGE})

_SMALL, _MEDIUM = Site(), Site(people=2_000, rate=1.0, travel=0.02)
_LARGE = Site(people=10_000, rate=5.0, travel=0.03)
_HUGE = Site(people=20_000, rate=20.0, travel=0.03, days=2)

SITES = {
    "small": _SMALL,
    "small, travel": _SMALL._replace(travel=0.02),
    "small, no places": _SMALL._replace(places=False),
    "small, no places, scattered": _SMALL._replace(places=False, scattered=True),
    "small, no places, no passwords": _SMALL._replace(places=False, passwords=False),
    "small, an hour old": _SMALL._replace(days=0, hours=1.0),
    "small, nobody signs in": _SMALL._replace(rate=0.0),
    "small, within a minute": _SMALL._replace(per_second=166.0),
    "small, own list": _SMALL._replace(ours=1.0),
    "small, own list, no places, scattered": _SMALL._replace(ours=1.0, places=False, scattered=True),
    "small, own list, no passwords": _SMALL._replace(ours=1.0, passwords=False),
    "medium": _MEDIUM._replace(travel=0.01),
    "medium, no places, no passwords, scattered": _MEDIUM._replace(
        travel=0.01, places=False, passwords=False, scattered=True
    ),
    "medium, an odd client on the web": _MEDIUM._replace(per_second=2.8, clients="odd", protocol="http"),
    "medium, near, half own list": _MEDIUM._replace(near=1.0, ours=0.5),
    "medium, an hour old": _MEDIUM._replace(days=0, hours=1.0),
    "medium, own list": _MEDIUM._replace(ours=1.0),
    "medium, own list, no places, no names, scattered": _MEDIUM._replace(
        ours=1.0, places=False, scattered=True, names=False, real=1.0
    ),
    "large": _LARGE,
    "large, own list, near, one client": _LARGE._replace(ours=1.0, near=1.0, clients="one"),
    "large, own list, no places, no clients": _LARGE._replace(ours=1.0, places=False, clients="none", scattered=True),
    "large, own list, no places, no passwords": _LARGE._replace(
        ours=1.0, places=False, passwords=False, scattered=True
    ),
    "huge": _HUGE,
    "huge, own list, no places, no names": _HUGE._replace(
        ours=1.0, places=False, names=False, real=1.0, scattered=True
    ),
    "huge, within a minute": _HUGE._replace(days=1, per_second=166.0),
}
"""What the decision about measures gives figures of."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of a list on a site.

    Attributes:
        named: Tries until a campaign was named, 0 for never.
        rest, stopped: Tries after 200 of them and 60 s, and how many of these were refused, challenged or made to wait.
        good, met: Good logins since the first try, and how many of these measures met.
        expected: Of these as estimated when measures began or were extended last.
        refused: Good logins from known places that were refused.
        right, let_in: Right pairs, and how many of them were not met.
        day: Share that the met ones take up of the budget for a day's good logins.
    """

    named: int = 0
    rest: int = 0
    stopped: int = 0
    good: int = 0
    met: int = 0
    expected: float = 0.0
    refused: int = 0
    right: int = 0
    let_in: int = 0
    day: float = 0.0


class _Past(NamedTuple):
    """What the logins of an account were like."""

    subnets: set[bytes]
    clients: set[str]
    systems: set[int]
    countries: set[str]
    token: int


class Installation:
    """
    What nacre would do.

    Args:
        site: Where.

    Attributes:
        measures: As they are, by id.
        begun: Those that were in force, as they began or were extended last, by id.
        named: Whether a campaign runs.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = Campaigns()
        self._watch, self._rounds = Watch(self._settings), Rounds(5.0)
        self._past: dict[str, _Past] = {}
        self._sources: set[bytes] = set()
        self._in_force = InForce((), self._settings.measures)
        self._coming: deque[tuple[float, dict[str, Measure]]] = deque()
        self._looked = float("-inf")
        self.measures: dict[str, Measure] = {}
        self.begun: dict[str, Measure] = {}
        self.named = False

    def take(self, one: Try, number: int) -> tuple[Action, int]:
        """Let an attempt happen; returns what is answered, and the marks that were known before."""
        seen = self._seen(one, number)
        while self._coming and self._coming[0][0] <= one.time:
            standing = self._coming.popleft()[1].values()
            self._in_force = InForce(standing, self._settings.measures, before=self._in_force)
        action = self._in_force.weigh(_ALLOWED, seen).action
        marks = seen.marks
        if action in _STOPPED:
            marks |= int(Mark.STOPPED)
        elif one.right:
            marks |= int(Mark.SUCCESS)
            self._remember(one, seen)
        if action is Action.DELAY:
            marks |= int(Mark.DELAYED)
        self._watch.see(msgspec.structs.replace(seen, marks=marks))
        self._look(one.time)
        return action, seen.marks

    def _look(self, now: float) -> None:
        since = now - self._looked
        if since >= (_LOOK if now > START - 10 else _QUIET) or (self._watch.alarmed and since > _ALARM):
            self._looked = now
            round_ = self._rounds.go(self._watch, self.measures, self._settings, now)
            self.named = any(not campaign.ended for campaign in round_.picture.campaigns)
            if round_.put or round_.gone:
                changes = round_.changes
                self.begun |= {each.id: each for each in (*changes.begin, *changes.extend)}
                kept = {**self.measures, **{each.id: each for each in round_.put}}
                self.measures = {name: each for name, each in kept.items() if name not in round_.gone}
                self._coming.append((now + _ENFORCED, self.measures))

    def _seen(self, one: Try, number: int) -> Sighting:
        site, past = self._site, self._past.get(one.account)
        asn, country = (one.asn, one.country) if site.places else (0, "")
        token = one.token if site.passwords else 0
        marks = Mark(0)
        if site.names and not one.exists:
            marks |= Mark.UNKNOWN
        if one.address in self._sources:
            marks |= Mark.KNOWN_SOURCE
        if past is not None:
            marks |= Mark.HISTORY
            marks |= Mark.HOME if _subnet(one.address) in past.subnets else 0
            marks |= Mark.OWN_CLIENT if one.client and one.client in past.clients else 0
            marks |= Mark.OWN_SYSTEM if asn and asn in past.systems else 0
            marks |= Mark.OWN_COUNTRY if country and country in past.countries else 0
            marks |= Mark.RIGHT if token and token == past.token else 0
        where = (asn, country, one.client, site.protocol)
        return Sighting(one.time, one.address, one.account, token, *where, int(marks), 0.0, f"{number}")

    def _remember(self, one: Try, seen: Sighting) -> None:
        past = self._past.get(one.account) or _Past(set(), set(), set(), set(), 0)
        past.subnets.add(_subnet(one.address))
        past.clients.add(seen.client)
        past.systems.add(seen.asn)
        past.countries.add(seen.country)
        self._past[one.account] = past._replace(token=seen.token)
        self._sources.add(one.address)


_ALLOWED = Decision("r", Action.ALLOW, 0.0, None, (), (), "")


def play(site: Site, seed: int = 1) -> Told:
    """Return what comes of a list on a site; the same for the same seed."""
    here, counts = Installation(site), dict.fromkeys(Told.__struct_fields__, 0)
    attack = last = 0.0
    for number, one in enumerate(tries(site, seed)):
        action, marks = here.take(one, number)
        met, last = action is not Action.ALLOW, one.time
        if one.attack:
            attack += 1
            counts["named"] = counts["named"] or (int(attack) if here.named else 0)
            counts["right"] += one.right
            counts["let_in"] += one.right and not met
            if attack > _FREE and one.time > START + _SPARED:
                counts["rest"] += 1
                counts["stopped"] += met
        elif one.right and one.time >= START:
            counts["good"] += 1
            counts["met"] += met
            counts["refused"] += action is Action.REFUSE and bool(marks & Mark.HOME)
    told = Told(**counts)
    budget = Measures().budget * site.rate * 86_400
    return msgspec.structs.replace(
        told, expected=_expected(here.begun, told.good, last), day=told.met / budget if budget else 0.0
    )


def _expected(measures: dict[str, Measure], good: int, last: float) -> float:
    """Return how many of the good logins since the first try were estimated to be met, some of them twice."""
    shares = [
        each.harm.share * max(min(each.until, last) - max(each.since, START), 0.0)
        for each in measures.values()
        if each.harm is not None and each.step in STOPPING
    ]
    return sum(shares) / (last - START) * good if last > START else 0.0


def _subnet(address: bytes) -> bytes:
    return address[: _OWNERS_HOME[len(address)]]
