# SPDX-License-Identifier: Apache-2.0
"""The decisions of a replay."""

from __future__ import annotations

from outcomes import attempt

from nacre.decision import Action, Decision
from nacre.record import Record, Told
from nacre.replay.decisions import PrivateDecisions


def record() -> Record:
    """A decision about an attempt."""
    tried = attempt()
    return Record(tried, Decision(tried.request_id, Action.ALLOW, 0.0, None, (), (), ""))


async def test_a_decision_is_kept_until_its_outcome_is_known() -> None:
    """
    A log of a million attempts leaves none behind.
    """
    decisions, one, other = PrivateDecisions(), record(), record()
    decisions.keep(one)
    decisions.keep(other)
    assert decisions.recent(one.attempt.request_id) is one
    assert await decisions.find(one.attempt.request_id) is one

    decisions.close(one, Told(accepted=True, reported=5.0), claimed=True)

    assert decisions.recent(one.attempt.request_id) is None
    assert await decisions.find(one.attempt.request_id) is None
    assert decisions.recent(other.attempt.request_id) is other
    assert (one.accepted, one.reported) == (True, 5.0)


def test_no_number_of_attempts_is_too_much() -> None:
    """
    The service leaves some of a flood unkept; a replay judges every row.
    """
    decisions = PrivateDecisions()

    assert not any(decisions.is_excess(b"\x01\x02\x03\x04", float(second), refused=True) for second in range(1_000))
