# SPDX-License-Identifier: Apache-2.0
"""Modules as files."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import write
from seats import says

from nacre.hooks.library.util import util_module
from nacre.hooks.source import KEEPS_NOTHING, Modules, Nowhere, Source
from nacre.hooks.state import State


class Texts:
    """Modules written in Lua, and how often they were looked for."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.version = self.looks = 0

    def find(self, name: str) -> tuple[bytes, str] | None:
        """Return the text of a module."""
        self.looks += 1
        text = self.texts.get(name)
        return (text.encode(), f"@{name}.lua") if text is not None else None


def test_modules_are_looked_for_along_the_path(tmp_path: Path) -> None:
    """
    As `package.path` has it: the first pattern that leads to a file.
    """
    (tmp_path / "deep").mkdir()
    write(tmp_path / "shared.lua", "return 1")
    write(tmp_path / "deep" / "inner.lua", "return 2")
    modules = Modules(f"/nowhere/?.lua;{tmp_path}/?.lua")

    assert modules.find("shared") == (b"return 1", "@shared.lua")
    assert modules.find("deep.inner") == (b"return 2", "@inner.lua")
    assert modules.find("missing") is None


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "", "a..b", "a\0b"])
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    """
    What a script requires may come from a request.
    """
    write(tmp_path / "secret.lua", "return 1")
    (tmp_path / "a").mkdir()
    write(tmp_path / "a" / "b.lua", "return 1")

    assert Modules(f"{tmp_path}/a/?.lua;{tmp_path}/?.lua").find(name) is None


def test_a_module_that_changed_or_came_is_found_after_a_look(tmp_path: Path) -> None:
    """
    The files are looked at once a second, and not with each login.
    """
    modules = Modules(f"{tmp_path}/?.lua")
    assert modules.find("late") is None
    path = tmp_path / "late.lua"

    write(path, "return 1")
    before = modules.find("late")
    modules.refresh()
    first = modules.find("late")
    versions = [modules.version]
    modules.refresh()
    versions.append(modules.version)
    write(path, "return 2")
    modules.refresh()
    versions.append(modules.version)

    assert before is None
    assert versions[0] == versions[1] != versions[2]
    assert first == (b"return 1", "@late.lua")
    assert modules.find("late") == (b"return 2", "@late.lua")


def test_where_no_modules_are_none_is_found() -> None:
    """
    A script is checked without a service.
    """
    nowhere: Source = Nowhere()

    assert nowhere.find("nauthilus_util") is None


def test_our_own_modules_come_last(tmp_path: Path) -> None:
    """
    Scripts of Nauthilus bring a module of that name; theirs is another text, and may keep something.
    """
    ours = Modules("").find("nauthilus_util")
    write(tmp_path / "nauthilus_util.lua", "return {}")

    assert ours == (KEEPS_NOTHING, "@nauthilus_util.lua")
    assert Modules(f"{tmp_path}/?.lua").find("nauthilus_util") == (b"return {}", "@nauthilus_util.lua")


def test_modules_written_in_lua_are_found_and_run_in_the_globals_of_the_run() -> None:
    """
    What plug-ins share lies in files of its own; the functions there see the globals of the script.
    """
    state = State({}, source=Texts(shared="local m = {} function m.twice(x) return 2 * x + (offset or 0) end return m"))
    body = "offset = 1; return require('shared').twice(4)"

    assert says(body, state=state) == [9]
    assert says("return require('shared').twice(4)", state=state) == [8]


def test_a_module_is_looked_for_again_when_it_may_have_changed() -> None:
    """
    To ask each time cost as much as to run it.
    """
    texts = Texts(shared="return {says = 'before'}")
    state = State({}, source=texts)
    body = "return require('shared').says"
    before = [says(body, state=state), says(body, state=state)]
    looks = texts.looks

    texts.texts["shared"] = "return {says = 'after'}"
    kept = says(body, state=state)
    texts.version += 1

    assert before == [["before"], ["before"]]
    assert (looks, kept) == (1, ["before"])
    assert says(body, state=state) == ["after"]


def test_a_module_that_keeps_nothing_runs_once_and_is_nobodys() -> None:
    """
    Most scripts require it: each gets a table of its own, of functions that none of them can change.
    """
    state = State({"nacre_util": util_module()}, source=Modules(""))
    spoil = """
        local util = require("nauthilus_util")
        string.lower = function() return "false" end
        pairs = nil
        local changed = pcall(setfenv, util.toboolean, {})
        local reached = getfenv(util.toboolean) == _G
        util.is_string = nil
        package.loaded.nauthilus_util = nil
        require("nacre_util").timestamp = nil
        local again = require("nauthilus_util")
        return changed, reached, util.table_length({1, 2}), util.toboolean("true"), again.is_string(1)
    """

    assert says(spoil, state=state) == [False, True, 2, True, False]
    assert says("return require('nauthilus_util').toboolean('true'), string.lower('A')", state=state) == [True, "a"]


def test_what_a_module_that_is_shared_needs_comes_from_us() -> None:
    """
    The first script that requires it must not hand its own functions to all others.
    """
    state = State({"nacre_util": util_module()}, source=Modules(""))
    first = """
        package.preload.nacre_util = function() return {is_routable_ip = function() return "from another run" end} end
        package.loaded.nacre_util = package.preload.nacre_util()
        package.preload.nauthilus_util = nil
        require("nauthilus_util")
        require("nacre_util").is_routable_ip = package.preload.nacre_util().is_routable_ip
    """
    says(first, state=state)

    assert says("return require('nauthilus_util').is_routable_ip('8.8.8.8')", state=state) == [True]
