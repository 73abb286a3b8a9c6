# SPDX-License-Identifier: Apache-2.0
"""What all instances know of the last drill."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nacre.drilled import LastDrill


@given(st.dictionaries(st.text(max_size=20), st.tuples(st.booleans(), st.floats(-1, 1e6)), max_size=9))
def test_what_lies_in_the_store_is_read_as_it_was_written(attacks: dict[str, tuple[bool, float]]) -> None:
    """
    Another process shows it as metrics.
    """
    last = LastDrill(1_800_000_000.0, attacks)

    assert LastDrill.unpack(last.pack()) == last


@given(st.binary(max_size=40))
def test_what_is_not_ours_is_no_drill(packed: bytes) -> None:
    """
    A version that is to come may write something else; the look once a second goes on.
    """
    assert isinstance(LastDrill.unpack(packed), LastDrill)
