# SPDX-License-Identifier: Apache-2.0
"""Records on their way through the store."""

from __future__ import annotations

import msgspec
from builders import fields
from hypothesis import given
from hypothesis import strategies as st

from nacre.account import AccountNames
from nacre.attempt import admit
from nacre.decision import Action, Decision, Reason
from nacre.identity import Identity
from nacre.record import Record, Told


def record(**more: object) -> Record:
    """A record with something in every field that matters."""
    attempt = admit(
        fields("2001:db8::7", "erika", client_id="phone", attributes={"asn": 64_500, "vpn": None}, known_user=True),
        names=AccountNames(),
        identity=Identity(b"k" * 32),
        now=1000.0,
        request_id="r",
    )
    decision = Decision("r", Action.DELAY, 2.0, 0.5, ("pair",), (Reason("rule", "text", "pair"),), "wait", 1.0)
    return Record(attempt, decision, {"pair": 5}, "", **more)  # type: ignore[arg-type]


def test_a_record_comes_back_as_it_was_kept() -> None:
    """
    Another instance explains, counts and learns from exactly what this one saw.
    """
    kept = record(accepted=False, reported=1001.0)

    assert msgspec.msgpack.decode(msgspec.msgpack.encode(kept), type=Record) == kept


def test_a_record_that_is_not_reported_says_so() -> None:
    """
    No outcome is something else than a rejected attempt.
    """
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(record()), type=Record).accepted is None


@given(now=st.floats(0, 2**33), accepted=st.booleans())
def test_what_was_told_comes_back_to_the_millisecond(now: float, accepted: bool) -> None:  # noqa: FBT001
    """
    The claim of a request id is all that says what became of a counted attempt.
    """
    told = Told.at(now, accepted=accepted)

    assert Told.unpack(told.packed()) == told
    assert now - 0.0011 <= told.reported <= now


def test_counts_of_one_record_are_not_those_of_another() -> None:
    """
    The empty dictionary that stands for "none" is not shared.
    """
    one, other = (Record(record().attempt, record().decision) for _ in range(2))

    one.counts["rule"] = 1

    assert other.counts == {}
