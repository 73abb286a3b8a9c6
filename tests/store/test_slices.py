# SPDX-License-Identifier: Apache-2.0
"""Slices of the journal, read from a real store a piece at a time."""

from __future__ import annotations

import numpy as np
import pytest
from processes import Begin
from store.told import Told

from nacre.learning.event import EVENT
from nacre.learning.row import row_dtype
from nacre.store.slices import CHUNK, Rows, read_slice

_SIZE = row_dtype().itemsize
_STEP = CHUNK // _SIZE * _SIZE


@pytest.mark.parametrize("length", [0, 1, _SIZE, _STEP - 1, _STEP, _STEP + 1, 2 * _STEP, 3 * _STEP + _SIZE + 5])
async def test_whole_rows_are_read_in_bounded_pieces(begin: Begin, length: int) -> None:
    """
    The store does one thing at a time: a day of samples in one reply would hold up everybody who signs in.
    """
    process = await begin()
    servers, key = Told(process.servers), process.keys.network("slice")
    value = np.random.default_rng(0).bytes(length)
    await servers.run(key, ("SET", key, value))

    read = await read_slice(servers, key, _SIZE)

    assert read == value[: length // _SIZE * _SIZE]
    assert max(servers.heard) <= CHUNK


async def test_a_slice_that_is_not_there_has_no_rows(begin: Begin) -> None:
    """
    The day may end between the counting and the reading.
    """
    process = await begin()

    assert await read_slice(process.servers, process.keys.network("slice"), _SIZE) == b""


def test_rows_that_came_since_they_were_counted_are_left_out() -> None:
    """
    Room is made once, by what was counted; the days before are in the order of time already.
    """
    rows = np.zeros(5, EVENT)
    rows["id"], rows["time"] = [1, 2, 3, 4, 5], [20, 10, 40, 30, 50]
    room = Rows(EVENT, 4)

    room.add(rows[:2].tobytes())
    room.add(rows[2:].tobytes())

    assert room.all()["time"].tolist() == [10, 20, 30, 40]
