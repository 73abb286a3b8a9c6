# SPDX-License-Identifier: Apache-2.0
"""The web, with servers that behave and servers that do not."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from nacre.access.fetch import fetch


@asynccontextmanager
async def server_that_answers(
    *chunks: bytes, trust: ssl.SSLContext | None = None, hold: bool = False
) -> AsyncIterator[str]:
    """Serve these bytes to everybody, and then hang up, or not."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for chunk in chunks:
            writer.write(chunk)
            await writer.drain()
        if hold:
            await reader.read()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=trust)
    try:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if trust else 'http'}://127.0.0.1:{port}/certs?a=b"
    finally:
        server.close()
        await server.wait_closed()


@pytest.mark.parametrize(
    "chunks",
    [
        [b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeys"],
        [b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 4\r\n\r\nke", b"ys"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nke\r\n", b"2\r\nys\r\n0\r\n\r\n"],
        [b"HTTP/1.0 200 OK\r\n\r\nkeys"],
    ],
)
async def test_a_body_is_read_however_its_end_is_told(chunks: list[bytes]) -> None:
    """
    Web servers choose among the three ways of HTTP as they like.
    """
    async with server_that_answers(*chunks) as url:
        assert await fetch(urlsplit(url)) == b"keys"


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", "status 302"),
        (b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nkeys", "status 500"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "status 204"),
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n" + b" " * 400_000, "more than 262144 bytes"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 400_000, "more than 262144 bytes|no HTTP"),
        (b"", "without an answer"),
    ],
)
async def test_any_other_answer_is_an_error(answer: bytes, match: str) -> None:
    """
    A redirect could lead from https to http, and a body without an end would fill the memory.
    """
    async with server_that_answers(answer) as url:
        with pytest.raises(OSError, match=match):
            await fetch(urlsplit(url))


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nke"])
async def test_a_server_that_never_ends_its_answer_is_left(begun: bytes) -> None:
    """
    The time is that of the whole answer, so that one byte now and then does not prolong it.
    """
    async with server_that_answers(begun, hold=True) as url:
        with pytest.raises(TimeoutError, match=r"within 0.05 s"):
            await fetch(urlsplit(url), within=0.05)


async def test_a_server_whose_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    """
    Who can put keys of their own in place of the issuer's is admin.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (tmp_path / "pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ours.load_cert_chain(tmp_path / "pem")

    async with server_that_answers(b"HTTP/1.0 200 OK\r\n\r\nkeys", trust=ours) as url:
        with pytest.raises(ssl.SSLCertVerificationError):
            await fetch(urlsplit(url))
