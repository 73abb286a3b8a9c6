# SPDX-License-Identifier: Apache-2.0
"""What callers and scripts give of an attempt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.extras import SKIPPED, Coding, Given, add_extras, read_coding

NAMES = st.sampled_from(["a", "b", "c", "ClientIP", "username"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
CALLS = st.lists(st.tuples(st.dictionaries(NAMES, VALUES), st.sampled_from(Coding)), max_size=5)


def merged(calls: list[tuple[dict[str, object], Coding]]) -> dict[str, Given]:
    """Return what several calls add up to."""
    extras: dict[str, Given] = {}
    for values, coding in calls:
        extras = add_extras(extras, values, coding)
    return extras


def test_exactly_four_names_are_skipped() -> None:
    """
    They are spelt as in the original; any other spelling is a feature like any other.
    """
    values = dict.fromkeys(["ClientIP", "client_ip", "Username", "username", "clientip", "USERNAME", "user_name"], "x")

    assert set(add_extras({}, values)) == {"clientip", "USERNAME", "user_name"}
    assert len(SKIPPED) == 4


@given(CALLS)
def test_the_latest_call_wins_for_each_name(calls: list[tuple[dict[str, object], Coding]]) -> None:
    """
    Its value and its coding; what it does not name stays as it was.
    """
    extras = merged(calls)

    for name in "abc":
        usable = [(v[name], c) for v, c in calls if isinstance(v.get(name), bool | int | float | str)]
        assert extras.get(name) == (usable[-1] if usable else None)
    assert not SKIPPED & extras.keys()


def test_one_call_does_not_change_what_another_attempt_was_given() -> None:
    """
    The mapping of a caller is never written to.
    """
    first = add_extras({}, {"a": 1})

    add_extras(first, {"a": 2, "b": 3})

    assert first == {"a": Given(1, Coding.ONE_HOT)}


def test_tables_and_nothing_are_no_values() -> None:
    """
    A script may pass a nested table; a network has no use for it.
    """
    assert add_extras({}, {"a": None, "b": [1], "c": {"d": 1}, "e": b"x"}) == {}


def test_one_hot_is_the_coding_unless_another_is_named() -> None:
    """
    The names are those of the original, and so is the complaint about any other.
    """
    assert add_extras({}, {"a": "x"})["a"].coding is read_coding("one-hot")
    with pytest.raises(ValueError, match=r"invalid encoding type: One-Hot \(must be 'one-hot' or 'embedding'\)"):
        read_coding("One-Hot")
