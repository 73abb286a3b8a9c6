# SPDX-License-Identifier: Apache-2.0
"""Real servers that take what is told: one for mail, one for posts; changes to tell them of."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nacre.campaign.picture import Threat
from nacre.notify.change import Change, What


def change(number: int = 1, what: What = What.THREAT_ROSE, *, time: float = 1000.0, band: str = "high") -> Change:
    """A change that its number names."""
    return Change(what=what, key=f"n-{number}", time=time, threat=Threat(0.8, band))


def certificate(directory: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return what a server on this machine shows, and what a client needs to trust it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address, x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    both = directory / "server.pem"
    both.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    (directory / "ca.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(both)
    return server, ssl.create_default_context(cafile=str(directory / "ca.pem"))


class MailServer:
    """
    A mail server that keeps what it is given.

    Attributes:
        mails: What arrived.
        answer: What it says to a message.
        logins: Users and passwords that were shown to it.
        address: Where it listens.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.answer = "250 OK"
        self.logins: list[tuple[bytes, bytes]] = []
        self.address = ""

    async def handle_DATA(self, server: object, session: object, envelope: Envelope) -> str:  # noqa: ARG002, N802
        """Take a message."""
        if self.answer.startswith("250"):
            assert isinstance(envelope.original_content, bytes)
            self.mails.append(message_from_bytes(envelope.original_content, EmailMessage, policy=policy.default))
        return self.answer

    def _authenticate(
        self, _server: object, _session: object, _envelope: object, _how: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)

    @asynccontextmanager
    async def running(self, *, tls: ssl.SSLContext | None = None, at_once: bool = False) -> AsyncIterator[MailServer]:
        """Listen as long as the block lasts; *tls* from the first byte on if it is *at_once*."""
        loop = asyncio.get_running_loop()

        def serve() -> SMTP:
            return SMTP(
                self,
                hostname="localhost",
                loop=loop,
                tls_context=None if at_once else tls,
                authenticator=self._authenticate,
                auth_require_tls=False,
            )

        server = await loop.create_server(serve, "127.0.0.1", 0, ssl=tls if at_once else None)
        self.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with server:
            yield self


class HookServer:
    """
    A web server that keeps what is posted to it.

    Attributes:
        posts: Headers, names in lower case, and body of each post.
        status: What it answers.
        url: Where it listens.
    """

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.status = "204 No Content"
        self.more = ""
        self.url = ""

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        pairs = [line.split(": ", 1) for line in head.split("\r\n")[1:] if line]
        headers = {name.lower(): value for name, value in pairs}
        body = await reader.readexactly(int(headers["content-length"]))
        self.posts.append((headers, body))
        writer.write(f"HTTP/1.1 {self.status}\r\n{self.more}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    @asynccontextmanager
    async def running(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[HookServer]:
        """Listen as long as the block lasts."""
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=tls)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/nacre?token=t0p"
        async with server:
            yield self


def posted(hook: HookServer) -> list[str]:
    """The ids of what was posted, in order."""
    return [json.loads(body)["id"] for _, body in hook.posts]
