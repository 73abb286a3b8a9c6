# SPDX-License-Identifier: Apache-2.0
"""
One document from the web, within a time and a size.

Plain streams and the parser that our own server uses: no client library comes along for one GET
an hour, and no thread is left behind by a server that never ends its answer.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import SplitResult

import httptools

FETCH_TIMEOUT = 5.0
"""Seconds from the look-up of the name to the last byte."""
MAX_ANSWER_BYTES = 262_144
"""Headers and body; key sets have some thousand bytes."""


class _Answer:
    """What the parser of an HTTP answer tells."""

    def __init__(self) -> None:
        self.body = bytearray()
        self.complete = False

    def on_body(self, chunk: bytes) -> None:
        self.body += chunk

    def on_message_complete(self) -> None:
        self.complete = True


async def fetch(target: SplitResult, *, within: float = FETCH_TIMEOUT, limit: int = MAX_ANSWER_BYTES) -> bytes:
    """
    Return what a web server answers to GET; redirects are not followed.

    Raises:
        OSError: No connection, no trust, no answer in time, too much of it, or a status other than 200.
    """
    try:
        async with asyncio.timeout(within):
            return await _get(target, limit)
    except TimeoutError:
        raise TimeoutError(f"no complete answer within {within:g} s") from None


async def _get(target: SplitResult, limit: int) -> bytes:
    secure = target.scheme == "https"
    # Reading the certificates of the system takes some 20 ms: not on the event loop.
    trust = await asyncio.to_thread(ssl.create_default_context) if secure else None
    reader, writer = await asyncio.open_connection(target.hostname, target.port or (443 if secure else 80), ssl=trust)
    try:
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {target.netloc}\r\nUser-Agent: nacre\r\n"
            "Accept: application/json\r\nConnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        return await _read_answer(reader, limit)
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


async def _read_answer(reader: asyncio.StreamReader, limit: int) -> bytes:
    answer = _Answer()
    parser = httptools.HttpResponseParser(answer)
    received = 0
    while not answer.complete and (chunk := await reader.read(65_536)):
        received += len(chunk)
        if received > limit:
            raise ConnectionError(f"the answer has more than {limit} bytes")
        try:
            parser.feed_data(chunk)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            raise ConnectionError("the answer is no HTTP") from None
    if not received:
        raise ConnectionError("the connection was closed without an answer")
    if parser.get_status_code() != HTTPStatus.OK:
        raise ConnectionError(f"the answer has status {parser.get_status_code()}")
    return bytes(answer.body)
