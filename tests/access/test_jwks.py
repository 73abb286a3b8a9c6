# SPDX-License-Identifier: Apache-2.0
"""Key sets of other issuers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from hypothesis import example, given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from nacre.access.jwks import KeySet

if TYPE_CHECKING:
    from access.conftest import Keycloak


def key_set(*keys: object) -> KeySet:
    """Read a set of these keys."""
    return KeySet.parse(json.dumps({"keys": keys}).encode())


def test_a_key_is_found_by_its_name_and_algorithm(keycloak: Keycloak) -> None:
    """
    Both must fit: a name alone would let a token choose the algorithm.
    """
    keys = KeySet.parse(keycloak.jwks("rsa", "ec", "ed"))

    for algorithm, kid in (("RS256", "rsa"), ("ES256", "ec"), ("EdDSA", "ed")):
        found = keys.find(algorithm, kid)
        assert found is not None
        assert found.algorithm_name == algorithm
    for algorithm, kid in (("ES256", "rsa"), ("RS256", "ec"), ("HS256", "rsa"), ("RS512", "rsa"), ("RS256", "other")):
        assert keys.find(algorithm, kid) is None


def test_a_token_that_names_no_key_is_taken_if_there_is_no_choice(keycloak: Keycloak) -> None:
    """
    Trying one key after the other would let strangers choose how much we work.
    """
    one, two = KeySet.parse(keycloak.jwks("rsa", "ec")), KeySet.parse(keycloak.jwks("rsa", "rsa2"))

    assert one.find("RS256", None) is one.find("RS256", "rsa")
    assert two.find("RS256", None) is None


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"key_ops": ["encrypt"]},
        {"alg": "RSA-OAEP"},
        {"alg": "RS512"},
        {"alg": "HS256"},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "DSA"},
        {"n": None},
        {"n": "!"},
        {"e": "AA"},
        {"kid": 7},
    ],
)
def test_a_key_that_is_not_for_our_signatures_is_left_out_and_the_others_stay(
    keycloak: Keycloak, change: dict[str, Any]
) -> None:
    """
    Issuers list keys for encryption beside those for signatures, and new kinds before we know them.
    """
    unfit = {**keycloak.public["rsa"], **change}

    assert key_set(unfit, keycloak.public["rsa2"]).find("RS256", "rsa") is None
    assert key_set(unfit, keycloak.public["rsa2"]).find("RS256", "rsa2") is not None
    with pytest.raises(ValueError, match=r"no key of the set can be used .key 0: "):
        key_set(unfit)


def test_a_symmetric_key_is_never_taken(keycloak: Keycloak) -> None:
    """
    Key sets are public: everybody could sign with it.
    """
    keys = key_set({"kty": "oct", "k": "A" * 43, "kid": "shared", "alg": "HS256"}, keycloak.public["ec"])

    assert keys.find("HS256", "shared") is None


def test_an_rsa_key_that_is_too_short_is_refused_with_its_size() -> None:
    """
    Keys of 1024 bits can be factored.
    """
    short = RSAAlgorithm.to_jwk(rsa.generate_private_key(65_537, 1024).public_key(), as_dict=True)  # noqa: S505

    with pytest.raises(ValueError, match=r"1024 bits, fewer than 2048"):
        key_set(short)


def test_a_private_key_in_the_set_is_read_as_its_public_half(keycloak: Keycloak) -> None:
    """
    Somebody exported too much; we at least do not keep it.
    """
    private = RSAAlgorithm.to_jwk(keycloak.private["rsa"], as_dict=True)

    found = key_set({**private, "kid": "rsa", "key_ops": None}).find("RS256", "rsa")

    assert found is not None
    assert isinstance(found.key, RSAPublicKey)


@given(st.binary() | st.recursive(st.none() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
@example(b"[" * 100_000)
@example(b'{"keys":' + b"[" * 100_000)
@example({"keys": []})
@example({"keys": {}})
@example({"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]})
@example({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}]})
def test_anything_else_is_no_key_set(given: object) -> None:
    """
    The answer of a web server may be anything, and must never be more than a set that cannot be used.
    """
    raw = given if isinstance(given, bytes) else json.dumps(given).encode()

    with pytest.raises(ValueError, match=r"Key Set|no key of the set"):
        KeySet.parse(raw)
