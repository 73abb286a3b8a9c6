# SPDX-License-Identifier: Apache-2.0
"""From verdicts to decisions."""

from __future__ import annotations

from typing import Any

import pytest
from builders import fields, rule

from nacre.account import AccountNames
from nacre.attempt import Attempt, admit
from nacre.config.duration import Duration
from nacre.config.tree import RuleAction
from nacre.decide import (
    OWNERS_PAIR_DELAY,
    block_reason,
    decide,
    let_pass,
    refuse_known,
    subject_text,
    without_store,
)
from nacre.decision import MESSAGES, Action, Block
from nacre.identity import Identity
from nacre.policy import EXEMPT
from nacre.rules.rule import Bucket, Kind, Watch
from nacre.rules.verdict import Trip, Verdict

NOW = 1_800_000_000.0
SUBJECTS = {Kind.ORIGIN: 32, Kind.SUBNET: 24, Kind.ACCOUNT: 0, Kind.PAIR: 24, Kind.CLIENT: 0}


def attempt() -> Attempt:
    """An attempt from a known device."""
    sent = fields(client_id="phone")
    return admit(sent, names=AccountNames(), identity=Identity(b"k" * 32), now=NOW, request_id="r")


def watch(kind: Kind, **settings: Any) -> Watch:
    """A subject with one rule that is named after it."""
    return Watch(kind, SUBJECTS[kind], (Bucket.of(rule(kind.value, limit=5, **settings)),))


def verdict(*watches: Watch, tolerated: bool = False, known: bool = False, until: float = 0.0) -> Verdict:
    """A verdict in which every rule is tripped."""
    trips = tuple(Trip(one.buckets[0], index, 5, until) for index, one in enumerate(watches))
    return Verdict(trips, tolerated=tolerated, known=known, pressure=1.0, counts={})


def test_without_a_trip_an_attempt_goes_on() -> None:
    """
    Nothing is said to the user, and nothing to explain.
    """
    decision = decide(attempt(), (), Verdict((), tolerated=False, known=False, pressure=0.4, counts={}))

    assert decision.action is Action.ALLOW
    assert (decision.message, decision.reasons, decision.pressure) == ("", (), 0.4)


@pytest.mark.parametrize("kind", Kind)
def test_a_tripped_rule_refuses_whatever_it_counts(kind: Kind) -> None:
    """
    The reason names rule, subject, count and limit; the message tells the user none of them.
    """
    one = watch(kind)

    decision = decide(attempt(), (one,), verdict(one))

    assert decision.action is Action.REFUSE
    assert decision.rules == (kind.value,)
    (reason,) = decision.reasons
    assert (reason.code, reason.rule, reason.count, reason.limit) == ("rule", kind.value, 5, 5)
    assert reason.subject == subject_text(one, attempt())
    assert decision.message == MESSAGES[Action.REFUSE]


@pytest.mark.parametrize(("kind", "forgiven"), [(kind, kind in {Kind.ORIGIN, Kind.SUBNET}) for kind in Kind])
def test_toleration_forgives_what_rules_about_addresses_say(kind: Kind, *, forgiven: bool) -> None:
    """
    Successes of an address say that people live there, not that this account is theirs.
    """
    one = watch(kind)

    decision = decide(attempt(), (one,), verdict(one, tolerated=True))

    assert (decision.action is Action.ALLOW) is forgiven
    assert decision.rules == (kind.value,)  # it is told either way


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (Kind.ACCOUNT, Action.ALLOW),
        (Kind.PAIR, Action.DELAY),
        (Kind.ORIGIN, Action.REFUSE),
        (Kind.SUBNET, Action.REFUSE),
        (Kind.CLIENT, Action.REFUSE),
    ],
)
def test_the_owner_gets_past_rules_about_the_account(kind: Kind, action: Action) -> None:
    """
    What others failed elsewhere is no reason; who guesses beside the owner is slowed, and so is the owner.
    """
    one = watch(kind)

    decision = decide(attempt(), (one,), verdict(one, known=True))

    assert decision.action is action
    assert decision.delay == (OWNERS_PAIR_DELAY if action is Action.DELAY else 0.0)


def test_being_known_never_makes_a_rule_harder() -> None:
    """
    A rule that delays a stranger by a second does not delay the owner by five.
    """
    one = watch(Kind.PAIR, action=RuleAction.DELAY, delay=Duration(1))

    assert decide(attempt(), (one,), verdict(one, known=True)).delay == 1.0


