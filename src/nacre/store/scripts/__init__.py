# SPDX-License-Identifier: Apache-2.0
"""The Lua that runs inside the store, read from the files beside this module."""

from __future__ import annotations

from hashlib import sha1
from importlib.resources import files
from typing import NamedTuple


class Script(NamedTuple):
    """
    A script and the digest under which the store knows it.

    Attributes:
        source: Lua.
        sha: SHA-1 of the source in hexadecimal, as EVALSHA wants it.
    """

    source: str
    sha: str

    @classmethod
    def read(cls, name: str) -> Script:
        """Return the script of a file, with the reader and writer of packed entities before it."""
        folder = files(__package__)
        source = folder.joinpath("entity.lua").read_text() + folder.joinpath(name).read_text()
        return cls(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


COUNT = Script.read("count.lua")
BAN = Script.read("ban.lua")
LIFT = Script.read("lift.lua")
ALL = (COUNT, BAN, LIFT)
