# SPDX-License-Identifier: Apache-2.0
"""States of Lua, run in the thread of the test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from nacre.hooks.call import Call, OpenModule, Value
from nacre.hooks.limits import Limits
from nacre.hooks.script import Script
from nacre.hooks.state import State
from nacre.service import Guard

MakeHost = Callable[..., Awaitable[Guard]]

TELL = """
local http = require("nauthilus_cache")
local function tell(kind, request)
  http.cache_push("told", {kind = kind, user = request.username, ok = request.authenticated, feature = request.feature,
                           bucket = request.brute_force_bucket, net = request.client_net, again = request.repeating})
end
"""
"""Begins the text of an action: a function that notes what it is told, see :func:`told`."""

QUICK = Limits(memory=8 * 2**20, compute=0.2, output=2**16)
"""Limits that a test reaches soon."""


def script(source: str, name: str = "test") -> Script:
    """Return a script with a text."""
    return Script.of(name, f"/etc/nacre/{name}.lua", source.encode("utf-8", "surrogateescape"))


def seat(modules: Mapping[str, OpenModule] | None = None, limits: Limits = QUICK) -> State:
    """Return a state that is soon at its limits."""
    return State(modules or {}, limits=limits)


def lua(source: str, *arguments: object, state: State | None = None, call: Call | None = None) -> list[Value] | None:
    """Run a script that defines ``main``, and return what that returns."""
    return (state or seat()).run(script(source), "main", *arguments, call=call or Call("test", "hook"))


def says(body: str, *arguments: object, state: State | None = None) -> list[Value]:
    """Run the body of a function with the parameters a and b, and return its results."""
    found = lua(f"function main(a, b) {body}\nend", *arguments, state=state)
    assert found is not None
    return found


async def told(guard: Guard) -> list[dict[str, object]]:
    """Return what actions pushed, once all have run."""
    assert guard.hooks is not None
    await guard.hooks.settle()
    state = guard.hooks.make_state()
    found = state.run(
        script("function main() return require('nauthilus_cache').cache_get('told') or {} end"),
        "main",
        call=Call("test", "hook"),
    )
    assert found is not None
    return found[0]  # type: ignore[return-value]
