# SPDX-License-Identifier: Apache-2.0
"""The gate and tokens of other issuers: whose key signs for whom, and for how long."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from nacre.access.gate import Gate
from nacre.access.roles import Role
from nacre.errors import AccessDenied

if TYPE_CHECKING:
    from access.conftest import JwksServer, Keycloak
    from builders import Clock

MakeGate = Callable[..., Gate]
Refusal = Callable[..., str]
NOW = 1_800_000_000.0


def forged(secret: bytes, claims: dict[str, Any], **header: str) -> str:
    """Sign with what the library would refuse to take for a secret, as an attacker would."""
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", **header}, claims)]
    signed = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    signature = urlsafe_b64encode(hmac.digest(secret, signed, "sha256")).rstrip(b"=")
    return f"{signed.decode()}.{signature.decode()}"


def test_the_public_key_of_an_issuer_does_not_sign_for_us(
    make_gate: MakeGate, keycloak: Keycloak, jwks_file: str, token_key: bytes, refusal: Refusal
) -> None:
    """
    The classic confusion: HS256 with the text of the public key for a secret, in every form it is known in.
    """
    gate = make_gate(jwks_file=jwks_file)
    public = keycloak.private["rsa"].public_key()
    known = [
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.PKCS1),
        keycloak.public["rsa"]["n"].encode(),
        urlsafe_b64decode(keycloak.public["rsa"]["n"] + "=="),
    ]
    claims = {"iss": "nacre", "aud": "nacre", "jti": "1", "exp": NOW + 60, "roles": ["admin"]}

    for secret in known:
        assert "signature" in refusal(gate, f"Bearer {forged(secret, claims)}")
        assert "signature" in refusal(gate, f"Bearer {forged(secret, claims, kid='rsa')}")
    assert gate.admit_now(f"Bearer {forged(token_key, claims)}", None).roles == {Role.ADMIN}


def test_our_own_key_does_not_sign_for_an_issuer_nor_an_issuer_for_us(
    make_gate: MakeGate, keycloak: Keycloak, jwks_file: str, token_key: bytes, refusal: Refusal
) -> None:
    """
    Each key has one algorithm, whatever a token names.
    """
    gate = make_gate(jwks_file=jwks_file, issuer="https://id.example")
    ours: dict[str, Any] = {"iss": "nacre", "aud": "nacre", "jti": "1", "exp": NOW + 60, "roles": ["admin"]}

    assert "another issuer" in refusal(gate, f"Bearer {keycloak.token(**ours)}")
    theirs = {**ours, "iss": "https://id.example"}
    assert "another issuer" in refusal(gate, "Bearer " + jwt.encode(theirs, token_key, headers={"kid": "rsa"}))
    for algorithm in ("HS384", "HS512"):
        token = jwt.encode(ours, token_key * 2, algorithm=algorithm)
        assert "ES256, EdDSA, HS256, RS256" in refusal(gate, f"Bearer {token}")
    for algorithm in ("RS512", "PS256"):
        token = jwt.encode(theirs, keycloak.private["rsa"], algorithm=algorithm, headers={"kid": "rsa"})
        assert "ES256, EdDSA, HS256, RS256" in refusal(gate, f"Bearer {token}")


def test_without_an_issuer_in_the_settings_foreign_tokens_are_refused(
    make_gate: MakeGate, keycloak: Keycloak, refusal: Refusal
) -> None:
    """
    The message says which settings would change that.
    """
    assert "auth.jwks_url" in refusal(make_gate(), f"Bearer {keycloak.token()}")


async def test_a_token_signed_with_a_key_published_since_is_admitted_at_once(
    make_gate: MakeGate, keycloak: Keycloak, jwks_server: JwksServer, clock: Clock
) -> None:
    """
    Issuers change keys without telling anybody; nobody should have to sign in twice for it.
    """
    gate = make_gate(jwks_url=jwks_server.url)
    jwks_server.body = keycloak.jwks("rsa")
    await gate.refresh()
    jwks_server.body = keycloak.jwks("rsa", "ec")
    clock.now += 60

    caller = await gate.admit(f"Bearer {keycloak.token('ec')}", None)

    assert caller.name == "erika"
    assert jwks_server.asked == 2


async def test_the_first_token_of_all_fetches_the_keys(
    make_gate: MakeGate, keycloak: Keycloak, jwks_server: JwksServer
) -> None:
    """
    An issuer that was down when we started is up now.
    """
    gate = make_gate(jwks_url=jwks_server.url)
    jwks_server.body = keycloak.jwks("rsa")

    assert (await gate.admit(f"Bearer {keycloak.token()}", None)).name == "erika"


async def test_a_token_with_a_made_up_key_is_refused_and_asks_the_issuer_once(
    make_gate: MakeGate, keycloak: Keycloak, jwks_server: JwksServer, jwks_file: str
) -> None:
    """
    With keys in a file there is nobody to ask.
    """
    gate, filed = make_gate(jwks_url=jwks_server.url), make_gate(jwks_file=jwks_file)
    jwks_server.body = keycloak.jwks("rsa")

    for number in range(20):
        made_up = f"Bearer {keycloak.token(header={'kid': str(number)})}"
        for asked in (gate, filed):
            with pytest.raises(AccessDenied, match="no key"):
                await asked.admit(made_up, None)

    assert jwks_server.asked == 1


async def test_a_key_that_its_issuer_withdraws_ends_tokens_that_were_admitted_before(
    make_gate: MakeGate, keycloak: Keycloak, jwks_server: JwksServer, clock: Clock, refusal: Refusal
) -> None:
    """
    Keys are withdrawn when they were stolen; what they signed must not live on in our memory.
    """
    gate = make_gate(jwks_url=jwks_server.url, jwks_refresh=600.0)
    jwks_server.body = keycloak.jwks("rsa", "ec")
    shown = f"Bearer {keycloak.token('rsa')}"
    await gate.admit(shown, None)

    jwks_server.body = keycloak.jwks("ec")
    clock.now += 600
    await gate.refresh()

    assert "no key" in refusal(gate, shown)
