# SPDX-License-Identifier: Apache-2.0
"""A step against a running attack: what it does, to whom, until when, and who answers for it."""

from __future__ import annotations

import enum

import msgspec


class Step(enum.StrEnum):
    """What a measure does."""

    MONITOR = "monitor"
    CHALLENGE = "challenge"
    DELAY = "delay"
    RATE_LIMIT = "rate_limit"
    BLOCK = "block"
    THRESHOLD = "threshold"


class State(enum.StrEnum):
    """Where a measure stands."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    ENDED = "ended"


class Scope(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Whom a measure meets: whoever fits all that is named; nothing named fits everyone.

    Attributes:
        accounts: Canonical user names.
        subnets: As text, ``192.0.2.0/24``.
        asns: Numbers of autonomous systems.
        countries: Two letters each.
        clients: Families of client strings.
        protocols: ``imap``, ``http`` ...
        unknown_origins: Only attempts on accounts that never signed in from that subnet or device.
        new_sources: Only from addresses from which nobody signed in within a week.
        least_score: Only attempts with at least this score, 0-1.
    """

    accounts: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()
    asns: tuple[int, ...] = ()
    countries: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    unknown_origins: bool = True
    new_sources: bool = False
    least_score: float = 0.0


class Harm(msgspec.Struct, frozen=True):
    """
    How many of the recent good logins a measure would have met.

    Attributes:
        touched: Of these.
        of: Good logins looked at.
    """

    touched: int
    of: int

    @property
    def share(self) -> float:
        """
        As a share, 0-1; careful where little is known.

        >>> Harm(0, 8).share, Harm(3, 10_000).share
        (0.1, 0.0004)
        """
        return (self.touched + 1) / (self.of + 2) if self.of < 10_000 else (self.touched + 1) / self.of


class Measure(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    A step against an attack.

    Attributes:
        id: Names it.
        step: What it does.
        scope: Whom it meets.
        since, until: Unix seconds.
        owner: Who answers for it: ``nacre``, or the operator who started or confirmed it.
        reason: Sentence for operators.
        campaign: Id of the campaign that it answers, ``""`` for none.
        state: Where it stands.
        delay: Seconds to wait, for ``delay``.
        per_minute: Attempts per address, for ``rate_limit``.
        threshold: Least score that is challenged, for ``threshold``.
        harm: As estimated when it began.
    """

    id: str
    step: Step
    scope: Scope
    since: float
    until: float
    owner: str
    reason: str
    campaign: str = ""
    state: State = State.ACTIVE
    delay: float = 0.0
    per_minute: int = 0
    threshold: float = 0.0
    harm: Harm | None = None
