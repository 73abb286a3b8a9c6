# SPDX-License-Identifier: Apache-2.0
"""Where modules that are written in Lua come from."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

from nacre.hooks.script import chunk_name

_OURS = Path(__file__).with_name("lua")
_FIXED = (
    *("/usr/local/share/nauthilus/lua/?.lua", "/usr/share/nauthilus/lua/?.lua", "/usr/app/lua-plugins.d/share/?.lua"),
)
"""Where Nauthilus looks for modules before its settings say so."""
_LARGEST = 4 * 2**20
_MODULE = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*")
_KEPT = 1000

KEEPS_NOTHING = (_OURS / "nauthilus_util.lua").read_bytes()
"""Text of a module of ours that most scripts require; its functions remember nothing from one call to the next."""


class Source(Protocol):
    """Finds modules that are written in Lua."""

    @property
    def version(self) -> int:
        """Of what :meth:`find` says: it may say something else under another version only."""

    def find(self, name: str) -> tuple[bytes, str] | None:
        """Return text and chunk name of a module, ``None`` if there is none of that name."""


class Nowhere:
    """Finds none."""

    version = 0

    def find(self, _name: str) -> None:
        """Find none."""


class Modules:
    """
    Finds modules that are written in Lua.

    Args:
        path: Patterns with ``?`` for the name, ``;`` between them.
        version: The first.

    Attributes:
        version: Another one after what was found may have changed.
    """

    def __init__(self, path: str, *, version: int = 0) -> None:
        self.version = version
        own = str(_OURS / "?.lua")
        self._patterns = [pattern for pattern in (*path.split(";"), *_FIXED, own) if pattern.strip()]
        self._known: dict[str, tuple[str, tuple[int, int, int], bytes] | None] = {}

    def find(self, name: str) -> tuple[bytes, str] | None:
        """Return text and chunk name of a module, ``None`` if there is none of that name."""
        known = self._known  # entries may go meanwhile, in another thread
        try:
            found = known[name]
        except KeyError:
            if len(known) >= _KEPT:
                known = self._known = {}
                self.version += 1
            found = known[name] = self._look(name)
        return (found[2], f"@{chunk_name(found[0])}") if found else None

    def refresh(self) -> None:
        """Forget what changed, and what was not there."""
        changed = False
        for name, found in dict(self._known).items():
            try:
                if found is None or stamp_of(found[0]) != found[1]:
                    self._known.pop(name, None)
                    changed = changed or found is not None
            except OSError:
                continue
        if changed:  # after the last of them is forgotten: who sees the new version must not find the old text
            self.version += 1

    def _look(self, name: str) -> tuple[str, tuple[int, int, int], bytes] | None:
        if not _MODULE.fullmatch(name):
            return None
        for pattern in self._patterns:
            path = pattern.strip().replace("?", name.replace(".", "/"))
            try:
                return path, stamp_of(path), text_of(path)
            except OSError:
                continue
        return None


def text_of(path: str) -> bytes:
    """
    Return what a file holds.

    Raises:
        OSError: it cannot be read, or is larger than scripts are.
    """
    with Path(path).open("rb") as file:
        text = file.read(_LARGEST + 1)
    if len(text) > _LARGEST:
        raise OSError(f"more than {_LARGEST} bytes")
    return text


def stamp_of(path: str) -> tuple[int, int, int]:
    """
    Return what is another value once a file has changed.

    Raises:
        OSError: it cannot be looked at.
    """
    status = os.stat(path)  # noqa: PTH116  once a second for each script
    return status.st_mtime_ns, status.st_size, status.st_ino
