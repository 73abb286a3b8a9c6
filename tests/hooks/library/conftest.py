# SPDX-License-Identifier: Apache-2.0
"""Chunks of Lua for tests of modules."""

from __future__ import annotations

from typing import Any, Protocol

import pytest

from nacre.config.lua import Lua as LuaSettings
from nacre.hooks.call import Call, OpenModule
from nacre.hooks.script import Script
from nacre.hooks.shelf import Shelf
from nacre.hooks.state import State


class Lua(Protocol):
    """
    Runs a chunk with some modules, in a state of its own, and returns what it returns.

    One result is returned as it is, several are a tuple: ``lua("return require('json').encode({})", json=open_json)``.
    """

    def __call__(self, source: str, call: Call | None = None, /, **modules: OpenModule) -> Any:
        """Run a chunk."""


@pytest.fixture
def lua() -> Lua:
    """Run chunks in this thread; nothing here waits for the service."""
    shelf = Shelf(LuaSettings())

    def run(source: str, call: Call | None = None, /, **modules: OpenModule) -> Any:
        state = State(modules, source=shelf)
        script = Script.of("test", "test.lua", f"function test() {source}\nend".encode())
        results = state.run(script, "test", call=call or Call("test", "hook", session="s"))
        return results[0] if results and len(results) == 1 else tuple(results or ()) or None

    return run
