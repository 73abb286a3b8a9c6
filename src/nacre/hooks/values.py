# SPDX-License-Identifier: Apache-2.0
"""
Values on their way into a state of Lua and out of it.

A string of Lua holds bytes.  Texts of ours are UTF-8 there; bytes that are no UTF-8 come out as surrogate escapes,
and go in as the bytes that they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lupa import lua51

from nacre.hooks.call import Value

ENCODING = "latin-1"
"""What a state makes texts of, one character a byte; :func:`text_out` and :func:`text_in` mend what is not ASCII."""

_DEEPEST = 32
_LARGEST_WHOLE = 2**53
"""Beyond it, a number of Lua cannot tell a whole number from its neighbour."""
_SHORT = 32
_ENTRY = 64
"""Bytes that an entry of a table counts for, beside those of its text."""


class TooLarge(ValueError):
    """A value is larger or deeper than what passes between a script and the service."""


class Values:
    """
    The way in and the way out of one state.

    Args:
        lua: The state.
        largest: Bytes that one value may have, texts and 64 for each entry of a table.
        full: Bytes that the state may hold before a value comes in: to run out of memory then would end the process.
        wrap: Makes a function of Lua of one of ours.
        new_map: Makes the empty table that stands for an object of JSON.
        is_map: Tells such a table from an empty list.
    """

    def __init__(
        self,
        lua: Any,
        *,
        largest: int,
        full: int,
        wrap: Callable[[Callable[..., object]], object],
        new_map: Callable[[], object],
        is_map: Callable[[object], bool],
    ) -> None:
        self._lua = lua
        self._largest = self._left = largest
        self._full = full
        self._wrap = wrap
        self._new_map = new_map
        self._is_map = is_map

    def texts(self, texts: tuple[str, ...]) -> Iterable[str]:
        """
        Return texts as Lua has them.

        Raises:
            TooLarge: they are.
        """
        whole = "".join(texts)
        self._left = self._largest
        self._spend(len(whole) * 2)
        self._room()
        return texts if whole.isascii() else map(text_in, texts)

    def into(self, value: object) -> object:
        """
        Return a value as Lua has it.

        Raises:
            TooLarge: it is.
        """
        if value.__class__ is str and len(value) < _SHORT and value.isascii():
            return value
        if value is None or isinstance(value, bool | int | float) or lua51.lua_type(value):
            return self._one(value)
        self._room()
        self._left = self._largest
        return self._table(value, _DEEPEST)

    def _room(self) -> None:
        if self._lua.get_memory_used() > self._full:
            raise TooLarge("the script holds more memory than it may")

    def _one(self, value: Any) -> object:
        if value.__class__ is str:
            return value if value.isascii() else text_in(value)
        if isinstance(value, str):  # a member of an enumeration
            return text_in(str(value))
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _LARGEST_WHOLE:
            return float(value)
        return value

    def _table(self, value: object, depth: int) -> object:
        if isinstance(value, str | bytes):
            self._spend(len(value) * 2)
            return self._one(value)
        if isinstance(value, Mapping):
            self._spend(_ENTRY * len(value), depth)
            if not value:
                return self._new_map()
            return self._lua.table_from(self._ready(value, depth))
        if isinstance(value, list | tuple | set | frozenset):
            self._spend(_ENTRY * len(value), depth)
            return self._lua.table_from([self._table(item, depth - 1) for item in value])
        if callable(value) and not lua51.lua_type(value):
            return self._wrap(value)
        return self._one(value)

    def _ready(self, value: Mapping[Any, object], depth: int) -> dict[object, object]:
        """Return the entries of a table as Lua has them; most are short texts in ASCII, and stay as they are."""
        ready: dict[object, object] = dict(value)
        for key, item in value.items():
            if not (item.__class__ is str and len(item) < _SHORT and item.isascii()) and item.__class__ is not bool:
                ready[key] = self._table(item, depth - 1)
        try:
            if "".join(value).isascii():
                return ready
        except TypeError:  # some are numbers
            pass
        return {self._one(key): item for key, item in ready.items()}

    def out(self, value: object) -> Value:
        """
        Return a value of Lua as a plain one; functions and the like are ``None``.

        Raises:
            TooLarge: it is, or a table contains itself.
        """
        if value is None or value.__class__ is bool:
            return value
        self._left = self._largest
        return self._plain(value, _DEEPEST)

    def _plain(self, value: Any, depth: int) -> Value:
        if isinstance(value, str):
            self._spend(len(value))
            return text_out(value)
        if isinstance(value, float):
            return int(value) if value.is_integer() and abs(value) < _LARGEST_WHOLE else value
        if lua51.lua_type(value) == "table":
            return self._plain_table(value, depth)
        return value if isinstance(value, bool | int) else None

    def _plain_table(self, value: Any, depth: int) -> Value:
        self._spend(_ENTRY, depth)
        items: dict[Any, Value] = {}
        for key, item in value.items():
            self._spend(_ENTRY)
            items[self._plain(key, 0)] = self._plain(item, depth - 1)
        if not items:
            return {} if self._is_map(value) else []
        if all(place in items for place in range(1, len(items) + 1)):
            return [items[place] for place in range(1, len(items) + 1)]
        return items

    def _spend(self, size: int, depth: int = 1) -> None:
        self._left -= size
        if self._left < 0:
            raise TooLarge(f"the value has more than {self._largest} bytes")
        if depth <= 0:
            raise TooLarge(f"the value is more than {_DEEPEST} tables deep")


def text_out(text: str) -> str:
    r"""
    Return a string of Lua as the text that its bytes are.

    >>> text_out("k\xc3\xb6ln"), text_out("\xff")
    ('köln', '\udcff')
    """
    return text if text.isascii() else text.encode(ENCODING).decode("utf-8", "surrogateescape")


def text_in(text: str) -> str:
    r"""
    Return a text as the string of Lua that holds its bytes.

    >>> text_in("köln") == "k\xc3\xb6ln"
    True
    """
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode(ENCODING)
