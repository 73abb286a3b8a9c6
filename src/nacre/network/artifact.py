# SPDX-License-Identifier: Apache-2.0
"""
A model as it is kept: plain values under a signature.

Everything that a score depends on is in it, and nothing that runs: a file that somebody else wrote, or that a store
gives back changed, is refused before a byte of it is believed.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import blake2b
from math import isfinite
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.network.plan import Shape

LARGEST = 8 << 20
"""Bytes of a sealed model at most."""

_MAGIC = b"nacre model 1\n"
_SIGNATURE = 32
_encoder = msgspec.msgpack.Encoder(order="deterministic")


class ModelRefused(ValueError):
    """A model cannot be used here; says why."""


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """
    One question that a model answers.

    Attributes:
        columns: Positions of the columns that it sees, ascending.
        parameters: (nets, parameters of a net), little-endian float32.
        slope, intercept: Calibration of its logits.
        thresholds: By pair group (``known``, ``novel``) and answer (``refuse``, ``challenge``, ``delay``), the score
            from which it is given.
    """

    columns: tuple[int, ...]
    parameters: bytes
    slope: float
    intercept: float
    thresholds: dict[str, dict[str, float]] = {}


class Artifact(msgspec.Struct, frozen=True, kw_only=True):
    """
    A model as plain values.

    Attributes:
        version: Its name.
        created: Unix seconds.
        columns: Names of the columns, in order.
        schema: Digest of what the columns mean; another one makes them other columns.
        shape: Its networks.
        centre, gain: (width,), little-endian float32, see :class:`~nacre.network.scaling.Scaling`.
        guess: "Is this attempt a guess?"
        accept: "Is a right password here a guess that hit?", without the columns that betray the outcome.
        edges, shares: (width, 9) and (width, 10), little-endian float32, see
            :func:`~nacre.network.quantile.deciles`: what a watch on drift compares with.
        provenance: Where it comes from: data, rows per class, plan, seed, code, metrics.
        extras: How callers' additional features become the last columns, as whoever made it packed it.
    """

    version: str
    created: float
    columns: tuple[str, ...]
    schema: str
    shape: Shape
    centre: bytes
    gain: bytes
    guess: Head
    accept: Head
    edges: bytes = b""
    shares: bytes = b""
    provenance: dict[str, Any] = {}
    extras: bytes = b""


def digest(columns: Sequence[str]) -> str:
    """
    Return the digest of some column names in their order, 32 hexadecimal digits.

    >>> digest(["ip.failed", "user.failed"]) == digest(["user.failed", "ip.failed"])
    False
    """
    return blake2b(_encoder.encode(list(columns)), digest_size=16).hexdigest()


def floats(raw: bytes) -> NDArray[np.float32]:
    """Return the numbers behind a field of an artifact, flat and read-only."""
    return np.frombuffer(raw, "<f4")


def raw(values: NDArray[np.float32]) -> bytes:
    """Return numbers as a field of an artifact."""
    return np.ascontiguousarray(values, "<f4").tobytes()


def seal(artifact: Artifact, key: bytes) -> bytes:
    """
    Return an artifact with its signature; the same artifact and key give the same bytes.

    Args:
        artifact: What to keep.
        key: 16 to 64 secret bytes.

    Raises:
        ValueError: The key has another length, or the model is larger than :data:`LARGEST`.
    """
    payload = _encoder.encode(artifact)
    size = len(_MAGIC) + _SIGNATURE + len(payload)
    if size > LARGEST:
        raise ValueError(
            f"the model takes {size:,} bytes and may take {LARGEST:,}: fewer nets or hidden units would do"
        )
    return _MAGIC + _sign(payload, key) + payload


def unseal(data: bytes, key: bytes) -> Artifact:
    """
    Return the artifact behind bytes that were sealed with this key.

    Raises:
        ModelRefused: They are no model, were changed, were sealed with another key, or do not fit together.
        ValueError: The key has a length that no key has.
    """
    if len(data) > LARGEST:
        raise ModelRefused(f"the model takes {len(data):,} bytes and may take {LARGEST:,}")
    if not data.startswith(_MAGIC) or len(data) < len(_MAGIC) + _SIGNATURE:
        raise ModelRefused("this is no model of this program, or of another version of it")
    payload = data[len(_MAGIC) + _SIGNATURE :]
    if not hmac.compare_digest(data[len(_MAGIC) :][:_SIGNATURE], _sign(payload, key)):
        raise ModelRefused("the model was changed after it was sealed, or sealed with another key")
    try:
        artifact = msgspec.msgpack.decode(payload, type=Artifact)
    except msgspec.MsgspecError as error:
        raise ModelRefused(f"the model cannot be read: {error}") from error
    _check(artifact)
    return artifact


def expect(artifact: Artifact, columns: Sequence[str], schema: str) -> None:
    """
    Refuse an artifact that was made for other columns.

    Args:
        artifact: What was read.
        columns: Names of the columns that will be scored, in order.
        schema: Digest of what they mean.

    Raises:
        ModelRefused: Names the columns that are missing or too many, or both digests.
    """
    ours, theirs = tuple(columns), artifact.columns
    missing, unknown = [name for name in theirs if name not in ours], [name for name in ours if name not in theirs]
    if missing or unknown:
        parts = [
            f"{len(names)} {what} ({', '.join(names[:5])}{', ...' if len(names) > 5 else ''})"
            for what, names in (("that are not there", missing), ("that it does not know", unknown))
            if names
        ]
        raise ModelRefused(
            f"the model {artifact.version} has {len(theirs)} columns and {len(ours)} are given: {' and '.join(parts)}"
        )
    if ours != theirs:
        raise ModelRefused(f"the model {artifact.version} has the same columns in another order")
    if artifact.schema != schema:
        raise ModelRefused(f"the model {artifact.version} was made for schema {artifact.schema}, and this is {schema}")


def _sign(payload: bytes, key: bytes) -> bytes:
    if not 16 <= len(key) <= 64:
        raise ValueError(f"a key has 16 to 64 bytes, this one has {len(key)}")
    return blake2b(payload, key=key, digest_size=_SIGNATURE, person=b"nacre model").digest()


def _check(artifact: Artifact) -> None:
    """Refuse what cannot be scored: sealed by a faulty program rather than by a foe."""
    width, shape = len(artifact.columns), artifact.shape
    sizes = {"centre": (artifact.centre, width), "gain": (artifact.gain, width)}
    for name, head in (("guess", artifact.guess), ("accept", artifact.accept)):
        if list(head.columns) != sorted({column for column in head.columns if 0 <= column < width}):
            raise ModelRefused(f"head {name} sees columns that do not exist, twice or out of order")
        if not (isfinite(head.slope) and isfinite(head.intercept) and head.slope > 0.0):
            raise ModelRefused(f"head {name} is not calibrated: slope {head.slope}, intercept {head.intercept}")
        sizes[f"weights of head {name}"] = head.parameters, shape.nets * shape.parameters(len(head.columns))
    for name, (field, count) in sizes.items():
        if len(field) != 4 * count:
            raise ModelRefused(f"{name}: {len(field)} bytes, and {4 * count} are right for {width} columns")
        if not np.isfinite(floats(field)).all():
            raise ModelRefused(f"{name}: not all numbers are finite")
