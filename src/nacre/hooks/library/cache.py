# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_cache``: values that outlive a request, in the memory of this process.

It is bounded twice: by entries, of which the one that was used longest ago makes room, and by the size of a value.
"""

from __future__ import annotations

import marshal
import time
from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import Any, cast

from nacre.hooks.call import Module, OpenModule, Seat, Value
from nacre.hooks.library.arguments import kind, number, text
from nacre.hooks.values import text_in, text_out

MOST_ENTRIES = 10_000
MOST_BYTES = 65_536
"""Size of one value, packed."""

MOST_BYTES_OF_ALL = 67_108_864


class Cache:
    """
    Entries with an end, shared by all scripts of a process.

    Args:
        clock: Seconds, never going back.
        most: Entries that are kept.

    >>> cache = Cache(clock=lambda: 0.0)
    >>> cache.put("greeting", "hello", ttl=60)
    >>> cache.get("greeting"), len(cache)
    ('hello', 1)
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST_ENTRIES) -> None:
        self.lock = RLock()
        self._clock = clock
        self._most = most
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[bytes, float]] = OrderedDict()

    def get(self, key: str) -> Value:
        """Return a copy of what is kept, ``None`` without it."""
        with self.lock:
            entry = self._entries.get(key)
            if entry is None or self._ended(key, entry):
                return None
            self._entries.move_to_end(key)
        return _decode(entry[0])

    def put(self, key: str, value: Value, ttl: float = 0.0) -> None:
        """
        Keep a copy of a value.

        Args:
            key: Its name.
            value: Plain.
            ttl: Seconds; 0 keeps it until it makes room for others.

        Raises:
            ValueError: the value is too large, or no plain one.
        """
        packed = _encode(value)
        with self.lock:
            self.drop(key)
            self._entries[key] = (packed, self._clock() + ttl if ttl > 0 else float("inf"))
            self._bytes += _size(key, packed)
            while len(self._entries) > self._most or self._bytes > MOST_BYTES_OF_ALL:
                self.drop(next(iter(self._entries)))

    def change(self, key: str, update: Callable[[Value], Value]) -> Value:
        """Put what a function makes of a value in its place, and return that; its end stays as it was."""
        with self.lock:
            ends = self._entries.get(key, (b"", float("inf")))[1]
            now = self._clock()
            if ends <= now:
                ends = float("inf")
            value = update(self.get(key))
            if value is None:
                self.drop(key)
            else:
                self.put(key, value, ends - now if ends != float("inf") else 0.0)
        return value

    def drop(self, key: str) -> bool:
        """Forget an entry, and tell whether there was one that had not ended."""
        with self.lock:
            packed, ends = self._entries.pop(key, (None, 0.0))
            if packed is None:
                return False
            self._bytes -= _size(key, packed)
            return ends > self._clock()

    def keys(self) -> list[str]:
        """Return the keys in force."""
        with self.lock:
            return [key for key, entry in list(self._entries.items()) if not self._ended(key, entry)]

    def __len__(self) -> int:
        return len(self.keys())

    def clear(self) -> None:
        """Forget everything."""
        with self.lock:
            self._entries.clear()
            self._bytes = 0

    def _ended(self, key: str, entry: tuple[bytes, float]) -> bool:
        if entry[1] > self._clock():
            return False
        self.drop(key)
        return True


def cache_module(cache: Cache) -> OpenModule:
    """Return the module upon a cache."""

    def opened(seat: Seat) -> Module:
        def cache_set(key: object, value: object, ttl: object) -> tuple[object, object]:
            name = text(key, 1, "cache_set")
            seconds = 0.0 if ttl is None else number(ttl, 3, "cache_set")
            if value is None:
                cache.drop(name)
            else:
                cache.put(name, seat.plain(value), seconds)
            return "OK", None

        def cache_update(key: object, update: object) -> object:
            name = text(key, 1, "cache_update")
            if kind(update) != "function":
                raise ValueError(f"bad argument #2 to 'cache_update' (function expected, got {kind(update)})")
            return seat.table(cache.change(name, lambda old: _updated(seat, update, old)))

        def cache_push(key: object, value: object) -> int:
            name, pushed = text(key, 1, "cache_push"), seat.plain(value)

            def longer(old: Value) -> Value:
                return [*(old if isinstance(old, list) else [] if old is None else [old]), pushed]

            values = cache.change(name, longer)
            return len(values) if isinstance(values, list) else 0

        def cache_pop_all(key: object) -> object:
            name = text(key, 1, "cache_pop_all")
            with cache.lock:
                values = cache.get(name)
                cache.drop(name)
            return seat.table(values if isinstance(values, list) else [] if values is None else [values])

        return {
            "cache_set": cache_set,
            "cache_get": lambda key: seat.table(cache.get(text(key, 1, "cache_get"))),
            "cache_delete": lambda key: cache.drop(text(key, 1, "cache_delete")),
            "cache_exists": lambda key: cache.get(text(key, 1, "cache_exists")) is not None,
            "cache_update": cache_update,
            "cache_keys": lambda: seat.table(list(cache.keys())),
            "cache_size": lambda: len(cache),
            "cache_flush": cache.clear,
            "cache_push": cache_push,
            "cache_pop_all": cache_pop_all,
        }

    return opened


def _updated(seat: Seat, update: Any, old: Value) -> Value:
    """Return what a function of Lua makes of a value; it takes and returns texts as Lua's bytes."""
    made = update(text_in(old) if isinstance(old, str) else seat.table(old))
    return text_out(made) if isinstance(made, str) else seat.plain(made)


def _encode(value: Value) -> bytes:
    try:
        packed = marshal.dumps(cast("Any", value))
    except ValueError as error:
        raise ValueError(f"this cannot be kept: {error}") from error
    if len(packed) > MOST_BYTES:
        raise ValueError(f"a value has {MOST_BYTES:,} bytes at most, and this one {len(packed):,}")
    return packed


def _decode(packed: bytes) -> Value:
    value: Value = marshal.loads(packed)  # noqa: S302  we packed it ourselves, in this process
    return value


def _size(key: str, packed: bytes) -> int:
    return len(key) + len(packed) + 100
