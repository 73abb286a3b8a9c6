# SPDX-License-Identifier: Apache-2.0
"""A step against a running attack: what it does, to whom, until when, and who answers for it."""

from __future__ import annotations

import enum

import msgspec

EXPECTED_WEIGHT = 100
"""Good logins that an expectation weighs as much as."""

OURS = "nacre"
"""Owner of the measures that nobody asked for."""


class Step(enum.StrEnum):
    """
    What a measure does.

    Attributes:
        MONITOR: Marks the attempts, and nothing else.
        CHALLENGE: Asks for something else besides the password; where the protocol cannot, the attempt waits.
        DELAY: Makes the attempts wait.
        RATE_LIMIT: Refuses attempts from an address beyond so many in a minute.
        BLOCK: Refuses the attempts.
        THRESHOLD: Challenges attempts that score as high.
    """

    MONITOR = "monitor"
    CHALLENGE = "challenge"
    DELAY = "delay"
    RATE_LIMIT = "rate_limit"
    BLOCK = "block"
    THRESHOLD = "threshold"


class State(enum.StrEnum):
    """
    Where a measure stands.

    Attributes:
        PROPOSED: It waits for a person's consent, and does nothing.
        ACTIVE: It is in force until it ends.
        ENDED: It is over.
    """

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
        except_subnets, except_asns, except_countries: Whoever comes from there is not met.
        except_own: What an attempt may share with earlier logins of its account not to be met: ``history`` (that there
            are some), ``password``, ``system``, ``client``, ``country``; of what ``+`` joins all is needed.
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
    except_subnets: tuple[str, ...] = ()
    except_asns: tuple[int, ...] = ()
    except_countries: tuple[str, ...] = ()
    except_own: tuple[str, ...] = ()
    unknown_origins: bool = True
    new_sources: bool = False
    least_score: float = 0.0


class Harm(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    How many of the recent good logins a measure would have met.

    Attributes:
        touched: Of these.
        of: Good logins looked at.
        expected: Share that was expected before any was looked at, 0-1; it weighs as much as 100 logins.
    """

    touched: int
    of: int
    expected: float = 0.0

    @property
    def share(self) -> float:
        """
        As a share, 0-1; careful where little is known.

        >>> Harm(3, 19_900).share, Harm(0, 0, expected=0.01).share, Harm(0, 900, expected=0.01).share
        (0.00015, 0.01, 0.001)
        """
        return (self.touched + self.expected * EXPECTED_WEIGHT) / (self.of + EXPECTED_WEIGHT)


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
        harm: As estimated when it began, or was extended last.
        stopped_by: Who ended it before its time, or turned it down; ``""`` if nobody did.
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
    stopped_by: str = ""
