# SPDX-License-Identifier: Apache-2.0
"""A script: its name, where it came from, its text."""

from __future__ import annotations

from hashlib import sha256
from typing import NamedTuple


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
