# SPDX-License-Identifier: Apache-2.0
"""Decisions of rules, and scores, for tests of what comes of both."""

from __future__ import annotations

from hypothesis import strategies as st

from nacre.config.tree import NetworkPolicy, NeuralNetwork
from nacre.decision import INTERACTIVE, MESSAGES, Action, Decision, Reason
from nacre.features.flags import Flag
from nacre.weigh import Scores, weigh

GUESS = {
    "known": {"refuse": 0.9, "challenge": 0.8, "delay": 0.5},
    "novel": {"refuse": 0.6, "challenge": 0.4, "delay": 0.2},
}
ACCEPT = {
    "known": {"refuse": 0.95, "challenge": 0.85, "delay": 0.55},
    "novel": {"refuse": 0.7, "challenge": 0.45, "delay": 0.3},
}
BOUNDED, WEIGHTED = NeuralNetwork(), NeuralNetwork(policy=NetworkPolicy.WEIGHTED)
RIGHT = int(Flag.RIGHT | Flag.HISTORY)
NOBODY = int(Flag.UNKNOWN)
HOME = int(Flag.SEEN_IP | Flag.SEEN_NET | Flag.HISTORY)

protocols = st.sampled_from(["", "imap", "smtp", "ssh", *sorted(INTERACTIVE)])
probabilities = st.floats(0.0, 1.0)


def scores(guess: float, accept: float = 0.0, *, limit: float | None = None) -> Scores:
    """What a model says whose thresholds are those above, or that would refuse from one limit on whoever it is."""
    if limit is not None:
        low = {group: {"refuse": limit} for group in GUESS}
        return Scores(guess, accept, "m1", low, low)
    return Scores(guess, accept, "m1", GUESS, ACCEPT)


def ruled(action: Action = Action.ALLOW, code: str = "rule") -> Decision:
    """What the rules decided."""
    reasons = (Reason(code, "why", "address"),) if action is not Action.ALLOW else ()
    delay = 3.0 if action is Action.DELAY else 0.0
    return Decision("r1", action, delay, None, ("address",) if reasons else (), reasons, MESSAGES[action], 0.5)


def weighed(
    decision: Decision,
    said: Scores,
    *,
    flags: int = 0,
    settings: NeuralNetwork = BOUNDED,
    protocol: str = "imap",
    live: bool = True,
    crowded: bool = False,
) -> Decision:
    """The decision that comes out; without further words of a stranger who cannot be shown a challenge."""
    return weigh(decision, said, flags, settings, protocol=protocol, live=live, crowded=crowded)