def test_the_most_severe_action_counts_and_all_rules_are_named() -> None:
    """
    Which rule came first does not decide; operators see every one that tripped.
    """
    slow = watch(Kind.SUBNET, action=RuleAction.DELAY, delay=Duration(30))
    ask = watch(Kind.ACCOUNT, action=RuleAction.CHALLENGE)
    close = watch(Kind.ORIGIN)

    asked = decide(attempt(), (slow, ask), verdict(slow, ask))
    closed = decide(attempt(), (slow, ask, close), verdict(slow, ask, close))

    assert (asked.action, asked.delay, asked.rules) == (Action.CHALLENGE, 0.0, ("subnet", "account"))
    assert (closed.action, closed.rules) == (Action.REFUSE, ("subnet", "account", "origin"))


def test_the_longest_delay_counts() -> None:
    """
    Two rules that delay are not added up: the second one's delay begins with the first one's.
    """
    short, long = (
        watch(kind, action=RuleAction.DELAY, delay=Duration(n)) for kind, n in ((Kind.ORIGIN, 2), (Kind.SUBNET, 7))
    )

    assert decide(attempt(), (short, long), verdict(short, long)).delay == 7.0


def test_a_ban_in_force_is_told_apart_from_a_rule_that_has_just_tripped() -> None:
    """
    Operators read until when; one reason is a count, the other one a sentence passed earlier.
    """
    one = watch(Kind.ORIGIN)

    (reason,) = decide(attempt(), (one,), verdict(one, until=NOW + 60)).reasons

    assert (reason.code, reason.until) == ("blocked", NOW + 60)


@pytest.mark.parametrize("exemption", EXEMPT)
def test_an_exemption_is_a_reason(exemption: str) -> None:
    """
    Who wonders why an attack goes through finds the allow list.
    """
    decision = let_pass(attempt(), exemption)

    assert decision.action is Action.ALLOW
    assert [(reason.code, reason.text) for reason in decision.reasons] == [(exemption, EXEMPT[exemption])]


def test_a_known_block_refuses_with_its_own_reason() -> None:
    """
    No trip was made, so there are no counts; what was written down when the block began is told.
    """
    block = Block("network", b"k", "192.0.2.0/24", "subnet", NOW - 60, NOW + 60, "too much", 0)

    decision = refuse_known("r", [block])

    assert (decision.action, decision.rules) == (Action.REFUSE, ("network",))
    assert [(reason.text, reason.until) for reason in decision.reasons] == [("too much", NOW + 60)]


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("against", ["nothing", "a trip", "a block"])
def test_without_the_store_a_setting_decides_where_nothing_is_known(against: str, *, closed: bool) -> None:
    """
    What is known holds whatever the setting; the reason says that the store was away.
    """
    one = watch(Kind.ORIGIN)
    block = Block("network", b"k", "192.0.2.0/24", "subnet", NOW - 60, NOW + 60, "too much", 0)
    trips = verdict(one).trips if against == "a trip" else ()

    decision = without_store(
        attempt(), (one,), trips, [block] if against == "a block" else [], closed=closed, why="it is away"
    )

    assert decision.refused is (closed or against != "nothing")
    assert decision.reasons[-1].code == "store_unavailable"
    assert decision.reasons[-1].text.startswith("it is away; ")
    assert bool(decision.rules) is (against != "nothing")


def test_every_decision_tells_what_the_rules_alone_would_have_done() -> None:
    """
    Also where nobody asked the network: a known block, an exemption, a store that is away.
    """
    one = watch(Kind.ORIGIN)
    decisions = [
        decide(attempt(), (), Verdict((), tolerated=False, known=False, pressure=0.0, counts={})),
        decide(attempt(), (one,), verdict(one)),
        let_pass(attempt(), next(iter(EXEMPT))),
        refuse_known("r", ()),
        without_store(attempt(), (), (), (), closed=True, why="away"),
        without_store(attempt(), (), (), (), closed=False, why="away"),
    ]

    assert [decision.rules_alone for decision in decisions] == [decision.action for decision in decisions]


def test_subjects_read_as_operators_know_them() -> None:
    """
    Never a digest or a key.
    """
    texts = {kind: subject_text(watch(kind), attempt()) for kind in Kind}

    assert texts == {
        Kind.ORIGIN: "192.0.2.7/32",
        Kind.SUBNET: "192.0.2.0/24",
        Kind.ACCOUNT: "erika",
        Kind.PAIR: "erika from 192.0.2.0/24",
        Kind.CLIENT: "phone",
    }


def test_a_block_says_why_it_was_begun() -> None:
    """
    The sentence that stands beside the block in every list.
    """
    trip = verdict(watch(Kind.SUBNET)).trips[0]

    text = block_reason(trip, "192.0.2.0/24")

    assert text == "rule subnet: 5 failures of 192.0.2.0/24 within 10m, 5 allowed; refused for 1h or longer"
