# SPDX-License-Identifier: Apache-2.0
"""Tokens of another issuer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from nacre.access.caller import Caller
from nacre.access.issuer import Issuer, UnknownKey, roles_in
from nacre.access.roles import Role
from nacre.access.tokens import LEEWAY, read_header
from nacre.config.tree import Auth
from nacre.errors import AccessDenied, SettingsError

if TYPE_CHECKING:
    from access.conftest import Keycloak

NOW = 1_800_000_000.0


def admit(token: str, *, now: float = NOW, **auth: Any) -> Caller:
    """Ask an issuer made from these settings."""
    return Issuer(Auth(**auth), None).caller(token, read_header(token), now=now)


@pytest.mark.parametrize("kid", ["rsa", "ec", "ed"])
def test_a_token_signed_with_a_published_key_holds(keycloak: Keycloak, jwks_file: str, kid: str) -> None:
    """
    The three algorithms that issuers use.
    """
    caller = admit(keycloak.token(kid), jwks_file=jwks_file)

    assert caller == Caller("erika", frozenset({Role.VIEWER}), "trrtcc:1", NOW + 3600)


def test_a_token_signed_with_another_key_of_the_issuer_does_not_hold(keycloak: Keycloak, jwks_file: str) -> None:
    """
    The key that the token names is the only one that counts.
    """
    with pytest.raises(AccessDenied, match=r"signature"):
        admit(keycloak.token("rsa", header={"kid": "rsa2"}), jwks_file=jwks_file)


def test_a_token_with_a_key_that_is_not_published_is_told_apart(keycloak: Keycloak, jwks_file: str) -> None:
    """
    It alone is worth a look at whether the issuer has new keys.
    """
    with pytest.raises(UnknownKey) as refused:
        admit(keycloak.token(header={"kid": "new"}), jwks_file=jwks_file)

    assert not refused.value.authenticated


@pytest.mark.parametrize("header", [{"jwk": {}}, {"jku": "http://127.0.0.1:1/"}, {"x5u": "http://127.0.0.1:1/"}])
def test_a_key_that_a_token_brings_along_does_not_count(
    keycloak: Keycloak, tmp_path: Path, header: dict[str, Any]
) -> None:
    """
    Anybody can sign with a key of their own and enclose it.
    """
    (tmp_path / "jwks").write_bytes(keycloak.jwks("rsa"))
    if "jwk" in header:
        header = {"jwk": keycloak.public["rsa2"]}

    with pytest.raises(AccessDenied):
        admit(keycloak.token("rsa2", header=header), jwks_file=str(tmp_path / "jwks"))
    with pytest.raises(AccessDenied):
        admit(keycloak.token("rsa2", header={**header, "kid": "rsa"}), jwks_file=str(tmp_path / "jwks"))


@pytest.mark.parametrize(
    ("claims", "match"),
    [
        ({"iss": "https://other.example"}, "another issuer"),
        ({"iss": None}, "no 'iss'"),
        ({"aud": "account"}, "another audience"),
        ({"aud": None}, "no 'aud'"),
        ({"exp": None}, "no 'exp'"),
        ({"exp": NOW - LEEWAY}, "expired"),
        ({"nbf": NOW + LEEWAY + 1}, "not valid yet"),
    ],
)
def test_what_the_settings_demand_is_demanded(
    keycloak: Keycloak, jwks_file: str, claims: dict[str, Any], match: str
) -> None:
    """
    One issuer signs for many applications; a token for another one is no token for us.
    """
    demands: dict[str, Any] = {"jwks_file": jwks_file, "issuer": "https://id.example", "audience": "nacre"}
    good: dict[str, Any] = {"iss": "https://id.example", "aud": ["account", "nacre"]}

    admit(keycloak.token(**good), **demands)

    with pytest.raises(AccessDenied, match=match):
        admit(keycloak.token(**{**good, **claims}), **demands)


def test_what_the_settings_leave_open_is_not_demanded(keycloak: Keycloak, jwks_file: str) -> None:
    """
    The library would refuse a token with an audience that nobody asked for.
    """
    assert admit(keycloak.token(iss="https://id.example", aud="account"), jwks_file=jwks_file).name == "erika"


def test_a_name_is_cut_and_made_up_if_there_is_none(keycloak: Keycloak, jwks_file: str) -> None:
    """
    It goes into every line of the audit log.
    """
    assert admit(keycloak.token(sub="x" * 500), jwks_file=jwks_file).name == "x" * 128
    assert admit(keycloak.token(sub=None), jwks_file=jwks_file).name == "trrtcc:1"
    assert admit(keycloak.token(sub="erika\nadmin"), jwks_file=jwks_file).name == "trrtcc:1"
    assert admit(keycloak.token(sub=None, jti="\n"), jwks_file=jwks_file).name.startswith("sha256:")


@pytest.mark.parametrize("path", ["roles", "realm_access.roles", "resource_access.my.app.roles", "https://a.example/r"])
@pytest.mark.parametrize("listed", [["operator", "offline_access"], "operator offline_access"])
def test_roles_are_found_wherever_the_issuer_puts_them(
    keycloak: Keycloak, jwks_file: str, path: str, listed: object
) -> None:
    """
    Keycloak nests them, others prefix the claim with an address, and client names may have dots.
    """
    claims: dict[str, Any] = {
        "roles": {"roles": listed},
        "realm_access.roles": {"realm_access": {"roles": listed}},
        "resource_access.my.app.roles": {"resource_access": {"my.app": {"roles": listed}}},
        "https://a.example/r": {"https://a.example/r": listed},
    }
    given: dict[str, Any] = {"roles": None, **claims[path]}

    caller = admit(keycloak.token(**given), jwks_file=jwks_file, roles_claim=path)

    assert caller.roles == {Role.OPERATOR}


@pytest.mark.parametrize(
    "claims",
    [{}, {"a": None}, {"a": []}, {"a": "viewer"}, {"a": {"b": {"viewer": True}}}, {"a": {"b": 7}}, {"b": ["viewer"]}],
)
def test_a_claim_of_another_form_gives_no_role(claims: dict[str, Any]) -> None:
    """
    What is not understood must not open anything, nor break anything.
    """
    assert roles_in(claims, "a.b") == frozenset()


@pytest.mark.parametrize("content", [None, b"", b"-----BEGIN PUBLIC KEY-----", b'{"keys": [{"kty": "oct"}]}'])
def test_a_file_of_keys_that_cannot_be_used_is_named_at_the_start(tmp_path: Path, content: bytes | None) -> None:
    """
    Found out at the first token, it would be found out by somebody else.
    """
    file = tmp_path / "jwks.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError, match=r"^auth.jwks_file: .*jwks.json"):
        Issuer(Auth(jwks_file=str(file)), None)
