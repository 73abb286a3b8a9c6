# SPDX-License-Identifier: Apache-2.0
"""
The slices of the journal, read without anybody waiting long for the store, and without a second copy of all.

A slice is one value: rows of one size, one after the other.  The store does one thing at a time, and a value of
megabytes in one reply would be a pause for everybody who signs in meanwhile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nacre.learning.row import read_rows
from nacre.store.topology import Servers

CHUNK = 1 << 18
"""Bytes that one command asks for at most: a tenth of a millisecond of the store's time."""


async def read_slice(servers: Servers, key: bytes, size: int) -> bytes:
    """
    Return the whole rows of a slice, read piece by piece.

    Args:
        servers: Where it is.
        key: Of the slice.
        size: Bytes of a row, :data:`CHUNK` at most.

    Raises:
        StoreUnavailable: the store refused or did not answer.
    """
    step = CHUNK // size * size
    pieces, at = [], 0
    while piece := await servers.run(key, ("GETRANGE", key, at, at + step - 1)):
        pieces.append(piece)
        at += len(piece)
        if len(piece) < step:
            break
    whole = b"".join(pieces)
    return whole[: len(whole) - len(whole) % size]


class Rows:
    """
    Room for as many rows as were counted; those that came since then are left out.

    Args:
        dtype: Of a row.
        most: Rows.
    """

    def __init__(self, dtype: np.dtype[np.void], most: int) -> None:
        self._rows, self._count = np.empty(most, dtype), 0

    def add(self, value: bytes) -> None:
        """Add the rows of a day, in the order of time."""
        rows = read_rows(value, self._rows.dtype)[: len(self._rows) - self._count]
        end = self._count + len(rows)
        self._rows[self._count : end] = rows[np.argsort(rows["time"], kind="stable")]
        self._count = end

    def all(self) -> NDArray[np.void]:
        """Return what was added."""
        return self._rows[: self._count]
