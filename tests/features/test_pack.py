# SPDX-License-Identifier: Apache-2.0
"""Packed additional features."""

from __future__ import annotations

from struct import unpack_from
from zlib import crc32

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.features.catalogue import Catalogue
from nacre.features.extras import Given, add_extras
from nacre.features.pack import MAX_NUMBER, MAX_TEXT, NOT_GIVEN, PACKED_BYTES, pack

NUMBER, TEXT = "a_number", "b_text"
CATALOGUE = Catalogue().propose(add_extras({}, {NUMBER: 1, TEXT: "x"}), now=0.0).catalogue


def digest(text: str) -> int:
    """Return a digest for tests."""
    return crc32(text.encode("utf-8", "surrogatepass"))


def packed(**values: object) -> bytes:
    """Pack one call."""
    return pack(add_extras({}, values), CATALOGUE, digest)


def stored_number(value: object) -> float | None:
    """Return what is kept of a number, ``None`` for nothing."""
    row = packed(**{NUMBER: value})
    return None if row == NOT_GIVEN else float(unpack_from("<f", row)[0])


@pytest.mark.parametrize(
    ("value", "kept"),
    [(2.5, 2.5), (0, 0.0), (-0.0, 0.0), (1e-60, 0.0), (True, 1.0), (False, 0.0), ("7", 7.0), (" -2.5e1 ", -25.0)],
)
def test_numbers_booleans_and_numerals_are_numbers(value: object, kept: float) -> None:
    """
    Zero is a value, and something else than nothing given.
    """
    assert stored_number(value) == kept


@pytest.mark.parametrize(
    "value",
    [
        *(float("nan"), float("inf"), -float("inf"), 1e30, 10**400, -(10**400)),
        *("", "fast", "nan", "inf", "1e999", "1_000", "\u0661", "9" * 5000, "1".rjust(5000)),
    ],
)
def test_what_no_network_could_use_counts_as_not_given(value: object) -> None:
    """
    One such value would spoil every sum that it is part of.
    """
    assert stored_number(value) is None


@given(st.floats(-MAX_NUMBER, MAX_NUMBER))
def test_a_number_is_kept_as_precisely_as_32_bits_can(value: float) -> None:
    """
    It is neither clamped nor scaled before the training knows how.
    """
    kept = stored_number(value)

    assert kept is not None
    assert kept == pytest.approx(value, rel=2**-24, abs=1e-44)


@pytest.mark.parametrize("value", [1, 2.5, True, ""])
def test_a_text_feature_takes_texts_alone(value: object) -> None:
    """
    Its kind was decided by the first value seen.
    """
    assert packed(**{TEXT: value}) == NOT_GIVEN


def test_a_digest_of_zero_is_still_a_value() -> None:
    """
    Zero means that nothing was given.
    """
    row = pack(add_extras({}, {TEXT: "x"}), CATALOGUE, lambda _: 0)

    assert unpack_from("<II", row) == (0, 1)


def test_the_end_of_an_endless_text_is_not_looked_at() -> None:
    """
    Whoever sends a megabyte does not make us digest it.
    """
    row = pack(add_extras({}, {TEXT: "x" * 1_000_000}), CATALOGUE, len)

    assert unpack_from("<II", row) == (0, MAX_TEXT)


@given(st.dictionaries(st.text(max_size=5) | st.sampled_from([NUMBER, TEXT]), st.integers() | st.text(max_size=9)))
def test_a_row_has_one_size_and_no_order(values: dict[str, object]) -> None:
    """
    Whatever a caller sends; names without a slot leave no trace.
    """
    row = packed_in_order(values, list(values))

    assert len(row) == PACKED_BYTES
    assert row == packed_in_order(values, sorted(values, reverse=True))
    assert row == packed_in_order(values, [name for name in (NUMBER, TEXT) if name in values])


def packed_in_order(values: dict[str, object], order: list[str]) -> bytes:
    """Pack values that a caller gives in an order."""
    extras: dict[str, Given] = add_extras({}, {name: values[name] for name in order})
    return pack(extras, CATALOGUE, digest)


def test_nothing_given_is_all_zero() -> None:
    """
    A row that is older than a feature then has no value for it, whatever its kind.
    """
    assert packed() == bytes(PACKED_BYTES)
    assert pack(add_extras({}, {"a": 1}), Catalogue(), digest) == bytes(PACKED_BYTES)
