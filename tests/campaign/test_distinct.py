# SPDX-License-Identifier: Apache-2.0
"""Distinct values, exact and sketched."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.campaign.distinct import ERROR, FEW, Distinct, Hashing, Union

HASHING = Hashing(b"key")


def counted(*numbers: range) -> list[Distinct]:
    """Return minutes, each with some values."""
    minutes = []
    for values in numbers:
        minute = Distinct()
        minute.add(HASHING.numbers(np.array(values, np.uint64)))
        minutes.append(minute)
    return minutes


@given(st.lists(st.sets(st.integers(0, 400), max_size=FEW), min_size=1, max_size=6))
def test_few_values_are_counted_exactly_over_any_minutes(minutes: list[set[int]]) -> None:
    """
    The lines that attacks cross lie far below a few hundred.
    """
    parts = []
    for values in minutes:
        part = Distinct()
        part.add(HASHING.numbers(np.array(sorted(values), np.uint64)))
        parts.append(part)

    assert Union(parts[:-1]).count(parts[-1]) == len(set().union(*minutes))


@pytest.mark.parametrize("number", [300, 1_000, 10_000, 1_000_000])
def test_many_values_are_counted_to_within_four_standard_errors(number: int) -> None:
    """
    A sketch is off by 1.6 % at any size; a million addresses take as much room as a thousand.
    """
    (many,) = counted(range(number))

    assert abs(many.size() / number - 1) < 4 * ERROR
    assert len(many.registers) == 4096


@given(st.integers(0, 700), st.integers(0, 700), st.integers(0, 700))
def test_minutes_of_any_size_make_one_count(first: int, second: int, running: int) -> None:
    """
    Exact minutes and sketched ones stand side by side in every window.
    """
    parts = counted(range(first), range(500, 500 + second), range(900, 900 + running))
    truth = len({*range(first), *range(500, 500 + second), *range(900, 900 + running)})

    assert abs(Union(parts[:2]).count(parts[2]) - truth) <= 4 * ERROR * truth


@given(st.integers(0, 600), st.integers(0, 600))
def test_joining_is_counting_together(one: int, other: int) -> None:
    """
    Campaigns that turn out to be one are counted as one.
    """
    first, second = counted(range(one), range(300, 300 + other))
    truth = len({*range(one), *range(300, 300 + other)})

    first.join(second)

    assert abs(first.size() - truth) <= 4 * ERROR * truth


def test_another_key_sees_other_bits() -> None:
    """
    Who does not know the key cannot choose names that look like one.
    """
    names = [f"name{number}" for number in range(50)]

    assert not set(HASHING.texts(names).tolist()) & set(Hashing(b"other").texts(names).tolist())


def test_what_was_counted_survives_as_bytes() -> None:
    """
    Counts go on after a restart.
    """
    for minute in counted(range(10), range(5000)):
        kept = msgspec.msgpack.decode(msgspec.msgpack.encode(minute), type=Distinct)

        assert kept == minute
