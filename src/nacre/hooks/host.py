# SPDX-License-Identifier: Apache-2.0
"""
Runs operators' scripts for one process, and answers the hooks that are called over HTTP.

What a login waits for, what follows it, and hooks have threads of their own: a slow mail server never holds a
login up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import partial

import structlog

from nacre.config.lua import Lua
from nacre.errors import HookError, HooksBusy
from nacre.hook_metrics import HookMetrics
from nacre.hooks.call import Call, HttpRequest, OpenModule, Value
from nacre.hooks.lane import Lane
from nacre.hooks.limits import Limits
from nacre.hooks.script import Script
from nacre.hooks.shelf import Hook, Shelf
from nacre.hooks.state import State

log = structlog.get_logger(__name__)

_HOOK = "nauthilus_run_hook"
_LOOK_EVERY = 1.0


class Host:
    """
    Runs scripts for one process.

    Args:
        settings: Which scripts, and how much they may take.
        modules: What ``require`` finds, by name.
        metrics: Counts runs.
        log_level: What scripts are told of the service's.
        environment: Variables of the process; scripts are told those that the settings name.

    Attributes:
        settings: As given.
        shelf: The scripts.
        metrics: As given.
        log_level: As given.

    Raises:
        SettingsError: a script cannot be read, or is no Lua.
    """

    def __init__(
        self,
        settings: Lua,
        *,
        modules: Mapping[str, OpenModule],
        metrics: HookMetrics,
        log_level: str = "info",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.settings = settings
        self.shelf = Shelf(settings)
        self._modules = modules
        self.metrics = metrics
        self.log_level = log_level
        self._environment = environment or {}
        self._lanes: dict[str, Lane] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None

    # -- life

    def reload(self, settings: Lua) -> None:
        """
        Take over new settings; runs that have begun go on with the old ones.

        The number of threads and what one state may hold stay as they were until a restart.

        Raises:
            SettingsError: a script cannot be read, or is no Lua.  The old ones stay.
        """
        self.shelf.reload(settings)
        self.settings = settings

    async def start(self) -> None:
        """Run the scripts that run at the start, one after the other; one that fails is logged."""
        seconds = float(self.settings.config.limits.hook_time)
        for script in self.shelf.book.inits:
            call = Call(script.name, "init", session=f"init-{script.name}", deadline=time.monotonic() + seconds)
            try:
                await self.lane("hooks").run(partial(self._hook, script=script, call=call), seconds)
            except (HookError, HooksBusy) as error:
                log.error("lua_init_failed", script=script.name, error=str(error))  # noqa: TRY400  the text says it
        self._looking = asyncio.create_task(self._look(), name="nacre-lua-files")

    async def _look(self) -> None:
        """Read files again that changed."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                await asyncio.to_thread(self.shelf.refresh)
            except Exception:
                log.exception("lua_look_failed")

    async def stop(self) -> None:
        """End; what waits is left undone."""
        if self._looking is not None:
            self._looking.cancel()
        for lane in self._lanes.values():
            await lane.stop()

    async def settle(self) -> None:
        """Wait until every script that was begun has ended."""
        for lane in list(self._lanes.values()):
            await lane.settle()

    # -- hooks

    def hook(self, location: str, method: str) -> Hook | None:
        """Return the hook at a location, ``None`` if there is none for the method."""
        return self.shelf.book.hooks.get(location, {}).get(method)

    async def answer(self, hook: Hook, http: HttpRequest, *, session: str, who: str) -> tuple[Value, Call]:
        """
        Run a hook.

        Returns:
            What it returned, and what it left behind: status, headers and body, if it set them.

        Raises:
            HookError: it failed.
            HooksBusy: no thread is free, and there is no room to wait for one.
        """
        seconds = float(self.settings.config.limits.hook_time)
        deadline = time.monotonic() + seconds

        def work(state: State) -> tuple[Value, Call]:
            call = Call(hook.script.name, "hook", session=session, who=who, http=http, deadline=deadline)
            return self._hook(state, hook.script, call), call

        return await self.lane("hooks").run(work, seconds)

    def _hook(self, state: State, script: Script, call: Call) -> Value:
        logging = {"log_format": "json", "log_level": self.log_level}
        return self.run(state, script, _HOOK, logging, call.session, call=call, results=1)[0]

    def run(
        self,
        state: State,
        script: Script,
        entry: str,
        *arguments: object,
        call: Call,
        results: int,
        first: str = "",
    ) -> list[Value]:
        """
        Run a script in a thread of a lane, and count the run.

        Args:
            state: The state of the thread.
            script: The script.
            entry: The function to call.
            arguments: What it is handed.
            call: What the modules see.
            results: How many are wanted; ``None`` stands for those that are missing.
            first: A function that is called before it, if the script defines it.

        Raises:
            HookError: it failed, or defines none of the functions.
        """
        began = time.perf_counter()
        outcome = "failed"
        try:
            found = _found(state.run(script, entry, *arguments, call=call, first=first), script, entry)
            outcome = "done"
        except HookError as error:
            outcome = "limit" if error.limit else "failed"
            raise
        finally:
            self.metrics.add(script.name, outcome, time.perf_counter() - began)
        return [*found, *[None] * results][:results]

    def lane(self, name: str) -> Lane:
        """Return the threads of ``logins``, ``actions`` or ``hooks``."""
        lane = self._lanes.get(name)
        if lane is None:
            shared = self.settings.config
            self._loop = asyncio.get_running_loop()
            threads = {
                "logins": shared.number_of_workers,
                "actions": shared.action_number_of_workers,
                "hooks": shared.hook_number_of_workers,
            }
            lane = self._lanes[name] = Lane(name, threads=threads[name], room=shared.limits.queue, make=self.make_state)
        return lane

    def make_state(self) -> State:
        """Return a state with all modules; called in the thread that uses it."""
        shared = self.settings.config
        limits = shared.limits
        return State(
            self._modules,
            limits=Limits(limits.memory_bytes, float(limits.compute), limits.output_bytes),
            loop=self._loop,
            source=self.shelf,
            environment={name: self._environment[name] for name in shared.environment if name in self._environment},
        )


def _found(results: list[Value] | None, script: Script, entry: str) -> list[Value]:
    if results is None:
        raise HookError(script.name, f"it defines no function {entry}", file=script.file)
    return results
