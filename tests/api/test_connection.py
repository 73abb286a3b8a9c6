# SPDX-License-Identifier: Apache-2.0
"""What callers may do to a connection, and how long."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import uvicorn
from builders import eventually
from daemons import Service
from uvicorn.server import ServerState

from nacre.access.roles import Role
from nacre.api.connection import MAX_HEAD, PATIENCE, Connection, OneWrite
from nacre.direct import Outbox

_BODY = json.dumps({"client_ip": "192.0.2.20", "username": "erika"}).encode()


def _request(
    token: str, body: bytes = _BODY, path: str = "/api/v1/check", version: str = "1.1", more: str = ""
) -> bytes:
    head = f"POST {path} HTTP/{version}\r\nhost: nacre\r\nauthorization: Bearer {token}\r\n{more}"
    return f"{head}content-length: {len(body)}\r\n\r\n".encode() + body


async def _answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Read one answer: status, headers, body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


@asynccontextmanager
async def _line(service: Service) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    host, _, port = service.url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        async with asyncio.timeout(100):
            yield reader, writer
    finally:
        writer.close()


@pytest.fixture
def token(service: Service) -> str:
    """A token that may check."""
    return service.token(Role.AUTHENTICATE)


async def test_one_connection_serves_many_requests(service: Service, token: str) -> None:
    """
    A connection per login would cost more than the answer.
    """
    async with _line(service) as (reader, writer):
        for _ in range(5):
            writer.write(_request(token))
            status, headers, body = await _answer(reader)
            assert (status, json.loads(body)["action"]) == (200, "allow")
            assert "connection" not in headers


async def test_pipelined_requests_are_answered_in_their_order(service: Service, token: str) -> None:
    """
    Some clients send the next request before the last answer.
    """
    bodies = [json.dumps({**json.loads(_BODY), "request_id": f"pipelined-{n}"}).encode() for n in range(20)]

    async with _line(service) as (reader, writer):
        writer.write(b"".join(_request(token, body) for body in bodies))
        answers = [json.loads((await _answer(reader))[2])["request_id"] for _ in bodies]

    assert answers == [f"pipelined-{n}" for n in range(20)]


async def test_a_caller_that_speaks_http_1_0_gets_a_length_and_an_end(service: Service, token: str) -> None:
    """
    Nginx asks its mail backend so; chunks would be garbage to it.
    """
    async with _line(service) as (reader, writer):
        writer.write(_request(token, version="1.0"))
        answer = await reader.read()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"200 OK" in head
    assert b"transfer-encoding" not in head
    assert json.loads(body)["action"] == "allow"


async def test_a_body_that_comes_byte_by_byte_is_read(service: Service, token: str) -> None:
    """
    Networks cut where they like.
    """
    async with _line(service) as (reader, writer):
        for byte in _request(token):
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await _answer(reader))[0] == 200


async def test_a_caller_that_goes_away_in_the_middle_harms_nobody(service: Service, token: str) -> None:
    """
    Daemons are restarted; what they had begun to say is forgotten.
    """
    for cut in (10, len(_request(token)) - 5):
        async with _line(service) as (_, writer):
            writer.write(_request(token)[:cut])
            await writer.drain()

    async with _line(service) as (reader, writer):
        writer.write(_request(token))
        assert (await _answer(reader))[0] == 200


async def test_a_large_body_is_refused_and_the_connection_goes_on(service: Service, token: str) -> None:
    """
    To close it with unread bytes would reset it, and the caller might never see why.
    """
    async with _line(service) as (reader, writer):
        writer.write(_request(token, b" " * 3_000_000))
        await writer.drain()
        assert (await _answer(reader))[0] == 413
        writer.write(_request(token))
        assert (await _answer(reader))[0] == 200


@pytest.mark.parametrize(
    "head",
    [
        b"GET /livez HTTP/1.1\r\nx: " + b"y" * (2 * MAX_HEAD) + b"\r\n\r\n",
        b"GET /livez HTTP/1.1\r\n" + b"x: y\r\n" * MAX_HEAD + b"\r\n",
        b"GET /livez?" + b"y" * (2 * MAX_HEAD) + b" HTTP/1.1\r\n\r\n",
        b"GET /livez HTTP/1.1\r\nx: " + b"y" * (2 * MAX_HEAD),
    ],
    ids=["one large header", "many headers", "a long path", "a header without end"],
)
async def test_a_head_without_end_is_refused(service: Service, head: bytes) -> None:
    """
    It would fill our memory before the application saw any of it.
    """
    async with _line(service) as (reader, writer):
        writer.write(head)
        status, headers, body = await _answer(reader)

    assert (status, json.loads(body)["status"]) == (431, 431)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"


async def test_a_small_head_before_a_large_body_is_no_large_head(service: Service) -> None:
    """
    Both may come in one piece.
    """
    token = service.token(Role.AUTHENTICATE)
    batch = b"\n".join([_BODY] * 99)

    async with _line(service) as (reader, writer):
        writer.write(_request(token, batch + b" " * 60_000, more="content-type: application/x-ndjson\r\n"))
        assert (await _answer(reader))[0] == 200


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"EHLO mail.example.org\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        b"CONNECT example.org:443 HTTP/1.1\r\nhost: example.org\r\n\r\n",
        b"POST /api/v1/check HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v1/check HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_answered_with_a_problem(service: Service, garbage: bytes) -> None:
    """
    Even there the shape of an error is the one shape.
    """
    async with _line(service) as (reader, writer):
        writer.write(garbage)
        status, headers, body = await _answer(reader)

    assert (status, json.loads(body)["title"]) == (400, "Bad Request")
    assert headers["content-type"] == "application/problem+json"


async def test_a_request_to_change_protocols_is_answered_as_if_it_had_not_asked(service: Service, token: str) -> None:
    """
    Curl asks for HTTP/2 in this way, and can do without.
    """
    async with _line(service) as (reader, writer):
        for _ in range(3):
            request = _request(token, more="connection: upgrade\r\nupgrade: h2c\r\n")
            writer.write(request[:150])
            await writer.drain()
            writer.write(request[150:])
            assert (await _answer(reader))[0] == 200


class _Watched(Connection):
    """A connection that tells how many bytes came in."""

    received = 0

    def data_received(self, data: bytes) -> None:
        """Count, and go on."""
        self.received += len(data)
        super().data_received(data)


@asynccontextmanager
async def _bare_server() -> AsyncIterator[tuple[int, list[_Watched]]]:
    """Serve an application that reads bodies; yields the port and the connections that were made."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while scope["type"] == "http" and (await receive()).get("more_body"):
            continue
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    config = uvicorn.Config(app, http=Connection, lifespan="off", ws="none", log_config=None)
    held: list[_Watched] = []

    def made() -> _Watched:
        held.append(_Watched(config, ServerState(), {}))
        return held[-1]

    server = await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], held


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", None),
        (b"POST / HTTP/1.1\r\nx: ", 408),
        (b"POST / HTTP/1.1\r\ncontent-length: 9\r\n\r\nhalf", 408),
    ],
    ids=["nothing", "half a head", "half a body"],
)
async def test_a_request_that_does_not_arrive_is_given_up(sent: bytes, status: int | None) -> None:
    """
    Thousands of connections that say nothing cost their owner nothing, and would cost us our last one.
    """
    async with _bare_server() as (port, held), asyncio.timeout(100):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        now = asyncio.get_running_loop().time()
        await eventually(lambda: held and held[0].received == len(sent))

        held[0].give_up(now + PATIENCE / 2)
        assert not held[0].transport.is_closing()
        held[0].give_up(now + PATIENCE + 1)

        if status is not None:
            assert (await _answer(reader))[0] == status
        assert await reader.read() == b""
        writer.close()


async def test_a_connection_that_waits_for_its_next_request_is_not_given_up() -> None:
    """
    That wait has an end of its own, and a longer one.
    """
    async with _bare_server() as (port, held), asyncio.timeout(100):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\nbody")
        await reader.readuntil(b"\r\n\r\n")

        held[0].give_up(asyncio.get_running_loop().time() + 2 * PATIENCE)

        assert not held[0].transport.is_closing()
        writer.close()


async def test_an_answer_that_waits_for_others_is_sent_before_its_connection_is_closed() -> None:
    """
    A caller who wants no further answer gets this one.
    """
    loop, outbox = asyncio.get_running_loop(), Outbox()
    ours, theirs = socket.socketpair()
    transport, _ = await loop.create_unix_connection(asyncio.Protocol, sock=ours)
    connection = OneWrite(transport, loop, outbox)

    outbox.gather(loop)
    connection.write_whole(b"the last one")
    connection.close()

    with closing(theirs):
        theirs.setblocking(False)  # noqa: FBT003  as the library has it
        assert await loop.sock_recv(theirs, 100) == b"the last one"
        assert await loop.sock_recv(theirs, 100) == b""
