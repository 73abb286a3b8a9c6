# SPDX-License-Identifier: Apache-2.0
"""
A state of Lua in which scripts run one after the other, each with globals of its own.

The sandbox is written in Lua (``prelude/``): what scripts see, how they are watched, how they are run.  Here is the
side of Python: the functions that modules offer, the clock, errors.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import structlog
from lupa import lua51

from nacre.errors import HookError
from nacre.hooks.builtins import builtins
from nacre.hooks.call import Call, OpenModule, Value
from nacre.hooks.calling import as_lua_calls
from nacre.hooks.limits import Limits
from nacre.hooks.request import OFTEN, UNKNOWN, Request
from nacre.hooks.script import Script
from nacre.hooks.source import KEEPS_NOTHING, Nowhere, Source
from nacre.hooks.values import ENCODING, TooLarge, Values, text_out

Result = TypeVar("Result")

log = structlog.get_logger(__name__)

_PRELUDE = Path(__file__).with_name("prelude")
_SOURCES = {name: (_PRELUDE / f"{name}.lua").read_bytes() for name in ("watch", "patterns", "bounded", "scope", "seat")}
_UNUSED = (
    *("python", "newproxy", "io", "os", "debug", "package", "require", "module", "dofile", "loadfile", "load"),
    *("loadstring", "getfenv", "setfenv", "collectgarbage", "gcinfo"),
)
"""Globals of the state that nobody needs once the sandbox has what it wants of them."""

_PRINTED = 1000
"""Characters of what a script prints that are told."""
_CHUNKS = 256
_GLOBAL = ("nauthilus_backend_result",)
"""Modules that scripts find without ``require``."""
_YIELDING = frozenset({"nauthilus_util"})
"""Modules that give way to a file of that name on the package path: there, scripts of Nauthilus bring their own."""


class State:
    """
    One state; used by one thread at a time.

    Args:
        modules: What ``require`` finds, by name.
        limits: Of the state and of each run.
        loop: Where :meth:`wait` has work done; ``None`` where there is no service.
        source: Finds modules written in Lua.
        environment: What ``os.getenv`` tells.

    Attributes:
        call: The run, as far as it is not the state's.
        spent: Whether a limit was hit, or many scripts failed: the state is not to be used again.
    """

    def __init__(
        self,
        modules: Mapping[str, OpenModule],
        *,
        limits: Limits = Limits(),  # noqa: B008  a value
        loop: asyncio.AbstractEventLoop | None = None,
        source: Source = Nowhere(),  # noqa: B008  it holds nothing
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.call = Call("none", "init")
        self.spent = False
        self._modules = modules
        self._limits = limits
        self._loop = loop
        self._source = source
        self._environment = environment or {}
        self._compute: float | None = None
        self._chunks: dict[tuple[str, bytes], object] = {}
        self._lua: Any = lua51.LuaRuntime(
            encoding=ENCODING,
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            attribute_filter=_no_attributes,
            max_memory=limits.memory + limits.reserve,
        )
        self._build()

    def _build(self) -> None:
        own: Any = self._lua.globals()
        own.math.randomseed(secrets.randbits(31))
        load = own["loadstring"]

        def part(name: str, *arguments: object) -> Any:
            return load(_SOURCES[name], "=nacre")(*arguments)

        table = self._lua.table_from
        watch = part(
            "watch", table({"memory": self._limits.memory / 1024, "expired": self._expired, "worn": self._worn})
        )
        self._wrap = watch["wrap"]
        self._values = Values(
            self._lua,
            largest=self._limits.output,
            full=self._limits.memory + self._limits.reserve // 4,
            wrap=self._function,
            new_map=watch["map"],
            is_map=watch["is_map"],
        )
        strings, tables = part("bounded", watch, part("patterns", watch["weigh"]))
        run = table({})
        host = {
            name: self._function(function)
            for name, function in {
                "say": self._say,
                "getenv": lambda name: self._environment.get(str(name)),
                "native": self._native,
                "source": self._text,
            }.items()
        }
        host |= {
            "names": table(OFTEN),
            "usual": table({name: table({}) if value == {} else value for name, value in UNKNOWN.items()}),
        }
        scope = part("scope", run, watch, strings, tables, table(host))
        seat = part("seat", run, watch, *scope, table(host))
        self._compile, self._perform, self._perform_on, self._prepare = seat
        self._collect = own["collectgarbage"]
        known = {name: dict(self._modules[name](self)) for name in _GLOBAL if name in self._modules}
        run["globals"] = self._values.into({"nauthilus_builtin": builtins(self), **known})
        for name in _UNUSED:
            own[name] = None

    # -- what modules work with, see call.Seat

    def table(self, value: Value) -> object:
        """Return a plain value as Lua has it; a text stays as it is until a function hands it over."""
        return value if isinstance(value, str) else self._values.into(value)

    def plain(self, value: object) -> Value:
        """Return a value of Lua as a plain one; a text is plain already when a function is handed it."""
        return value if isinstance(value, str) else self._values.out(value)

    def wait(self, work: Coroutine[object, object, Result]) -> Result:
        """
        Run work of the service on its event loop, and return what comes of it; the script waits meanwhile.

        Raises:
            TimeoutError: it did not end before the run has to.
        """
        if self._loop is None or self._loop.is_closed():
            work.close()
            raise RuntimeError("there is no service to ask")
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            left = self.call.deadline - time.monotonic()
            return future.result(None if math.isinf(left) else max(left, 0.0))
        except TimeoutError:
            future.cancel()
            raise TimeoutError("the service did not answer in time") from None

    # -- runs

    def run(self, script: Script, entry: str, *arguments: object, call: Call, first: str = "") -> list[Value] | None:
        """
        Run a script in globals of its own, then a function that it defined there.

        Args:
            script: The script.
            entry: The function.
            arguments: Plain values, or tables that :meth:`table` made; dicts and lists become tables.
            call: What the modules see of this run.
            first: A function that is called before it with the same arguments, if the script defines it.

        Returns:
            What the function returned, plain; ``None`` if the script has neither function.

        Raises:
            HookError: the script raised an error or hit a limit.
        """
        self.call = call
        self._compute = None
        try:
            chunk = self._chunk(script)
            answer = self._answer(chunk, first or None, entry, arguments)
            if answer is None:
                return None
            if answer is True:
                return []
            if answer[0] is True:
                return [self._values.out(value) for value in answer[1:]]
        except TooLarge as error:
            raise HookError(script.name, f"what it returned: {error}", file=script.file) from None
        except lua51.LuaError as error:  # memory ran out before the script began
            self.spent = True
            raise HookError(script.name, str(error) or "not enough memory", file=script.file, limit=True) from None
        finally:
            self._tidy()
        _, why, limit, *place = answer
        self.spent = self.spent or limit
        file, line = (text_out(place[0]), int(place[1])) if len(place) > 1 and place[0] else ("", 0)
        raise script.error(text_out(why), limit=limit, file=file, line=line)

    def _answer(self, chunk: object, first: str | None, entry: str, arguments: tuple[object, ...]) -> Any:
        version, values = self._source.version, self._values
        given = arguments[0] if arguments else None
        if isinstance(given, Request):
            more = values.into(given.more) if given.more else None
            return self._perform_on(chunk, version, first, entry, *values.texts(given.often), more)
        return self._perform(chunk, version, first, entry, *[values.into(argument) for argument in arguments])

    def prepare(self) -> None:
        """Make ready what the next run needs, while nobody waits for it."""
        try:
            self._prepare()
        except lua51.LuaError:  # memory ran out
            self.spent = True

    def check(self, script: Script) -> None:
        """
        Compile a script without running it.

        Raises:
            HookError: it is no Lua.
        """
        self._chunk(script)

    def _chunk(self, script: Script) -> object:
        key = script.file, script.digest
        chunk = self._chunks.get(key)
        if chunk is None:
            made = self._compile(script.source, f"@{script.chunk}")
            if isinstance(made, tuple):
                raise script.error(text_out(made[1]))
            while len(self._chunks) >= _CHUNKS:
                del self._chunks[next(iter(self._chunks))]
            chunk = self._chunks[key] = made
        return chunk

    @property
    def memory(self) -> int:
        """Bytes that the state holds, after collecting what nothing refers to."""
        self._collect("collect")
        return int(self._lua.get_memory_used())

    def _tidy(self) -> None:
        """Let go of what the run left behind; a state that holds half of what it may without a script is spent."""
        half = self._limits.memory / 2
        if self._lua.get_memory_used() > half:
            self.spent = self.spent or self.memory > half

    def _worn(self) -> None:
        self.spent = True

    def _expired(self) -> str | None:
        if time.monotonic() > self.call.deadline:
            return "the script did not end in its time"
        now = time.thread_time()
        if self._compute is None:  # asked for the first time: that is soon enough to begin to count
            self._compute = now
        if now - self._compute > self._limits.compute:
            return f"the script computed for more than {self._limits.compute:g} s"
        return None

    # -- functions of ours for Lua

    def _function(self, function: Callable[..., object]) -> object:
        return self._wrap(as_lua_calls(function, self._values.into, lambda: self.call.script))

    def _native(self, name: object) -> object:
        if name in _YIELDING and self._source.find(str(name)):
            return None
        opener = self._modules.get(str(name))
        return self._values.into(dict(opener(self))) if opener is not None else None

    def _text(self, name: object) -> object:
        found = self._source.find(str(name))
        return (*found, found[0] == KEEPS_NOTHING) if found is not None else None

    def _say(self, text: object) -> None:
        log.info("lua_print", script=self.call.script, session=self.call.session, text=str(text)[:_PRINTED])


def _no_attributes(_owner: object, name: object, _setting: bool) -> object:  # noqa: FBT001  lupa calls it
    raise AttributeError(f"scripts reach no attribute: {str(name)[:64]}")
