# SPDX-License-Identifier: Apache-2.0
"""The gate under new settings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nacre.access.api_keys import make_api_key
from nacre.access.gate import Gate
from nacre.config.tree import ApiKey, Auth
from nacre.errors import SettingsError

if TYPE_CHECKING:
    from access.conftest import JwksServer, Keycloak

MakeGate = Callable[..., Gate]
Refusal = Callable[..., str]
NOW = 1_800_000_000.0


def test_a_reload_reads_the_file_of_keys_again(
    make_gate: MakeGate, keycloak: Keycloak, jwks_file: str, refusal: Refusal
) -> None:
    """
    Tokens that were admitted under the old file are looked at again.
    """
    gate = make_gate(jwks_file=jwks_file)
    old, new = f"Bearer {keycloak.token('rsa')}", f"Bearer {keycloak.token('ec')}"
    gate.admit_now(old, None)

    Path(jwks_file).write_bytes(keycloak.jwks("ec"))
    gate.reload(Auth(jwks_file=jwks_file))

    assert gate.admit_now(new, None).name == "erika"
    assert "no key" in refusal(gate, old)


def test_a_reload_that_fails_changes_nothing(
    make_gate: MakeGate, keycloak: Keycloak, jwks_file: str, tmp_path: Path
) -> None:
    """
    A slip in the settings of a running service must not lock out those who could mend it.
    """
    api_key, digest = make_api_key()
    gate = make_gate(jwks_file=jwks_file, api_keys=(ApiKey(name="dovecot", sha256=digest),))

    for slip in (
        Auth(jwks_file=str(tmp_path / "missing")),
        Auth(jwks_url="http://id.example/"),
        Auth(api_keys=(ApiKey(name="dovecot", sha256=digest), ApiKey(name="postfix", sha256=digest))),
    ):
        with pytest.raises(SettingsError):
            gate.reload(slip)

    assert gate.admit_now(f"Bearer {keycloak.token()}", None).name == "erika"
    assert gate.admit_now(None, api_key).name == "dovecot"


async def test_a_reload_keeps_revocations_and_fetched_keys(
    make_gate: MakeGate, keycloak: Keycloak, jwks_server: JwksServer, refusal: Refusal
) -> None:
    """
    The issuer may be down at that moment.
    """
    gate = make_gate(jwks_url=jwks_server.url)
    jwks_server.body = keycloak.jwks("rsa")
    await gate.refresh()
    gate.revoke("stolen", NOW + 3600)
    jwks_server.status = 503

    gate.reload(Auth(jwks_url=jwks_server.url, audience="nacre"))

    assert gate.admit_now(f"Bearer {keycloak.token(aud='nacre')}", None).name == "erika"
    assert "audience" in refusal(gate, f"Bearer {keycloak.token(aud='account')}")
    assert "revoked" in refusal(gate, f"Bearer {keycloak.token(aud='nacre', jti='stolen')}")


def test_a_reload_takes_over_other_api_keys(make_gate: MakeGate, refusal: Refusal) -> None:
    """
    Taking a key out of the settings is how it is revoked.
    """
    (old, old_digest), (new, new_digest) = make_api_key(), make_api_key()
    gate = make_gate(api_keys=(ApiKey(name="dovecot", sha256=old_digest),))
    gate.admit_now(None, old)

    gate.reload(Auth(api_keys=(ApiKey(name="dovecot", sha256=new_digest),)))

    assert gate.admit_now(None, new).name == "dovecot"
    assert "API key" in refusal(gate, None, old)
