# SPDX-License-Identifier: Apache-2.0
"""Counts per group agree with loops that a person can check."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nacre.learning.groups import Groups, joined

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 1, 2, 2**32 - 1]), st.integers(0, 3), st.booleans()),
    min_size=1,
    max_size=40,
)


@given(ROWS)
def test_counts_and_distinct_counts_agree_with_loops(rows: list[tuple[int, int, int, bool]]) -> None:
    """
    For every row: over the selected rows with its key.
    """
    high, low, items, where = (np.array(column) for column in zip(*rows, strict=True))
    groups = Groups(high, low)

    alike = [[other for other in rows if other[:2] == row[:2] and other[3]] for row in rows]

    assert groups.count(where).tolist() == [len(others) for others in alike]
    assert groups.some(where).tolist() == [bool(others) for others in alike]
    assert groups.distinct(items, where).tolist() == [len({other[2] for other in others}) for others in alike]
    assert groups.total(items * 1.0).tolist() == [
        sum(other[2] for other in rows if other[:2] == row[:2]) for row in rows
    ]


@given(ROWS)
def test_near_looks_one_key_to_either_side(rows: list[tuple[int, int, int, bool]]) -> None:
    """
    The day before and the day after, for the same address only.
    """
    high, _, low, where = (np.array(column) for column in zip(*rows, strict=True))

    near = [any(o[0] == row[0] and abs(o[2] - row[2]) <= 1 and o[3] for o in rows) for row in rows]

    assert Groups(high, low).near(where).tolist() == near


def test_keys_of_full_width_do_not_overflow() -> None:
    """
    Digests use all 32 bits.
    """
    assert int(joined([2**32 - 1], [2**32 - 1])[0]) == 2**64 - 1


@given(st.lists(st.integers(0, 2**64 - 1), max_size=40))
def test_keys_are_in_order_and_each_row_knows_its_own(keys: list[int]) -> None:
    """
    As numpy's `unique` tells it, of no rows too.
    """
    rows = np.array(keys, np.uint64)
    groups = Groups(rows)

    assert groups.size == len(set(keys))
    assert [sorted(set(keys))[place] for place in groups.code] == keys
