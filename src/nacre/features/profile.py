# SPDX-License-Identifier: Apache-2.0
"""
What the network's features need to know of one subject, as one packed value.

A profile holds counters that decay exponentially, a few times, and short lists of items with the time each was
last seen.  A counter with half-life *h* that held *c* at its last change holds ``c * 2 ** (-dt / h)`` now, so that it
is written only when something happens and needs no clean-up; a steady rate *r* keeps it near ``r * h / ln 2``.
Lists have a cap each, and the item seen longest ago gives way, so that who chooses the items cannot make a value grow.

Layout, little endian::

    version u8 = 1, layout u8, revision u32, last change f64, first seen u32,
    items of each list u8 x lists, counters f32 x counters, stamps u32 x stamps (Unix seconds, 0 never),
    items of all lists: (item u32, last seen u32 Unix seconds) x items
"""

from __future__ import annotations

from math import inf
from operator import itemgetter, mul
from struct import Struct, error

from nacre.errors import StoreCorrupt
from nacre.features.layout import HEAD_FIELDS, Layout

VERSION = 1
_LAST_SECOND = 0xFFFF_FFFF
_ITEM, _NUMBER = Struct("<II"), Struct("<I")
_SIZE = _ITEM.size
_WITHIN = _SIZE - 1
"""The bits of a position that are 0 where an item begins."""
_pack_number, _number_at = _NUMBER.pack, _NUMBER.unpack_from


