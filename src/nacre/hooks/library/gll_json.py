# SPDX-License-Identifier: Apache-2.0
"""``json``: tables as JSON and back; an empty table is ``[]``, a whole number has no fraction, keys are sorted."""

from __future__ import annotations

import math

import msgspec

from nacre.hooks.call import Module, Seat, Value
from nacre.hooks.library.arguments import kind, raw

_LARGEST_WHOLE = 2**53


def encoded(value: Value) -> bytes:
    r"""
    Return a plain value as JSON.

    Raises:
        ValueError: it holds what JSON has no word for.

    >>> encoded({"b": [1, 2.5, None], "a": {}, "c": b"k\xc3\xb6ln"}).decode()
    '{"a":{},"b":[1,2.5,null],"c":"köln"}'
    """
    return msgspec.json.encode(_told(value), order="deterministic")


def decoded(data: bytes) -> Value:
    """
    Return the plain value of JSON; a number that Lua cannot hold exactly becomes a float.

    Raises:
        ValueError: it is none.

    >>> decoded(b'{"n": 12, "large": 123456789012345678901}')
    {'n': 12, 'large': 1.2345678901234568e+20}
    """
    try:
        value: Value = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return _held(value)


def open_json(seat: Seat) -> Module:
    """Return the module."""

    def encode(value: object) -> object:
        if kind(value) not in {"nil", "boolean", "number", "string", "table"}:
            return None, f"cannot encode {kind(value)} to JSON"
        try:
            return encoded(seat.plain(value))
        except (ValueError, TypeError, RecursionError) as error:
            return None, str(error)

    def decode(data: object) -> object:
        try:
            return seat.table(decoded(raw(data, 1, "decode")))
        except ValueError as error:
            return None, str(error)

    return {"encode": encode, "decode": decode}


def _told(value: Value) -> Value:
    match value:
        case dict():
            return {_name(key): _told(item) for key, item in value.items()}
        case list():
            return [_told(item) for item in value]
        case bytes():
            return value.decode("utf-8", "replace")
        case str():
            return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if not value.isascii() else value
        case float() if not math.isfinite(value):
            raise ValueError(f"cannot encode {value} to JSON")
        case float() if value.is_integer() and abs(value) < _LARGEST_WHOLE:
            return int(value)
        case None | bool() | int() | float():
            return value
        case _:
            raise ValueError(f"cannot encode {kind(value)} to JSON")


def _name(key: object) -> str:
    if isinstance(key, bytes):
        return key.decode("utf-8", "replace")
    if isinstance(key, str):
        return str(_told(key))
    if isinstance(key, bool) or not isinstance(key, int | float):
        raise ValueError("cannot encode mixed or invalid key types")
    return str(_told(key))


def _held(value: Value) -> Value:
    match value:
        case dict():
            return {key: _held(item) for key, item in value.items()}
        case list():
            return [_held(item) for item in value]
        case int() if abs(value) > _LARGEST_WHOLE:
            return float(value)
        case _:
            return value
