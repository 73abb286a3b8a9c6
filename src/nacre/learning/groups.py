# SPDX-License-Identifier: Apache-2.0
"""
Counts per group of rows, for a million rows at once.

A group is made of the rows that share one or two columns; what is counted in it comes back for every row,
so that rules can be written as comparisons of columns.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Mask = NDArray[np.bool_]
Keys = NDArray[np.uint64]
Counts = NDArray[np.int32]


def joined(high: ArrayLike, low: ArrayLike) -> Keys:
    """
    Return one key for two columns.

    Args:
        high: (n,) whole numbers below 2**32.
        low: (n,) the same.

    >>> [int(key) for key in joined([0, 1], [7, 7])]
    [7, 4294967303]
    """
    keys = np.asarray(high).astype(np.uint64)
    keys <<= np.uint64(32)
    np.bitwise_or(keys, low, out=keys, dtype=np.uint64, casting="unsafe")  # with no copy of either column
    return keys


class Groups:
    """
    Rows that share a key.

    Args:
        high: (n,) whole numbers below 2**32.
        low: (n,) the same; without it *high* alone is the key and may have 64 bits.

    Attributes:
        size: How many different keys there are.
        code: (n,) int32, the place of every row's key among them in ascending order.

    >>> groups = Groups([1, 1, 2])
    >>> groups.count(np.array([True, False, True])).tolist()
    [1, 1, 1]
    >>> groups.distinct(np.array([8, 9, 9]), np.array([True, True, True])).tolist()
    [2, 2, 1]
    """

    def __init__(self, high: ArrayLike, low: ArrayLike | None = None) -> None:
        keys = np.asarray(high).astype(np.uint64) if low is None else joined(high, low)
        # As numpy's `unique` with inverse, in half of its memory: a million rows are grouped a dozen times.
        order = np.argsort(keys)
        keys = keys[order]
        first = _firsts(keys)
        keys = keys[first]
        self.size = len(keys)
        # All that is ever asked of the keys themselves; they would take twice the room of the codes.
        self._next = np.flatnonzero(keys[1:] - keys[:-1] == 1).astype(np.int32)
        del keys  # before there is more
        place = np.cumsum(first, dtype=np.int32)
        place -= 1
        self.code = np.empty(len(order), np.int32)
        self.code[order] = place

    def count(self, where: Mask) -> Counts:
        """Return for every row how many rows of its group *where* selects."""
        counts = np.bincount(self.code[where], minlength=self.size)
        return counts.astype(np.int32)[self.code]

    def total(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for every row the sum of *values*, (n,), over its group."""
        sums = np.bincount(self.code, weights=values, minlength=self.size)
        return sums.astype(np.float64, copy=False)[self.code]

    def some(self, where: Mask) -> Mask:
        """Return for every row whether *where* selects any row of its group."""
        return self._flagged(where)[self.code]

    def near(self, where: Mask) -> Mask:
        """Return the same as :meth:`some` for its group and for those whose keys are one less or one more."""
        flagged = self._flagged(where)
        near = flagged.copy()
        near[self._next] |= flagged[self._next + 1]
        near[self._next + 1] |= flagged[self._next]
        return near[self.code]

    def distinct(self, items: ArrayLike, where: Mask) -> Counts:
        """
        Return for every row how many different items its group has among the rows that *where* selects.

        Args:
            items: (n,) whole numbers below 2**32.
            where: (n,) the rows to look at.
        """
        pairs = joined(self.code[where], np.asarray(items)[where])
        pairs.sort()
        first = _firsts(pairs)
        pairs >>= np.uint64(32)
        counts = np.bincount(pairs[first].astype(np.int32), minlength=self.size)
        return counts.astype(np.int32)[self.code]

    def _flagged(self, where: Mask) -> Mask:
        flagged = np.zeros(self.size, np.bool_)
        flagged[self.code[where]] = True
        return flagged


def _firsts(ascending: NDArray[np.uint64]) -> Mask:
    """Return which of some values in ascending order are the first of their kind."""
    first = np.empty(len(ascending), np.bool_)
    first[:1] = True
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return first
