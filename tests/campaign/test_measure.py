# SPDX-License-Identifier: Apache-2.0
"""Measures and their harm."""

from __future__ import annotations

import msgspec
from campaign.drafts import measure
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.measure import Harm, Measure, Scope, Step


@given(touched=st.integers(0, 1000), more=st.integers(0, 100_000), expected=st.floats(0, 1))
def test_harm_lies_between_what_was_expected_and_what_was_found(touched: int, more: int, expected: float) -> None:
    """
    The more logins are looked at, the less an expectation counts.
    """
    harm = Harm(touched, touched + more, expected)

    found = harm.touched / harm.of if harm.of else expected
    assert min(expected, found) - 1e-9 <= harm.share <= max(expected, found) + 1e-9


def test_a_measure_survives_the_store() -> None:
    """
    Defaults are left out, and come back as they were.
    """
    before = measure(Step.BLOCK, Scope(subnets=("192.0.2.0/24",), unknown_origins=False), harm=Harm(1, 2, 0.5))

    packed = msgspec.msgpack.encode(before)

    assert msgspec.msgpack.decode(packed, type=Measure) == before
    assert b"stopped_by" not in packed
