# SPDX-License-Identifier: Apache-2.0
"""
One connection to one server, shared by all requests of a process.

Commands that are asked for within one turn of the event loop leave in one write, and their replies are
read together.  That is where the throughput comes from: a connection per call costs a system
call, a parse and a wake-up for each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from logging import DEBUG, WARNING
from ssl import SSLContext
from typing import Any, cast

import hiredis
import structlog

from nacre.direct import DirectWriter, Outbox
from nacre.errors import StoreUnavailable

log = structlog.get_logger(__name__)

Argument = bytes | str | int | float
Command = tuple[Argument, ...] | bytes
"""Arguments, or all of it packed."""
Reply = Any
"""What the server said: bytes, int, list, None, or an error as a value."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_COMPLAIN_EVERY = 1.0
_AT_ONCE = 4
"""Commands over which the server computes for a while, that are sent before the turn of the event loop ends."""
_NOT_CONNECTED = "the store is away: not connected"
_pack = hiredis.pack_command


class _Batch:
    """Commands that are waited for together, or told one after the other with nobody waiting."""

    __slots__ = ("asked", "future", "missing", "replies")

    def __init__(self, missing: int, future: asyncio.Future[list[Reply]] | None, asked: float) -> None:
        self.missing = missing
        self.future = future
        self.asked = asked
        self.replies: list[Reply] = []


