# SPDX-License-Identifier: Apache-2.0
"""Rows of the journal: what goes in comes out, bit for bit."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.changes import Outcome
from nacre.features.columns import STANDARD
from nacre.features.facts import Facts
from nacre.learning.event import EVENT, Flag
from nacre.learning.row import SLOT_BYTES, chosen, pack_event, pack_row, read_rows, row_dtype

WIDTH = len(STANDARD)
numbers = st.integers(0, 2**32 - 1)


def vector(**values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """A vector in which nothing happened, but for some columns; dots of names are written as two underscores."""
    found = [0.0] * WIDTH
    for name, value in values.items():
        found[STANDARD.place(name.replace("__", "."))] = value
    return STANDARD.vector(found)


@given(
    digest=st.integers(1, 2**64 - 1), facts=st.lists(numbers, min_size=8, max_size=8), time=st.floats(0, 2**33),
    flags=st.integers(0, 2**15 - 1), refused=st.booleans(), accepted=st.booleans(),
    scores=st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3),
)  # fmt: skip
def test_an_event_holds_all_that_it_was_given(
    digest: int, facts: list[int], time: float, flags: int, scores: list[float], *, refused: bool, accepted: bool
) -> None:
    """
    The fields are packed by hand for speed; their order must be that of the dtype.
    """
    address, network, user, token, asn, client, country, protocol = facts
    seen = Facts(address, network, user, token, asn, client, country, protocol, flags)
    outcome = Outcome(seen, time, accepted, refused)

    packed = pack_event(digest, outcome, *scores)
    row = np.frombuffer(packed, EVENT)[0]

    assert len(packed) == EVENT.itemsize
    assert tuple(row.tolist()) == (
        digest, time, address, network, user, token, asn, client, country, outcome.flags, *scores,
    )  # fmt: skip


@given(
    bits=st.binary(min_size=4 * WIDTH, max_size=4 * WIDTH), slots=st.binary(min_size=SLOT_BYTES, max_size=SLOT_BYTES)
)
def test_a_sample_keeps_vector_and_slots_bit_for_bit(bits: bytes, slots: bytes) -> None:
    """
    NaN of any kind, denormal numbers, infinities: what was scored is what is trained on.
    """
    event = struct.pack("<Q", 7) + bytes(EVENT.itemsize - 8)

    (row,) = read_rows(pack_row(event, bits, slots), row_dtype())

    assert (row["vector"].tobytes(), row["slots"].tobytes(), int(row["id"])) == (bits, slots, 7)


def test_a_sample_without_additional_features_has_empty_slots() -> None:
    """
    All rows have one size.
    """
    event = struct.pack("<Q", 7) + bytes(EVENT.itemsize - 8)

    (row,) = read_rows(pack_row(event, bytes(4 * WIDTH)), row_dtype())

    assert not row["slots"].any()


def test_what_is_erased_or_broken_off_is_not_read() -> None:
    """
    A person who asks to be forgotten leaves zeros behind; a store that stopped while it wrote, half a row.
    """
    one, two = (struct.pack("<Q", number) + bytes(EVENT.itemsize - 8) for number in (1, 2))

    assert read_rows(one + bytes(EVENT.itemsize) + two + two[:-1], EVENT)["id"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("seen", "chance"),
    [
        (vector(), 1.0),
        (vector(network__failures_24h=38, network__successes_24h=20), 1.0),
        (vector(network__failures_24h=100, network__successes_24h=19), 0.5),
        (vector(user__failures_24h=112, user__successes_7d=49), 0.5),
        (vector(network__failures_24h=59_999), 0.001),
        (vector(user__failures_24h=math.nan, user__successes_7d=math.nan, network__failures_24h=119), 0.5),
    ],
)
def test_the_busier_the_source_the_rarer_a_sample(
    seen: np.ndarray[tuple[int], np.dtype[np.float32]], chance: float
) -> None:
    """
    Sixty a day of a network or an account are all kept; events are kept fifty times as often as samples.
    """
    just, over = int((chance - 1e-4 * chance) * 2**64), int((chance + 1e-4 * chance) * 2**64)

    assert chosen(just, seen.tobytes()) == (True, True)
    assert chosen(min(over, 2**64 - 1), seen.tobytes())[1] is (chance == 1.0)
    assert chosen(min(int(chance * 49 * 2**64), 2**64 - 1), seen.tobytes())[0]
    assert chosen(2**64 - 1, seen.tobytes())[0] is (chance * 50 >= 1.0)


def test_flags_of_the_outcome_reach_the_event() -> None:
    """
    SUCCESS, REFUSED, ORPHAN and FRESH are told by the outcome alone.
    """
    stranger = Outcome(Facts(1, 2, 3, 4, 5, 6, 7, 8), 1.0, accepted=False, refused=True)

    (row,) = read_rows(pack_event(9, stranger, math.nan, math.nan, 0.5), EVENT)

    assert int(row["flags"]) == Flag.REFUSED | Flag.ORPHAN | Flag.FRESH
    assert math.isnan(row["score"])
    assert math.isnan(row["accept"])
