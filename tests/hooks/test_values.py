# SPDX-License-Identifier: Apache-2.0
"""Values on their way into Lua and out of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seats import says, seat

from nacre.hooks.call import Value
from nacre.hooks.state import State
from nacre.hooks.values import TooLarge, text_in, text_out

STATE: list[State] = []

TEXTS = st.text(st.characters(blacklist_categories=["Cs"]), max_size=40)
WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
SCALARS = st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=15,
)


def state() -> State:
    """Return one state for all examples."""
    if not STATE or STATE[0].spent:
        STATE[:] = [seat()]
    return STATE[0]


@given(VALUES)
def test_what_goes_in_comes_out(value: Value) -> None:
    """
    Scripts hand each other values through the service; a number that lost its fraction is the same number.
    """
    assert says("return a", value, state=state()) == [value]


@given(st.binary(max_size=60))
def test_any_bytes_pass_through_texts(data: bytes) -> None:
    """
    A string of Lua holds bytes; what is no UTF-8 must come out as it went in.
    """
    text = data.decode("utf-8", "surrogateescape")

    assert text_out(text_in(text)) == text
    assert says("return a", text, state=state()) == [text]
    assert says("return a", data, state=state()) == [text]


def test_an_empty_mapping_is_told_from_an_empty_list() -> None:
    """
    JSON writes one as {} and the other as [], and clients know the difference.
    """
    assert says("return a, b, {}", {}, []) == [{}, [], []]
    assert says("return setmetatable({}, {__jsontype = 'object'})") == [{}]


def test_a_table_with_gaps_or_names_is_a_mapping() -> None:
    """
    Only 1..n is a list; nothing is dropped to make one.
    """
    assert says("return {[1] = 'a', [3] = 'c'}, {'a', x = 1}") == [{1: "a", 3: "c"}, {1: "a", "x": 1}]


def test_what_is_no_value_is_nothing() -> None:
    """
    A function of one state means nothing outside of it.
    """
    assert says("return print, {f = print, x = 1}, coroutine.create(print)") == [None, {"f": None, "x": 1}, None]


def test_metamethods_are_not_asked_on_the_way_out() -> None:
    """
    They would run outside of the limits.
    """
    body = "return setmetatable({x = 1}, {__index = function() while true do end end})"

    assert says(body) == [{"x": 1}]


def test_functions_of_ours_become_functions() -> None:
    """
    A module may return things with methods.
    """
    state = seat({"things": lambda seat: {"new": lambda: seat.table({"size": lambda: 3})}})

    assert says("local t = require('things').new() return t.size(), t:size(), type(t.size)", state=state) == [
        3,
        3,
        "function",
    ]


def test_large_numbers_lose_no_more_than_lua_takes() -> None:
    """
    A number of Lua is a float.
    """
    assert says("return a, a == b", 2**60, 2**60 + 1) == [float(2**60), True]


def test_too_large_a_value_is_refused_before_it_is_in() -> None:
    """
    To run out of memory while a value is pushed ends the process.
    """
    with pytest.raises(TooLarge, match="65536 bytes"):
        seat().table(["x" * 1000] * 100)
