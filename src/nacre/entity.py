# SPDX-License-Identifier: Apache-2.0
"""
The packed state of one subject: an origin, a subnet, an account, a pair, a device.

One value of the store holds all that is known of a subject, so that a decision reads it in
one command.  Layout, little endian::

    version u8 = 1, windows u8, repeats u8, origins u8
    window:  tag u32, grain f64, newest f64, total u32, flags u8 (1 armed, 2 banned before), ticks u8,
             [until f64, strikes u8 if banned before], ticks x (tick mod 65536 u16, count u16)
    repeat:  account u32, password u32, last seen u32 (Unix seconds)
    origin:  subnet (even) or device (odd) u32, last login u16 (days since the epoch)

Windows lie in ascending order of their tags, so that a script meets those that it looks for in one walk.
Values are written by ``store/scripts/entity.lua`` alone, inside the store; here they are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor
from struct import Struct, error
from typing import NamedTuple

from nacre.errors import StoreCorrupt
from nacre.window import Window

VERSION = 1
POSITIVE, NEGATIVE = 1, 2
"""Tags of the windows behind tolerations: logins that succeeded, and that failed."""

RESERVED_TAGS = 16
"""Tags below this one belong to no rule."""

_HEAD = Struct("<BBBB")
_WINDOW = Struct("<IddIBB")
_BAN = Struct("<dB")
_ORIGIN = Struct("<IH")
_PLACE = Struct("<I")
_TICK = Struct("<H")
_WINDOW_BYTES, _BAN_BYTES, _REPEAT_BYTES, _ORIGIN_BYTES = _WINDOW.size, _BAN.size, 12, _ORIGIN.size
_unpack_window = _WINDOW.unpack_from
_SHORTEST, _LONGEST = 1e-6, 1e9
"""Seconds between which every grain lies: no rule has a period of less than a millisecond or of thirty years."""

_NEWEST = 2**53
"""No tick has a greater number: beyond it, a float counts in steps of two."""
_TICKS = tuple(Struct(f"<{2 * n}H") for n in range(256))
_ARMED, _BANNED = 1, 2


class Entity(NamedTuple):
    """
    What the store knows of one subject.

    Attributes:
        windows: Rule tag to window.
        origins: Subnets and devices that the account signed in from, to the day of the last time.
        ruled: Whether some of the windows may be a rule's.
    """

    windows: Mapping[int, Window]
    origins: Mapping[int, int]
    ruled: bool = True


class _Windows(Mapping[int, Window]):
    """
    The windows of one value, each read when somebody asks for it.

    Most attempts are allowed after a look at a rule or two; the counters behind tolerations, the longest
    of all, are asked for only when a rule trips.
    """

    __slots__ = ("_places", "_value")

    def __init__(self, value: bytes, places: dict[int, int]) -> None:
        self._value = value
        self._places = places

    def __getitem__(self, tag: int) -> Window:
        return _read_window(self._value, self._places[tag])

    def __contains__(self, tag: object) -> bool:
        return tag in self._places

    def latest(self, tag: int) -> float:
        """Return when the newest event of a window was counted, in Unix seconds; 0 if there is none."""
        at = self._places.get(tag)
        if at is None:
            return 0.0
        _, grain, newest, _, _, ticks = _unpack_window(self._value, at)
        return float(newest * grain) if ticks else 0.0

    def tally(self, tag: int, now: float, period: float) -> tuple[int, bool, float] | None:
        """Return what :func:`tally` does, without unpacking a window whose events are all young enough to count."""
        at = self._places.get(tag)
        if at is None:
            return None
        _, grain, newest, total, flags, ticks = _unpack_window(self._value, at)
        at, until = at + _WINDOW_BYTES, 0.0
        if flags & _BANNED:
            until = _BAN.unpack_from(self._value, at)[0]
            at += _BAN_BYTES
        if ticks:
            oldest, last = floor((now - period) / grain), int(newest)
            if last - ((last - _TICK.unpack_from(self._value, at)[0]) & 0xFFFF) < oldest:
                pairs = _TICKS[ticks].unpack_from(self._value, at)
                young = zip(_absolute(pairs[::2], last), pairs[1::2], strict=True)
                total = sum(count for tick, count in young if tick >= oldest)
        return total, bool(flags & _ARMED), until

    def __iter__(self) -> Iterator[int]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


class _Origins(Mapping[int, int]):
    """The origins of one value, read when somebody asks for them: that is, when a rule trips."""

    __slots__ = ("_packed",)

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def __getitem__(self, place: int) -> int:
        day = self.day(place)
        if day < 0:
            raise KeyError(place)
        return day

    def day(self, place: int) -> int:
        """Return the day of the last login from a place, -1 for none; without an exception, which takes longer."""
        needle = _PLACE.pack(place)
        at = self._packed.find(needle)
        while at >= 0 and at % _ORIGIN_BYTES:
            at = self._packed.find(needle, at + 1)
        return -1 if at < 0 else int(_ORIGIN.unpack_from(self._packed, at)[1])

    def __iter__(self) -> Iterator[int]:
        return iter(dict(_ORIGIN.iter_unpack(self._packed)))

    def __len__(self) -> int:
        return len(self._packed) // _ORIGIN_BYTES


NOTHING = Entity({}, {}, ruled=False)
"""What is known of a subject never seen."""


def last_day(entity: Entity, place: int) -> int:
    """
    Return the day of the last login from a place, in days since the epoch; -1 for none.

    >>> last_day(NOTHING, 7)
    -1
    """
    origins = entity.origins
    return origins.day(place) if isinstance(origins, _Origins) else origins.get(place, -1)


def latest(entity: Entity, tag: int) -> float:
    """
    Return when the newest event of a window was counted, in Unix seconds; 0 if there is none.

    >>> latest(NOTHING, 1)
    0.0
    """
    windows = entity.windows
    if isinstance(windows, _Windows):
        return windows.latest(tag)
    window = windows.get(tag)
    return window.ticks[-1] * window.grain if window is not None and window.ticks else 0.0


def tally(entity: Entity, tag: int, now: float, period: float) -> tuple[int, bool, float] | None:
    """
    Return what a window says of the last *period* seconds; ``None`` if nothing was ever counted in it.

    Returns:
        Its events, whether one came in since the last ban began, and Unix seconds at which that ban ends (0: none).

    >>> entity = Entity({16: Window(grain=1.0, ticks=(100, 130), counts=(1, 2), armed=True)}, {})
    >>> tally(entity, 16, now=165.0, period=60.0)
    (2, True, 0.0)
    """
    windows = entity.windows
    if isinstance(windows, _Windows):
        return windows.tally(tag, now, period)
    window = windows.get(tag)
    return None if window is None else (window.count(now, period), window.armed, window.until)


def read_entity(value: bytes | None, key: str = "") -> Entity:
    """
    Return what a stored value says, :data:`NOTHING` for a missing one.

    Raises:
        StoreCorrupt: it is none of ours.

    >>> read_entity(None).windows
    {}
    >>> read_entity(b"junk!", key="nacre:x")
    Traceback (most recent call last):
    ...
    nacre.errors.StoreCorrupt: store key 'nacre:x': no packed entity
    """
    if value is None:
        return NOTHING
    try:
        version, window_count, repeat_count, origin_count = _HEAD.unpack_from(value)
        if version != VERSION:
            raise StoreCorrupt(key, "no packed entity")
        places: dict[int, int] = {}
        at, highest = 4, 0
        for _ in range(window_count):
            tag, grain, newest, _, flags, ticks = _unpack_window(value, at)
            if not (_SHORTEST < grain < _LONGEST and 0 <= newest < _NEWEST):
                raise StoreCorrupt(key, "no packed entity")
            places[tag] = at
            highest = tag if tag > highest else highest  # noqa: FURB136  three times as fast as max
            at += _WINDOW_BYTES + 4 * ticks + (_BAN_BYTES if flags & _BANNED else 0)
    except (error, IndexError) as broken:
        raise StoreCorrupt(key, "no packed entity") from broken
    at += _REPEAT_BYTES * repeat_count
    if len(value) != at + _ORIGIN_BYTES * origin_count:
        raise StoreCorrupt(key, "no packed entity")
    origins = _Origins(value[at:]) if origin_count else {}
    return Entity(_Windows(value, places), origins, highest >= RESERVED_TAGS)


def _read_window(value: bytes, at: int) -> Window:
    """Return the window that begins at a place of a value whose lengths were looked at before."""
    _, grain, newest, _, flags, ticks = _WINDOW.unpack_from(value, at)
    at += _WINDOW_BYTES
    until, strikes = 0.0, 0
    if flags & _BANNED:
        until, strikes = _BAN.unpack_from(value, at)
        at += _BAN_BYTES
    pairs = _TICKS[ticks].unpack_from(value, at)
    return Window(grain, _absolute(pairs[::2], int(newest)), pairs[1::2], bool(flags & _ARMED), until, strikes)


def _absolute(low: tuple[int, ...], newest: int) -> tuple[int, ...]:
    """Return tick numbers in full from their low 16 bits; none is 65536 ticks before *newest*."""
    return tuple(newest - ((newest - tick) & 0xFFFF) for tick in low)
