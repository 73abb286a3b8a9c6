# SPDX-License-Identifier: Apache-2.0
"""Where people sign in from, and with which client."""

from __future__ import annotations

import numpy as np

from evaluation.traffic.calendar import DAY, HOUR
from evaluation.traffic.clients import BROWSERS, FRONTS, PHONES, SHELLS, pick
from evaluation.traffic.internet import Sources
from evaluation.traffic.people import People
from evaluation.traffic.rows import (
    HTTP,
    IMAP,
    POP3,
    SMTP,
    SSH,
    USER_KINDS,
    Flags,
    Floats,
    Places,
    Rows,
    blank,
    mix,
    unit,
)

HOME, MOBILE, OFFICE, FRONT, VPN, ABROAD = range(6)
"""Kinds of places."""

_LONG = np.uint64(1 << 40)


class World:
    """
    The addresses and devices of people, the same for the same person at the same time.

    Args:
        people: Who they are.
    """

    def __init__(self, people: People) -> None:
        self.people = people
        self.net = people.internet
        rng = np.random.default_rng([people.seed, 3])
        self.egress = int(rng.integers(1, 5))
        self.exits = int(rng.integers(12, 40))
        self.fronts = int(rng.integers(1, 3))
        self.trip_days = float(rng.uniform(2, 5))

    def home(self, who: Places, ts: Floats) -> Sources:
        """Return the addresses at home: leased for a day or more, most of them from the same few networks."""
        lease = self.people.lease[who]
        number = np.floor((ts - self.people.span.start) / DAY / lease + unit(mix(1, who))).astype(np.int64)
        seed = self.people.seed
        pool = mix(seed, 80, who) & np.uint64(0xFF)
        host = (mix(seed, 81, who) % np.uint64(60) + np.uint64(1)) * np.uint64(1024)
        bits = pool + ((host + mix(seed, 82, who, number) % np.uint64(1024)) << np.uint64(8))
        four = self.net.v4(self.people.home[who], bits)
        today = np.floor(ts / DAY).astype(np.int64)
        six = self.net.v6_of(self.people.home[who], mix(seed, 83, who, number // 30), mix(seed, 84, who, today))
        return _either(
            self.people.six[who] & (mix(seed, 85, who, ts.astype(np.int64) // 600) % np.uint64(3) > 0), six, four
        )

    def mobile(self, who: Places, ts: Floats) -> Sources:
        """Return the addresses on the road: thousands share the few exits of a carrier."""
        seed = self.people.seed
        session = np.floor(ts / (5 * HOUR) + unit(mix(2, who))).astype(np.int64)
        exit_number = mix(seed, 86, who, session) % np.uint64(self.egress)
        four = self.net.v4(self.people.carrier[who], mix(seed, 87, self.people.carrier[who], exit_number))
        six = self.net.v6_of(
            self.people.carrier[who], mix(seed, 88, who, session // 5), mix(seed, 89, who, session), subnets=1
        )
        return _either(self.people.six[who], six, four)

    def office(self, number: Places) -> Sources:
        """Return the address behind which everybody of an office is."""
        providers = self.net.providers("business")
        provider = providers[(mix(self.people.seed, 90, number) % np.uint64(len(providers))).astype(np.int64)]
        return self.net.v4(provider, mix(self.people.seed, 91, number))

    def front(self, who: Places) -> Sources:
        """Return the addresses of the webmail front ends; thousands sign in behind each."""
        provider = np.full(len(who), self.net.providers("front")[0])
        which = mix(self.people.seed, 92, who) % np.uint64(self.fronts)
        return self.net.v4(provider, mix(self.people.seed, 93, 0) + (which << np.uint64(8)))

    def vpn(self, provider: Places, session: Places) -> Sources:
        """Return the exits of a VPN; attackers use the same."""
        number = mix(self.people.seed, 94, session) % np.uint64(self.exits)
        base = mix(self.people.seed, 95, provider) & (_LONG - np.uint64(1))
        return self.net.v4(
            provider, base + ((number // np.uint64(3) * np.uint64(7)) << np.uint64(8)) + (number % np.uint64(3))
        )

    def abroad(self, who: Places, ts: Floats) -> Sources:
        """Return addresses in other countries: a hotel or a carrier, another one each day or two."""
        providers = self.net.providers("abroad")
        trip = np.floor((ts - self.people.span.start) / DAY / self.trip_days + unit(mix(3, who))).astype(np.int64)
        near = mix(self.people.seed, 96, who, trip) % np.uint64(len(providers))
        hop = mix(self.people.seed, 97, who, np.floor(ts / DAY / 1.5).astype(np.int64))
        return self.net.v4(providers[near.astype(np.int64)], hop)

    def enter(self, who: Places, ts: Floats, place: Places, *, account: Places | None = None) -> Rows:
        """
        Return logins with everything but their password.

        Args:
            who: (n,) whose address and devices.
            ts: (n,) Unix seconds.
            place: (n,) HOME, MOBILE ...
            account: (n,) whose account; their own if ``None``.
        """
        people = self.people
        rows = blank(len(who))
        rows["ts"], rows["account"] = ts, who if account is None else account
        rows["user_kind"] = people.kind[rows["account"]]
        place = np.where((place == OFFICE) & (people.office[who] < 0), HOME, place)
        for number in np.unique(place).tolist():
            here = place == number
            self._sources(number, who[here], ts[here]).write(rows, here)
        self._devices(rows, who, place)
        return rows

    def _sources(self, place: int, who: Places, ts: Floats) -> Sources:
        if place == OFFICE:
            return self.office(self.people.office[who])
        if place == FRONT:
            return self.front(who)
        if place == VPN:
            session = np.floor(ts / (6 * HOUR)).astype(np.int64)
            return self.vpn(
                self.people.vpn[who], (mix(self.people.seed, 98, who, session) >> np.uint64(20)).astype(np.int64)
            )
        return {HOME: self.home, MOBILE: self.mobile, ABROAD: self.abroad}[place](who, ts)

    def _devices(self, rows: Rows, who: Places, place: Places) -> None:
        """Give each login the client and protocol of a device that is at hand there."""
        people, seed = self.people, self.people.seed
        draw = unit(mix(seed, 99, who, (rows["ts"] * 10).astype(np.int64)))
        later = rows["ts"] >= people.new_device[who]
        phones = np.where(later, pick(PHONES, mix(seed, 100, who)), people.phone[who])
        on_phone = (place == MOBILE) | ((place != OFFICE) & (place != FRONT) & (draw < 0.45))
        on_phone &= rows["user_kind"] != USER_KINDS.index("mail_client")
        rows["client"] = np.where(on_phone, phones, people.desk[who])
        browser = np.isin(rows["client"], BROWSERS)
        mail = np.where(people.pops[who] & ~on_phone, POP3, IMAP)
        sends = unit(mix(seed, 101, who, (rows["ts"] * 10).astype(np.int64))) < 0.12
        rows["protocol"] = np.where(browser, HTTP, np.where(sends, SMTP, mail))
        front = place == FRONT
        rows["client"][front] = pick(FRONTS, mix(seed, 102, who[front] * 0))
        rows["protocol"][front] = IMAP
        shell = people.shell[who] & (draw > 0.8)
        rows["client"][shell] = pick(SHELLS, mix(seed, 103, who[shell]))
        rows["protocol"][shell] = SSH


def _either(first: Flags, one: Sources, other: Sources) -> Sources:
    """Return one address where *first* holds, else the other."""
    return Sources(
        np.where(first, one.hi, other.hi),
        np.where(first, one.lo, other.lo),
        np.where(first, one.provider, other.provider),
    )
