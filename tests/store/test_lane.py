# SPDX-License-Identifier: Apache-2.0
"""One shared connection: against a real store, and against a server that does what no real one would."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import hiredis
import pytest
import structlog
from builders import eventually
from store.odd import Odd

from nacre.errors import StoreUnavailable
from nacre.store.lane import Command, Lane

PING: Command = ("PING",)


@pytest.fixture
async def odd(tmp_path: Path) -> AsyncIterator[Odd]:
    """A server under the control of the test."""
    server = Odd(tmp_path / "odd.sock")
    async with await asyncio.start_unix_server(server.serve, server.path):
        yield server
        server.cut()


OpenLane = Callable[..., Lane]


@pytest.fixture
async def open_lane() -> AsyncIterator[OpenLane]:
    """Make lanes that are closed in the end."""
    async with contextlib.AsyncExitStack() as stack:

        def make(path: str, *, hello: tuple[Command, ...] = (), timeout: float = 5.0, **more: object) -> Lane:
            async def where() -> str:
                return path

            lane = Lane(where, hello=hello, timeout=timeout, **more)  # type: ignore[arg-type]
            lane.start()
            stack.push_async_callback(lane.close)
            return lane

        yield make


async def test_everyone_gets_the_replies_to_their_own_commands(
    open_lane: OpenLane, store_socket: str, prefix: str
) -> None:
    """
    A thousand callers on one connection, with one command or several.
    """
    lane = open_lane(store_socket)
    assert await lane.ready(60.0)

    async def echo(number: int) -> bool:
        texts = [f"{prefix}{number}-{part}" for part in range(number % 4 + 1)]
        return await lane.ask([("ECHO", text) for text in texts]) == [text.encode() for text in texts]

    assert all(await asyncio.gather(*map(echo, range(1000))))


async def test_commands_of_one_turn_leave_in_one_write(open_lane: OpenLane, odd: Odd) -> None:
    """
    That is where the throughput comes from.
    """
    lane = open_lane(odd.path)
    await lane.ready(60.0)

    await asyncio.gather(*(lane.ask([PING]) for _ in range(50)))

    assert len(odd.chunks) == 1
    assert odd.chunks[0].count(b"PING") == 50


async def test_answers_to_those_whose_replies_came_together_leave_together(open_lane: OpenLane, odd: Odd) -> None:
    """
    Each on its own would wake its reader.
    """
    lane, events = open_lane(odd.path), list[str]()
    await lane.ready(60.0)

    async def ask(name: str) -> None:
        await lane.ask([PING])
        events.append(f"{name} is told")
        lane.outbox.write(lambda answer: events.append(f"{answer.decode()} is answered"), name.encode())

    await asyncio.gather(ask("erika"), ask("max"))
    await eventually(lambda: len(events) == 4)

    assert events == ["erika is told", "max is told", "erika is answered", "max is answered"]


async def test_an_error_of_one_command_is_a_value(open_lane: OpenLane, store_socket: str) -> None:
    """
    The commands beside it belong to others, or want their answers all the same.
    """
    lane = open_lane(store_socket)
    await lane.ready(60.0)

    before, error, after = await lane.ask([PING, ("NO-SUCH-COMMAND",), PING])

    assert (before, after) == (b"PONG", b"PONG")
    assert isinstance(error, hiredis.ReplyError)


async def test_someone_who_gives_up_takes_nobodys_reply(open_lane: OpenLane, store_socket: str) -> None:
    """
    The reply to a cancelled question is thrown away, not given to the next.
    """
    lane = open_lane(store_socket)
    await lane.ready(60.0)

    impatient = lane.ask([("ECHO", "one")])
    patient = lane.ask([("ECHO", "two")])
    impatient.cancel()

    assert await patient == [b"two"]


async def test_who_waits_is_told_when_the_connection_breaks(open_lane: OpenLane, odd: Odd) -> None:
    """
    At once, not after a timeout; and the next question finds a new connection.
    """
    ups: list[int] = []
    odd.answer = lambda _: None
    lane = open_lane(odd.path, on_up=lambda: ups.append(1))
    await lane.ready(60.0)
    waiting = [lane.ask([PING]) for _ in range(3)]
    await eventually(lambda: odd.chunks)

    odd.cut()
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
    odd.answer = lambda _: b"+PONG\r\n"
    await eventually(lambda: len(ups) == 2)
    assert await lane.ask([PING]) == [b"PONG"]


async def test_a_server_that_does_not_answer_is_away(open_lane: OpenLane, odd: Odd) -> None:
    """
    A login must not wait for a store that hangs; the connection is made anew.
    """
    odd.answer = lambda _: None
    lane = open_lane(odd.path, timeout=0.1)
    await lane.ready(60.0)

    async with asyncio.timeout(60.0):
        with pytest.raises(StoreUnavailable, match="does not answer"):
            await lane.ask([PING])

    await eventually(lambda: odd.connections == 2)


async def test_without_a_connection_a_question_fails_at_once(open_lane: OpenLane, tmp_path: Path) -> None:
    """
    Nothing is queued for a server that may stay away for hours.
    """
    lane = open_lane(str(tmp_path / "nobody.sock"))

    assert not await lane.ready(0.05)
    with pytest.raises(StoreUnavailable, match="not connected"):
        lane.ask([PING])
    with pytest.raises(StoreUnavailable, match="not connected"):
        lane.tell([PING])


async def test_a_server_that_comes_later_is_found(open_lane: OpenLane, tmp_path: Path) -> None:
    """
    The service may start before its store.
    """
    server = Odd(tmp_path / "late.sock")
    lane = open_lane(server.path)
    assert not await lane.ready(0.05)

    async with await asyncio.start_unix_server(server.serve, server.path):
        await eventually(lambda: lane.is_up)
        assert await lane.ask([PING]) == [b"PONG"]
        server.cut()


async def test_a_lane_is_up_only_when_the_server_has_let_us_in(open_lane: OpenLane, odd: Odd) -> None:
    """
    With the wrong password a connection is none; it is tried again, for the password may be corrected there.
    """
    odd.answer = lambda _: b"-WRONGPASS invalid username-password pair\r\n"
    lane = open_lane(odd.path, hello=(("AUTH", "default", "secret"),))

    await eventually(lambda: odd.connections >= 2)
    assert not lane.is_up

    odd.answer = lambda _: b"+OK\r\n"
    await eventually(lambda: lane.is_up)


@pytest.mark.parametrize("unasked", [b"+PONG\r\n", b"%junk\r\n", b"\x00\x01\x02\r\n"])
async def test_what_nobody_asked_for_ends_the_connection(open_lane: OpenLane, odd: Odd, unasked: bytes) -> None:
    """
    From then on every reply would go to the wrong one: a stranger's counts.
    """
    lane = open_lane(odd.path)
    await lane.ready(60.0)
    await lane.ask([PING])

    odd.say(unasked)

    await eventually(lambda: odd.connections == 2 and lane.is_up)
    assert await lane.ask([PING]) == [b"PONG"]


async def test_a_lane_that_is_started_again_keeps_its_one_connection(open_lane: OpenLane, odd: Odd) -> None:
    """
    On two connections the replies of one would go to those who asked on the other.
    """
    odd.answer = lambda data: b"+OK\r\n" * data.count(b"AUTH") + b"+PONG\r\n" * data.count(b"PING")
    lane = open_lane(odd.path, hello=(("AUTH", "default", "secret"),))
    await lane.ready(60.0)
    odd.cut()

    lane.start()
    await eventually(lambda: odd.connections >= 2 and lane.is_up)

    assert await asyncio.gather(*(lane.ask([PING]) for _ in range(50))) == [[b"PONG"]] * 50
    assert odd.connections == 2


async def test_what_was_told_before_closing_is_sent(open_lane: OpenLane, store_socket: str, prefix: str) -> None:
    """
    A service that stops loses no decision that it wrote behind.
    """
    first, second = open_lane(store_socket), open_lane(store_socket)
    await asyncio.gather(first.ready(60.0), second.ready(60.0))

    first.tell([("SET", f"{prefix}told", "yes", "EX", 60)])
    await first.close()

    assert await second.ask([("GET", f"{prefix}told")]) == [b"yes"]
    assert not first.is_up


async def test_an_error_that_nobody_waits_for_is_logged(open_lane: OpenLane, store_socket: str) -> None:
    """
    Otherwise a full store would lose decisions without a sound.
    """
    lane = open_lane(store_socket)
    await lane.ready(60.0)

    with structlog.testing.capture_logs() as lines:
        lane.tell([("NO-SUCH-COMMAND",)])
        await lane.ask([PING])

    assert [line["event"] for line in lines] == ["store_error"]


async def test_replies_that_come_in_pieces_are_put_together(open_lane: OpenLane, odd: Odd) -> None:
    """
    A large value arrives in many reads.
    """
    odd.answer = lambda _: None
    lane = open_lane(odd.path)
    await lane.ready(60.0)
    reply = lane.ask([("GET", "large")])
    await eventually(lambda: odd.chunks)

    for piece in (b"$1000", b"00\r\n", b"x" * 60_000, b"x" * 40_000 + b"\r", b"\n"):
        odd.say(piece)
        await asyncio.sleep(0)

    assert await reply == [b"x" * 100_000]
