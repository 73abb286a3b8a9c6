# SPDX-License-Identifier: Apache-2.0
"""Bounded tables whose keys strangers choose."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

Value = TypeVar("Value")
First = TypeVar("First")
Thing = TypeVar("Thing")

_SHED = 8
"""One of so many entries goes when a table is full, all at once: a search for the oldest each time would cost more."""


class Latest(Generic[Thing]):
    """
    The last things that came, any of which can be taken out again at once.

    Args:
        size: Things at most.
        things: That came before, the oldest first.

    >>> names = ["erika", "otto", "paul"]
    >>> latest = Latest(2, names)
    >>> latest.discard(names[2])
    >>> list(latest)
    ['otto']
    """

    def __init__(self, size: int, things: Iterable[Thing] = ()) -> None:
        self._size = size
        self._things: OrderedDict[int, Thing] = OrderedDict()
        for thing in things:
            self.add(thing)

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Thing]:
        return iter(self._things.values())

    def add(self, thing: Thing) -> None:
        """Take a thing, and let the oldest go if there are too many."""
        self._things[id(thing)] = thing
        if len(self._things) > self._size:
            self._things.popitem(last=False)

    def discard(self, thing: Thing) -> None:
        """Take this very thing out, if it is there."""
        self._things.pop(id(thing), None)


class Fading(Generic[Value]):
    """
    What was put in lately, in two generations: when the young one is full, it becomes the old one.

    Values are never empty: an empty one would count as missing.

    Args:
        size: Entries at most; at least the last half of so many different ones are there.

    >>> seen = Fading[str](4)
    >>> for name in "abcde": seen.put(name, name)
    >>> [seen.get(name) for name in "abcde"]
    [None, None, 'c', 'd', 'e']
    """

    def __init__(self, size: int) -> None:
        self._half = max(size // 2, 1)
        self._young: dict[str, Value] = {}
        self._old: dict[str, Value] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, key: str) -> Value | None:
        """Return what was put in under a key."""
        return self._young.get(key) or self._old.get(key)

    def put(self, key: str, value: Value) -> None:
        """Put something in."""
        young = self._young
        if len(young) >= self._half and key not in young:
            self._old, self._young = young, {key: value}
        else:
            young[key] = value

    def pop(self, key: str) -> Value | None:
        """Take something out."""
        old = self._old.pop(key, None)
        return self._young.pop(key, None) or old

    def items(self) -> dict[str, Value]:
        """Return all that is there, the old ones first."""
        return self._old | self._young


class Table(Generic[First, Value]):
    """
    Keeps what proved worth keeping apart from what was seen once.

    New keys wait in a room of their own, of which the oldest are forgotten.  What comes a second time moves to the
    table proper, which nobody fills by inventing keys.  When that is full, an eighth of it goes: what is no longer
    needed, the oldest first, then whatever is the oldest.

    Args:
        size: Entries at most, and twice as many that wait.
        needed: Whether an entry of the table proper is still needed.
    """

    def __init__(self, size: int, needed: Callable[[Value], bool]) -> None:
        self._most = size
        self._needed = needed
        self.waiting: Fading[First] = Fading(2 * size)
        self.kept: dict[str, Value] = {}

    def keep(self, key: str, value: Value) -> None:
        """Let a key into the table proper."""
        self.waiting.pop(key)
        if len(self.kept) >= self._most:
            self._shed()
        self.kept[key] = value

    def _shed(self) -> None:
        surplus = max(self._most // _SHED, 1)
        unneeded = [key for key, value in self.kept.items() if not self._needed(value)][:surplus]
        for key in unneeded:
            del self.kept[key]
        for key in list(self.kept)[: surplus - len(unneeded)]:
            del self.kept[key]

    def __iter__(self) -> Iterator[tuple[str, Value]]:
        yield from self.kept.items()
