# SPDX-License-Identifier: Apache-2.0
"""Scripts in Lua, run by the host of a guard with all of its modules."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from nacre.hooks.call import Call, Value
from nacre.hooks.script import Script
from nacre.hooks.state import State
from nacre.service import Guard

_ENTRY = "run_in_test"
_KNOWN = "".join(f"local {name} = require('{name}')\n" for name in ("nauthilus_neural", "nauthilus_brute_force"))
_SECONDS = 60.0

Result = TypeVar("Result")


def write(path: Path, text: str) -> str:
    """Write a file so that its stamp changes, and return its path."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_text(text)
    if path.stat().st_mtime_ns == before:
        os.utime(path, ns=(before + 1_000_000, before + 1_000_000))
    return str(path)


class Scripts:
    """
    Runs scripts against a guard.

    Attributes:
        call: Of the last run.
    """

    def __init__(self, guard: Guard) -> None:
        assert guard.hooks is not None
        self._host = guard.hooks
        self.call = Call("test", "hook")

    async def __call__(
        self, source: str, call: Call | None = None, request: Mapping[str, Value] | None = None
    ) -> list[Value]:
        """
        Run the body of a function, and return its results.

        Raises:
            HookError: the script raised an error or hit a limit.
        """
        self.call = run = call or Call("test", "hook")
        script = Script.of("test", "test.lua", f"{_KNOWN}\nfunction {_ENTRY}(request)\n{source}\nend".encode())
        return await self.in_thread(lambda state: state.run(script, _ENTRY, request or {}, call=run)) or []

    async def in_thread(self, work: Callable[[State], Result]) -> Result:
        """Do something with a state of the host, in its thread."""
        done: Result = await self._host.lane("hooks").run(work, _SECONDS)
        return done

    async def functions(self, module: str) -> set[str]:
        """Return the names of a module's functions."""
        names = await self(
            f"local names = {{}} for name in pairs(require('{module}')) do names[#names + 1] = name end return names"
        )
        assert isinstance(names[0], list)
        return {str(name) for name in names[0]}
