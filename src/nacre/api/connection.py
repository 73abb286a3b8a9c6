# SPDX-License-Identifier: Apache-2.0
"""
One HTTP connection, bounded: how long a head or a body may take, and how many bytes a head may have.

The server that reads HTTP for us bounds neither, so a caller who sends a header without end would
fill our memory, and thousands who send nothing would hold our connections.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import httptools
import msgspec
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from nacre.api.app import App
from nacre.api.cycle import HotCycle
from nacre.api.hot import NDJSON, Head
from nacre.api.problems import ProblemError, headers_of
from nacre.direct import DirectWriter, Outbox

MAX_HEAD = 65_536
"""Bytes of a request line and its headers."""
_UNUSUAL = frozenset((b"transfer-encoding", b"expect"))
PATIENCE = 30.0
"""Seconds that a whole request may take to arrive."""


class HeadTooLargeError(Exception):
    """The head of a request has more than :data:`MAX_HEAD` bytes."""


class NoTunnelError(Exception):
    """A request for a tunnel to somewhere else."""


class OneWrite:
    """
    A transport that sends what is written within one turn of the event loop in one piece, and a whole answer sooner.

    The server writes head and body of an answer one after the other; a system call for each was
    a third of what a short answer cost.

    Args:
        transport: The real one; everything but writing is left to it.
        loop: The event loop.
        outbox: Where whole answers are written.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop, outbox: Outbox) -> None:
        self._transport = transport
        self._direct = DirectWriter(transport).write
        self._loop = loop
        self._outbox = outbox
        self._pending: list[bytes] = []
        self.is_closing = transport.is_closing  # asked for with every answer: not found by way of __getattr__

    def write(self, data: bytes) -> None:
        """Send *data* with whatever else is written in this turn."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending.append(data)

    def write_whole(self, data: bytes) -> None:
        """Send an answer that is all there: with what is pending, or without waiting for more of it."""
        if self._pending:
            self._pending.append(data)
        else:
            self._outbox.write(self._direct, data)

    def close(self) -> None:
        """Send what is pending, and close."""
        self._outbox.flush()
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        if self._pending:
            pending, self._pending = self._pending, []
            self._direct(b"".join(pending))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Connection(HttpToolsProtocol):
    """A connection that answers what is no HTTP with a problem, too."""

    _in_head = True
    _head_bytes = 0
    _chunk = b""
    _since: float | None = None
    _plain_head = b""
    _idle_since = 0.0
    _hot: HotCycle | None = None
    _between = True
    _begun = 0
    _head: Head | None = None
    _app: App | None = None

    def connection_made(self, transport: Any) -> None:
        """Take a connection over; from now on a request is awaited."""
        self._app = self.config.app if isinstance(self.config.app, App) else None
        outbox = self._app.guard.servers.outbox if self._app is not None else Outbox()
        super().connection_made(OneWrite(transport, self.loop, outbox))  # type: ignore[arg-type]
        self._since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Read what came in."""
        between, self._idle_since = self._between, 0.0
        if between and self._app is not None and self._is_idle():
            known = self._app.heads.find(data)
            if known is not None and known[0].length <= self._app.guard.settings.server.limits.body_bytes:
                self._since = None
                self._unset_keepalive_if_required()
                self._begin(known[0], known[1])
                return
        self._chunk, self._begun, self._head = data, 0, None
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if between:
            self._learn(data)
        if self._in_head and self._head_bytes > MAX_HEAD and not self.transport.is_closing():
            self._answer(_too_large())
        elif self._since is None and not self._idle_since and self.timeout_keep_alive_task is None and self._is_idle():
            # It was answered before all of it was read: only now the wait for the next request begins.
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def _learn(self, data: bytes) -> None:
        """Remember the head of what came in between two requests, if it was one hot request and nothing else."""
        if self._head is not None and self._begun == 1 and self._between and self._app is not None:
            self._app.heads.learn(data, self._head)

    def _begin(self, head: Head, body: bytes) -> None:
        """Answer a request that is here as a whole."""
        assert self._app is not None  # noqa: S101  only its hot routes are asked so
        hot = HotCycle(self, self._app.guard, self._app.hot, head)
        hot.body, hot.more_body = body, False
        self.cycle = hot  # type: ignore[assignment]
        hot.begin()

    def on_message_begin(self) -> None:
        """Begin a request; the scope of an ASGI application is made once it is known that one is asked."""
        self.url, self.headers, self.expect_100_continue = b"", [], False
        self._in_head, self._head_bytes, self._since = True, len(self._chunk), self.loop.time()
        self._between = False
        self._begun += 1

    def on_headers_complete(self) -> None:
        """Hand a request to the application, unless its head is too large."""
        self._in_head = False
        # What came in with the end of the head may be body: only then the head itself is measured.
        if self._head_bytes > MAX_HEAD and _size(self.url, self.headers) > MAX_HEAD:
            raise HeadTooLargeError
        if self.parser.should_upgrade():
            self._plain_head = self._without_upgrade()
        elif (head := self._hot_head()) is not None and self._app is not None:
            self._head, self._hot = head, HotCycle(self, self._app.guard, self._app.hot, head)
            self.cycle = self._hot  # type: ignore[assignment]
        else:
            url, headers, expect = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.url, self.expect_100_continue = url, expect
            self.headers += headers
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body in."""
        if self._hot is not None:
            self._hot.body += body
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Note that a request is here as a whole."""
        self._between = True
        if self._plain_head:
            return
        self._since = None
        if self._hot is None:
            super().on_message_complete()
            return
        hot, self._hot = self._hot, None
        hot.more_body = False
        hot.begin()

    def on_hot_response_complete(self) -> None:
        """Go on after a hot request; who then says nothing is looked for by :meth:`give_up`, not by a timer each."""
        self._idle_since = self.loop.time()
        if self.pipeline:
            self.on_response_complete()

    def _hot_head(self) -> Head | None:
        """Return the head of a hot request that came in the ordinary way, ``None`` for any other."""
        app = self._app
        if app is None or not self._is_idle() or self.parser.get_http_version() != "1.1":
            return None
        answer = app.hot.find(self.parser.get_method(), self.url)
        if answer is None:
            return None
        headers = dict(self.headers)
        length = headers.get(b"content-length", b"")
        ordinary = length.isdigit() and int(length) <= app.guard.settings.server.limits.body_bytes
        if not ordinary or not _UNUSUAL.isdisjoint(headers) or headers.get(b"content-type", b"").startswith(NDJSON):
            return None
        return Head(answer, headers, int(length), self.parser.should_keep_alive())

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read as HTTP."""
        self._answer(_too_large() if self._head_bytes > MAX_HEAD else ProblemError(400, msg))

    def _unsupported_upgrade_warning(self) -> None:
        """
        Read on as if the request had not asked for another protocol.

        RFC 9110 allows that, and clients that ask for HTTP/2 with every request count on it.  The
        parser has left out the body: it is given the head again, without the wish.
        """
        upgrade = sys.exception()
        assert isinstance(upgrade, httptools.HttpParserUpgrade)  # noqa: S101  the only caller handles one
        rest = self._plain_head + self._chunk[upgrade.args[0] :]
        self._plain_head = b""
        self.parser = httptools.HttpRequestParser(self)
        self.data_received(rest)

    def _without_upgrade(self) -> bytes:
        method = self.parser.get_method()
        if method == b"CONNECT":
            raise NoTunnelError
        lines = [method + b" " + self.url + b" HTTP/" + self.parser.get_http_version().encode()]
        lines += [name + b": " + value for name, value in self.headers if name not in {b"connection", b"upgrade"}]
        return b"\r\n".join([*lines, b"", b""])

    def give_up(self, now: float) -> None:
        """Close the connection if its request has been on its way for too long; *now* is the loop's time."""
        if self._idle_since and now - self._idle_since > self.timeout_keep_alive:
            self.transport.close()
        if self._since is None or now - self._since < PATIENCE or self.transport.is_closing():
            return
        if self._head_bytes and (self._is_idle() or not self.cycle.response_started):
            self._answer(ProblemError(408, f"the request took more than {PATIENCE:.0f} seconds to arrive"))
        else:
            self.transport.close()

    def _is_idle(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is None or cycle.response_complete

    def _answer(self, error: ProblemError) -> None:
        """Send a problem past the application, and close."""
        if not self._is_idle() and not self.cycle.more_body:
            # The request before this one is still being answered: close after that.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            return
        body = msgspec.json.encode(error.problem)
        head = [STATUS_LINE[error.problem.status]]
        length = (b"content-length", b"%d" % len(body))
        for name, value in (*headers_of(error.problem), length, (b"connection", b"close")):
            head += [name, b": ", value, b"\r\n"]
        self.transport.write(b"".join([*head, b"\r\n", body]))
        self.transport.close()


def _too_large() -> ProblemError:
    return ProblemError(431, f"the headers have more than {MAX_HEAD} bytes")


def _size(url: bytes, headers: list[tuple[bytes, bytes]]) -> int:
    return len(url) + sum(len(name) + len(value) for name, value in headers)
