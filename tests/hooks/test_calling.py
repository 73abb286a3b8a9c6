# SPDX-License-Identifier: Apache-2.0
"""Functions of ours, as Lua calls them."""

from __future__ import annotations

import pytest

from nacre.errors import StoreUnavailable
from nacre.hooks.calling import as_lua_calls


def call(function: object, *given: object) -> object:
    """Call a function as Lua does, without a state."""
    return as_lua_calls(function, lambda value: value, lambda: "test")(*given)  # type: ignore[arg-type]


def test_bytes_of_a_text_are_the_text() -> None:
    """
    A state makes a character of each byte.
    """
    assert call(lambda name, other: name + other, "k\xc3\xb6ln", "!") == (True, "köln!")


def test_missing_arguments_are_nothing_and_further_ones_are_ignored() -> None:
    """
    So it is with any function of Lua.
    """
    assert call(lambda a, b: (a, b), 1) == (True, 1, None)
    assert call(lambda a, b: (a, b), 1, 2, 3) == (True, 1, 2)
    assert call(lambda a, b=5: (a, b), 1) == (True, 1, None)
    assert call(lambda *all_of_them: len(all_of_them), 1, 2, 3) == (True, 3)


@pytest.mark.parametrize("error", [ValueError("no such name"), StoreUnavailable("no such name")])
def test_what_is_raised_is_told(error: Exception) -> None:
    """
    It becomes an error of Lua, which the script may catch.
    """

    def fails() -> None:
        raise error

    assert call(fails) == (False, "no such name")
    assert error.__traceback__ is None
