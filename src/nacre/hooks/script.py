# SPDX-License-Identifier: Apache-2.0
"""A script: its name, where it came from, its text."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import NamedTuple

from nacre.errors import HookError

_OURS = re.compile(r"^nacre:\d+: ")
_THEIRS = re.compile(r"^([^\n:]{1,60}):(\d+): (.*)$", re.DOTALL)
_TOLD = 1000
"""Characters of what a script raises that are told."""


class Script(NamedTuple):
    """
    One script.

    Attributes:
        name: In logs, errors and metrics: as the settings have it.
        file: Where its text came from.
        source: The text.
        digest: SHA-256 of the text.
    """

    name: str
    file: str
    source: bytes
    digest: bytes

    @classmethod
    def of(cls, name: str, file: str, source: bytes) -> Script:
        """Return a script with a text."""
        return cls(name, file, source, sha256(source).digest())

    @property
    def chunk(self) -> str:
        """
        What Lua calls its lines by: the name of the file.

        >>> Script.of("geo", "/etc/nacre/geo.lua", b"return 1").chunk
        'geo.lua'
        """
        return chunk_name(self.file)

    def error(self, why: str, *, limit: bool = False, file: str = "", line: int = 0) -> HookError:
        """
        Return the error of a run; the line that its text names comes before what is known besides.

        Args:
            why: What Lua says.
            limit: Whether a limit was hit.
            file: What Lua calls the lines of the file in which the run was, ``""`` for those of the script itself.
            line: In that file, 0 if it is not known.

        >>> str(Script.of("geo", "/etc/nacre/geo.lua", b"").error("geo.lua:7: no such place"))
        "script 'geo': /etc/nacre/geo.lua:7: no such place"
        """
        why = _OURS.sub("", why)[:_TOLD]
        named = _THEIRS.match(why)
        if named:
            file, line, why = named[1], int(named[2]), named[3]
        return HookError(self.name, why, file=self.file if file in ("", self.chunk) else file, line=line, limit=limit)


def chunk_name(file: str) -> str:
    """
    Return what Lua calls the lines of a file by.

    >>> chunk_name("/etc/nacre/plugins/a name that is too long for lua to print it as a whole.lua")
    '...is too long for lua to print it as a whole.lua'
    """
    name = file.rpartition("/")[2] or "script"
    return name if len(name) <= _SHOWN else f"...{name[3 - _SHOWN :]}"


_SHOWN = 49
"""Lua cuts the names of chunks off at 60 characters."""
