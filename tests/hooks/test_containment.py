# SPDX-License-Identifier: Apache-2.0
"""Scripts that do not end, take all memory, or try to outlive their limits."""

from __future__ import annotations

import gc
import time

import pytest
from seats import QUICK, lua, says, seat

from nacre.errors import HookError
from nacre.hooks.call import Call
from nacre.hooks.limits import Limits

ENDLESS = {
    "a loop": "while true do end",
    "a loop that catches": "while true do pcall(function() while true do end end) end",
    "a loop that catches with a handler": "while true do xpcall(function() while true do end end, function() end) end",
    "a handler": "xpcall(function() while true do end end, function() while true do end end)",
    "calls without a loop": "local function f() return f() end return f()",
    "a coroutine": "coroutine.wrap(function() while true do end end)()",
    "coroutines that are caught": "while true do pcall(coroutine.wrap(function() while true do end end)) end",
    "coroutines in coroutines": "local function f() coroutine.wrap(f)() end while true do pcall(f) end",
    "a metamethod": "local t = setmetatable({}, {__index = function() while true do end end}) return t.x",
    "a metamethod of the globals": "setmetatable(_G, {__index = function() while true do end end}) return x",
    "an error that prints itself": "error(setmetatable({}, {__tostring = function() while true do end end})) ",
    "a comparison of a sort": (
        "local t = {} for i = 1, 99 do t[i] = i end while true do table.sort(t, function() return false end) end"
    ),
    "long sorts": "local t = {} for i = 1, 5e4 do t[i] = (i * 7919) % 104729 end while true do table.sort(t) end",
    "a pattern": "return (('a'):rep(3000)):find(('a*'):rep(10) .. 'b')",
    "a pattern of choices": "return (('a'):rep(28)):find(('a?'):rep(28) .. ('a'):rep(28) .. 'b')",
    "costs that are no number": "while true do ('x'):rep(0 / 0) (('a'):rep(300)):find('a*a*b') end",
    "many small patterns": "while true do (('a'):rep(300)):find('a*a*b') end",
    "a replacement": "return (('a'):rep(3000)):gsub(('a-'):rep(8) .. 'b', '')",
    "matches": "for _ in (('a'):rep(3000)):gmatch(('a*'):rep(8) .. 'b') do end",
    "a plain search": "local s = ('a'):rep(4e5) while true do s:find(('a'):rep(2e5) .. 'b', 1, true) end",
    "inserting before the first": (
        "local t = {} for i = 1, 5e4 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t) end"
    ),
    "loading": "while true do loadstring(('x = 1 '):rep(1e4)) end",
    "a reader": "load(function() return ' ' end)",
    "a long table that is empty": (
        "local t = {} for i = 1, 5e4 do t[i] = 1 end for i = 1, 5e4 do t[i] = nil end while true do next(t) end"
    ),
}


@pytest.mark.parametrize("body", ENDLESS.values(), ids=ENDLESS.keys())
def test_what_does_not_end_is_ended(body: str) -> None:
    """
    Every way to compute without an end meets the limit, or an error of its own; the thread is free again soon.
    """
    state = seat()
    began = time.thread_time()

    with pytest.raises(HookError) as caught:
        says(f"\n{body}", state=state)

    assert caught.value.file == "/etc/nacre/test.lua"
    assert caught.value.limit == state.spent
    assert time.thread_time() - began < 20


GREEDY = {
    "tables": "local t = {} while true do\n t[#t + 1] = {} end",
    "a text that doubles": "local s = 'x' while true do\n s = s .. s end",
    "texts that are caught": "local t = {} while true do pcall(function()\n t[#t + 1] = ('x'):rep(1e5) .. #t end) end",
    "closures": "local f while true do\n local g = f f = function() return g end end",
    "coroutines": "local t = {} while true do\n t[#t + 1] = coroutine.create(print) end",
    "modules": "while true do\n package.preload[#package.preload + 1] = ('x'):rep(1000) .. #package.preload end",
}


@pytest.mark.parametrize("body", GREEDY.values(), ids=GREEDY.keys())
def test_what_takes_all_memory_is_ended(body: str) -> None:
    """
    The limit is the state's: the process, and every other script, have theirs.
    """
    state = seat(limits=QUICK._replace(compute=5.0))

    with pytest.raises(HookError, match="memory") as caught:
        says(body, state=state)

    assert caught.value.line == (2 if caught.value.problem != "not enough memory" else caught.value.line)
    assert caught.value.line > 0
    assert caught.value.limit
    assert state.spent