class Lane(asyncio.Protocol):
    """
    A connection that opens again by itself.

    Args:
        where: Gives the path of a unix socket or a host and port; asked before each connection.
        hello: Commands that open a connection: who we are, which database, our scripts.
        timeout: Seconds after which an unanswered command means that the server is away.
        tls: Context for TLS, ``None`` for plain connections.
        on_up: Called after each connection.

    Attributes:
        outbox: What those who wait for replies write to: the answers of those whose replies came together leave so.
    """

    def __init__(
        self,
        where: Callable[[], Awaitable[str | tuple[str, int]]],
        *,
        hello: Sequence[Command],
        timeout: float,
        tls: SSLContext | None = None,
        on_up: Callable[[], None] | None = None,
    ) -> None:
        self._where = where
        self._hello = hello
        self._timeout = timeout
        self._tls = tls
        self._on_up = on_up
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._batches: deque[_Batch] = deque()
        self._out: list[bytes] = []
        self._reader = hiredis.Reader()
        self._lost = asyncio.Event()
        self._up = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._watchdog: asyncio.TimerHandle | None = None
        self._complained = -_COMPLAIN_EVERY
        self._turn = 0.0
        self._long = 0
        self._writer: DirectWriter | None = None
        self.outbox = Outbox()

    @property
    def is_up(self) -> bool:
        """Whether commands can be sent."""
        return self._up.is_set()

    def start(self) -> None:
        """Begin to connect, and go on doing so until :meth:`close`; a lane that has begun goes on as it does."""
        if self._keeper is None:
            self._keeper = self._loop.create_task(self._keep(), name="nacre-lane")

    async def ready(self, patience: float) -> bool:
        """Wait until commands can be sent; tells whether they can after *patience* seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await self._up.wait()
        return self.is_up

    async def close(self) -> None:
        """Send what is waiting, then close for good."""
        if self._up.is_set() and self._batches:
            with contextlib.suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(self._timeout):
                    await self.ask((("PING",),))
        if self._keeper:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        self.drop("closed")

    def ask(self, commands: Sequence[Command], *, long: bool = False) -> asyncio.Future[list[Reply]]:
        """
        Send commands with those of others and return a future of their replies.

        Errors of single commands come as values.  A server that has nothing to do is sent them at once.

        Args:
            commands: To send.
            long: Whether the server computes over them for a while: it begins with the first few, while the others are
                still being made.

        Raises:
            StoreUnavailable: there is no connection.
        """
        if not self._up.is_set():
            raise StoreUnavailable(_NOT_CONNECTED)
        future = self._loop.create_future()
        idle = not self._batches
        self._long += long
        self._write(commands, future)
        if idle or self._long >= _AT_ONCE:
            self._flush()
        return future

    def tell(self, commands: Sequence[Command]) -> None:
        """
        Send commands whose replies nobody waits for.

        Raises:
            StoreUnavailable: there is no connection.
        """
        if not self._up.is_set():
            raise StoreUnavailable(_NOT_CONNECTED)
        self._write(commands, None)

    def drop(self, why: str) -> None:
        """Give the connection up; everyone who waits is told."""
        transport, self._transport, self._writer = self._transport, None, None
        self._up.clear()
        if transport is not None:
            transport.abort()
        waiting, self._batches, self._out = self._batches, deque(), []
        for batch in waiting:
            if batch.future is not None and not batch.future.done():
                batch.future.set_exception(StoreUnavailable(f"the store is away: {why}"))
        self._lost.set()

    def _write(self, commands: Sequence[Command], future: asyncio.Future[list[Reply]] | None) -> None:
        out = self._out
        if not out:
            self._loop.call_soon(self._flush)
            self._turn = self._loop.time()
        last = self._batches[-1] if out and future is None else None
        for command in commands:
            out.append(command if isinstance(command, bytes) else _pack(command))  # type: ignore[arg-type]
        if last is not None and last.future is None:
            last.missing += len(commands)  # it waits in the same write
        else:
            self._batches.append(_Batch(len(commands), future, self._turn))

    def _flush(self) -> None:
        self._long = 0
        if self._writer is not None and self._out:
            self._writer.write(b"".join(self._out))
        self._out = []

    # -- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the connection over."""
        self._transport = cast("asyncio.Transport", transport)
        self._writer = DirectWriter(self._transport)
        self._reader = hiredis.Reader()
        self._lost.clear()

    def data_received(self, data: bytes) -> None:
        """Hand replies to those who wait for them, in order."""
        reader, batches = self._reader, self._batches
        answered = 0
        try:
            reader.feed(data)
            while (reply := reader.gets()) is not False:
                batch = batches[0]
                batch.replies.append(reply)
                if len(batch.replies) == batch.missing:
                    batches.popleft()
                    if batch.future is None:
                        self._look_at(batch.replies)
                    elif not batch.future.done():
                        batch.future.set_result(batch.replies)
                        answered += 1
        except (hiredis.ProtocolError, IndexError) as error:
            self.drop(f"it answered what was not asked: {error}")
        if answered > 1:
            self.outbox.gather(self._loop)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everyone who waits."""
        if self._transport is not None:
            self.drop(str(exc or "it closed the connection"))

    # -- keeping it open

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._open()
                pause = _FIRST_PAUSE
                self._watch()
                await self._lost.wait()
                log.warning("store_lost")
            except Exception as error:  # noqa: BLE001  whatever it is, the next connection may work
                self.drop(str(error))
                log.log(WARNING if pause == _FIRST_PAUSE else DEBUG, "store_unreachable", error=str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _open(self) -> None:
        async with asyncio.timeout(max(self._timeout, 2.0)):
            where = await self._where()
            if isinstance(where, str):
                await self._loop.create_unix_connection(lambda: self, where)
            else:
                await self._loop.create_connection(lambda: self, *where, ssl=self._tls)
            if self._hello:
                greeting = self._loop.create_future()
                self._write(self._hello, greeting)
                for reply in await greeting:
                    if isinstance(reply, hiredis.ReplyError):
                        raise StoreUnavailable(f"the store refused us: {reply}")
        self._up.set()
        if self._on_up is not None:
            self._on_up()

    def _watch(self, suspect: _Batch | None = None) -> None:
        """
        Give the connection up if the oldest command waits too long.

        Looked at twice: if it is we who were kept from running, its reply lies in the socket already, and
        is read between the two looks.
        """
        if self._watchdog is not None:
            self._watchdog.cancel()
        if not self._up.is_set():
            return
        oldest = self._batches[0] if self._batches else None
        if oldest is None or self._loop.time() - oldest.asked <= self._timeout:
            self._watchdog = self._loop.call_later(self._timeout / 4, self._watch)
        elif oldest is suspect:
            self.drop("it does not answer")
        else:
            self._watchdog = self._loop.call_later(self._timeout / 10, self._watch, oldest)

    def _look_at(self, replies: Sequence[Reply]) -> None:
        for reply in replies:
            if isinstance(reply, hiredis.ReplyError) and self._loop.time() - self._complained > _COMPLAIN_EVERY:
                # A store that is full refuses thousands a second, and each says the same.
                self._complained = self._loop.time()
                log.warning("store_error", error=str(reply))
