# SPDX-License-Identifier: Apache-2.0
"""
Additional features: what callers and scripts know of an attempt beside its fields.

Names and values come from outside, so everything is bounded before it is kept.  A catalogue gives each of at most
32 names a slot of four bytes (:mod:`nacre.features.catalogue`); an attempt is packed into these slots, whatever
the caller sent (:mod:`nacre.features.pack`), and the packed slots are what is kept with a sample.  Columns of a
network are made of them at its training (:mod:`nacre.features.encoding`), so that no value that arrives can change a
network.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import NamedTuple

SKIPPED = frozenset({"ClientIP", "client_ip", "Username", "username"})
"""Names that are never additional features: they say who signs in, not how."""

_SHOWN = 64
"""Characters of a wrong name that an error repeats."""

Value = bool | int | float | str


class Kind(enum.Enum):
    """
    What a feature's values are; the first one seen decides.

    Attributes:
        NUMBER: Numbers and booleans.
        STRING: Texts.
    """

    NUMBER = "number"
    STRING = "string"


class Coding(enum.Enum):
    """
    How texts become columns.

    Attributes:
        ONE_HOT: A column for each frequent value.
        EMBEDDING: A vector of fixed size for every value.
    """

    ONE_HOT = "one-hot"
    EMBEDDING = "embedding"


def read_coding(text: str) -> Coding:
    """
    Return the coding that a caller names.

    Raises:
        ValueError: there is none of that name.

    >>> read_coding("embedding")
    <Coding.EMBEDDING: 'embedding'>
    >>> read_coding("hashed")
    Traceback (most recent call last):
    ...
    ValueError: invalid encoding type: hashed (must be 'one-hot' or 'embedding')
    """
    try:
        return Coding(text)
    except ValueError:
        raise ValueError(f"invalid encoding type: {text[:_SHOWN]} (must be 'one-hot' or 'embedding')") from None


class Given(NamedTuple):
    """
    One value that a caller gave.

    Attributes:
        value: The value.
        coding: How its texts are to become columns; without meaning for numbers.
    """

    value: Value
    coding: Coding


Extras = Mapping[str, Given]
"""All additional features of one attempt, by name."""


def add_extras(earlier: Extras, values: Mapping[str, object], coding: Coding = Coding.ONE_HOT) -> dict[str, Given]:
    """
    Return what is given of an attempt after one more call; the later call wins for each name.

    The four names of :data:`SKIPPED` are left out, and so is what is neither number, boolean nor text.

    >>> first = add_extras({}, {"device": "mobile", "retries": 2, "username": "erika"})
    >>> both = add_extras(first, {"device": "tablet"}, Coding.EMBEDDING)
    >>> sorted((name, given.value, given.coding.value) for name, given in both.items())
    [('device', 'tablet', 'embedding'), ('retries', 2, 'one-hot')]
    """
    merged = dict(earlier)
    for name, value in values.items():
        if name not in SKIPPED and isinstance(value, bool | int | float | str):
            merged[name] = Given(value, coding)
    return merged
