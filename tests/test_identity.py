# SPDX-License-Identifier: Apache-2.0
"""Keyed digests."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.identity import KEY_BYTES, Identity

OURS, THEIRS = Identity(b"a" * KEY_BYTES), Identity(b"b" * KEY_BYTES)

PURPOSES: list[Callable[[Identity], Callable[[str], object]]] = [
    lambda identity: identity.account,
    lambda identity: identity.client,
    lambda identity: identity.request,
    lambda identity: identity.seal,
    lambda identity: identity.password,
    lambda identity: identity.password_digest,
    lambda identity: lambda text: identity.place(text.encode("utf-8", "surrogatepass")),
]


@given(text=st.one_of(st.text(max_size=60), st.just("\ud800")))
def test_a_digest_depends_on_the_key_alone(text: str) -> None:
    """
    Instances that share a key find each other's keys; who stole the store alone can try no names on it.
    """
    for purpose in PURPOSES:
        assert purpose(OURS)(text) == purpose(Identity(b"a" * KEY_BYTES))(text)
        assert purpose(OURS)(text) != purpose(THEIRS)(text)


@given(text=st.text(max_size=60))
def test_digests_of_one_text_for_different_purposes_are_unrelated(text: str) -> None:
    """
    A user whose password is somebody's name must not be found by it.
    """
    encoded = text.encode("utf-8", "surrogatepass")

    assert OURS.account(text) != OURS.client(text)
    assert OURS.password(text) != OURS.password_digest(text)
    assert not OURS.account(text).startswith(OURS.request(text))
    assert OURS.place(encoded) != int.from_bytes(OURS.password(text)[:4], "little")


@given(place=st.binary(max_size=20))
def test_no_place_is_zero(place: bytes) -> None:
    """
    Zero says that the subnet or device is not known.
    """
    assert 0 < OURS.place(place) < 2**32


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_key_has_thirty_two_bytes(size: int) -> None:
    """
    A key file that was cut off would tear the installation apart without a sound.
    """
    with pytest.raises(ValueError, match=f"32 bytes, not {size}"):
        Identity(b"k" * size)


def test_installations_are_told_apart_by_a_fingerprint() -> None:
    """
    Two installations under one prefix would count past each other; the store keeps this text to notice.
    """
    assert OURS.fingerprint() == Identity(b"a" * KEY_BYTES).fingerprint()
    assert OURS.fingerprint() != THEIRS.fingerprint()
