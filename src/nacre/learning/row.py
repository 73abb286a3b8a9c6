# SPDX-License-Identifier: Apache-2.0
"""
Samples: events with the vector that was scored, each of one size.

A row keeps what the model was shown, byte for byte: what is trained on is what was seen at the check, before
the outcome, never computed a second time.
"""

from __future__ import annotations

import math
from functools import cache
from struct import Struct

import numpy as np
from numpy.typing import NDArray

from nacre.features.changes import Outcome
from nacre.features.columns import STANDARD
from nacre.learning.event import EVENT
from nacre.learning.keep import inclusion, kept

SLOT_BYTES = 128
"""Room for callers' additional features."""

EVENT_BYTES = Struct("<QdIIIIIIIIfff")
"""An event, as :data:`~nacre.learning.event.EVENT` has it."""

_FLOAT = Struct("<f").unpack_from
_NETWORK = tuple(4 * STANDARD.place(f"network.{name}") for name in ("failures_24h", "successes_24h"))
_FAILED, _PASSED = (4 * STANDARD.place(f"user.{name}") for name in ("failures_24h", "successes_7d"))
_EVENTS_PER_SAMPLE = 50.0
_NOTHING = bytes(SLOT_BYTES)


@cache
def row_dtype(width: int = len(STANDARD)) -> np.dtype[np.void]:
    """
    Return the layout of a sample: an event, the slots of additional features, the vector.

    >>> row_dtype().itemsize - 4 * len(STANDARD)
    188
    """
    return np.dtype([*EVENT.descr, ("slots", "u1", (SLOT_BYTES,)), ("vector", "<f4", (width,))])


def pack_event(digest: int, outcome: Outcome, guess: float, accept: float, rules: float) -> bytes:
    """
    Return the row that the journal keeps of an attempt.

    Args:
        digest: Keyed digest of its request id, 64 bits.
        outcome: What became of it.
        guess: Probability that it is a guess, as served; NaN without a model.
        accept: Probability that its password is not its owner's to use, likewise.
        rules: How full the fullest bucket was, 0-1.
    """
    facts = outcome.facts
    return EVENT_BYTES.pack(
        digest,
        outcome.time,
        facts.address,
        facts.network,
        facts.user,
        facts.token,
        facts.asn,
        facts.client,
        facts.country,
        outcome.flags,
        guess,
        accept,
        rules,
    )


def pack_row(event: bytes, vector: bytes, slots: bytes = b"") -> bytes:
    """Return a sample of an event and what was scored."""
    return event + (slots or _NOTHING) + vector


def chosen(digest: int, vector: bytes) -> tuple[bool, bool]:
    """
    Return whether an attempt is kept as an event, and whether as a sample.

    The more came from its network and for its account within a day, the less likely; events are kept far longer
    than samples, since labels follow from how many there are.

    Args:
        digest: Keyed digest of its request id, 64 bits.
        vector: As scored: little-endian float32, one per standard column.
    """
    network = sum(math.expm1(_FLOAT(vector, place)[0]) for place in _NETWORK)
    (failed,), (passed,) = _FLOAT(vector, _FAILED), _FLOAT(vector, _PASSED)
    account = 0.0 if math.isnan(failed) else math.expm1(failed) + math.expm1(passed) / 7.0
    chance = inclusion(network + 1.0, account + 1.0)
    return kept(digest, min(1.0, chance * _EVENTS_PER_SAMPLE)), kept(digest, chance)


def read_rows(data: bytes | bytearray, dtype: np.dtype[np.void]) -> NDArray[np.void]:
    """
    Return the rows of a value; what is erased or broken off is left out.

    >>> read_rows(b"", EVENT).size
    0
    """
    whole = len(data) - len(data) % dtype.itemsize
    rows: NDArray[np.void] = np.frombuffer(data[:whole], dtype=dtype)
    there: NDArray[np.void] = rows[rows["id"] != 0]
    return there
