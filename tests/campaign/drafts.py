# SPDX-License-Identifier: Apache-2.0
"""Measures, sightings and pictures that tests build with."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

import msgspec

from nacre.address import parse_address
from nacre.campaign.measure import Measure, Scope, Step
from nacre.campaign.picture import AttackedAccount, Campaign, CampaignKind, Picture, Threat
from nacre.campaign.sighting import Mark, Sighting
from nacre.decision import MESSAGES, Action, Decision

_numbers = itertools.count()


def measure(step: Step = Step.CHALLENGE, scope: Scope | None = None, **other: object) -> Measure:
    """A measure in force from 0 to 600; without further words it challenges unknown origins."""
    given: dict[str, object] = {"since": 0.0, "until": 600.0, "owner": "nacre", "reason": "an attack", **other}
    given.setdefault("id", f"m-{next(_numbers)}")
    return Measure(step=step, scope=scope or Scope(), **given)  # type: ignore[arg-type]


def seen(address: str = "192.0.2.7", account: str = "erika", *, time: float = 60.0, **other: object) -> Sighting:
    """An attempt from an origin that its account never used."""
    return Sighting(time, parse_address(address), account, **other)  # type: ignore[arg-type]


def decision(action: Action = Action.ALLOW, delay: float = 0.0) -> Decision:
    """What the rules and the network decided."""
    return Decision("r1", action, delay, None, (), (), MESSAGES[action])


def campaign(name: str = "c-1", **other: object) -> Campaign:
    """A campaign that runs at 1,000."""
    given: dict[str, object] = {
        "kind": CampaignKind.STUFFING,
        "since": 900.0,
        "last": 1000.0,
        "attempts": 500,
        "sources": 400,
        "subnets": 300,
        "accounts": 500,
        **other,
    }
    return Campaign(id=name, **given)  # type: ignore[arg-type]


def picture(*campaigns: Campaign, band: str = "high", accounts: Sequence[str] = ()) -> Picture:
    """What the watch sees at 1,000."""
    level = {"normal": 0.1, "moderate": 0.5, "high": 0.7, "severe": 0.9}[band]
    attacked = tuple(AttackedAccount(name, 12, 12, 1.0, 1.0, 900.0) for name in accounts)
    return Picture(time=1000.0, threat=Threat(level, band), accounts=attacked, campaigns=campaigns)


def good_logins(count: int, *, strange: int = 0) -> list[Sighting]:
    """Good logins of a day before 1,000, of which every so many-th came from a new source: *strange* in all."""
    every = count // strange if strange else count + 1
    return [
        Sighting(
            1000.0 - 86_400.0 * (count - number) / count,
            (0x0A00_0000 + number).to_bytes(4, "big"),
            f"user{number % 500}",
            country="DE",
            client="thunderbird",
            protocol="imap",
            marks=Mark.SUCCESS if number % every == every - 1 else Mark.SUCCESS | Mark.HOME | Mark.KNOWN_SOURCE,
        )
        for number in range(count)
    ]


def stuffing(count: int, *, seed: int = 1, first: float = 900.0, gap: float = 0.1, **other: object) -> list[Sighting]:
    """Attempts from so many addresses all over the Internet, each on an account of its own, from three countries."""
    chance = random.Random(seed)  # noqa: S311  addresses of a test
    return [
        Sighting(
            first + gap * number,
            bytes([chance.randrange(1, 224), *chance.randbytes(3)]),
            f"victim{number}",
            country=chance.choice(("XA", "XB", "XC")),
            client="curl",
            protocol="imap",
            **other,  # type: ignore[arg-type]
        )
        for number in range(count)
    ]


def botnet(account: str = "erika", count: int = 12, *, seed: int = 1) -> list[Sighting]:
    """One attempt on one account from each of so many addresses."""
    return [msgspec.structs.replace(each, account=account) for each in stuffing(count, seed=seed)]


def disguised(count: int) -> list[Sighting]:
    """Attempts that nothing sets apart from good logins of strangers: same networks, country, client, protocol."""
    return [
        Sighting(
            900.0 + number / 10,
            bytes([10, 0, number % 78, number % 251]),
            f"victim{number}",
            country="DE",
            client="thunderbird",
            protocol="imap",
        )
        for number in range(count)
    ]
