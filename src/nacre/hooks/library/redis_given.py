# SPDX-License-Identifier: Apache-2.0
"""Arguments of the commands of ``nauthilus_redis``, and what scripts inside a store answer."""

from __future__ import annotations

from typing import Any

from nacre.hooks.call import Value
from nacre.hooks.library.arguments import BadArgument, kind, number, raw

NIL = object()
"""What a store has no value for, ``redis: nil`` to scripts."""

Reply = Any


class Given:
    """
    The arguments of one call, after the handle.

    Args:
        function: Name for error messages.
        values: Plain values.
        prefix: Begins every key.
        offset: How many arguments come before these in the call.
    """

    def __init__(self, function: str, values: list[Value], prefix: bytes, offset: int = 1) -> None:
        self.function = function
        self.values = values
        self.prefix = prefix
        self.offset = offset

    def get(self, index: int) -> Value:
        """Return an argument, ``None`` without it."""
        return self.values[index] if index < len(self.values) else None

    def key(self, index: int = 0) -> bytes:
        """Return a key with its prefix."""
        return self.prefix + self.raw(index)

    def raw(self, index: int) -> bytes:
        """Return a string as bytes; booleans are 1 and 0."""
        return stored(self.get(index), index + self.offset + 1, self.function)

    def whole(self, index: int) -> int:
        """Return a number, cut to a whole one."""
        return int(number(self.get(index), index + self.offset + 1, self.function))

    def rest(self, index: int) -> list[bytes]:
        """Return the remaining strings; lists among them are opened."""
        position = index + self.offset + 1
        opened = [item for value in self.values[index:] for item in (value if isinstance(value, list) else [value])]
        if not opened:
            raise BadArgument(position, self.function, "string expected, got nil")
        return [stored(item, position, self.function) for item in opened]

    def keys(self, index: int = 0) -> list[bytes]:
        """Return the remaining strings as keys."""
        return [self.prefix + name for name in self.rest(index)]

    def bare(self, key: bytes) -> bytes:
        """Return a key without its prefix."""
        return key.removeprefix(self.prefix)


def stored(value: Value, position: int, function: str) -> bytes:
    """
    Return a value as a store keeps it.

    >>> stored(True, 3, "redis_set"), stored(20.0, 3, "redis_set"), stored("x", 3, "redis_set")
    (b'1', b'20', b'x')
    """
    if isinstance(value, bool):
        return b"1" if value else b"0"
    return raw(value, position, function)


def script_value(given_keys: dict[bytes, bytes], reply: Reply) -> object:
    """
    Return what a script in the store answered; a key that was handed to it comes back without its prefix.

    >>> script_value({b"p:a": b"a"}, [1, b"p:a", None, [b"x"]])
    [1, b'a', False, [b'x']]
    """
    if isinstance(reply, list):
        return [False if item is None else script_value(given_keys, item) for item in reply]
    if isinstance(reply, bytes):
        return given_keys.get(reply, reply)
    return reply


def describe(value: object) -> str:
    """Return what Lua calls a plain value, tables included."""
    return "table" if isinstance(value, dict | list) else kind(value)


def escaped(prefix: bytes) -> bytes:
    r"""
    Return a text as a pattern of a store that matches nothing but it.

    >>> escaped(b"a*[b]:")
    b'a\\*\\[b\\]:'
    """
    for sign in (b"\\", b"*", b"?", b"[", b"]"):
        prefix = prefix.replace(sign, b"\\" + sign)
    return prefix
