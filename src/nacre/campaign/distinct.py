# SPDX-License-Identifier: Apache-2.0
"""
How many different values came, minute by minute: exact while few, sketched beyond.

Values are strangers' text, so they are hashed with a key first: without it an attacker could choose names and
addresses that look like one.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b

import msgspec
import numpy as np
from numpy.typing import NDArray

FEW = 256
"""Values of a minute that are kept one by one."""

_BITS = 12
REGISTERS = 1 << _BITS
ERROR = 1.04 / REGISTERS**0.5
"""Standard error of a sketched count, as a share: 1.6 %."""

_RANKS = 64 - _BITS + 1
_ALPHA = 0.5 / float(np.log(2))
_POWERS = 0.5 ** np.arange(_RANKS + 1)

Hashes = NDArray[np.uint64]
Registers = NDArray[np.uint8]


class Hashing:
    """
    Hashes values with a key, many at once.

    Args:
        key: Secret, at most 64 bytes.
    """

    def __init__(self, key: bytes) -> None:
        self._keyed = blake2b(key=key[:64], digest_size=8)
        self._mask = np.uint64(self._of("mask"))

    def _of(self, text: str) -> int:
        keyed = self._keyed.copy()
        keyed.update(text.encode("utf-8", "surrogatepass"))
        return int.from_bytes(keyed.digest(), "little")

    def texts(self, values: Iterable[str]) -> Hashes:
        """
        Return 64 bits for each different text, in no order.

        >>> len(Hashing(b"k").texts(["erika", "otto", "erika"]))
        2
        """
        of = self._of
        return np.fromiter((of(value) for value in set(values)), np.uint64)

    def numbers(self, values: Hashes) -> Hashes:
        """
        Return 64 well mixed bits for each number.

        Source:
            G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014 (SplitMix64).
        """
        with np.errstate(over="ignore"):
            mixed = (values ^ self._mask) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(mixed ^ (mixed >> np.uint64(31)))


class Distinct(msgspec.Struct, gc=False):
    """
    The different values of one minute, or of one campaign.

    Attributes:
        few: Their hashes, while there are at most :data:`FEW`.
        registers: A HyperLogLog sketch of all of them beyond that, else empty.
    """

    few: set[int] = msgspec.field(default_factory=set)
    registers: bytearray = msgspec.field(default_factory=bytearray)

    def add(self, hashes: Hashes) -> None:
        """Take some hashes."""
        if not self.registers:
            self.few.update(hashes.tolist())
            if len(self.few) <= FEW:
                return
            hashes, self.few = np.fromiter(self.few, np.uint64, len(self.few)), set()
            self.registers = bytearray(REGISTERS)
        fill(np.frombuffer(self.registers, np.uint8), hashes)

    def join(self, other: Distinct) -> None:
        """Take all values of another one."""
        if other.registers:
            mine, self.few = np.fromiter(self.few, np.uint64, len(self.few)), set()
            registers = bytearray(np.maximum(self.view(), other.view()).tobytes())
            fill(np.frombuffer(registers, np.uint8), mine)
            self.registers = registers
        else:
            self.add(np.fromiter(other.few, np.uint64, len(other.few)))

    def view(self) -> Registers:
        """Return the registers, all zero while there are few values."""
        return np.frombuffer(self.registers, np.uint8) if self.registers else np.zeros(REGISTERS, np.uint8)

    def size(self) -> int:
        """Return how many values there are: exact while few, then off by 1.6 %."""
        return round(estimate(self.view())) if self.registers else len(self.few)


class Union:
    """
    The different values of several minutes together.

    Args:
        parts: The minutes.
    """

    def __init__(self, parts: list[Distinct]) -> None:
        few = [np.fromiter(part.few, np.uint64, len(part.few)) for part in parts if part.few]
        self.hashes: Hashes = np.unique(np.concatenate(few)) if few else np.empty(0, np.uint64)
        many = [np.frombuffer(part.registers, np.uint8) for part in parts if part.registers]
        self.registers: Registers | None = None
        if many:
            self.registers = np.maximum.reduce([*many, sketch(self.hashes)])

    def count(self, now: Distinct) -> int:
        """
        Return how many values these minutes and a running one have: exact as long as no minute had more than a few.

        >>> hashing, old, new = Hashing(b""), Distinct(), Distinct()
        >>> old.add(hashing.texts("ab"))
        >>> new.add(hashing.texts("bc"))
        >>> Union([old]).count(new)
        3
        """
        if self.registers is None and not now.registers:
            fresh = np.fromiter(now.few, np.uint64, len(now.few))
            places = np.searchsorted(self.hashes, fresh)
            inside = places < len(self.hashes)
            inside[inside] = self.hashes[places[inside]] == fresh[inside]
            return len(self.hashes) + int((~inside).sum())
        registers = sketch(self.hashes) if self.registers is None else self.registers
        if now.registers:
            more = np.frombuffer(now.registers, np.uint8)
        else:
            more = sketch(np.fromiter(now.few, np.uint64, len(now.few)))
        return round(estimate(np.maximum(registers, more)))


def sketch(hashes: Hashes) -> Registers:
    """Return the registers that some hashes fill, (4096,) uint8."""
    registers = np.zeros(REGISTERS, np.uint8)
    fill(registers, hashes)
    return registers


def fill(registers: Registers, hashes: Hashes) -> None:
    """Add hashes to registers, in place."""
    if len(hashes):
        rest = (hashes >> np.uint64(_BITS)).astype(np.float64)  # 52 bits: exact
        ranks = (_RANKS - np.frexp(rest)[1]).astype(np.uint8)
        np.maximum.at(registers, (hashes & np.uint64(REGISTERS - 1)).astype(np.int64), ranks)


def estimate(registers: Registers) -> float:
    """
    Return how many values filled some registers.

    Args:
        registers: (4096,) uint8.

    Returns:
        Off by 1.6 % (one standard deviation), at any size.

    Source:
        O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6.
        https://arxiv.org/abs/1702.01284

    >>> abs(estimate(sketch(Hashing(b"k").numbers(np.arange(50_000, dtype=np.uint64)))) / 50_000 - 1) < 0.05
    True
    """
    counts = np.bincount(registers, minlength=_RANKS + 1)
    empty = counts[0] / REGISTERS
    if empty == 1:
        return 0.0
    rest = float((counts[1:] * _POWERS[1:]).sum())
    return _ALPHA * REGISTERS**2 / (REGISTERS * _sigma(float(empty)) + rest)


def _sigma(share: float) -> float:
    """Return Ertl's correction for registers that are still empty."""
    total, weight = share, 1.0
    while True:
        share *= share
        before = total
        total += share * weight
        weight += weight
        if total == before:
            return total
