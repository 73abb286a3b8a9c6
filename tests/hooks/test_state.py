# SPDX-License-Identifier: Apache-2.0
"""What a script can do, and what it cannot."""

from __future__ import annotations

import asyncio

import pytest
from seats import lua, says, script, seat

from nacre.errors import HookError
from nacre.hooks.call import Call, Module, Seat
from nacre.hooks.limits import Limits
from nacre.hooks.state import State


def open_numbers(seat: Seat) -> Module:
    """Return a module for tests."""

    def fail() -> None:
        raise ValueError("there is no such number")

    return {
        "pair": lambda: (1, 2.5),
        "fail": fail,
        "who": lambda: seat.call.who,
        "first": lambda table: [seat.plain(table)][0],
        "constants": {"ZERO": 0},
        "wait": lambda: seat.wait(_later()),
    }


async def _later() -> str:
    return "later"


MODULES = {"numbers": open_numbers}


def test_a_script_gets_values_and_returns_values() -> None:
    """
    Numbers without a fraction are whole, texts are UTF-8, tables 1..n are lists: as JSON has them.
    """
    found = says("return a.name, a.list[2], #a.list, 7, 0.5, {1, 2}, {x = 1}", {"name": "Köln", "list": [1, "ü"]})

    assert found == ["Köln", "ü", 2, 7, 0.5, [1, 2], {"x": 1}]


@pytest.mark.parametrize("prepares", [False, True])
def test_nothing_of_a_run_is_there_in_the_next(*, prepares: bool) -> None:
    """
    Globals of one script or one user that another one finds would be a leak, and a way to change what it does.
    """
    state = seat()
    says("leak = 1; string.leak = 2; math.pi = 3; _G.other = 4; package.loaded.leak = 5; return 1", state=state)
    if prepares:
        state.prepare()

    found = says(
        "return tostring(leak), tostring(string.leak), math.pi > 3, tostring(other), pcall(require, 'leak')",
        state=state,
    )

    assert found[:5] == ["nil", "nil", True, "nil", False]


def test_a_script_without_the_function_is_told_from_one_that_returns_nothing() -> None:
    """
    The original runs the function of the script before in its place.
    """
    assert lua("x = 1") is None
    assert lua("function main() end") == []


def test_the_text_around_the_function_runs_with_every_run() -> None:
    """
    As in the original: a script may look at the time there.
    """
    state = seat()
    source = "count = (count or 0) + 1\nfunction main() return count end"

    assert [lua(source, state=state), lua(source, state=state)] == [[1], [1]]


def test_a_function_that_comes_first_is_handed_the_same() -> None:
    """
    What a feature collects for the network, and what it says of the attempt, are two functions of one script.
    """
    source = "function early(r) seen = r.a end function main(r) return seen, r.a end"

    found = seat().run(script(source), "main", {"a": 1}, call=Call("test", "feature"), first="early")

    assert found == [1, 1]


@pytest.mark.parametrize(
    ("body", "problem", "line"),
    [
        ("\nerror('broken')", "broken", 2),
        ("\n\nerror({code = 1})", "the error is a table", 3),
        ("local x = nil + 1", "attempt to perform arithmetic on a nil value", 1),
        ("\nreturn a.b.c", "attempt to index field 'b' (a nil value)", 2),
        ("\nrequire('numbers').fail()", "there is no such number", 2),
        ("require('nothing')", "module 'nothing' not found", 1),
        ("\ncoroutine.yield(1)", "attempt to yield from outside a coroutine", 2),
        ("\nlocal function deep() return 1 + deep() end return deep()", "stack overflow", 2),
    ],
)
def test_an_error_names_file_and_line(body: str, problem: str, line: int) -> None:
    """
    Whoever has to mend the script looks there first.
    """
    with pytest.raises(HookError) as caught:
        says(body, {}, state=seat(MODULES))

    assert (caught.value.problem, caught.value.file, caught.value.line) == (problem, "/etc/nacre/test.lua", line)
    assert not caught.value.limit


def test_what_is_no_lua_is_an_error_with_its_line() -> None:
    """
    It is found when the script is read, before any login meets it.
    """
    with pytest.raises(HookError, match=r"test\.lua:2: unexpected symbol near '='"):
        seat().check(script("x = 1\ny = = 2"))


def test_bytecode_is_not_taken() -> None:
    """
    Nobody checks bytecode: made by hand, it reads and writes any memory of the process.
    """
    with pytest.raises(HookError, match="no bytecode"):
        seat().check(script("\x1bLua"))

    assert says(r"return loadstring('\27Lua')") == [None, "only source text is taken, no bytecode"]


@pytest.mark.parametrize("prepares", [False, True])
def test_modules_are_found_by_require_and_copied_for_each_run(*, prepares: bool) -> None:
    """
    A script that changes a module changes its own copy, be that made beforehand or as it asks.
    """
    state = seat(MODULES)
    for _ in range(3):
        says("local n = require('numbers'); n.pair = nil; n.constants.ZERO = 9", state=state)
        if prepares:
            state.prepare()

    found = says(
        "dynamic_loader('numbers') local n = require('numbers') local x, y = n.pair() "
        "return x, y, n.constants.ZERO, n == require('numbers'), type(n.pair)",
        state=state,
    )

    assert found == [1, 2.5, 0, True, "function"]


