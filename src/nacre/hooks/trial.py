# SPDX-License-Identifier: Apache-2.0
"""A look at a script without a service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from nacre.errors import HookError
from nacre.hooks.call import Call, Module, OpenModule, Seat
from nacre.hooks.script import Script
from nacre.hooks.source import Modules
from nacre.hooks.state import State

ENTRIES = {
    "feature": ("nauthilus_call_feature", "nauthilus_call_neural_network"),
    "filter": ("nauthilus_call_filter",),
    "action": ("nauthilus_call_action",),
    "hook": ("nauthilus_run_hook",),
}
"""What a script can be used as, and the functions that it needs one of; a hook may run at the start, too."""

_PROBE = b"""
function probe(names)
  local found = {}
  for _, name in ipairs(names) do found[#found + 1] = type(rawget(_G, name)) == "function" and name or nil end
  return found
end
"""


class Trial(NamedTuple):
    """
    What a script is.

    Attributes:
        kinds: What it can be used as.
        requires: Names of the modules that it asked for.
        problem: What is wrong with it, ``""`` if nothing is.
    """

    kinds: list[str]
    requires: list[str]
    problem: str

    def sentences(self) -> Iterator[str]:
        """Yield the same in words."""
        if self.problem:
            yield self.problem
            return
        yield f"It can be used as {' or '.join(self.kinds)}."
        if self.requires:
            yield f"It requires {', '.join(self.requires)}."


class _Any(dict[str, OpenModule]):
    """Every module, with nothing in it; remembers who was asked for."""

    def __init__(self, own: Modules) -> None:
        super().__init__()
        self.asked: list[str] = []
        self._own = own

    def get(self, name: str, default: object = None) -> OpenModule | None:  # type: ignore[override]
        """Return an empty module under any name."""
        del default
        if name not in self.asked:
            self.asked.append(name)
        return None if self._own.find(name) else _open_nothing


def _open_nothing(seat: Seat) -> Module:
    del seat
    return {}


def trial(file: str, source: bytes) -> Trial:
    """
    Compile a script and run the text around its functions; modules are there and empty.

    Args:
        file: Where the text came from; modules in Lua are looked for beside it.
        source: The text.

    >>> trial("geo.lua", b"local json = require('json') function nauthilus_call_feature(request) end")
    Trial(kinds=['feature'], requires=['json'], problem='')
    >>> trial("geo.lua", b"x = = 1").problem
    "script 'geo.lua': geo.lua:1: unexpected symbol near '='"
    """
    own = Modules(f"{file.rpartition('/')[0] or '.'}/?.lua")
    modules = _Any(own)
    state = State(modules, source=own)
    script = Script.of(file.rpartition("/")[2], file, source)
    call = Call(script.name, "init")
    names = [name for entries in ENTRIES.values() for name in entries]
    try:
        state.check(script)
        probing = script._replace(source=source + b"\n" + _PROBE, digest=b"probe")
        found = state.run(probing, "probe", names, call=call)
    except HookError as error:
        return Trial([], modules.asked, str(error))
    known = found[0] if found and isinstance(found[0], list) else []
    kinds = [kind for kind, entries in ENTRIES.items() if any(entry in known for entry in entries)]
    problem = "" if kinds else f"script {script.name!r}: {file}: it defines none of the functions that are called"
    return Trial(kinds, modules.asked, problem)
