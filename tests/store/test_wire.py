# SPDX-License-Identifier: Apache-2.0
"""Commands put together by hand."""

from __future__ import annotations

import hiredis
from hypothesis import given
from hypothesis import strategies as st

from nacre.store.wire import keep


@given(key=st.binary(), value=st.binary(max_size=2000), seconds=st.integers(1, 2**40))
def test_what_is_put_together_in_one_step_is_what_hiredis_packs(key: bytes, value: bytes, seconds: int) -> None:
    """
    Values hold whatever a stranger sent: line ends, percent signs, nothing at all.
    """
    assert keep(key, value, seconds) == hiredis.pack_command(("SET", key, value, "EX", seconds))  # type: ignore[arg-type]