class Profile:
    """
    What is known of one subject.

    Its lists stay packed as they are stored: most are only asked for one item, and written as they were.

    Args:
        layout: What it holds.
        revision: Changes with each write, so that a write upon an old reading is seen.
        first, last: Unix seconds at which it was first seen, and of its last change; 0 for a subject never seen.
        held: Counters, stamps and lists; all empty if left out.

    Attributes:
        layout, revision, first, last: As given.
        counts: The counters as they were at *last*.
        stamps: Unix seconds, 0 for never.
        lists: The lists as stored, least recently seen item first.

    >>> from nacre.features.layout import TOKEN
    >>> profile = Profile(TOKEN)
    >>> profile.begin(1000.0)
    >>> profile.add(0)
    >>> [round(profile.counts_at(1000.0 + seconds)[0], 3) for seconds in (0, 3600, 7200)]
    [1.0, 0.5, 0.25]
    """

    __slots__ = ("_late", "counts", "first", "last", "layout", "lists", "revision", "stamps")

    def __init__(
        self,
        layout: Layout,
        revision: int = 0,
        first: int = 0,
        last: float = 0.0,
        held: tuple[list[float], list[int], list[bytes]] | None = None,
    ) -> None:
        self.layout = layout
        self.revision = revision
        self.first = first
        self.last = last
        self.counts, self.stamps, self.lists = held or (
            [0.0] * len(layout.names),
            [0] * len(layout.stamps),
            [b""] * len(layout.lists),
        )
        self._late: tuple[float, ...] | None = None

    def counts_at(self, now: float) -> list[float]:
        """Return the counters as they are at a time; an earlier one than their last change sees them as they were."""
        elapsed = now - self.last
        if elapsed <= 0.0 or not self.last:
            return self.counts
        return list(map(mul, self.counts, self.layout.left_after(elapsed)))

    def begin(self, now: float) -> None:
        """
        Bring the counters to a time at which something happened.

        An event that is older than the last change counts for what would be left of it.
        """
        last = self.last
        if now >= last:
            self._late = None
            if last and now > last:
                self.counts = list(map(mul, self.counts, self.layout.left_after(now - last)))
            self.last = now
        else:
            self._late = self.layout.left_after(last - now)
        if not self.first:
            self.first = _second(now)

    def add(self, *places: int) -> None:
        """Count one more in some counters, after :meth:`begin`."""
        counts, late = self.counts, self._late
        if late is None:
            for place in places:
                counts[place] += 1.0
        else:
            for place in places:
                counts[place] += late[place]

    def take(self, place: int, half_life: float, since: float) -> None:
        """Take back one that was counted at an earlier time."""
        self.counts[place] = max(0.0, self.counts[place] - 2.0 ** (min(0.0, since - self.last) / half_life))

    def touch(self, list_: int, item: int, now: float) -> None:
        """
        Put an item into a list, after :meth:`begin`; the one seen longest ago gives way if the list is full.

        An event that is older than the last change takes its place among the others: it is not the latest.
        """
        items, second = self.lists[list_], _second(now)
        if items:
            at = _place(items, item)
            if at >= 0:
                second = max(second, _number_at(items, at + 4)[0])
                items = items[:at] + items[at + _SIZE :]
        items += _ITEM.pack(item, second)
        if self._late is not None:
            items = b"".join(_ITEM.pack(*pair) for pair in sorted(_ITEM.iter_unpack(items), key=itemgetter(1)))
        if len(items) > self.layout.caps[list_] * _SIZE:
            items = items[_SIZE:]
        self.lists[list_] = items

    def drop(self, list_: int, item: int) -> None:
        """Take an item out of a list, if it is there."""
        items = self.lists[list_]
        at = _place(items, item)
        if at >= 0:
            self.lists[list_] = items[:at] + items[at + _SIZE :]

    def stamp(self, place: int, now: float) -> None:
        """Note that something happened at a time, unless it happened later too."""
        self.stamps[place] = max(self.stamps[place], _second(now))

    def seen(self, list_: int, item: int) -> int | None:
        """Return when an item was last seen, in Unix seconds; ``None`` if it is not remembered."""
        items = self.lists[list_]
        if not items:
            return None
        needle = _pack_number(item)  # as in :func:`_place`: this is asked a dozen times for each attempt
        at = items.find(needle)
        while at & _WITHIN and at >= 0:
            at = items.find(needle, at + 1)
        return _number_at(items, at + 4)[0] if at >= 0 else None

    def saw(self, list_: int, item: int, since: float) -> bool:
        """Whether an item was seen since a time."""
        seen = self.seen(list_, item)
        return seen is not None and seen >= since

    def is_newest(self, list_: int, item: int) -> bool:
        """Whether an item is the one of its list that was seen last."""
        items = self.lists[list_]
        return bool(items) and _number_at(items, len(items) - _SIZE)[0] == item

    def items(self, list_: int) -> dict[int, int]:
        """Return a list as items and the Unix seconds at which each was last seen, the least recently seen first."""
        return dict(_ITEM.iter_unpack(self.lists[list_]))

    def pack(self, revision: int) -> bytes:
        """Return the value to store, as :func:`read_profile` reads it."""
        lists = self.lists
        head = self.layout.struct.pack(
            VERSION,
            self.layout.code,
            revision,
            self.last,
            self.first,
            *[len(items) // _SIZE for items in lists],
            *self.counts,
            *self.stamps,
        )
        return head + b"".join(lists)


def read_profile(value: bytes | None, layout: Layout, key: str = "") -> Profile:
    """
    Return what a stored value says, an empty profile for a missing one.

    Raises:
        StoreCorrupt: it is none of ours.

    >>> from nacre.features.layout import USER
    >>> read_profile(None, USER).first
    0
    >>> read_profile(b"junk", USER, key="nacre:A")
    Traceback (most recent call last):
    ...
    nacre.errors.StoreCorrupt: store key 'nacre:A': no packed profile
    """
    if value is None:
        return Profile(layout)
    try:
        fields = layout.struct.unpack_from(value)
    except error as broken:
        raise StoreCorrupt(key, "no packed profile") from broken
    version, code, revision, last, first = fields[:HEAD_FIELDS]
    counts, at = list(fields[layout.counts_from : layout.stamps_from]), layout.struct.size
    lists: list[bytes] = []
    for size, cap in zip(fields[HEAD_FIELDS : layout.counts_from], layout.caps, strict=True):
        if size:
            end = at + size * _SIZE
            lists.append(value[at:end])
            at = end
            if size > cap:
                at = -1
                break
        else:
            lists.append(b"")
    if (
        at != len(value)
        or version != VERSION
        or code != layout.code
        or not (0.0 <= last < inf and min(counts) >= 0.0 and sum(counts) < inf)  # NaN fails one of them
    ):
        raise StoreCorrupt(key, "no packed profile")
    return Profile(layout, revision, first, last, (counts, list(fields[layout.stamps_from :]), lists))


def _place(items: bytes, item: int) -> int:
    """Return where an item stands in a packed list, -1 if it does not."""
    needle = _pack_number(item)
    at = items.find(needle)
    while at & _WITHIN and at >= 0:
        at = items.find(needle, at + 1)
    return at


def _second(time: float) -> int:
    """Return a time as it is kept."""
    return min(int(time), _LAST_SECOND)
