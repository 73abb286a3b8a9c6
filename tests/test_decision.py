# SPDX-License-Identifier: Apache-2.0
"""Decisions and blocks as values."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from nacre.config.tree import RuleAction
from nacre.decision import MESSAGES, SEVERITY, Action, Block, Decision, Reason, most_severe


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(Action, 2)))
def test_actions_are_ordered_by_what_they_cost_the_user(one: Action, other: Action) -> None:
    """
    The enumeration lists them from mild to severe, and whichever comes last in it wins.
    """
    assert most_severe([one, other]) is most_severe([other, one]) is other


def test_nothing_said_means_allow() -> None:
    """
    An attempt that no rule speaks of goes on.
    """
    assert most_severe([]) is Action.ALLOW


def test_every_action_has_its_message_and_its_weight() -> None:
    """
    A new action must not crash the first attempt that meets it.
    """
    assert set(MESSAGES) == set(SEVERITY) == set(Action)
    assert {action.value for action in RuleAction} <= {action.value for action in Action}


def test_what_the_user_may_read_names_nothing() -> None:
    """
    No account, no password, no rule, no number: an attacker reads it too.
    """
    telling = {"account", "user", "password", "rule", "limit", "subnet", "address", "exist"}

    for message in MESSAGES.values():
        assert not telling & set(message.lower().replace(".", "").split())
        assert not any(letter.isdigit() for letter in message)


def test_a_decision_survives_the_way_through_the_store() -> None:
    """
    Operators ask another instance for the reasons of this one's decision.
    """
    reason = Reason("rule", "sentence", "address", "192.0.2.7/32", 5, 5, 1.5)
    decision = Decision("r", Action.DELAY, 2.5, None, ("address",), (reason,), "wait", 0.5)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(decision), type=Decision) == decision


def test_only_refusing_is_refusing() -> None:
    """
    A delayed or challenged attempt goes on, and its outcome counts.
    """
    found = {action: Decision("r", action, 0.0, None, (), (), "").refused for action in Action}

    assert found == {Action.ALLOW: False, Action.DELAY: False, Action.CHALLENGE: False, Action.REFUSE: True}


@pytest.mark.parametrize(("behind", "clock", "lasts"), [(0.0, 99.0, True), (0.0, 100.0, False), (900.0, 999.0, True)])
def test_a_block_lasts_by_the_clock_of_its_attempts(behind: float, clock: float, *, lasts: bool) -> None:
    """
    A replay of yesterday's log blocks for an hour of ours, not until yesterday.
    """
    block = Block("address", b"k", "192.0.2.7/32", "subnet", 40.0, 100.0, "", 0, behind)

    assert block.in_force(clock) is lasts
