# SPDX-License-Identifier: Apache-2.0
"""Public keys of another issuer, as a JSON Web Key Set (RFC 7517) lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

MIN_RSA_BITS = 2048
"""RFC 7518, section 3.3."""


class _Jwk(msgspec.Struct, frozen=True):
    kty: str
    kid: str | None = None
    alg: str | None = None
    use: str | None = None
    key_ops: Sequence[str] | None = None
    crv: str | None = None
    n: str | None = None
    e: str | None = None
    x: str | None = None
    y: str | None = None


class _Jwks(msgspec.Struct, frozen=True):
    keys: Sequence[msgspec.Raw]


_KINDS: Mapping[tuple[str, str | None], tuple[str, tuple[str, ...]]] = {
    ("RSA", None): ("RS256", ("n", "e")),
    ("EC", "P-256"): ("ES256", ("crv", "x", "y")),
    ("OKP", "Ed25519"): ("EdDSA", ("crv", "x")),
}
"""Type and curve to the one algorithm that such a key may verify, and to its public members."""

ALGORITHMS = frozenset(algorithm for algorithm, _ in _KINDS.values())


class KeySet:
    """
    Keys that verify signatures, each with one algorithm only.

    Symmetric keys are never among them: a set that anybody may read can hold no secret.

    >>> KeySet().find("RS256", "2026-01") is None
    True
    """

    def __init__(self, keys: Sequence[tuple[str | None, jwt.PyJWK]] = ()) -> None:
        self._named: dict[tuple[str, str], jwt.PyJWK] = {}
        self._all: dict[str, list[jwt.PyJWK]] = {}
        for kid, key in keys:
            self._all.setdefault(key.algorithm_name, []).append(key)
            if kid is not None:
                self._named.setdefault((key.algorithm_name, kid), key)

    @classmethod
    def parse(cls, raw: bytes) -> KeySet:
        """
        Return the keys of a set that can be used; others in it, such as those for encryption, are left out.

        Raises:
            ValueError: *raw* is no key set, or no key of it can be used; says why for each.
        """
        try:
            listed = msgspec.json.decode(raw, type=_Jwks).keys
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise ValueError("this is no JSON Web Key Set") from None
        keys, problems = [], []
        for index, jwk in enumerate(listed):
            try:
                keys.append(_public_key(jwk))
            except ValueError as error:
                problems.append(f"key {index}: {error}")
        if not keys:
            raise ValueError(f"no key of the set can be used ({'; '.join(problems) or 'it is empty'})")
        return cls(keys)

    def find(self, algorithm: str, kid: str | None) -> jwt.PyJWK | None:
        """
        Return the one key that a token can mean.

        Args:
            algorithm: What the token says it was signed with.
            kid: The key it names.  A token without one is taken if the set leaves no choice.
        """
        if kid is not None:
            return self._named.get((algorithm, kid))
        keys = self._all.get(algorithm, ())
        return keys[0] if len(keys) == 1 else None


def _public_key(raw: msgspec.Raw) -> tuple[str | None, jwt.PyJWK]:
    try:
        jwk = msgspec.json.decode(raw, type=_Jwk)
    except (msgspec.MsgspecError, RecursionError):
        raise ValueError("this is no key") from None
    kind = _KINDS.get((jwk.kty, jwk.crv))
    if kind is None:
        raise ValueError(f"keys of type {jwk.kty[:16]!r} and curve {(jwk.crv or '')[:16]!r} are not accepted")
    algorithm, members = kind
    if jwk.alg not in (None, algorithm):
        raise ValueError(f"it is meant for another algorithm than {algorithm}")
    if jwk.use not in (None, "sig") or "verify" not in (jwk.key_ops or ("verify",)):
        raise ValueError("it is not meant for signatures")
    # Only the public members: a private key that got into the set by mistake is not even loaded.
    public = {"kty": jwk.kty, **{member: getattr(jwk, member) for member in members}}
    try:
        key = jwt.PyJWK(public, algorithm)
    except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
        raise ValueError("its numbers make no key") from None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < MIN_RSA_BITS:
        raise ValueError(f"it has {key.key.key_size} bits, fewer than {MIN_RSA_BITS}")
    return jwk.kid, key
