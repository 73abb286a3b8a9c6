# SPDX-License-Identifier: Apache-2.0
"""``regexp``, as scripts use it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from nacre.hooks.library.gll_regexp import MOST_MATCHES, open_regexp

HEAD = 'local R = require("regexp")\n'
STRING = "\"string: '(.*)\\\\s+(.*)'$\", \"my string: 'hello world'\""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('R.match("hello", "hello world")', True),
        ('R.match("^world", "hello world")', False),
        (f"R.find_all_string_submatch({STRING})", [["string: 'hello world'", "hello", "world"]]),
        ('R.find_all_string_submatch("(a)(b)?", "ab a")', [["ab", "a", "b"], ["a", "a", ""]]),
        ('R.compile("hello"):match("hello world")', True),
        ('R.compile("l+"):find_all_string_submatch("hello world")', [["ll"], ["l"]]),
        ('R.match("\\\\p{L}", "\\195\\182")', True),
    ],
)
def test_each_function(lua: Any, expression: str, value: object) -> None:
    """
    The examples of the module's own documents; classes of letters as in Go.
    """
    assert lua(f"{HEAD}return {expression}", regexp=open_regexp) == value


@pytest.mark.parametrize("call", ['R.match("(", "x")', 'R.compile("a{2,1}")', 'R.match("(?=x)", "x")'])
def test_what_is_no_expression_is_nil_and_a_reason(lua: Any, call: str) -> None:
    """
    Go has no lookahead either.
    """
    value, error = lua(f"{HEAD}return {call}", regexp=open_regexp)

    assert value is None
    assert "error parsing regexp" in error


def test_no_expression_takes_for_ever(lua: Any) -> None:
    """
    This one takes the age of the universe where it backtracks.
    """
    begun = time.process_time()
    head = f'{HEAD}local s = string.rep("a", 10000) '
    source = head + 'return R.match("^(a*)*b$", s), #R.find_all_string_submatch("a", s .. s)'

    assert lua(source, regexp=open_regexp) == (False, MOST_MATCHES)
    assert time.process_time() - begun < 20
