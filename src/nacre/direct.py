# SPDX-License-Identifier: Apache-2.0
"""
Writing to a socket at once, instead of at the end of the turn of the event loop.

uvloop gathers what a turn writes and sends it when all that came in has been looked at.  Of many connections whose
answers are ready in one turn, the first one waits for the last; whoever reads them has nothing to do meanwhile, and
then more than it can.
"""

from __future__ import annotations

import asyncio
import os

NOWHERE = -1


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