def test_what_a_function_of_ours_raises_can_be_caught_by_the_script() -> None:
    """
    It is an error of Lua, a text with the place of the call; no object of Python comes with it.
    """
    found = says(
        "local n = require('numbers') local ok, why = pcall(n.fail) return ok, type(why), why", state=seat(MODULES)
    )

    assert found == [False, "string", "there is no such number"]


def test_functions_see_who_asks() -> None:
    """
    One state serves many requests; the audit log names the right one.
    """
    state = seat(MODULES)

    found = [
        lua("function main() return require('numbers').who() end", state=state, call=Call("t", "hook", who=who))
        for who in "ab"
    ]

    assert found == [["a"], ["b"]]


async def test_a_script_waits_for_work_of_the_service() -> None:
    """
    What modules do to the network or the store is done on the event loop, while the script waits in its thread.
    """
    state = State(MODULES, loop=asyncio.get_running_loop())

    assert await asyncio.to_thread(says, "return require('numbers').wait()", state=state) == ["later"]


async def test_nothing_is_waited_for_beyond_the_deadline() -> None:
    """
    A login that waits for a script waits no longer than the settings say.
    """
    state = State(
        {"slow": lambda seat: {"wait": lambda: seat.wait(asyncio.Event().wait())}}, loop=asyncio.get_running_loop()
    )
    call = Call("test", "hook", deadline=0.0)

    with pytest.raises(HookError, match="did not answer in time"):
        await asyncio.to_thread(lua, "function main() require('slow').wait() end", state=state, call=call)


def test_a_script_that_outlives_the_service_is_told_so() -> None:
    """
    It may run on in its thread while the service ends; what it asked for is not left behind half begun.
    """
    loop = asyncio.new_event_loop()
    loop.close()
    state = State({"slow": lambda seat: {"wait": lambda: seat.wait(asyncio.sleep(0))}}, loop=loop)

    with pytest.raises(HookError, match="there is no service to ask"):
        lua("function main() require('slow').wait() end", state=state, call=Call("test", "hook"))


def test_the_environment_is_a_list_of_what_may_be_seen() -> None:
    """
    Secrets of the service stand in its environment.
    """
    state = State({}, environment={"LANG": "C"})

    found = says("return os.getenv('LANG'), os.environ('LANG'), tostring(os.getenv('HOME'))", state=state)

    assert found == ["C", "C", "nil"]


@pytest.mark.parametrize(
    "gone",
    [
        *("os.execute", "os.remove", "os.rename", "os.exit", "os.tmpname", "os.setlocale", "io.popen", "io.lines"),
        *("string.dump", "package.loadlib", "debug.sethook", "debug.getregistry", "debug.getupvalue"),
        *("newproxy", "python", "dofile", "loadfile", "debug.getmetatable", "package.loaders"),
    ],
)
def test_what_reaches_beyond_the_state_is_not_there(gone: str) -> None:
    """
    Files, processes, other states and the insides of this one are no business of a script.
    """
    assert says(f"return tostring({gone})") == ["nil"]


@pytest.mark.parametrize(
    "body",
    [
        "setfenv(0, {}) return 1",
        "setfenv(print, {}) return 1",
        "setfenv(require, {}) return 1",
        "setmetatable('', {}) return 1",
        "io.open('/etc/passwd'):read() return 1",
        "collectgarbage('stop') error('went on')",
        "getmetatable('').__index.len = nil; return ('x').len('x').y",
    ],
)
def test_tricks_end_in_an_error(body: str) -> None:
    """
    The sandbox is made of functions of Lua: what they stand on cannot be changed from within.
    """
    with pytest.raises(HookError):
        says(body)


def test_the_real_globals_are_never_handed_out() -> None:
    """
    Functions of the host have them as their environment; what is put there would be seen by every other script.
    """
    found = says(
        "return getfenv(print) == _G, getfenv(0) == _G, getfenv(require) == _G, getfenv(1) == _G, getfenv() == _G"
    )

    assert found == [True] * 5


def test_strings_of_one_run_are_not_changed_by_another() -> None:
    """
    All strings of a state share one table of methods.
    """
    state = seat()
    says("getmetatable('').__index.upper = function() return 'taken' end", state=state)

    assert says("return ('x'):upper(), string.upper('y')", state=state) == ["X", "Y"]


def test_a_state_is_replaced_before_failures_wear_it_out() -> None:
    """
    A run that failed leaves its coroutine behind, for objects of Python hold on to it.
    """
    state = seat(limits=Limits())

    for _ in range(64):
        assert not state.spent
        with pytest.raises(HookError):
            says("error('x')", state=state)

    assert state.spent
