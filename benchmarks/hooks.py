# SPDX-License-Identifier: Apache-2.0
"""
What scripts cost: ``python -m benchmarks.hooks``; on uvloop like the service or, with ``--asyncio``, on that of Python.

A feature with three module calls before each check, and a thousand hook calls at a time beside an event loop whose lag
is measured.  On a machine that does other things, ``nice -n -19`` helps.  A real-time policy does not: its scheduler
moves the loop to another CPU whenever it wakes up beside a script, and what it had in its caches is left behind.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from nacre.attempt import AttemptFields
from nacre.config.lua import CustomHook, Lua, LuaConfig, LuaScript
from nacre.config.tree import Settings
from nacre.hooks.call import Call, HttpRequest
from nacre.hooks.request import request_of
from nacre.logs import configure_logs
from nacre.service import Guard

FEATURE = """
local util = require("nauthilus_util")
local context = require("nauthilus_context")
local http = require("nauthilus_http_request")
function nauthilus_call_feature(request)
  context.context_set("rt", request.client_ip)
  local seen = context.context_get("rt")
  local agent = http.get_http_request_header("User-Agent")
  return nauthilus_builtin.FEATURE_TRIGGER_NO, nauthilus_builtin.FEATURES_ABORT_NO, nauthilus_builtin.FEATURE_RESULT_OK
end
"""
HOOK = """
local http = require("nauthilus_http_request")
function nauthilus_run_hook(logging, session)
  local sum = 0
  for n = 1, 2000 do sum = sum + n % 7 end
  return {status = "success", message = "done", sum = sum, name = http.get_http_query_param("name")}
end
"""
CHECKS, ROUNDS, CALLS = 150, 20, 1000
TICK = 0.002


async def main() -> None:
    """Measure, and print."""
    configure_logs("error")
    place = Path(tempfile.mkdtemp())
    (place / "feature.lua").write_text(FEATURE)
    (place / "hook.lua").write_text(HOOK)
    hook = CustomHook(http_location="bench", script_path=str(place / "hook.lua"))
    feature = LuaScript(name="bench", script_path=str(place / "feature.lua"))
    plain = Settings(lua=Lua(own_hooks=False))
    busy = Settings(lua=Lua(features=(feature,), custom_hooks=(hook,), own_hooks=False, config=LuaConfig()))
    async with Guard.open(plain, data_dir=place / "data", watch=False) as guard:
        await _added(guard, plain, busy)
        print(f"the run itself           {_run_alone(guard) * 1e6:8.0f} us of processor time")
        await _hooks(guard)


async def _added(guard: Guard, plain: Settings, busy: Settings) -> None:
    """Print what a check takes without and with the feature, in rounds in which the machine does little else."""
    without, took = [], []
    for _ in range(ROUNDS):  # in turns: what else the machine does meets both alike
        guard.reload(plain)
        without.append(await _checks(guard))
        guard.reload(busy)
        took.append(await _checks(guard))
    before, after = (statistics.quantiles(medians)[0] * 1e6 for medians in (without, took))
    print(f"check without a script   {before:8.0f} us (lower quartile of {ROUNDS} medians)")
    print(f"check with a feature     {after:8.0f} us")
    print(f"added                    {after - before:8.0f} us")


async def _checks(guard: Guard) -> float:
    """Return the median time of a check."""
    times = []
    for number in range(CHECKS):
        fields = AttemptFields(client_ip=f"192.0.2.{number % 250}", username=f"user{number}")
        began = time.perf_counter()
        await guard.check(fields)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _run_alone(guard: Guard) -> float:
    """Return the processor time of one run of the feature, the best of five."""
    assert guard.hooks is not None  # noqa: S101  this guard runs scripts
    state, script = guard.hooks.make_state(), guard.hooks.shelf.book.features[0]
    request = request_of(guard.admit(AttemptFields(client_ip="192.0.2.1", username="erika")))
    best = 1.0
    for _ in range(5):
        began = time.thread_time()
        for _ in range(500):
            state.run(script, "nauthilus_call_feature", request, call=Call("bench", "feature"))
        best = min(best, (time.thread_time() - began) / 500)
    return best


async def _hooks(guard: Guard) -> None:
    """Call a hook a thousand times at once, and see how late the loop's own timers are meanwhile."""
    hooks = guard.hooks
    assert hooks is not None  # noqa: S101  this guard runs scripts
    hook = hooks.hook("bench", "GET")
    assert hook is not None  # noqa: S101  it was named above
    idle = await _lags(asyncio.sleep(0.5))
    began = time.perf_counter()
    request = HttpRequest(method="GET", query={"name": "erika"})
    work = asyncio.gather(*(hooks.answer(hook, request, session="s", who="bench") for _ in range(CALLS)))
    lags = await _lags(work)
    took = time.perf_counter() - began
    print(f"{CALLS} hook calls at once took {took * 1000:.0f} ms: {CALLS / took:.0f} a second")
    for name, seen in (("idle", idle), ("meanwhile", lags)):
        ordered = sorted(seen)
        print(
            f"lag of the event loop, {name:9} median {statistics.median(ordered) * 1000:5.2f} ms, "
            f"99 % {ordered[int(len(ordered) * 0.99)] * 1000:5.2f} ms, most {ordered[-1] * 1000:5.2f} ms"
        )


async def _lags(work: object) -> list[float]:
    """Return by how much timers of the loop were late while work was done."""
    done = asyncio.ensure_future(work)  # type: ignore[call-overload]
    lags = []
    while not done.done():
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        lags.append(time.perf_counter() - began - TICK)
    await done
    return lags


if __name__ == "__main__":
    run = asyncio.run if "--asyncio" in sys.argv else uvloop.run
    run(main())
