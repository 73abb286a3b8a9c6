# SPDX-License-Identifier: Apache-2.0
"""The client behind ``web``: it connects to addresses that were looked at, redirects included."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpcore
import httpx

from nacre.hooks.library.question import Answer, Question, WebError
from nacre.hooks.library.reach import Reach

MOST_BYTES = 4_194_304
"""Bytes of one answer."""

_REDIRECTS = 5


class Client:
    """
    Keeps connections for one way of looking at certificates.

    Args:
        reach: Decides which servers can be asked.
        verify: Whether certificates are looked at.
    """

    def __init__(self, reach: Reach, *, verify: bool = True) -> None:
        context = ssl.create_default_context()
        if not verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._client = httpx.Client(
            transport=_Transport(reach, context),
            trust_env=False,
            max_redirects=_REDIRECTS,
            headers={"User-Agent": "nacre", "Accept-Encoding": "identity"},
        )

    def ask(self, question: Question) -> Answer:
        """
        Return the answer of a server.

        Raises:
            WebError: the host is not allowed or does not answer, or what it says is too long.
        """
        ends = time.monotonic() + question.timeout
        sent = dict(question.headers)
        if question.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in question.cookies.items())
        try:
            request = self._client.build_request(
                question.method.upper(), question.url, headers=sent, content=question.body, timeout=question.timeout
            )
            answer = self._client.send(request, auth=question.auth, stream=True, follow_redirects=True)
            try:
                read = _read(answer.iter_bytes(), ends)
            finally:
                answer.close()
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise WebError(str(error) or type(error).__name__) from error
        finally:
            self._client.cookies.clear()
        named = {_canonical(name): value for name, value in reversed(answer.headers.multi_items())}
        return Answer(answer.status_code, named, dict(answer.cookies), read, str(answer.url))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


class _Transport(httpx.BaseTransport):
    """Connects where *reach* lets it, redirects included."""

    def __init__(self, reach: Reach, context: ssl.SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=context, max_connections=64, keepalive_expiry=30, network_backend=_Backend(reach)
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in {"http", "https"}:
            raise httpx.UnsupportedProtocol(f"unsupported protocol scheme {url.scheme!r}")
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        content: Any = request.stream
        try:
            answer = self._pool.handle_request(
                httpcore.Request(
                    request.method,
                    target,
                    headers=request.headers.raw,
                    content=content,
                    extensions=request.extensions,
                )
            )
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise httpx.TransportError(str(error) or type(error).__name__) from error
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Stream(answer.stream), extensions=answer.extensions
        )

    def close(self) -> None:
        self._pool.close()


class _Stream(httpx.SyncByteStream):
    """The body of an answer."""

    def __init__(self, chunks: Any) -> None:
        self._chunks: Iterable[bytes] = chunks
        self._end: Callable[[], None] | None = getattr(chunks, "close", None)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._chunks
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise httpx.TransportError(str(error) or type(error).__name__) from error

    def close(self) -> None:
        if self._end is not None:
            self._end()


class _Backend(httpcore.NetworkBackend):
    """Resolves a host, looks at what it resolved to, and connects to that."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        try:
            addresses = self._reach.addresses(host, port)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        for address in addresses:
            try:
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _read(chunks: Iterator[bytes], ends: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > MOST_BYTES:
            raise WebError(f"the answer has more than {MOST_BYTES:,} bytes")
        if time.monotonic() > ends:
            raise WebError("the answer did not end in time")
        pieces.append(chunk)
    return b"".join(pieces)


def _canonical(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))
