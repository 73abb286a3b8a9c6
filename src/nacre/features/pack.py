# SPDX-License-Identifier: Apache-2.0
"""
Packed additional features: 32 slots of four bytes, whatever a caller sends.

A number is a float32, a text its keyed digest.  Four zero bytes say "not given" for both, so that a slot says the same
whoever reads it, and a row that is older than a feature has no value for it; the number 0 is therefore written as -0.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import Struct

from nacre.features.catalogue import SLOTS, Catalogue
from nacre.features.extras import Extras, Kind, Value

SLOT_BYTES = 4
PACKED_BYTES = SLOTS * SLOT_BYTES
"""Bytes of one attempt's additional features."""

NOT_GIVEN = bytes(PACKED_BYTES)
"""The packed slots of an attempt without additional features."""

MAX_TEXT = 1024
"""Characters of a text that are looked at."""

MAX_NUMBER = float(2**63)
"""Numbers beyond it count as not given; every 64-bit integer lies below."""

MAX_NUMERAL = 64
"""Characters of a text that can stand for a number."""

_LEAST = 1e-45
"""Numbers nearer to 0 are 0 in 32 bits."""

_FLOAT, _DIGEST = Struct("<f"), Struct("<I")


def number(value: Value) -> float | None:
    """
    Return a value as a number, ``None`` if it is none that a network could use.

    >>> [number(value) for value in (True, 3, "2.5", "fast", float("nan"), 1e30)]
    [1.0, 3, 2.5, None, None, None]
    """
    if isinstance(value, str):
        if len(value) > MAX_NUMERAL or not value.isascii() or "_" in value:
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    elif isinstance(value, bool):
        return float(value)
    return value if -MAX_NUMBER <= value <= MAX_NUMBER else None


def pack(extras: Extras, catalogue: Catalogue, digest: Callable[[str], int]) -> bytes:
    """
    Return the additional features of one attempt as they are kept.

    A value that is not of its feature's kind counts as not given, unless it is a text that stands for a number.

    Args:
        extras: What callers gave.
        catalogue: Which of it has a slot.
        digest: Makes a keyed 32-bit digest of a text; 0 is taken as 1.

    Returns:
        :data:`PACKED_BYTES` bytes.

    >>> from nacre.features.extras import add_extras
    >>> extras = add_extras({}, {"retries": 2, "device": "mobile"})
    >>> packed = pack(extras, Catalogue().propose(extras, now=0.0).catalogue, digest=len)
    >>> len(packed), packed[:8].hex()
    (128, '0600000000000040')
    """
    if not extras or not catalogue.features:
        return NOT_GIVEN
    packed = bytearray(NOT_GIVEN)
    for feature in catalogue.features:
        given = extras.get(feature.name)
        if given is None:
            continue
        value = given.value
        if feature.kind is Kind.NUMBER:
            quantity = number(value)
            if quantity is not None:
                _FLOAT.pack_into(packed, feature.slot * SLOT_BYTES, quantity if abs(quantity) > _LEAST else -0.0)
        elif isinstance(value, str) and value:
            _DIGEST.pack_into(packed, feature.slot * SLOT_BYTES, digest(value[:MAX_TEXT]) & 0xFFFFFFFF or 1)
    return bytes(packed)
