# SPDX-License-Identifier: Apache-2.0
"""A model as it is kept, and what is refused."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from network.rows import COLUMNS, KEY, WIDTH

from nacre.network.artifact import LARGEST, Artifact, Head, ModelRefused, digest, expect, raw, seal, unseal
from nacre.network.plan import Shape

SHAPE = Shape(hidden=2, depth=1, skip=False, nets=1)
HEAD = Head(columns=(0, 2), parameters=bytes(4 * SHAPE.parameters(2)), slope=1.0, intercept=0.0)
ONES = raw(np.ones(WIDTH, np.float32))


def artifact(**changes: Any) -> Artifact:
    """A model that says nothing, with some of its fields changed."""
    plain = Artifact(
        version="7",
        created=0.0,
        columns=COLUMNS,
        schema=digest(COLUMNS),
        shape=SHAPE,
        centre=ONES,
        gain=ONES,
        guess=HEAD,
        accept=HEAD,
        provenance={"seed": 1},
    )
    return msgspec.structs.replace(plain, **changes)


SEALED = seal(artifact(), KEY)


def test_what_was_sealed_is_what_is_read() -> None:
    """
    All of it, and the same bytes when it is sealed again.
    """
    read = unseal(SEALED, KEY)

    assert read == artifact()
    assert seal(read, KEY) == SEALED


def test_the_order_in_which_provenance_was_noted_is_no_matter() -> None:
    """
    The same content has the same bytes, and so the same hash.
    """
    one, other = (
        artifact(provenance={"a": 1, "b": {"c": 2, "d": 3}}),
        artifact(provenance={"b": {"d": 3, "c": 2}, "a": 1}),
    )

    assert seal(one, KEY) == seal(other, KEY)


@given(place=st.integers(0, len(SEALED) - 1), flip=st.integers(1, 255))
def test_one_changed_byte_anywhere_is_noticed(place: int, flip: int) -> None:
    """
    A store that lies is refused before anything of what it says is believed.
    """
    changed = bytearray(SEALED)
    changed[place] ^= flip

    with pytest.raises(ModelRefused):
        unseal(bytes(changed), KEY)


@given(length=st.integers(0, len(SEALED) - 1))
def test_a_cut_model_is_refused(length: int) -> None:
    """
    A copy that broke off says so, instead of scoring with half its weights.
    """
    with pytest.raises(ModelRefused):
        unseal(SEALED[:length], KEY)


def test_another_key_opens_nothing() -> None:
    """
    A model of another installation was trained on other people's traffic.
    """
    with pytest.raises(ModelRefused, match="another key"):
        unseal(SEALED, b"another key of sixteen")


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 65])
def test_a_key_of_no_use_is_refused(key: bytes) -> None:
    """
    An empty key would make the signature a checksum that anybody can compute.
    """
    with pytest.raises(ValueError, match="16 to 64 bytes"):
        seal(artifact(), key)


def test_a_model_that_is_too_large_is_not_made() -> None:
    """
    All instances read it from the store, at once.
    """
    with pytest.raises(ValueError, match="fewer nets or hidden units"):
        seal(artifact(edges=bytes(LARGEST)), KEY)
    with pytest.raises(ModelRefused, match="8,388,609 bytes"):
        unseal(bytes(LARGEST + 1), KEY)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"centre": ONES[:-4]}, "centre: 20 bytes, and 24 are right for 6 columns"),
        ({"columns": COLUMNS[:5]}, "centre: 24 bytes, and 20 are right for 5 columns"),
        ({"gain": raw(np.full(WIDTH, np.nan, np.float32))}, "gain: not all numbers are finite"),
        ({"shape": Shape(hidden=3, depth=1, skip=False, nets=1)}, "weights of head guess"),
        ({"accept": msgspec.structs.replace(HEAD, columns=(0, 6))}, "head accept sees columns that do not exist"),
        ({"accept": msgspec.structs.replace(HEAD, columns=(2, 0))}, "out of order"),
        ({"guess": msgspec.structs.replace(HEAD, slope=-1.0)}, "head guess is not calibrated"),
        ({"guess": msgspec.structs.replace(HEAD, intercept=float("nan"))}, "head guess is not calibrated"),
        ({"shape": msgspec.structs.replace(SHAPE, activation="softmax")}, "softmax"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(changes: dict[str, Any], message: str) -> None:
    """
    The original drew its weights anew when a width did not fit.
    """
    with pytest.raises(ModelRefused, match=message):
        unseal(seal(artifact(**changes), KEY), KEY)


@pytest.mark.parametrize(
    ("columns", "schema", "message"),
    [
        (COLUMNS[:-1], None, r"has 6 columns and 5 are given: 1 that are not there \(column 5\)"),
        ((*COLUMNS, "x"), None, r"has 6 columns and 7 are given: 1 that it does not know \(x\)"),
        (COLUMNS[::-1], None, "in another order"),
        (COLUMNS, "cafe", f"made for schema {digest(COLUMNS)}, and this is cafe"),
    ],
)
def test_a_model_for_other_columns_is_refused_by_name(
    columns: tuple[str, ...], schema: str | None, message: str
) -> None:
    """
    Who deploys an old model with new features reads which of them are the matter.
    """
    with pytest.raises(ModelRefused, match=message):
        expect(artifact(), columns, digest(columns) if schema is None else schema)
