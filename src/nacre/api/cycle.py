# SPDX-License-Identifier: Apache-2.0
"""
Request and answer of a hot route, without ASGI in between.

Half of what a check cost was the conversation between server and application: a scope, a task, an event,
two messages.  A hot request that arrives in the ordinary way (a body of known length, nothing
before it on the connection) is answered here instead, with one write; any other goes through ASGI.
To the server this is one of its own cycles, so that pipelining, keep-alive and shutdown stay its business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from http import HTTPStatus
from typing import Any, Protocol

import structlog

from nacre.access.issuer import UnknownKey
from nacre.api.hot import Head, HotRoutes, refusal
from nacre.api.problems import ANSWERED, ProblemError
from nacre.service import Guard

log = structlog.get_logger(__name__)

_OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
_OK_LAST = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"


class Wire(Protocol):
    """What a cycle needs of its connection."""

    loop: asyncio.AbstractEventLoop
    client: tuple[str, int] | None
    transport: Any

    def on_hot_response_complete(self) -> None:
        """Go on with the next request."""


class NoEvent:
    """An event that nobody waits for: a hot cycle begins when its body is complete."""

    def set(self) -> None:
        """Do nothing."""


_NO_EVENT = NoEvent()


class HotCycle:
    """
    One request of a hot route; has the attributes that the server knows of its own cycles.

    Args:
        wire: The connection.
        guard: Counts who is turned away.
        routes: Answers.
        head: Of the request.
    """

    body = b""
    more_body = True
    disconnected = False
    response_started = False
    response_complete = False
    message_event = _NO_EVENT

    def __init__(self, wire: Wire, guard: Guard, routes: HotRoutes, head: Head) -> None:
        self._wire = wire
        self._guard = guard
        self._routes = routes
        self._head = head
        self.keep_alive = head.keep_alive
        self._asking: Coroutine[Any, Any, bytes] | None = None

    def begin(self) -> None:
        """Answer now, or when those who have to be asked have answered."""
        client = self._wire.client
        in_task = self._guard.servers.shards  # where a key moved to is asked by a client that has to be in one
        try:
            content = self._routes.start(self._head, client, self.body)
        except UnknownKey:
            content, in_task = self._routes.start_anew(self._head, client, self.body), True
        except Exception as error:  # noqa: BLE001  nothing is further out than this
            self._refuse(error)
            return
        if isinstance(content, bytes):
            self._accept(content)
        elif in_task:
            self._task = self._wire.loop.create_task(self._finish(content))
        else:
            self._asking = content
            self._go_on(None)

    async def _finish(self, content: Coroutine[Any, Any, bytes]) -> None:
        try:
            answered = await content
        except Exception as error:  # noqa: BLE001  nothing is further out than this
            self._refuse(error)
        else:
            self._accept(answered)

    def _go_on(self, _: object) -> None:
        """
        Run the answer to where it waits next, or to its end, as a task would.

        What a task is besides (found, named, cancelled) nobody needs here, and it cost 4 µs of an answer's 60.
        """
        assert self._asking is not None  # noqa: S101  for the type checker
        try:
            waits_for = self._asking.send(None)
        except StopIteration as end:
            self._asking = None
            self._accept(end.value)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001  nothing is further out than this
            self._asking = None
            self._refuse(error)
        else:
            if waits_for is None:  # for the next turn of the loop
                self._wire.loop.call_soon(self._go_on, None)
            else:
                waits_for._asyncio_future_blocking = False  # noqa: SLF001  so says a task that it has seen to it
                waits_for.add_done_callback(self._go_on)

    def _accept(self, content: bytes) -> None:
        self._write((_OK if self.keep_alive else _OK_LAST) % (len(content), content))

    def _refuse(self, error: BaseException) -> None:
        if not isinstance(error, ANSWERED):
            log.error("request_failed", exc_info=error)
            error = ProblemError(500, "an error in this service; its log says more")
        status, headers, body = refusal(self._guard, error)
        lines = [b"HTTP/1.1 %d %b" % (status, HTTPStatus(status).phrase.encode())]
        lines += [name + b": " + value for name, value in headers]
        if not self.keep_alive:
            lines.append(b"connection: close")
        self._write(b"\r\n".join([*lines, b"", body]))

    def _write(self, whole: bytes) -> None:
        wire = self._wire
        self.response_started = self.response_complete = True
        if self.disconnected or wire.transport.is_closing():
            return
        wire.transport.write_whole(whole)
        if not self.keep_alive:
            wire.transport.close()
        wire.on_hot_response_complete()
