# SPDX-License-Identifier: Apache-2.0
"""Journals for tests: attempts as a person would tell them, with flags worked out from what came before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from nacre.features.flags import Flag
from nacre.learning.event import EVENT
from nacre.learning.labels import label
from nacre.learning.reason import Reason

HOUR, DAY = 3600.0, 86_400.0
LATER = 30 * DAY


class Try(NamedTuple):
    """One attempt; *net*, if empty, is *ip* up to its last dot."""

    at: float
    user: str
    ip: str
    password: str
    ok: bool = False
    net: str = ""
    asn: str = "home"
    client: str = "phone"
    country: str = "de"
    known: bool | None = True
    refused: bool = False
    told: bool = True

    @property
    def network(self) -> str:
        """The network that it comes from."""
        return self.net or self.ip.rpartition(".")[0]


@dataclass
class _Account:
    """What is known of an account so far."""

    seen: dict[Flag, set[str]] = field(default_factory=lambda: defaultdict(set))
    right: str = ""
    former: set[str] = field(default_factory=set)
    tried: set[str] = field(default_factory=set)


def digest(text: str) -> int:
    """Return 32 bits for a text, 0 for none."""
    return crc32(text.encode()) if text else 0


def journal(tries: Iterable[Try]) -> NDArray[np.void]:
    """Return EVENT rows in the order of time; the id of a row is its position in *tries*."""
    accounts: dict[str, _Account] = defaultdict(_Account)
    rows = []
    for position, attempt in sorted(enumerate(tries), key=lambda pair: pair[1].at):
        flags = _flags(accounts[attempt.user], attempt)
        names = (attempt.ip, attempt.network, attempt.user, attempt.password)
        where = (attempt.asn, attempt.client, attempt.country)
        rows.append((position, attempt.at, *map(digest, names + where), flags))
    given = list(EVENT.names or ())[:10]
    events = np.zeros(len(rows), EVENT)
    events[given] = np.array(rows, [(name, EVENT[name]) for name in given])
    return events


def _flags(account: _Account, attempt: Try) -> int:
    word = attempt.password
    here = {
        Flag.SEEN_IP: attempt.ip,
        Flag.SEEN_NET: attempt.network,
        Flag.SEEN_ASN: attempt.asn,
        Flag.SEEN_CLIENT: attempt.client,
        Flag.SEEN_COUNTRY: attempt.country,
    }
    flags = Flag(0)
    for flag, place in here.items():
        flags |= flag if place and place in account.seen[flag] else Flag(0)
    flags |= Flag.HISTORY if account.seen[Flag.SEEN_IP] else Flag(0)
    flags |= {True: Flag.KNOWN, False: Flag.UNKNOWN, None: Flag(0)}[attempt.known]
    flags |= Flag.REFUSED if attempt.refused else Flag(0)
    flags |= Flag.RIGHT if word and word == account.right else Flag(0)
    flags |= Flag.FORMER if word in account.former else Flag(0)
    flags |= Flag.TRIED if word in account.tried else Flag(0)
    if not attempt.told:
        return int(flags)
    if attempt.ok:
        if not attempt.refused:
            _learn(account, attempt, here)
        return int(flags | Flag.SUCCESS)
    seen_password = flags & (Flag.RIGHT | Flag.FORMER | Flag.TRIED)
    if not seen_password and not flags & (Flag.SEEN_IP | Flag.SEEN_NET):
        flags |= Flag.ORPHAN
    if word and not seen_password:
        flags |= Flag.FRESH
        account.tried.add(word)
    return int(flags)


def _learn(account: _Account, attempt: Try, here: dict[Flag, str]) -> None:
    for flag, place in here.items():
        account.seen[flag].add(place)
    if attempt.password != account.right:
        if account.right:
            account.former.add(account.right)
        account.right = attempt.password
        account.tried.discard(attempt.password)
        account.former.discard(attempt.password)


def said(tries: list[Try], now: float = LATER) -> list[tuple[str, float]]:
    """Return the reasons and the weights of attempts, attacks above and legitimate ones below 0, in their order."""
    rows = journal(tries)
    labels = label(rows, now)
    order = np.argsort(rows["id"])
    signs = np.where(labels.attack == 1, 1, -1) * labels.weight
    return [(Reason(labels.reason[row]).name, round(float(signs[row]), 2)) for row in order]


def home(user: str, days: int = 3, ip: str = "10.0.0.1", first: float = 0.0) -> list[Try]:
    """Return a success a day from home."""
    return [Try(first + day * DAY, user, ip, f"{user}'s", ok=True) for day in range(days)]
