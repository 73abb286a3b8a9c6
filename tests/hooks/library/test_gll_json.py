# SPDX-License-Identifier: Apache-2.0
"""``json``, as scripts use it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.hooks.library.gll_json import decoded, encoded, open_json

HEAD = 'local J = require("json")\n'
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_what_was_encoded_is_decoded_again(value: object) -> None:
    """
    Any plain value; what is no UTF-8 becomes a replacement character.
    """
    told = json.loads(json.dumps(value).replace("\\ud", "\\u20"))

    assert decoded(encoded(told)) == told


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("{}", "[]"),
        ("{ 1, 2.5, true }", "[1,2.5,true]"),
        ('{ b = 1, a = { 20 / 1 }, c = "k\\195\\182ln" }', '{"a":[20],"b":1,"c":"köln"}'),
        ('{ [5] = "x" }', '{"5":"x"}'),
        ("nil", "null"),
        ('"\\255"', '"\N{REPLACEMENT CHARACTER}"'),
        ('J.decode("{}")', "{}"),
        ("1e15", "1000000000000000"),
    ],
)
def test_a_value_is_encoded(lua: Any, value: str, text: str) -> None:
    """
    Whole numbers have no fraction, keys are sorted, an empty table is a list unless it came from an object.
    """
    assert lua(f"{HEAD}return J.encode({value})", json=open_json) == text


@pytest.mark.parametrize("value", ["print", "0/0", "1/0", "{ 1/0 }", "{ [1.5] = {}, [2] = 1/0 }"])
def test_what_json_has_no_word_for_is_nil_and_a_reason(lua: Any, value: str) -> None:
    """
    A plug-in that logs a table goes on.
    """
    text, error = lua(f"{HEAD}return J.encode({value})", json=open_json)

    assert text is None
    assert "cannot encode" in error


def test_a_table_inside_itself_is_no_json(lua: Any) -> None:
    """
    Nor does it take the host with it.
    """
    ok, error = lua(
        f"{HEAD}local t = {{}} t.t = t local ok, err = pcall(J.encode, t) return type(ok), type(err)", json=open_json
    )

    assert (ok, error) in {("boolean", "string"), ("boolean", "nil")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a":{"b":[1,2.5,"x"]}}', {"a": {"b": [1, 2.5, "x"]}}),
        ("[1,null]", [1]),
        ("12345678901234567890", 12345678901234567168.0),
        ('"k\\\\u00f6ln"', "köln"),
        ("false", False),
        ("{}", {}),
    ],
)
def test_json_is_decoded(lua: Any, text: str, value: object) -> None:
    """
    A number that Lua cannot hold exactly becomes its nearest neighbour, null is nil.
    """
    assert lua(f"{HEAD}return J.decode('{text}')", json=open_json) == value


@pytest.mark.parametrize("text", ["", "{", "nonsense", "[1,]", "[" * 10_000])
def test_what_is_no_json_is_nil_and_a_reason(lua: Any, text: str) -> None:
    """
    However deep it is.
    """
    value, error = lua(f'{HEAD}return J.decode("{text}")', json=open_json)

    assert value is None
    assert error
