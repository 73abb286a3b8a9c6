# SPDX-License-Identifier: Apache-2.0
"""States of Lua for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from builders import MakeGuard
from seats import TELL, MakeHost

from nacre.config.lua import ActionType, Lua, LuaAction, LuaConfig, LuaScript
from nacre.config.tree import BruteForce, Settings
from nacre.hooks.call import Call, OpenModule, Value
from nacre.hooks.limits import Limits
from nacre.hooks.script import Script
from nacre.hooks.state import State
from nacre.service import Guard

RunLua = Callable[..., Awaitable[list[Value] | None]]


@pytest.fixture
async def run_lua() -> RunLua:
    """
    Run a text as the body of a function, in a state of its own and in a thread, and return its results, plain.

    ``await run_lua('return require("json").encode({1})', modules={"json": open_json})``; ``call=`` is what the modules
    see of the run.  Coroutines that they wait for run on the test's loop.
    """

    async def run(
        source: str, *, modules: Mapping[str, OpenModule] | None = None, call: Call | None = None, **limits: float
    ) -> list[Value] | None:
        loop = asyncio.get_running_loop()
        script = Script.of("test", "test.lua", f"function test(...) {source}\nend".encode())

        def work() -> list[Value] | None:
            state = State(modules or {}, limits=Limits(**limits), loop=loop)  # type: ignore[arg-type]
            return state.run(script, "test", call=call or Call("test", "hook"))

        return await asyncio.to_thread(work)

    return run


@pytest.fixture
def guard_with(make_guard: MakeGuard, tmp_path: Path) -> MakeHost:
    """Open a guard with scripts: ``features={"name": "text"}``, ``filters=``, ``actions={"post": "text"}``."""

    def write(name: str, text: str) -> str:
        path = tmp_path / f"{name}.lua"
        path.write_text(text)
        return str(path)

    async def make(
        features: Mapping[str, str] | None = None,
        filters: Mapping[str, str] | None = None,
        actions: Mapping[str, str] | None = None,
        config: LuaConfig | None = None,
        **rules: object,
    ) -> Guard:
        lua = Lua(
            features=tuple(
                LuaScript(name=name, script_path=write(name, text)) for name, text in (features or {}).items()
            ),
            filters=tuple(
                LuaScript(name=name, script_path=write(name, text)) for name, text in (filters or {}).items()
            ),
            actions=tuple(
                LuaAction(type=ActionType(kind), name=kind, script_path=write(kind, TELL + text))
                for kind, text in (actions or {}).items()
            ),
            config=config or LuaConfig(),
        )
        return await make_guard(settings=Settings(lua=lua, brute_force=BruteForce(**rules)))  # type: ignore[arg-type]

    return make
