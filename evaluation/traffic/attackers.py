# SPDX-License-Identifier: Apache-2.0
"""What attackers have: sources, victims, passwords, and time."""

from __future__ import annotations

import numpy as np

from evaluation.traffic.calendar import DAY, HOUR
from evaluation.traffic.clients import TOOLS, of_customers
from evaluation.traffic.internet import Sources, merge
from evaluation.traffic.people import COMMON, OTHER, invent
from evaluation.traffic.places import World
from evaluation.traffic.rows import HTTP, IMAP, POP3, SMTP, SSH, Floats, Numbers, Places, Rows, blank, mix


class Attacker:
    """
    One campaign's means.

    Args:
        world: Where it happens.
        rng: What draws.
        begin: Unix seconds of its first try.
        until: Unix seconds at which its part of the study ends; a long one may go on.
        scale: Size of the study, 1 for half a million logins; counts shrink more slowly than it.

    Attributes:
        room: Seconds until the study ends.
    """

    def __init__(self, world: World, rng: np.random.Generator, begin: float, until: float, scale: float) -> None:
        self.world, self.people, self.rng, self.begin, self.until, self.scale = (
            world,
            world.people,
            rng,
            begin,
            until,
            scale,
        )
        self.room = world.people.span.end - begin
        self.protocol = int(rng.choice([IMAP, SMTP, POP3, HTTP], p=[0.35, 0.25, 0.1, 0.3]))

    def count(self, least: int, most: int, *, floor: int = 30) -> int:
        """Return a random number between two bounds, equally likely on a log scale, cut to the size of the study."""
        drawn = float(np.exp(self.rng.uniform(np.log(least), np.log(most))))
        return max(round(1.15 * drawn * float(self.scale**0.95)), min(floor, least))

    def lasting(self, least: float, most: float) -> float:
        """Return a random duration between two bounds in hours, as seconds, cut to the time that is left."""
        shrunk = self.people.span.days / 14
        return float(min(np.exp(self.rng.uniform(np.log(least), np.log(most))) * HOUR * shrunk, self.room * 0.97))

    def hosts(self, size: int) -> Sources:
        """Return rented machines, VPN exits that customers use too, or hijacked lines in a few countries."""
        sort = self.rng.choice(["hoster", "vpn", "abroad", "mixed"], p=[0.4, 0.2, 0.25, 0.15])
        if sort == "vpn":
            provider = self.rng.choice(self.world.net.providers("vpn"), size)
            return self.world.vpn(provider, self.rng.integers(0, 1 << 40, size))
        if sort == "mixed":
            return merge(self.rented(size - size // 2), self.lines(size // 2))
        return self.rented(size) if sort == "hoster" else self.lines(size)

    def rented(self, size: int) -> Sources:
        """Return machines at a few hosters."""
        return self.world.net.draw(self.rng, "hoster", size, six=0.1, few=int(self.rng.integers(1, 4)))

    def lines(self, size: int) -> Sources:
        """Return hijacked machines on lines all over the world."""
        return self.world.net.draw(self.rng, "abroad", size, six=0.05)

    def neighbours(self, size: int) -> Sources:
        """Return proxies on lines of the providers that customers have, a few of them customers' own."""
        carriers, homes = (round(size * self.rng.uniform(0, share)) for share in (0.2, 0.1))
        lines = self.world.net.draw(self.rng, "isp", size - carriers - homes, six=self.rng.uniform(0, 0.3))
        who = self.rng.integers(0, self.people.size, carriers + homes)
        when = np.full(len(who), self.begin)
        found = merge(lines, self.world.mobile(who[homes:], when[homes:]), self.world.home(who[:homes], when[:homes]))
        return found.take(self.rng.permutation(size))

    def users(self, size: int) -> Places:
        """Return different accounts of users, at most all of them."""
        return self.rng.permutation(self.people.size)[:size]

    def listed(self, size: int, strangers: float) -> Places:
        """
        Return names of a list made elsewhere.

        Args:
            size: How many.
            strangers: Share of names that have no account here, 0-1.
        """
        known = self.users(round(size * (1 - strangers)))
        return self.rng.permutation(np.concatenate([known, invent(self.rng, self.people, size - len(known))]))

    def common(self, rank: Places | int) -> Numbers:
        """Return passwords of everybody's list, the most common first."""
        return mix(self.people.seed, COMMON, rank)

    def leaked(self, account: Places, ts: Floats, share: float) -> Numbers:
        """
        Return passwords leaked elsewhere.

        Args:
            account: (n,) whose.
            ts: (n,) when each is tried.
            share: Of the known accounts whose password is the same here, 0-1.
        """
        found = mix(self.people.seed, OTHER, account, self.rng.integers(0, 4, len(account)))
        known = account < self.people.size
        hits = known & (self.rng.random(len(account)) < share)
        hits[self.rng.permutation(np.flatnonzero(known))[:1]] |= share * known.sum() > 0.5
        version = self.people.version(account[known], ts[known])
        former = np.flatnonzero(known)[(version > 0) & (self.rng.random(len(version)) < 0.05)]
        found[former] = self.people.password(account[former], self.people.version(account[former], ts[former]) - 1)
        found[hits] = self.people.right(account[hits], ts[hits])
        return found

    def steady(self, size: int, duration: float) -> Floats:
        """Return times of a machine that tries as fast as it may, with a pause now and then."""
        gaps = self.rng.exponential(1.0, size) + 0.2
        if size > 20 and self.rng.random() < 0.4:
            gaps[self.rng.integers(1, size, int(self.rng.integers(1, 4)))] += size * self.rng.uniform(0.05, 0.2)
        moments = np.cumsum(gaps) - gaps[0]
        return np.asarray(self.begin + moments / max(float(moments[-1]), 1.0) * duration)

    def daytime(self, ts: Floats) -> Floats:
        """Return times moved out of the night, for those who hide among customers."""
        night = ts % DAY < 6.5 * HOUR
        return np.asarray(ts + night * 7 * HOUR * self.rng.uniform(1, 1.6, len(ts)))

    def tries(self, ts: Floats, account: Places, token: Numbers, sources: Sources) -> Rows:
        """Return rows in the order of time, within the study."""
        rows = blank(len(ts))
        rows["ts"], rows["account"], rows["token"], rows["protocol"] = ts, account, token, self.protocol
        rows["attack"] = True
        sources.write(rows)
        rows = rows[(ts < self.people.span.end) & (ts >= self.people.span.start)]
        return rows[np.argsort(rows["ts"], kind="stable")]


def dress(rows: Rows, rng: np.random.Generator, *, as_customers: bool) -> None:
    """
    Give the tries of one campaign their client strings.

    Args:
        rows: One campaign; changed.
        rng: What draws: not the campaign's own, so that other clothes leave the campaign as it is.
        as_customers: Only strings that customers send; else about half of the campaigns use tools' own.
    """
    tool = rng.random() < 0.5
    uniform = rng.random() < 0.5
    draws = rng.integers(0, 1 << 40, 2)
    sources = mix(draws[0], rows["hi"], rows["lo"]) if not uniform else mix(draws[1], np.zeros(len(rows), np.int64))
    protocol = int(rows["protocol"][0]) if len(rows) else HTTP
    if tool and not as_customers:
        rows["client"] = np.asarray(TOOLS)[(mix(draws[0], 0) % np.uint64(len(TOOLS))).astype(np.int64)]
        return
    among = np.asarray(of_customers(protocol if protocol != SSH else SSH))
    rows["client"] = among[(sources % np.uint64(len(among))).astype(np.int64)]
