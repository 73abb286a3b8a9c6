# SPDX-License-Identifier: Apache-2.0
"""Another issuer whose tokens are accepted, such as the company's Keycloak."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nacre.access.caller import Caller
from nacre.access.jwks import KeySet
from nacre.access.jwks_url import JwksUrl
from nacre.access.roles import Role, known_roles
from nacre.access.tokens import Demands, Header, caller_of, verified_claims
from nacre.config.tree import Auth
from nacre.errors import AccessDenied, SettingsError


class UnknownKey(AccessDenied):
    """A token names a key that we lack; its issuer may have published it since we looked."""

    def __init__(self) -> None:
        super().__init__("no key that we have of the issuer fits this token", authenticated=False)


class Issuer:
    """
    Whose tokens are accepted beside our own, and what they must say.

    Args:
        auth: Names the file of keys, issuer, audience and the claim that lists the roles.
        url: Where keys are published, ``None`` if nowhere.

    Raises:
        SettingsError: The file of keys cannot be used.
    """

    def __init__(self, auth: Auth, url: JwksUrl | None) -> None:
        self.url = url
        self._auth = auth
        self._filed = _read_keys(auth.jwks_file) if auth.jwks_file else KeySet()

    def caller(self, token: str, header: Header, *, now: float) -> Caller:
        """
        Return the bearer of a token of this issuer.

        Raises:
            UnknownKey: We lack the key; it is worth another try after a fetch.
            AccessDenied: The token does not hold.
        """
        key = self._filed.find(header.alg, header.kid)
        if key is None and self.url is not None:
            key = self.url.keys.find(header.alg, header.kid)
        if key is None:
            raise UnknownKey
        demands = Demands(key, key.algorithm_name, issuer=self._auth.issuer, audience=self._auth.audience)
        claims = verified_claims(token, demands, now=now)
        return caller_of(token, claims, roles_in(claims, self._auth.roles_claim))


def roles_in(claims: Mapping[str, Any], path: str) -> frozenset[Role]:
    """
    Return the roles that a claim lists, as a list or as one text with spaces between.

    Args:
        claims: Of a verified token.
        path: Name of the claim, with dots between the levels.  Names that have dots
            themselves are found too; the longest one comes first.

    >>> sorted(roles_in({"realm_access": {"roles": ["viewer", "uma_authorization"]}}, "realm_access.roles"))
    [<Role.VIEWER: 'viewer'>]
    >>> sorted(roles_in({"https://nacre.example/roles": "viewer security"}, "https://nacre.example/roles"))
    [<Role.SECURITY: 'security'>, <Role.VIEWER: 'viewer'>]
    """
    found = _claim_at(claims, path)
    if isinstance(found, str):
        return known_roles(found.split())
    return known_roles(found) if isinstance(found, list) else frozenset()


def _claim_at(claims: Mapping[str, Any], path: str) -> object:
    if path in claims:
        return claims[path]
    head = path
    while dot := head.rfind(".") + 1:
        head = head[: dot - 1]
        inner = claims.get(head)
        if isinstance(inner, dict):
            return _claim_at(inner, path[dot:])
    return None


def _read_keys(file: str) -> KeySet:
    try:
        return KeySet.parse(Path(file).read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file}: {error}", field="auth.jwks_file") from error