def test_a_text_that_would_be_too_long_is_an_error_that_can_be_caught() -> None:
    """
    Nothing was taken yet: the script may go on.
    """
    state = seat()

    assert says("return pcall(string.rep, 'x', 1e9)", state=state) == [False, "resulting string too large"]
    assert says("return ('').rep('', 2^31 - 1), ('x'):rep(-1)", state=state) == ["", ""]
    assert not state.spent


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("return ('x'):rep(1e5)", "the value has more than 65536 bytes"),
        ("local t = {} for i = 1, 1e4 do t[i] = i end return t", "the value has more than 65536 bytes"),
        ("local t = {} t.t = t return t", "the value is more than 32 tables deep"),
    ],
)
def test_a_result_has_a_size(body: str, problem: str) -> None:
    """
    It becomes an answer over HTTP, or a value in memory that is no longer the script's.
    """
    with pytest.raises(HookError, match=problem):
        says(body)


def test_what_a_module_returns_has_a_size_too() -> None:
    """
    A value that is pushed into a full state would end the process, for want of memory nobody can catch.
    """
    state = seat({"big": lambda _: {"text": lambda: "x" * 10**6, "table": lambda: list(range(10**5))}})

    assert says("return pcall(require('big').text)", state=state) == [False, "the value has more than 65536 bytes"]
    assert says("return pcall(require('big').table)", state=state) == [False, "the value has more than 65536 bytes"]


def test_modules_are_not_called_once_the_state_is_full() -> None:
    """
    The same, from the other side: what is pushed finds the reserve untouched.
    """
    state = seat({"small": lambda _: {"table": lambda: {"a": "b"}}}, QUICK._replace(compute=5.0))
    fill = "local s = 'x' pcall(function() while true do s = s .. s end end)"
    body = f"{fill} for _ = 1, 1e6 do require('small').table() end"

    with pytest.raises(HookError, match="memory"):
        says(f"local keep = {{}} for i = 1, 200 do keep[i] = ('x'):rep(4e4) .. i end {body}", state=state)


def test_time_is_up_at_the_deadline_however_little_was_computed() -> None:
    """
    A login waits so long and no longer.
    """
    call = Call("test", "feature", deadline=time.monotonic() - 1)

    with pytest.raises(HookError, match="did not end in its time"):
        lua("function main() while true do end end", state=seat(limits=Limits()), call=call)


def test_after_the_limit_no_instruction_is_left() -> None:
    """
    A script that catches the end of its time would go on for ever with what is left of it.
    """
    ran: list[int] = []

    def note(number: int) -> None:
        ran.append(number)

    state = seat({"note": lambda _: {"note": note}})

    with pytest.raises(HookError, match="computed for more than"):
        says("pcall(function() while true do end end) for i = 1, 100 do require('note').note(i) end", state=state)

    assert ran == []


def test_prints_are_cut() -> None:
    """
    A log line is no place for a megabyte.
    """
    assert says("print(('x'):rep(1e6)) io.write('y') io.stderr:write('z') return 1") == [1]


def test_tables_that_python_lets_go_of_late_outlive_their_coroutine() -> None:
    """
    Python's collector frees a table in a cycle at any time: once, through a coroutine that was gone; that ended all.
    """

    def cycle(table: object) -> None:
        ring: list[object] = [table]
        ring.append(ring)

    state = seat({"ring": lambda _: {"cycle": cycle}})
    body = "for _ = 1, 9 do coroutine.wrap(function() require('ring').cycle({1}) end)() end return 1"

    for number in range(400):
        state = seat({"ring": lambda _: {"cycle": cycle}}) if state.spent else state
        assert says(body, state=state) == [1]
        if number % 20 == 0:
            gc.collect()


def test_what_a_script_raises_is_cut() -> None:
    """
    It may be what somebody typed as a user name, and stands in logs and answers.
    """
    with pytest.raises(HookError) as caught:
        says("error(('x'):rep(1e5), 0)")

    assert len(str(caught.value)) < 1100


def test_nothing_is_inserted_far_before_a_list() -> None:
    """
    C would move every place in between, two thousand million of them, and nobody could stop it.
    """
    found = says("return pcall(table.insert, {1, 2}, -1e9, 0)")

    assert found == [False, "bad argument #2 to 'insert' (position out of bounds)"]
