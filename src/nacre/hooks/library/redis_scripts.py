# SPDX-License-Identifier: Apache-2.0
"""
Scripts inside the store, by the names that operators' scripts know them under.

Some are there without an upload: the original has them inside.  They are the files in ``known/``.
"""

from __future__ import annotations

from hashlib import sha1
from importlib.resources import files
from threading import Lock

MOST = 1_000
"""Scripts that can be uploaded to one pool."""

_KNOWN = {
    name: files("nacre.hooks.library").joinpath("known", f"{name}.lua").read_text()
    for name in (
        "AddToSetAndExpire",
        "ExistsHSetMultiExpire",
        "HSetMultiExpire",
        "IncrementAndExpire",
        "SAddMultiExpire",
        "ZAddCountAndExpire",
        "ZAddRemExpire",
    )
}
_OURS = frozenset({"HSetMultiExpire"})
"""
Names under which ours runs whatever is uploaded: the usual script for them ends its key at once where it is called with
a time to live of 0, which some plug-ins do to say "never".
"""


def sha(source: str) -> str:
    """
    Return the digest under which a store knows a script.

    >>> sha("return 1")
    'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'
    """
    return sha1(source.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()


class Scripts:
    """The scripts of one pool."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._uploaded: dict[str, str] = {}

    def add(self, name: str, source: str) -> None:
        """
        Keep a script under a name; the last one counts.

        Raises:
            ValueError: there are too many.
        """
        with self._lock:
            if name not in self._uploaded and len(self._uploaded) >= MOST:
                raise ValueError(f"{MOST} scripts are uploaded, and no more can be")
            self._uploaded[name] = source

    def find(self, name: str) -> str | None:
        """Return the source of a script, ``None`` for a name that nobody uploaded."""
        if name in _OURS:
            return _KNOWN[name]
        return self._uploaded.get(name) or _KNOWN.get(name)
