# SPDX-License-Identifier: Apache-2.0
"""What a head said is remembered byte for byte, and a request that only resembles it is read anew."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import pytest
from daemons import Service, unique
from hypothesis import given
from hypothesis import strategies as st

from nacre.access.roles import Role
from nacre.api.heads import Heads
from nacre.api.hot import Head

_HEAD = b"POST /check HTTP/1.1\r\ncontent-length: 4\r\n\r\n"


async def _nobody(*_: object) -> bytes:
    return b""


def _known(length: int = 4, *, keep_alive: bool = True) -> Head:
    return Head(_nobody, {}, length, keep_alive)


def test_the_same_head_is_known_with_another_body() -> None:
    """
    Only what identifies the login differs from one request to the next.
    """
    heads = Heads()

    heads.learn(_HEAD + b"{01}", _known())

    assert heads.find(_HEAD + b"[23]") == (_known(), b"[23]")


@given(st.binary(max_size=80))
def test_nothing_is_known_but_a_whole_request_of_that_head(data: bytes) -> None:
    """
    Half a body, two requests at once, a head that ends elsewhere: the reader of HTTP sees to those.
    """
    heads = Heads()
    heads.learn(_HEAD + b"{01}", _known())

    for said in (data, _HEAD + data, data + _HEAD + b"{01}", _HEAD + b"{01}" + data):
        found = heads.find(said)

        assert (found is not None) == (said.startswith(_HEAD) and len(said) == len(_HEAD) + 4)


@pytest.mark.parametrize(
    ("data", "head"),
    [
        (_HEAD + b"{01}", _known(keep_alive=False)),
        (_HEAD + b"{01}POST", _known()),
        (_HEAD + b"{0", _known()),
        (b"POST /check HTTP/1.1\r\nx: " + b"y" * 5_000 + b"\r\n\r\n{01}", _known()),
    ],
    ids=["the last of its connection", "two requests", "half a request", "a long head"],
)
def test_some_heads_are_not_remembered(data: bytes, head: Head) -> None:
    """
    They are rare, and memory is for callers who come back.
    """
    heads = Heads()

    heads.learn(data, head)

    assert heads.find(data) is None


def test_callers_cannot_fill_the_memory() -> None:
    """
    Who may send requests may send ten thousand different heads.
    """
    heads = Heads()

    for number in range(3_000):
        heads.learn(b"POST /%d HTTP/1.1\r\n\r\n{01}" % number, _known())

    assert sum(heads.find(b"POST /%d HTTP/1.1\r\n\r\n{01}" % number) is not None for number in range(3_000)) <= 1_024


async def test_a_remembered_head_opens_nothing_that_was_closed_since(service: Service) -> None:
    """
    Who calls is asked anew with each request; a token that was revoked is.
    """
    admin, token = service.token(Role.ADMIN), service.token(Role.AUTHENTICATE)
    host, port = service.url.removeprefix("http://").rsplit(":", 1)

    def request(path: str, body: Mapping[str, object], shown: str = token) -> bytes:
        content = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {shown}\r\n"
        return f"{head}content-length: {len(content)}\r\n\r\n".encode() + content

    reader, writer = await asyncio.open_connection(host, int(port))
    said = []
    async with asyncio.timeout(30):
        for path, body, shown in (
            ("/api/v1/check", {"client_ip": "192.0.2.73", "username": unique()}, token),
            ("/api/v1/check", {"client_ip": "192.0.2.73", "username": unique()}, token),
            ("/api/v1/tokens/revoke", {"token": token}, admin),
            ("/api/v1/check", {"client_ip": "192.0.2.73", "username": unique()}, token),
        ):
            writer.write(request(path, body, shown))
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            said.append(int(head.split()[1]))
            await reader.readexactly(int(head.partition("content-length: ")[2].split("\r\n")[0]))
    writer.close()

    assert said == [200, 200, 200, 401]
