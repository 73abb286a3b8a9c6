# SPDX-License-Identifier: Apache-2.0
"""
Writing to a socket at once or a few answers at a time, instead of at the end of the turn of the event loop.

uvloop gathers what a turn writes and sends it when all that came in has been looked at.  Of many connections whose
answers are ready in one turn, the first one waits for the last; whoever reads them has nothing to do meanwhile, and
then more than it can.  Each on its own, on the other hand, wakes its reader again and again, which takes the writer
three times as long as the writing.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

NOWHERE = -1
_TOGETHER = 8
"""Answers that leave together."""


class DirectWriter:
    """
    Writes to a connection at once, as far as its socket takes it; the rest, and what is encrypted, by its transport.

    Args:
        transport: Of the connection.
    """

    __slots__ = ("_is_closing", "_number", "_waiting", "_write")

    def __init__(self, transport: asyncio.Transport) -> None:
        # Asked for with every answer; bound once.
        self._write = transport.write
        self._is_closing = transport.is_closing
        self._waiting = transport.get_write_buffer_size
        socket = transport.get_extra_info("socket") if transport.get_extra_info("sslcontext") is None else None
        self._number = socket.fileno() if socket is not None else NOWHERE

    def write(self, data: bytes) -> None:
        """Send *data* behind all that was written before; a connection that closes takes nothing more."""
        if self._is_closing():  # the number of its socket may be another connection's by now
            return
        if self._number == NOWHERE or self._waiting():
            self._write(data)
            return
        try:
            sent = os.write(self._number, data)
        except OSError:  # full, or broken: the transport meets the same and knows what to do
            sent = 0
        if sent < len(data):
            self._write(data[sent:])


class Outbox:
    """
    Answers of one process, which leave a few at a time where many become ready in one turn of the event loop.

    >>> outbox, sent = Outbox(), []
    >>> outbox.write(sent.append, b"at once")
    >>> sent
    [b'at once']
    """

    __slots__ = ("_gathers", "_waiting")

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[bytes], None], bytes]] = []
        self._gathers = False

    def gather(self, loop: asyncio.AbstractEventLoop) -> None:
        """Let answers wait for one another until what the loop was told to call so far has been called."""
        if not self._gathers:
            self._gathers = True
            loop.call_soon(self._end)

    def write(self, write: Callable[[bytes], None], data: bytes) -> None:
        """Send *data* by *write*, together with other answers if such are expected."""
        if not self._gathers:
            write(data)
            return
        self._waiting.append((write, data))
        if len(self._waiting) == _TOGETHER:
            self.flush()

    def flush(self) -> None:
        """Send what waits."""
        waiting, self._waiting = self._waiting, []
        for write, data in waiting:
            write(data)

    def _end(self) -> None:
        self._gathers = False
        self.flush()
