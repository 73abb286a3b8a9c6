# SPDX-License-Identifier: Apache-2.0
"""A hot request is answered past ASGI, and nobody can tell."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from daemons import Service, unique

from nacre.access.roles import Role


async def _in_pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body


@pytest.mark.parametrize(
    "body",
    [
        {"client_ip": "192.0.2.70", "username": "erika"},
        {"client_ip": "nowhere", "username": "erika"},
        {"client_ip": "192.0.2.70"},
        {"request_id": "never-seen", "success": True},
    ],
)
@pytest.mark.parametrize("path", ["check", "report", "attempt"])
async def test_both_ways_answer_alike(admin: httpx.AsyncClient, path: str, body: dict[str, object]) -> None:
    """
    A body in chunks goes through ASGI, one of known length does not.
    """
    packed = json.dumps(body).encode()

    short = await admin.post(f"/api/v1/{path}", content=packed)
    chunked = await admin.post(f"/api/v1/{path}", content=_in_pieces(packed))

    assert short.status_code == chunked.status_code
    assert short.headers["content-type"] == chunked.headers["content-type"]
    assert short.json().keys() == chunked.json().keys()


async def test_hot_and_cold_requests_of_one_connection_are_answered_in_their_order(service: Service) -> None:
    """
    A check asks the store, `/livez` asks nobody; the faster answer must not overtake the slower one.
    """
    token = service.token(Role.ADMIN)
    host, port = service.url.removeprefix("http://").rsplit(":", 1)
    check = json.dumps({"client_ip": "192.0.2.71", "username": "erika", "request_id": unique()}).encode()
    head = f"host: x\r\nauthorization: Bearer {token}\r\ncontent-length: {len(check)}\r\n\r\n".encode()
    hot = b"POST /api/v1/check HTTP/1.1\r\n" + head + check
    cold = b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n"

    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(hot + cold + hot + cold)
    said = b""
    async with asyncio.timeout(100):
        while said.count(b"HTTP/1.1 200") < 4:
            said += await reader.read(65_536)
    writer.close()

    kinds = ["hot" if b'"action"' in part else "cold" for part in said.split(b"HTTP/1.1 200")[1:]]
    assert kinds == ["hot", "cold", "hot", "cold"]


async def test_a_connection_that_is_to_be_closed_is_closed_after_the_answer(service: Service) -> None:
    """
    Clients of one request say so, and wait for the end.
    """
    token = service.token(Role.AUTHENTICATE)
    body = json.dumps({"client_ip": "192.0.2.72", "username": "erika"}).encode()
    host, port = service.url.removeprefix("http://").rsplit(":", 1)
    head = f"POST /api/v1/check HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n"

    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body)
    async with asyncio.timeout(100):
        said = await reader.read()
    writer.close()

    assert said.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in said


async def test_an_answer_that_waits_more_than_once_arrives(admin: httpx.AsyncClient) -> None:
    """
    A report by id alone asks the store twice where another process answered the check, and is no task.
    """
    anew = {"connection": "close"}  # for each a connection, which any of the workers takes
    asked = {"client_ip": "192.0.2.74", "username": unique(), "request_id": unique()}
    checked = await admin.post("/api/v1/check", json=asked, headers=anew)

    outcome = {"request_id": checked.json()["request_id"], "success": True}
    reports = [(await admin.post("/api/v1/report", json=outcome, headers=anew)).json()["why"] for _ in range(12)]

    assert reports == ["counted"] + ["reported_before"] * 11
