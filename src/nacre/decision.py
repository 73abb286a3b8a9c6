# SPDX-License-Identifier: Apache-2.0
"""The answer to a check, with its reasons."""

from __future__ import annotations

import enum
from typing import NamedTuple

import msgspec


class Action(enum.StrEnum):
    """What the asking server should do with an attempt."""

    ALLOW = "allow"
    DELAY = "delay"
    CHALLENGE = "challenge"
    REFUSE = "refuse"


SEVERITY = {Action.ALLOW: 0, Action.DELAY: 1, Action.CHALLENGE: 2, Action.REFUSE: 3}

MESSAGES = {
    Action.ALLOW: "",
    Action.DELAY: "Please wait a moment.",
    Action.CHALLENGE: "Please confirm that it is you.",
    Action.REFUSE: "Too many failed attempts. Please try again later.",
}
"""What the person who signs in may read; it tells nothing of accounts, passwords or rules."""

LIKELY = 0.5
"""Score from which on an attempt is more likely an attack than not."""

INTERACTIVE = frozenset({"http", "https", "web", "oidc", "oauth2", "saml"})
"""Protocols that can show a challenge; the others are made to wait."""


class Reason(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """
    Why a decision is what it is, for operators.

    Attributes:
        code: ``rule``, ``blocked``, ``crowd``, ``network``, ``tolerated``, ``known_origin``, ``allowlisted``,
            ``local_address``, ``protocol_not_guarded``, ``store_unavailable``, ``measure``, ``lua`` ...
        text: The same as a sentence.
        rule: Name of the rule, where one is meant.
        subject: The subnet, account or device that the rule counts.
        count: Failures within the period.
        limit: Failures that the rule lets pass.
        until: Unix seconds at which the block ends.
    """

    code: str
    text: str
    rule: str = ""
    subject: str = ""
    count: int = 0
    limit: int = 0
    until: float = 0.0


class Decision(msgspec.Struct, frozen=True, gc=False):
    """
    What to do with an attempt, and why.

    Attributes:
        request_id: Names the attempt in a report, in feedback and when asking why.
        action: What to do.
        delay: Seconds to wait before the password is tested, 0 unless *action* is ``delay``.
        score: Probability that the attempt is a guess, 0-1; ``None`` without a model.
        rules: Names of the rules that tripped, in configured order.
        reasons: For operators; never shown to the person who signs in.
        message: Safe to show to the person who signs in.
        pressure: How full the fullest bucket is, 0-1; what the rules alone know of suspicion.
        score_accept: Probability that the password, should it be right, is not its owner's to use, 0-1.
        model: Version of the model that scored, ``""`` without one.
        rules_alone: What the rules alone would have done; ``None`` where they were not asked, for a script answered.
        shadow: What *score* would be by the model that is only looked at; ``None`` without one.
        threat: How grave the attacks on the whole installation are, 0-1.
        measures: Ids of the measures that met the attempt.
    """

    request_id: str
    action: Action
    delay: float
    score: float | None
    rules: tuple[str, ...]
    reasons: tuple[Reason, ...]
    message: str
    pressure: float = 0.0
    score_accept: float | None = None
    model: str = ""
    rules_alone: Action | None = None
    shadow: float | None = None
    threat: float = 0.0
    measures: tuple[str, ...] = ()

    @property
    def suspicion(self) -> float:
        """The higher one of both scores, 0 without them."""
        return max(self.score or 0.0, self.score_accept or 0.0)

    @property
    def refused(self) -> bool:
        """Whether the attempt is not to go on."""
        return self.action is Action.REFUSE


class Block(NamedTuple):
    """
    A subject that is refused until a time.

    Attributes:
        rule: Name of the rule that tripped.
        key: Store key of the subject.
        subject: The subnet as ``192.0.2.0/24``, the account, or the device.
        kind: ``subnet``, ``account``, ``account+subnet`` or ``client``.
        since, until: Unix seconds.
        reason: Sentence for operators.
        strikes: Bans in a row before this one.
        behind: Seconds by which *since* lay behind our clock, where an operator set the time of the attempt.
        crowded: Whether many accounts sign in from the subnet: those who did before pass, so that every attempt has
            to be looked at.
    """

    rule: str
    key: bytes
    subject: str
    kind: str
    since: float
    until: float
    reason: str
    strikes: int = 0
    behind: float = 0.0
    crowded: bool = False

    def in_force(self, clock: float) -> bool:
        """Whether it lasts at a time of our clock, however far event time lies behind."""
        return clock < self.until + self.behind


def most_severe(actions: list[Action]) -> Action:
    """
    Return the action that weighs most.

    >>> most_severe([Action.DELAY, Action.ALLOW])
    <Action.DELAY: 'delay'>
    """
    return max(actions, key=SEVERITY.__getitem__, default=Action.ALLOW)
