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

Values are written by ``store/scripts/entity.lua`` alone, inside the store; here they are read.
"""

from __future__ import annotations

from collections.abc import Mapping
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
_REPEAT_BYTES = 12
_ORIGIN = Struct("<IH")
_SHORTEST, _LONGEST = 1e-6, 1e9
"""Seconds between which every grain lies: no rule has a period of less than a millisecond or of thirty years."""

_TICKS = tuple(Struct(f"<{2 * n}H") for n in range(256))
_ARMED, _BANNED = 1, 2


class Entity(NamedTuple):
    """
    What the store knows of one subject.

    Attributes:
        windows: Rule tag to window.
        origins: Subnets and devices that the account signed in from, to the day of the last time.
    """

    windows: Mapping[int, Window]
    origins: Mapping[int, int]


NOTHING = Entity({}, {})
"""What is known of a subject never seen."""


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
        windows: dict[int, Window] = {}
        at = 4
        for _ in range(window_count):
            tag, grain, newest, _, flags, ticks = _WINDOW.unpack_from(value, at)
            if not _SHORTEST < grain < _LONGEST:
                raise StoreCorrupt(key, "no packed entity")
            at += _WINDOW.size
            until, strikes = 0.0, 0
            if flags & _BANNED:
                until, strikes = _BAN.unpack_from(value, at)
                at += _BAN.size
            pairs = _TICKS[ticks].unpack_from(value, at)
            at += 4 * ticks
            windows[tag] = Window(
                grain, _absolute(pairs[::2], int(newest)), pairs[1::2], bool(flags & _ARMED), until, strikes
            )
        at += _REPEAT_BYTES * repeat_count
        if len(value) != at + _ORIGIN.size * origin_count:
            raise StoreCorrupt(key, "no packed entity")
        origins = dict(_ORIGIN.iter_unpack(value[at:])) if origin_count else {}
    except (error, IndexError, ValueError, OverflowError) as broken:
        raise StoreCorrupt(key, "no packed entity") from broken
    return Entity(windows, origins)


def _absolute(low: tuple[int, ...], newest: int) -> tuple[int, ...]:
    """Return tick numbers in full from their low 16 bits; none is 65536 ticks before *newest*."""
    return tuple(newest - ((newest - tick) & 0xFFFF) for tick in low)
