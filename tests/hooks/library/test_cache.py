# SPDX-License-Identifier: Apache-2.0
"""Values that outlive a request."""

from __future__ import annotations

from typing import Any

import pytest
from builders import Clock

from nacre.errors import HookError
from nacre.hooks.library.cache import MOST_BYTES, Cache, cache_module


@pytest.fixture
def cache(clock: Clock) -> Cache:
    """A small cache on the clock of the test."""
    return Cache(clock, most=3)


@pytest.fixture
def run(lua: Any, cache: Cache) -> Any:
    """Run a chunk that knows the module as ``C``."""
    return lambda source: lua('local C = require("nauthilus_cache")\n' + source, nauthilus_cache=cache_module(cache))


def test_a_value_is_a_copy_with_an_end(run: Any, clock: Clock) -> None:
    """
    What a script changes afterwards in its own table is not changed in the cache.
    """
    before = run("""
        local t = { n = 1 }
        local ok, err = C.cache_set("k", t, 60)
        t.n = 2
        return ok, err, C.cache_get("k"), C.cache_exists("k"), C.cache_size()
    """)
    clock.move(60)
    after = run('return C.cache_get("k"), C.cache_exists("k"), C.cache_size(), C.cache_delete("k")')

    assert before == ("OK", None, {"n": 1}, True, 1)
    assert after == (None, False, 0, False)


def test_an_update_sees_the_value_and_keeps_its_end(run: Any, clock: Clock) -> None:
    """
    A counter that is counted up must still end when its window does.
    """
    counted = run("""
        C.cache_set("n", 1, 60)
        C.cache_set("text", "kö")
        local text = C.cache_update("text", function(old) return old .. "ln" end)
        local function same(old) return old end
        return text, C.cache_update("n", function(old) return old + 1 end), C.cache_update("new", same)
    """)
    clock.move(59)
    kept = run('return C.cache_get("n")')
    clock.move(1)

    assert (counted, kept) == (("köln", 2, None), 2)
    assert run('return C.cache_get("n")') is None


def test_values_are_pushed_and_popped_together(run: Any) -> None:
    """
    A batch is collected over requests and taken at once; a value that is no list becomes the first of one.
    """
    source = """
        C.cache_set("b", "first")
        local n = C.cache_push("b", { user = "erika" })
        return n, C.cache_push("c", 1), C.cache_pop_all("b"), C.cache_pop_all("b"), C.cache_keys()
    """

    assert run(source) == (2, 1, ["first", {"user": "erika"}], [], ["c"])


def test_the_entry_that_was_used_longest_ago_makes_room(run: Any) -> None:
    """
    An attacker who invents names fills the cache with them, and the busy entries stay.
    """
    run('for i = 1, 3 do C.cache_set("k" .. i, i) end C.cache_get("k1") C.cache_set("k4", 4)')

    assert run('return C.cache_get("k1"), C.cache_get("k2")') == (1, None)


def test_a_flush_leaves_nothing(run: Any) -> None:
    """
    Both the entries and their size are gone.
    """
    run('C.cache_set("k", 1) C.cache_flush()')

    assert run('return C.cache_size(), C.cache_set("k", 2)') == (0, "OK", None)


def test_any_bytes_can_be_kept(run: Any) -> None:
    """
    Names come from attempts, and some are no UTF-8.
    """
    assert run('C.cache_set("\\255", { ["\\254"] = "\\253" }) return C.cache_get("\\255")') == {"\udcfe": "\udcfd"}


def test_a_value_has_a_largest_size(run: Any) -> None:
    """
    Values stay in memory until they are pushed out, so one script must not keep megabytes.
    """
    with pytest.raises(HookError, match="bytes at most"):
        run(f'C.cache_set("k", string.rep("x", {MOST_BYTES}))')


def test_a_function_has_to_update(run: Any) -> None:
    """
    A forgotten updater is a mistake of the script.
    """
    with pytest.raises(HookError, match="function expected, got nil"):
        run('C.cache_update("k")')
