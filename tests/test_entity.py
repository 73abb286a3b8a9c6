# SPDX-License-Identifier: Apache-2.0
"""Packed values as they are read, against a writer that follows the layout's description to the letter."""

from __future__ import annotations

import struct
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.entity import NOTHING, RESERVED_TAGS, Entity, read_entity, tally
from nacre.errors import StoreCorrupt
from nacre.window import Window


class Stored(NamedTuple):
    """An entity and the bytes that stand for it."""

    value: bytes
    entity: Entity


def packed(tag: int, one: Window) -> bytes:
    """Pack a window as the module's docstring says."""
    newest = float(one.ticks[-1]) if one.ticks else 0.0
    banned = one.until > 0
    head = struct.pack("<IddIBB", tag, one.grain, newest, sum(one.counts), one.armed + 2 * banned, len(one.ticks))
    ban = struct.pack("<dB", one.until, one.strikes) if banned else b""
    pairs = zip(one.ticks, one.counts, strict=True)
    return head + ban + b"".join(struct.pack("<HH", tick % 65_536, count) for tick, count in pairs)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """Windows as the store may hold them: all ticks lie within 65,536 of the newest."""
    newest = draw(st.integers(0, 2**50))
    back = draw(st.lists(st.integers(0, 65_535), max_size=255, unique=True))
    ticks = tuple(sorted({newest - step for step in {0, *back} if step <= newest})) if back else ()
    ticks = ticks[-255:]
    counts = tuple(draw(st.integers(1, 65_535)) for _ in ticks)
    banned = draw(st.booleans())
    until = draw(st.floats(1, 2**33)) if banned else 0.0
    return Window(
        draw(st.floats(0.0001, 1e6)),
        ticks,
        counts,
        draw(st.booleans()),
        until,
        draw(st.integers(0, 255)) if banned else 0,
    )


@st.composite
def stored(draw: st.DrawFn) -> Stored:
    """Entities with all that they may hold."""
    tags = draw(st.lists(st.integers(0, 2**32 - 1), unique=True, max_size=5))
    entity = Entity(
        {tag: draw(windows()) for tag in tags},
        draw(st.dictionaries(st.integers(1, 2**32 - 1), st.integers(0, 65_535), max_size=64)),
        ruled=any(tag >= RESERVED_TAGS for tag in tags),
    )
    repeats = draw(st.lists(st.binary(min_size=12, max_size=12), max_size=32))
    head = struct.pack("<BBBB", 1, len(tags), len(repeats), len(entity.origins))
    body = b"".join(packed(tag, one) for tag, one in entity.windows.items())
    origins = b"".join(struct.pack("<IH", place, day) for place, day in entity.origins.items())
    return Stored(head + body + b"".join(repeats) + origins, entity)


@given(one=stored())
def test_what_was_written_is_read(one: Stored) -> None:
    """
    The 16 bits of a tick, the optional ban and the skipped passwords all fall into place.
    """
    assert read_entity(one.value) == one.entity


@given(one=stored(), draw=st.data())
def test_a_packed_window_tells_what_it_would_unpacked(one: Stored, draw: st.DataObject) -> None:
    """
    It is counted without a look at most of its ticks, with bans and gaps of thousands of them all the same.
    """
    entity = read_entity(one.value)
    for tag, window in one.entity.windows.items():
        tick = draw.draw(st.sampled_from(window.ticks or (0,))) + draw.draw(st.integers(-2, 2))
        period = draw.draw(st.floats(0.001, 1e6))
        now = tick * window.grain + period

        assert tally(entity, tag, now, period) == (window.count(now, period), window.armed, window.until)
        assert tally(one.entity, tag, now, period) == tally(entity, tag, now, period)
    assert tally(entity, 2**32, 0.0, 1.0) is None


@given(one=stored(), cut=st.integers(1, 200))
def test_a_value_that_was_cut_off_is_corrupt(one: Stored, cut: int) -> None:
    """
    Half a value must not pass for an account that nothing is known of.
    """
    with pytest.raises(StoreCorrupt):
        read_entity(one.value[: max(0, len(one.value) - cut)])


@given(one=stored(), more=st.binary(min_size=1, max_size=40))
def test_a_value_that_something_follows_is_corrupt(one: Stored, more: bytes) -> None:
    """
    Whatever appended bytes, the counts before them are not to be trusted.
    """
    with pytest.raises(StoreCorrupt):
        read_entity(one.value + more)


@given(junk=st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(b"\x01".__add__)))
def test_junk_is_read_as_corrupt_or_as_harmless_and_never_crashes(junk: bytes) -> None:
    """
    What another program wrote under our key costs this key's counts, not the service.
    """
    try:
        entity = read_entity(junk, key="nacre:x")
    except StoreCorrupt as error:
        assert error.key == "nacre:x"  # noqa: PT017  both ways out are right
    else:
        assert all(one.count(1_800_000_000.0, 600.0) >= 0 for one in entity.windows.values())
        assert all(tally(entity, tag, 1_800_000_000.0, 600.0) is not None for tag in entity.windows)


def test_a_key_that_is_missing_says_nothing() -> None:
    """
    Most addresses were never seen; they need no object of their own.
    """
    assert read_entity(None) is NOTHING
    assert read_entity(struct.pack("<BBBB", 1, 0, 0, 0)) == NOTHING


def test_no_grain_is_zero() -> None:
    """
    Times are divided by it.
    """
    with pytest.raises(StoreCorrupt):
        read_entity(struct.pack("<BBBBIddIBB", 1, 1, 0, 0, RESERVED_TAGS, 0.0, 0.0, 0, 0, 0))
