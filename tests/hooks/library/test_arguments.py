# SPDX-License-Identifier: Apache-2.0
"""What scripts hand to functions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.errors import HookError
from nacre.hooks.call import Module, Seat
from nacre.hooks.library.arguments import (
    BadArgument,
    fitted,
    key_text,
    kind,
    number,
    options,
    raw,
    sequence,
    table,
    text,
    text_or,
    thing,
    truth,
    written,
)


def open_probe(seat: Seat) -> Module:
    """Return a module that looks at its arguments."""
    return {
        "table": lambda value: seat.table(table(seat, value, 1, "table")),
        "options": lambda value: seat.table(options(seat, value, 1, "options")),
        "sequence": lambda value: seat.table(sequence(seat, value, 1, "sequence")),
        "kind": kind,
        "thing": lambda: thing(seat, {"twice": lambda _, value: number(value, 1, "twice") * 2}),
    }


@given(st.binary())
def test_any_bytes_survive_as_text_and_come_back(data: bytes) -> None:
    """
    A string of Lua holds bytes, and what is no UTF-8 must not be lost or raise.
    """
    assert raw(text(data, 1, "f"), 1, "f") == data


@given(st.integers(-(10**14), 10**14))
def test_a_whole_number_is_written_without_a_fraction(value: int) -> None:
    """
    Keys are made of numbers: ``20`` and ``20.0`` would be two of them.
    """
    assert written(float(value)) == written(value) == str(value)


@pytest.mark.parametrize("value", [None, True, {}, print])
def test_what_is_no_string_is_refused_by_name(value: object) -> None:
    """
    The message names the function, the place and the kind, as Lua's own do.
    """
    with pytest.raises(BadArgument, match=f"bad argument #2 to 'set' \\(string expected, got {kind(value)}\\)"):
        raw(value, 2, "set")


@pytest.mark.parametrize("value", [None, "soon", {}, False])
def test_what_is_no_number_is_refused_by_name(value: object) -> None:
    """
    A text that does not read as a number is no number either.
    """
    with pytest.raises(BadArgument, match="number expected"):
        number(value, 1, "sleep")


def test_tables_arrive_as_they_were_written(lua: Any) -> None:
    """
    A list has the keys 1..n, named options are texts, and nil is no option at all.
    """
    source = """
        local p = require("probe")
        return p.table({ "a", "b" }), p.options({ ttl = 5 }), p.options(nil), p.sequence({ "a", "b" }), p.kind({}),
            p.kind(print), p.thing():twice(4)
    """

    assert lua(source, probe=open_probe) == (["a", "b"], {"ttl": 5}, {}, ["a", "b"], "table", "function", 8)


@pytest.mark.parametrize("function", ["table", "sequence"])
def test_a_value_that_is_no_table_is_refused(lua: Any, function: str) -> None:
    """
    Nil is what a script passes when it forgot an argument.
    """
    with pytest.raises(HookError, match="table expected, got nil"):
        lua(f'return require("probe").{function}()', probe=open_probe)


def test_functions_may_be_called_with_any_number_of_arguments() -> None:
    """
    Lua pads with nil and drops what is too much; Python raises on both.
    """
    assert fitted(lambda first, *others: (first, others))() == (None, ())
    assert fitted(lambda first, second: (first, second))(1, 2, 3) == (1, 2)


def test_small_conversions() -> None:
    """
    A default stands in for what is no text, keys are texts, and only nil and false are false.
    """
    yes = True

    assert (text_or(None, "x"), text_or(5, "x"), text_or(yes, "x")) == ("x", "5", "x")
    assert (key_text(3), key_text("k"), key_text(yes)) == ("3", "k", "True")
    assert (truth("false"), truth(not yes), truth(None)) == (True, False, False)
