# SPDX-License-Identifier: Apache-2.0
"""
How packed additional features become columns of a network.

An encoding is made at a training and belongs to its model from then on.  It knows the frequent values of each
one-hot feature; all others share a few columns, and an embedding needs to know no value at all.  So a value
never seen has its place before it arrives: it widens nothing and changes no column of another row.

Scoring, training and replay call the same :meth:`Encoding.encode`, on the same packed slots.
"""

from __future__ import annotations

from functools import cached_property
from math import isfinite

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.features.catalogue import SLOTS, Catalogue, Feature
from nacre.features.extras import Coding, Kind
from nacre.features.pack import PACKED_BYTES

MOST_FREQUENT = 16
"""Values of a one-hot feature that get a column of their own."""

FEWEST_ROWS = 20
"""Rows of the training that a value needs for it."""

SHARED = 8
"""Columns of a one-hot feature that all other values share."""

VECTOR = 8
"""Columns of an embedding."""

MAX_WIDTH = SLOTS * (MOST_FREQUENT + SHARED)
"""Columns at most, whatever callers send."""

Slots = NDArray[np.uint8]
Columns = NDArray[np.float32]

_NIBBLES = np.array([[byte & 15, byte >> 4] for byte in range(256)])
_VECTORS = ((_NIBBLES - 7.5) / np.sqrt(21.25)).astype(np.float32)
"""Two columns of an embedding for each byte of a digest; 21.25 is the variance of the numbers from 0 to 15."""

_ONE_OF_SHARED = np.eye(SHARED + 1, SHARED, dtype=np.float32)
"""The shared columns by number; the last row is for values that have no part in them."""

_NO_PART, _ORIGIN = np.full(1, SHARED, np.uint32), np.zeros(1, np.float32)


class EncodingMismatch(ValueError):
    """The catalogue is not the one that the encoding was made for."""


class Coded(msgspec.Struct, frozen=True, gc=False):
    """
    One additional feature as a model knows it.

    Attributes:
        feature: Its entry in the catalogue at the time of the training.
        median: What stands for a number that is not given.
        frequent: Digests of the values with columns of their own, the most frequent first.
    """

    feature: Feature
    median: float = 0.0
    frequent: tuple[int, ...] = ()


