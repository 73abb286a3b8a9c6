# SPDX-License-Identifier: Apache-2.0
"""An issuer with real keys, a web server that publishes them, and gates."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from builders import Clock
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from nacre.access.gate import Gate
from nacre.access.roles import Role
from nacre.access.tokens import issue
from nacre.config.tree import Auth
from nacre.errors import AccessDenied

NOW = 1_800_000_000.0
"""Where the clock of the tests stands."""


class Keycloak:
    """
    An issuer with a key of each kind.

    Attributes:
        private: Key id to private key.
        public: Key id to the public key as a JWK.
    """

    def __init__(self) -> None:
        rsa_key, other_rsa = (rsa.generate_private_key(65_537, 2048) for _ in range(2))
        ec_key, ed_key = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
        self.private: dict[str, Any] = {"rsa": rsa_key, "rsa2": other_rsa, "ec": ec_key, "ed": ed_key}
        jwks = {
            "rsa": RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True),
            "rsa2": RSAAlgorithm.to_jwk(other_rsa.public_key(), as_dict=True),
            "ec": ECAlgorithm.to_jwk(ec_key.public_key(), as_dict=True),
            "ed": OKPAlgorithm.to_jwk(ed_key.public_key(), as_dict=True),
        }
        self.public = {kid: {**jwk, "kid": kid, "use": "sig"} for kid, jwk in jwks.items()}

    def jwks(self, *kids: str) -> bytes:
        """Return the key set as the issuer publishes it."""
        return json.dumps({"keys": [self.public[kid] for kid in kids]}).encode()

    def token(self, kid: str = "rsa", *, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Return a token that holds for an hour, unless *claims* say otherwise; ``None`` leaves one out."""
        algorithm = {"rsa": "RS256", "rsa2": "RS256", "ec": "ES256", "ed": "EdDSA"}[kid]
        given = {"exp": NOW + 3600, "sub": "erika", "jti": "trrtcc:1", "roles": ["viewer"], **claims}
        payload = {claim: value for claim, value in given.items() if value is not None}
        headers = {name: value for name, value in {"kid": kid, **(header or {})}.items() if value is not None}
        return jwt.encode(payload, self.private[kid], algorithm=algorithm, headers=headers)


class JwksServer(ThreadingHTTPServer):
    """
    A web server on this machine.

    Attributes:
        status: What it answers.
        body: The same.
        asked: How often it was asked.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Publisher)
        self.status, self.body, self.asked = 200, b"", 0

    @property
    def url(self) -> str:
        """Where the keys are."""
        return f"http://127.0.0.1:{self.server_port}/realms/nacre/certs"


class _Publisher(BaseHTTPRequestHandler):
    server: JwksServer

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def keycloak() -> Keycloak:
    """Another issuer; one for all tests, because RSA keys take a while to find."""
    return Keycloak()


@pytest.fixture
def jwks_server() -> Iterator[JwksServer]:
    """A web server that answers what the test sets."""
    with JwksServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def token_key() -> bytes:
    """Our own key."""
    return b"our own key, 32 bytes of secrecy"


@pytest.fixture
def make_gate(token_key: bytes, clock: Clock) -> Callable[..., Gate]:
    """Build a gate from fields of the settings."""
    return lambda **auth: Gate(token_key, Auth(**auth), clock)


@pytest.fixture
def jwks_file(tmp_path: Path, keycloak: Keycloak) -> str:
    """A file with all keys of the issuer."""
    file = tmp_path / "jwks.json"
    file.write_bytes(keycloak.jwks("rsa", "rsa2", "ec", "ed"))
    return str(file)


@pytest.fixture
def bearer(token_key: bytes) -> Callable[..., str]:
    """Make the header with a new token of ours, or of somebody who has another key."""

    def header(*, ttl: float = 3600, key: bytes = token_key) -> str:
        return "Bearer " + issue(key, roles={Role.VIEWER}, ttl=ttl, now=NOW, name="erika")

    return header


@pytest.fixture
def refusal() -> Callable[..., str]:
    """Return what a gate says to somebody whom it does not know."""

    def message(gate: Gate, authorization: str | None, api_key: str | None = None, *, peer: bytes = b"") -> str:
        with pytest.raises(AccessDenied) as refused:
            gate.admit_now(authorization, api_key, peer=peer)
        assert not refused.value.authenticated
        return str(refused.value)

    return message
