# SPDX-License-Identifier: Apache-2.0
"""Writing at once."""

from __future__ import annotations

import asyncio
import os
import select
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

import pytest
import uvloop

from nacre.direct import DirectWriter, Outbox

Loop = Callable[[], asyncio.AbstractEventLoop]
BOTH = pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])


class _Closing(asyncio.Protocol):
    """Tells when a connection is closed."""

    def __init__(self) -> None:
        self.closed = asyncio.Event()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  it is closed either way
        """Tell it."""
        self.closed.set()


@asynccontextmanager
async def _connected() -> AsyncIterator[tuple[asyncio.Transport, socket.socket, asyncio.Event]]:
    """Give a transport, the other end of its connection, and what is set when it is closed."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)  # noqa: FBT003  as the library has it
    transport, protocol = await asyncio.get_running_loop().create_unix_connection(_Closing, sock=ours)
    try:
        yield transport, theirs, protocol.closed
    finally:
        transport.abort()
        await protocol.closed.wait()
        theirs.close()


async def _all(theirs: socket.socket, size: int) -> bytes:
    loop, read = asyncio.get_running_loop(), b""
    while len(read) < size:
        read += await loop.sock_recv(theirs, 1 << 20)
    return read


@BOTH
def test_what_is_written_is_there_before_the_turn_ends(loop: Loop) -> None:
    """
    Whoever waits for it need not wait for what else the turn does.
    """

    async def main() -> bytes:
        async with _connected() as (transport, theirs, _):
            DirectWriter(transport).write(b"answer")
            return theirs.recv(100)

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == b"answer"


@BOTH
def test_what_a_socket_does_not_take_follows_in_order(loop: Loop) -> None:
    """
    The other end may read slowly; what is written meanwhile waits behind it.
    """
    pieces = [bytes([number]) * 300_000 for number in range(8)]

    async def main() -> bytes:
        async with _connected() as (transport, theirs, _):
            writer = DirectWriter(transport)
            for piece in pieces:
                writer.write(piece)
            read = await _all(theirs, sum(map(len, pieces)))
            writer.write(b"end")
            return read + await _all(theirs, 3)

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == b"".join(pieces) + b"end"


@BOTH
def test_what_the_transport_was_given_goes_first(loop: Loop) -> None:
    """
    Others write to it as well.
    """

    async def main() -> bytes:
        async with _connected() as (transport, theirs, _):
            transport.write(b"first ")
            DirectWriter(transport).write(b"second")
            return await _all(theirs, 12)

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == b"first second"


@BOTH
def test_nothing_is_written_to_the_socket_that_took_the_number_of_a_closed_one(loop: Loop) -> None:
    """
    An answer that comes late must not reach somebody else.
    """

    async def main() -> bool:
        async with _connected() as (transport, _, closed):
            writer = DirectWriter(transport)
            number = transport.get_extra_info("socket").fileno()
            transport.close()
            await closed.wait()
            ours, other = socket.socketpair()
            other.setblocking(False)  # noqa: FBT003  as the library has it
            with closing(ours), closing(other):
                spare = os.dup2(ours.fileno(), number) if number not in (ours.fileno(), other.fileno()) else -1
                writer.write(b"secret")
                if spare >= 0:
                    os.close(spare)
                return _nothing(ours) and _nothing(other)

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main())


def _nothing(sock: socket.socket) -> bool:
    """Whether nothing came in."""
    return not select.select([sock], [], [], 0)[0]


@BOTH
def test_a_connection_that_is_gone_is_no_error(loop: Loop) -> None:
    """
    The transport meets the same, and tells its protocol.
    """

    async def main() -> bool:
        async with _connected() as (transport, theirs, closed):
            theirs.close()
            DirectWriter(transport).write(b"into the void")
            await closed.wait()
            return True

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main())


@BOTH
def test_answers_of_one_turn_leave_eight_at_a_time_and_the_rest_at_its_end(loop: Loop) -> None:
    """
    Who waits for them is woken less often, and yet begins to read before the last one is ready.
    """

    async def main() -> list[int]:
        running, outbox, sent, seen = asyncio.get_running_loop(), Outbox(), list[bytes](), list[int]()
        for number in range(11):

            def answer(number: int = number) -> None:
                outbox.write(sent.append, b"%d" % number)
                seen.append(len(sent))

            running.call_soon(answer)
        outbox.gather(running)
        running.call_soon(lambda: seen.append(len(sent)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert sent == [b"%d" % number for number in range(11)]
        return seen

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == [0, 0, 0, 0, 0, 0, 0, 8, 8, 8, 8, 11]


@BOTH
def test_an_answer_that_nobody_said_would_have_company_leaves_at_once(loop: Loop) -> None:
    """
    Neither before a turn of many nor after it does a single one wait.
    """

    async def main() -> list[bytes]:
        running, outbox, sent = asyncio.get_running_loop(), Outbox(), list[bytes]()
        outbox.gather(running)
        outbox.gather(running)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        outbox.write(sent.append, b"alone")
        return sent

    with asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(main()) == [b"alone"]