class Encoding(msgspec.Struct, frozen=True, dict=True):
    """
    The columns of additional features, frozen with a model.

    A number has two columns: its value, or the median of the training where it is not given, and whether it is not
    given.  A one-hot text has a column for each of at most 16 frequent values and 8 that the others share.
    An embedded text has 8 columns between -1.63 and 1.63 that look random, have a mean of 0 and a variance of 1,
    and are the same for the same value for ever: the eight hexadecimal digits of its keyed digest, scaled.
    A text that is not given is all zero.

    A table of vectors learned with the network was weighed too.  On a planted signal it ranks better than these
    vectors, the more so the fewer rows there are; but what it says of a value is in the hands of whoever
    sends that value, and it would have to be kept for strings that strangers choose.

    Attributes:
        coded: The features, in the order of their slots.
    """

    coded: tuple[Coded, ...] = ()

    def __post_init__(self) -> None:
        Catalogue(tuple(one.feature for one in self.coded))  # raises an error for a slot that is none
        for one in self.coded:
            if len(one.frequent) > MOST_FREQUENT or not all(0 < digest < 2**32 for digest in one.frequent):
                raise ValueError(f"{one.feature.name!r} has up to {MOST_FREQUENT} frequent values of 32 bits")
            if not isfinite(one.median):
                raise ValueError(f"the median of {one.feature.name!r} is no number")

    @classmethod
    def fit(cls, slots: Slots, catalogue: Catalogue) -> Encoding:
        """
        Return the encoding of the canonical features, made from the rows of a training.

        Args:
            slots: (n, 128) uint8, packed attempts; in any order.
            catalogue: As canonised for this training.
        """
        words = _words(slots)
        return cls(tuple(_coded(words[:, feature.slot], feature) for feature in catalogue.canonical))

    @classmethod
    def from_bytes(cls, packed: bytes) -> Encoding:
        """
        Return what :meth:`to_bytes` wrote.

        Raises:
            ValueError: somebody else wrote it.
        """
        return msgspec.msgpack.decode(packed, type=cls)

    def to_bytes(self) -> bytes:
        """Return the encoding as MessagePack."""
        return msgspec.msgpack.encode(self)

    def check(self, catalogue: Catalogue) -> None:
        """
        Make sure that values packed by a catalogue mean what they meant at the training.

        Features that are new since then do no harm: they have slots of their own.

        Raises:
            EncodingMismatch: a feature is gone, or another one has its slot.
        """
        present = {feature.name: feature for feature in catalogue.canonical}
        for coded in self.coded:
            if present.get(coded.feature.name) != coded.feature:
                raise EncodingMismatch(
                    f"the model was trained with the additional feature {coded.feature.name!r} in slot "
                    f"{coded.feature.slot}, which is now {present.get(coded.feature.name)}: train a new one"
                )

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, each a different one."""
        return self._plan.names

    @property
    def width(self) -> int:
        """Columns, at most :data:`MAX_WIDTH`."""
        return len(self.columns)

    def encode(self, slots: Slots) -> Columns:
        """
        Return the columns of packed attempts; each row depends on itself alone.

        Args:
            slots: (n, 128) uint8.

        Returns:
            (n, width) float32; finite, and in [-1.63, 1.63] except for the values of numbers.

        Raises:
            ValueError: *slots* has another shape or type.
        """
        words = _words(slots)
        return self._plan.encode(words)

    @cached_property
    def _plan(self) -> _Plan:
        return _Plan(self.coded)


class _Plan:
    """
    The columns of an encoding in blocks: values of numbers, whether they are missing, frequent, shared, embedded.

    Args:
        coded: The features.
    """

    def __init__(self, coded: tuple[Coded, ...]) -> None:
        numbers = [one for one in coded if one.feature.kind is Kind.NUMBER]
        texts = [one for one in coded if one.feature.kind is Kind.STRING]
        one_hot = [one for one in texts if one.feature.coding is Coding.ONE_HOT]
        vectors = [one for one in texts if one.feature.coding is Coding.EMBEDDING]
        self._slots = np.array([one.feature.slot for one in numbers + one_hot + vectors], np.intp)
        self._numbers, self._one_hot, self._vectors = len(numbers), len(one_hot), len(vectors)
        self._medians = np.array([one.median for one in numbers], np.float32)
        self._frequent = np.zeros((len(one_hot), MOST_FREQUENT + 1), np.uint32)
        for row, one in enumerate(one_hot):
            self._frequent[row, : len(one.frequent)] = one.frequent
        # The last is always 0: a text that is not given is found there, and so has no part in the shared columns.
        self._with_column = np.flatnonzero(self._frequent)
        self.names = (
            *(f"extra.{one.feature.name}:value" for one in numbers),
            *(f"extra.{one.feature.name}:missing" for one in numbers),
            *(f"extra.{one.feature.name}={digest:08x}" for one in one_hot for digest in one.frequent),
            *(f"extra.{one.feature.name}#{column}" for one in one_hot for column in range(SHARED)),
            *(f"extra.{one.feature.name}~{column}" for one in vectors for column in range(VECTOR)),
        )

    def encode(self, words: NDArray[np.uint32]) -> Columns:
        rows = len(words)
        given = words.take(self._slots, axis=1)
        out = np.empty((rows, len(self.names)), np.float32)
        at = self._numbers
        if self._numbers:
            bits = given[:, :at]
            values = bits.view(np.float32)
            missing = ~(np.isfinite(values) & (bits != 0))
            np.copyto(values, self._medians, where=missing)
            out[:, :at] = values
            out[:, at : 2 * at] = missing
            at *= 2
        if self._one_hot:
            digests = given[:, self._numbers : self._numbers + self._one_hot]
            hits = digests[:, :, None] == self._frequent
            end = at + self._with_column.size
            out[:, at:end] = hits.reshape(rows, self._frequent.size).take(self._with_column, axis=1)
            at, end = end, end + SHARED * self._one_hot
            numbers = digests & (SHARED - 1)
            np.copyto(numbers, _NO_PART, where=np.logical_or.reduce(hits, axis=2))
            out[:, at:end] = _ONE_OF_SHARED.take(numbers, axis=0).reshape(rows, end - at)
            at = end
        if self._vectors:
            digests = given[:, self._numbers + self._one_hot :]
            vectors = _VECTORS.take(digests.view(np.uint8), axis=0).reshape(rows, self._vectors, VECTOR)
            np.copyto(vectors, _ORIGIN, where=(digests == 0)[:, :, None])
            out[:, at:] = vectors.reshape(rows, VECTOR * self._vectors)
        return out


def current(slots: Slots, times: NDArray[np.float64], catalogue: Catalogue) -> Slots:
    """
    Return packed attempts without the values of features that had a slot before its present one.

    Args:
        slots: (n, 128) uint8.
        times: (n,) Unix seconds of the attempts.
        catalogue: Whose features stand in the slots now.

    Returns:
        (n, 128) uint8, a copy.
    """
    words = _words(slots).copy()
    since = np.full(SLOTS, np.inf)
    for feature in catalogue.features:
        since[feature.slot] = feature.since
    words[times[:, None] < since] = 0
    return words.view(np.uint8)


def _words(slots: Slots) -> NDArray[np.uint32]:
    """Return slots as one little-endian number each."""
    if slots.ndim != 2 or slots.shape[1] != PACKED_BYTES or slots.dtype != np.uint8:
        raise ValueError(f"packed slots are (n, {PACKED_BYTES}) uint8, not {slots.shape} {slots.dtype}")
    return np.ascontiguousarray(slots).view("<u4")


def _coded(words: NDArray[np.uint32], feature: Feature) -> Coded:
    """Return one feature as the rows of a training show it."""
    given = words[words != 0]
    if feature.kind is Kind.NUMBER:
        values = given.view(np.float32)
        values = values[np.isfinite(values)].astype(np.float64)  # the mean of two of them has room
        return Coded(feature, median=float(np.median(values)) if values.size else 0.0)
    if feature.coding is Coding.EMBEDDING:
        return Coded(feature)
    digests, counts = np.unique(given, return_counts=True)
    order = np.lexsort((digests, -counts))[:MOST_FREQUENT]
    return Coded(feature, frequent=tuple(int(digests[at]) for at in order if counts[at] >= FEWEST_ROWS))
