# SPDX-License-Identifier: Apache-2.0
"""From what the rules say to what is answered, with the reasons."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nacre.address import Subnet
from nacre.attempt import Attempt
from nacre.config.duration import Duration
from nacre.config.tree import RuleAction
from nacre.decision import MESSAGES, Action, Block, Decision, Reason, most_severe
from nacre.policy import EXEMPT
from nacre.rules.rule import Kind, Watch
from nacre.rules.verdict import Trip, Verdict

OWNERS_PAIR_DELAY = 5.0
"""
Seconds that an attempt waits when the rule of its account and subnet is full although the account has
signed in from there: the owner gets in, and whoever guesses beside the owner is slowed to this pace.
"""

_ACTIONS = {
    RuleAction.REFUSE: Action.REFUSE,
    RuleAction.CHALLENGE: Action.CHALLENGE,
    RuleAction.DELAY: Action.DELAY,
}
_BY_ADDRESS = frozenset({Kind.ORIGIN, Kind.SUBNET})
KIND_NAMES = {
    Kind.ORIGIN: "subnet",
    Kind.SUBNET: "subnet",
    Kind.ACCOUNT: "account",
    Kind.PAIR: "account+subnet",
    Kind.CLIENT: "client",
}


def subject_text(watch: Watch, attempt: Attempt) -> str:
    """Return the subject of a rule as operators read it: ``192.0.2.0/24``, the account, the device."""
    if watch.kind is Kind.CLIENT:
        return attempt.client_id
    if watch.kind is Kind.ACCOUNT:
        return attempt.account
    subnet = str(Subnet.of(attempt.address, watch.prefix))
    return f"{attempt.account} from {subnet}" if watch.kind is Kind.PAIR else subnet


def trip_text(trip: Trip, subject: str) -> str:
    """Return a sentence that says which rule tripped, where and at what count."""
    rule = trip.bucket.rule
    return f"rule {rule.name}: {trip.count} failures of {subject} within {rule.period}, {rule.failed_requests} allowed"


def decide(attempt: Attempt, watches: Sequence[Watch], verdict: Verdict, threat: float = 0.0) -> Decision:
    """
    Return the decision that a verdict leads to.

    Successes of the origin forgive what rules about addresses say; an origin of the owner's disarms
    what rules about accounts say.  Of what is left the most severe action is taken.

    Args:
        attempt: What is tried.
        watches: Its subjects.
        verdict: What the rules say.
        threat: How grave the attacks on the whole installation are, 0-1; it is told, and changes nothing.
    """
    if not verdict.trips:
        return Decision(
            attempt.request_id, Action.ALLOW, 0.0, None, (), (), "", verdict.pressure,
            rules_alone=Action.ALLOW, threat=threat,
        )  # fmt: skip
    actions: list[Action] = []
    delays = [0.0]
    reasons: list[Reason] = []
    trips = sorted(verdict.trips, key=lambda trip: trip.bucket.place)
    for trip in trips:
        watch = watches[trip.index]
        action, delay, why = _weigh(trip, watch, verdict)
        actions.append(action)
        if action is Action.DELAY:
            delays.append(delay)
        subject = subject_text(watch, attempt)
        text = trip_text(trip, subject) + (f"; {why}" if why else "")
        code = "crowd" if verdict.crowded and watch.kind in _BY_ADDRESS else "blocked" if trip.until else "rule"
        reasons.append(
            Reason(code, text, trip.bucket.rule.name, subject, trip.count, trip.bucket.rule.failed_requests, trip.until)
        )
    action = most_severe(actions)
    return Decision(
        attempt.request_id,
        action,
        max(delays) if action is Action.DELAY else 0.0,
        None,
        tuple(dict.fromkeys(trip.bucket.rule.name for trip in trips)),
        tuple(reasons),
        MESSAGES[action],
        verdict.pressure,
        rules_alone=action,
        threat=threat,
    )


def _weigh(trip: Trip, watch: Watch, verdict: Verdict) -> tuple[Action, float, str]:
    """Return the action of one tripped rule, its delay, and what softened it."""
    rule = trip.bucket.rule
    if watch.kind in _BY_ADDRESS:
        if verdict.tolerated:
            return Action.ALLOW, 0.0, "tolerated beside the successes of the address"
        if verdict.crowded and verdict.at_home:
            return Action.ALLOW, 0.0, "the account signs in from here, as many others do"
    elif verdict.known and watch.kind is Kind.ACCOUNT:
        return Action.ALLOW, 0.0, "the account has signed in from here before"
    elif verdict.known and watch.kind is Kind.PAIR:
        delay = min(OWNERS_PAIR_DELAY, float(rule.delay)) if rule.action is RuleAction.DELAY else OWNERS_PAIR_DELAY
        return Action.DELAY, delay, "the account has signed in from here before"
    return _ACTIONS[rule.action], float(rule.delay), ""


def let_pass(attempt: Attempt, exemption: str) -> Decision:
    """Return the decision on an attempt that the rules are not asked about."""
    reason = Reason(exemption, EXEMPT[exemption])
    return Decision(attempt.request_id, Action.ALLOW, 0.0, None, (), (reason,), "", rules_alone=Action.ALLOW)


def refuse_known(request_id: str, blocks: Sequence[Block]) -> Decision:
    """Return the refusal of an attempt whose block is known here already."""
    return Decision(
        request_id,
        Action.REFUSE,
        0.0,
        None,
        tuple([block.rule for block in blocks]),
        tuple([Reason("blocked", block.reason, block.rule, block.subject, 0, 0, block.until) for block in blocks]),
        MESSAGES[Action.REFUSE],
        1.0,
        rules_alone=Action.REFUSE,
    )


def without_store(
    attempt: Attempt,
    watches: Sequence[Watch],
    trips: Sequence[Trip],
    blocks: Sequence[Block],
    *,
    closed: bool,
    why: str,
) -> Decision:
    """
    Return the decision that is made without the store: known blocks and local counts hold, the rest is a setting.

    Args:
        attempt: What is tried.
        watches: Its subjects.
        trips: Rules that it trips by what this process counted.
        blocks: Blocks known here.
        closed: Whether an attempt that nothing speaks against is refused.
        why: What is wrong with the store.
    """
    away = Reason("store_unavailable", f"{why}; known blocks and local counts decide")
    if blocks:
        return _with_reason(refuse_known(attempt.request_id, blocks), away)
    verdict = Verdict(tuple(trips), tolerated=False, known=False, pressure=float(bool(trips)), counts={})
    decision = decide(attempt, watches, verdict)
    if closed and not trips:
        message = "Signing in is not possible right now. Please try again later."
        return Decision(attempt.request_id, Action.REFUSE, 0.0, None, (), (away,), message, rules_alone=Action.REFUSE)
    return _with_reason(decision, away)


def _with_reason(decision: Decision, reason: Reason) -> Decision:
    return msgspec.structs.replace(decision, reasons=(*decision.reasons, reason))


def block_reason(trip: Trip, subject: str) -> str:
    """Return the sentence under which a block is listed."""
    return f"{trip_text(trip, subject)}; refused for {Duration(float(trip.bucket.rule.ban_time))} or longer"
