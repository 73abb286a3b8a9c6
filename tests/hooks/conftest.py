# SPDX-License-Identifier: Apache-2.0
"""States of Lua for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import pytest

from nacre.hooks.call import Call, OpenModule, Value
from nacre.hooks.limits import Limits
from nacre.hooks.script import Script
from nacre.hooks.state import State

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
