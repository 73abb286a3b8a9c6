# SPDX-License-Identifier: Apache-2.0
"""The matcher in Lua beside that of C."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lupa import lua51
from seats import says

from nacre.hooks import state as state_module

ITEMS = st.sampled_from(
    [
        *("a", "b", ".", "%a", "%d", "%s", "%%", "[ab]", "[^a]", "[a-c]", "[%d_]", "[]]", "[^]]", "[%]]", "-", "%."),
        *("a*", "b+", "c-", "a?", ".*", ".-", "%w+", "[ab]*", "[^ab]-", "%d*", "()", "(a)", "(a*)", "(.-)", "((a)b*)"),
        *("%b()", "%f[%w]", "%1", "$", "^"),
    ]
)
PATTERNS = st.lists(ITEMS, max_size=6).map("".join)
TEXTS = st.text("aabbc1_.%()- ]", max_size=14)


@cache
def both() -> Any:
    """Return a function that matches with C, and with the matcher that is written in Lua, whatever it may cost."""
    sources = state_module._SOURCES  # noqa: SLF001  the text that states are made of
    lua = lua51.LuaRuntime(encoding="latin-1")
    parts = lua.globals()
    parts["patterns"] = sources["patterns"].replace(b"local WORST = 2e8", b"local WORST = -1")
    parts["bounded"] = sources["bounded"]
    return lua.execute("""
        local weigh = function() end
        local matcher = assert(loadstring(patterns, "=nacre"))(weigh)
        local watch = { weigh = weigh, stopped = function() end }
        local ours = assert(loadstring(bounded, "=nacre"))(watch, matcher)
        local theirs = { find = string.find, match = string.match, gmatch = string.gmatch, gsub = string.gsub }
        local function shown(ok, ...)
          if not ok then return "error" end
          local texts = {}
          for place = 1, select("#", ...) do texts[place] = tostring((select(place, ...))) end
          return table.concat(texts, "|")
        end
        local function all(library, text, pattern)
          local function each()
            local texts = {}
            for one, other in library.gmatch(text, pattern) do
              texts[#texts + 1] = tostring(one) .. "," .. tostring(other)
            end
            return table.concat(texts, ";")
          end
          return table.concat({
            shown(pcall(library.find, text, pattern)), shown(pcall(library.find, text, pattern, 3)),
            shown(pcall(library.find, text, pattern, -3)), shown(pcall(library.match, text, pattern)),
            shown(pcall(each)), shown(pcall(library.gsub, text, pattern, "<%0>")),
            shown(pcall(library.gsub, text, pattern, "%1", 2)),
            shown(pcall(library.gsub, text, pattern, {a = "x", b = false})),
            shown(pcall(library.gsub, text, pattern, function(one) return one == "a" and "y" or nil end)),
          }, "\\n")
        end
        return function(text, pattern) return all(theirs, text, pattern), all(ours, text, pattern) end
    """)


@given(TEXTS, PATTERNS)
def test_the_matcher_in_lua_finds_what_that_of_c_finds(text: str, pattern: str) -> None:
    """
    A script must not notice which of the two looked; where C raises an error, ours does.
    """
    theirs, ours = both()(text, pattern)

    for one, other in zip(theirs.split("\n"), ours.split("\n"), strict=True):
        assert other in {one, "error"}  # ours reads the pattern as a whole, and C as far as it gets


@pytest.mark.parametrize("pattern", ["%", "[a", "[^]", "%b", "%bx", "%f", "(a", "a)", "%2"])
def test_a_malformed_pattern_is_an_error(pattern: str) -> None:
    """
    It is said at the line that used it.
    """
    found = says("return pcall(string.match, 'abc', a)", pattern)

    assert found[0] is False


def test_a_pattern_is_not_longer_than_c_can_take() -> None:
    """
    C calls itself once for each item of some; a million of them would end the process.
    """
    found = says("return pcall(string.find, ('a'):rep(100), ('a?'):rep(600))")

    assert found == [False, "pattern has more than 1000 characters"]


def test_long_subjects_are_matched_as_fast_as_they_need() -> None:
    """
    What might be slow is done in Lua, and is mostly not slow: a body of 40 kB is taken apart in well under a second.
    """
    found = says("local n = 0 for _ in ('key=value&'):rep(4000):gmatch('([^=&]+)=([^=&]*)') do n = n + 1 end return n")

    assert found == [4000]
