# SPDX-License-Identifier: Apache-2.0
"""
What the network may do to the decision of the rules.

Rules and network are alternatives, not terms of a sum: either may stop an attempt, and each says why.  The network
refuses, challenges or delays from thresholds that keep a budget of harm to good logins; it relieves nobody of what
a rule says but bystanders at crowded addresses, and only while it sees nothing wrong with them: they wait.
The weighted sum of Nauthilus is there for who wants it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from nacre.config.tree import NetworkPolicy, NeuralNetwork
from nacre.decision import INTERACTIVE, LIKELY, MESSAGES, SEVERITY, Action, Decision, Reason
from nacre.features.flags import Flag

Thresholds = Mapping[str, Mapping[str, float]]

KNOWN, NOVEL = "known", "novel"
_ANSWERS = (("refuse", Action.REFUSE), ("challenge", Action.CHALLENGE), ("delay", Action.DELAY))
PLACES = (Flag.SEEN_IP | Flag.SEEN_NET).value

# Plain numbers: an operation on two of an enumeration's takes a microsecond.
_RIGHT, _HISTORY, _LATELY = Flag.RIGHT.value, Flag.HISTORY.value, Flag.LATELY.value
_CLEAR = PLACES | Flag.UNKNOWN.value
"""Flags with which the thresholds alone decide about a password that is not known to be right."""

_NEVER = 2.0
_CHANCE = 1e-12


class Sure(NamedTuple):
    """
    What both scores together come to before somebody who may well be the owner is refused, 0-1.

    Who signed in within half a day has somewhere else to sign in from; whoever comes once that day and is refused
    has lost the day.

    Attributes:
        right: With the password of the account's last login.
        lately: The same at a new place, within half a day of that login.
        other: With another password, at a new place.
        other_lately: The same within half a day of the last login.
        first: At the first login that is seen of an account.
    """

    right: float
    lately: float
    other: float
    other_lately: float
    first: float


SURE_SHOWN, SURE_UNSHOWN = Sure(0.99, 0.8, 0.95, 0.5, 0.995), Sure(0.99, 0.5, 0.95, 0.5, 0.99)
"""Where a challenge can be shown instead, and where it cannot.  Measured in decision 10."""

NETWORK_DELAY = 5.0
"""Seconds that a suspicious attempt waits."""


class Scores(NamedTuple):
    """
    What a model says of an attempt.

    Attributes:
        guess: Probability that the attempt is a guess, 0-1.
        accept: Probability that its password, should it be right, is not its owner's to use, 0-1.
        model: Version of the model.
        guess_limits, accept_limits: The model's thresholds, by group of pairs and answer.
    """

    guess: float
    accept: float
    model: str
    guess_limits: Thresholds
    accept_limits: Thresholds


def weigh(
    decision: Decision,
    scores: Scores,
    flags: int,
    settings: NeuralNetwork,
    *,
    protocol: str,
    live: bool,
    crowded: bool = False,
) -> Decision:
    """
    Return a decision with its scores, changed as far as the network may.

    Args:
        decision: What the rules alone decided.
        scores: What the model says.
        flags: What is known of the attempt, a :class:`~nacre.features.flags.Flag`.
        settings: How much the network may do.
        protocol: Of the attempt.
        live: Whether the network acts, or is only looked at.
        crowded: Whether many accounts sign in from the address, so that its rules may well meet a bystander.
    """
    told = msgspec.structs.replace(
        decision,
        score=scores.guess,
        score_accept=scores.accept,
        model=scores.model,
        rules_alone=decision.action,
    )
    if not live or _is_blocked(told):
        return told
    if settings.policy is NetworkPolicy.WEIGHTED:
        return _weighted(told, scores, settings)
    if crowded and told.action is Action.REFUSE and told.suspicion < LIKELY:
        text = f"probability {told.suspicion:.3f} of an attack, beside many who sign in from there"
        told = msgspec.structs.replace(
            told,
            action=Action.DELAY,
            delay=NETWORK_DELAY,
            reasons=(*told.reasons, Reason("network", f"{text}: made to wait instead")),
            message=MESSAGES[Action.DELAY],
        )
    return _bounded(told, scores, flags, protocol)


def _is_blocked(decision: Decision) -> bool:
    """Whether a block in force refuses: most of these are refused before anybody asks the network."""
    return decision.action is Action.REFUSE and any(reason.code == "blocked" for reason in decision.reasons)


def _bounded(decision: Decision, scores: Scores, flags: int, protocol: str) -> Decision:
    """
    Return the decision as far as the thresholds change it.

    Who may be the owner is refused only if both scores together are sure; or else asked for something more where
    that can be shown, and made to wait where it cannot.
    """
    group = KNOWN if flags & PLACES else NOVEL
    guess, accept = scores.guess_limits.get(group, {}), scores.accept_limits.get(group, {})
    for name, action in _ANSWERS:
        if scores.guess >= guess.get(name, _NEVER):
            text = f"probability {scores.guess:.3f} that the attempt is a guess; {name} from {guess[name]:.3f} on"
        elif scores.accept >= accept.get(name, _NEVER):
            text = (
                f"probability {scores.accept:.3f} that a right password would not be its owner's; "
                f"{name} from {accept[name]:.3f} on"
            )
        else:
            continue
        answer = action
        if action is Action.REFUSE and not _together(scores, _needed(flags, shown=protocol in INTERACTIVE)):
            answer, text = Action.CHALLENGE, f"{text}, but it may be the owner"
        if answer is Action.CHALLENGE and protocol not in INTERACTIVE:
            answer = Action.DELAY
        return _escalated(decision, answer, text)
    return decision


def _needed(flags: int, *, shown: bool) -> float:
    """Return what both scores together have to come to before an attempt is refused, 0 if one of them is enough."""
    sure = SURE_SHOWN if shown else SURE_UNSHOWN
    if flags & _RIGHT:
        return sure.lately if flags & (_LATELY | PLACES) == _LATELY else sure.right
    if flags & _CLEAR:
        return 0.0
    if flags & _HISTORY:
        return sure.other_lately if flags & _LATELY else sure.other
    return sure.first


def _together(scores: Scores, sure: float) -> bool:
    """
    Whether the mean of both scores' logits reaches that of a probability.

    >>> [_together(Scores(*both, "", {}, {}), 0.8) for both in ((0.9, 0.7), (0.9, 0.6), (1.0, 0.1), (0.8, 0.8))]
    [True, False, True, True]
    """
    guess, accept = scores.guess, scores.accept
    return not sure or guess * accept * (1.0 - sure) ** 2 >= (1.0 - guess) * (1.0 - accept) * sure**2 - _CHANCE


def _escalated(decision: Decision, action: Action, text: str) -> Decision:
    if SEVERITY[action] < SEVERITY[decision.action]:
        return decision
    return msgspec.structs.replace(
        decision,
        action=action,
        delay=max(decision.delay, NETWORK_DELAY) if action is Action.DELAY else 0.0,
        reasons=(*decision.reasons, Reason("network", text)),
        message=MESSAGES[action],
    )


def limits_of_sum(settings: NeuralNetwork, *, rules_refuse: bool) -> dict[str, float]:
    """
    Return the score from which the weighted sum refuses; it lies beyond 0 and 1 where no score turns the decision.

    Args:
        settings: Weights and threshold.
        rules_refuse: Whether the rules alone refuse.

    >>> limits_of_sum(NeuralNetwork(static_weight=0.4, ml_weight=0.6, threshold=0.7), rules_refuse=True)
    {'refuse': 0.5}
    """
    if not settings.ml_weight:
        return {}
    return {"refuse": round((settings.threshold - rules_refuse * settings.static_weight) / settings.ml_weight, 9)}


def _weighted(decision: Decision, scores: Scores, settings: NeuralNetwork) -> Decision:
    """Return the decision by the weighted sum: 1 if the rules refuse, times its weight, and the score times its own."""
    static = float(decision.action is Action.REFUSE)
    total = static * settings.static_weight + scores.guess * settings.ml_weight
    text = f"weighted score {total:.2f}, threshold {settings.threshold:.2f}"
    if total >= settings.threshold:
        if static:
            return msgspec.structs.replace(decision, reasons=(*decision.reasons, Reason("network", text)))
        return _escalated(decision, Action.REFUSE, f"weighted detection triggered: {text}")
    if static:
        return msgspec.structs.replace(
            decision,
            action=Action.ALLOW,
            reasons=(*decision.reasons, Reason("network", f"weighted decision overrode the rules: {text}")),
            message="",
        )
    return decision
