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
    def read(cls, *names: str) -> Script:
        """Return the script that some files make, one after the other."""
        source = "".join(files(__package__).joinpath(name).read_text() for name in names)
        return cls(source, sha1(source.encode(), usedforsecurity=False).hexdigest())


COUNT = Script.read("entity.lua", "count.lua")
BAN = Script.read("entity.lua", "ban.lua")
LIFT = Script.read("entity.lua", "lift.lua")
SWAP = Script.read("swap.lua")
NOTE = Script.read("note.lua")
FORGET = Script.read("forget.lua")
CHANGE = Script.read("change.lua")
KEEP = Script.read("keep.lua")
CLAIM = Script.read("claim.lua")
LEASE = Script.read("lease.lua")
ALL = (COUNT, BAN, LIFT, SWAP, NOTE, FORGET, CHANGE, KEEP, CLAIM, LEASE)
