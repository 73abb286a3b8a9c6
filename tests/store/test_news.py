# SPDX-License-Identifier: Apache-2.0
"""What instances hear of each other, and what they do about what they did not hear."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest
from builders import MakeGuard, eventually

from nacre.service import Guard
from nacre.store.keys import Keys
from nacre.store.news import News


class Listener:
    """
    An instance that notes what it hears and how often it reads everything again.

    Attributes:
        news: Its line to the others.
        heard: Contents of the messages, in order.
        rereads: How often it read everything again.
        broken: What the next reread raises, if anything.
    """

    def __init__(self, guard: Guard, keys: Keys) -> None:
        self.news = News(guard.servers, keys)
        self.heard: list[object] = []
        self.rereads = 0
        self.broken: list[Exception] = []

    def start(self) -> None:
        """Listen."""
        self.news.start({"word": self._hear}, self._reread)

    def _hear(self, content: bytes) -> None:
        self.heard.append(msgspec.msgpack.decode(content))

    async def _reread(self) -> None:
        self.rereads += 1
        if self.broken:
            raise self.broken.pop()


@pytest.fixture
async def guard(make_guard: MakeGuard) -> Guard:
    """Lends its connections."""
    return await make_guard()


@pytest.fixture
def keys(prefix: str, guard: Guard) -> Keys:
    """Keys that the guard itself does not use."""
    return Keys(f"{prefix}x", guard.identity)


@pytest.fixture
async def listen(guard: Guard, keys: Keys) -> AsyncIterator[Callable[[], Listener]]:
    """Make listeners that are stopped in the end."""
    async with contextlib.AsyncExitStack() as stack:

        def make() -> Listener:
            listener = Listener(guard, keys)
            listener.start()
            stack.push_async_callback(listener.news.stop)
            return listener

        yield make


async def test_everyone_hears_everything_in_order(listen: Callable[[], Listener]) -> None:
    """
    Who told it hears it too: one way to take a change in, wherever it came from.
    """
    one, two = listen(), listen()
    await eventually(lambda: one.rereads and two.rereads)

    for number in range(20):
        await one.news.tell("word", number)
    await eventually(lambda: len(one.heard) == len(two.heard) == 20)

    assert one.heard == two.heard == list(range(20))
    assert (one.rereads, two.rereads) == (1, 1)


async def test_everything_is_read_at_the_beginning(listen: Callable[[], Listener], guard: Guard, keys: Keys) -> None:
    """
    What was told before the subscription held was told to nobody.
    """
    await News(guard.servers, keys).tell("word", "before")

    one = listen()

    await eventually(lambda: one.rereads)


async def test_a_gap_in_the_numbers_is_noticed(listen: Callable[[], Listener], guard: Guard, keys: Keys) -> None:
    """
    A message lost between two others leaves a number out; everything is read again at once.
    """
    one = listen()
    await eventually(lambda: one.rereads)

    await guard.servers.run(keys.sequence, ("INCR", keys.sequence))
    await one.news.tell("word", "after")

    await eventually(lambda: one.rereads >= 2)
    assert one.heard == ["after"]


async def test_a_lost_last_message_is_noticed_within_a_second_or_so(
    listen: Callable[[], Listener], guard: Guard, keys: Keys
) -> None:
    """
    No later message shows the gap: the number itself is looked at.
    """
    one = listen()
    await eventually(lambda: one.rereads)

    await guard.servers.run(keys.sequence, ("INCR", keys.sequence))

    await eventually(lambda: one.rereads >= 2)


async def test_a_store_that_lost_its_numbers_is_read_again(
    listen: Callable[[], Listener], guard: Guard, keys: Keys
) -> None:
    """
    A store that was emptied, or a replica that took over early, counts from below: what we hold is no longer there.
    """
    one = listen()
    await eventually(lambda: one.rereads)
    for number in range(3):
        await one.news.tell("word", number)
    await eventually(lambda: len(one.heard) == 3)

    await guard.servers.run(keys.sequence, ("DEL", keys.sequence))

    await eventually(lambda: one.rereads >= 2)


async def test_a_reread_that_fails_is_tried_again(listen: Callable[[], Listener], guard: Guard, keys: Keys) -> None:
    """
    The store may go away in the middle of it.
    """
    one = listen()
    await eventually(lambda: one.rereads)
    one.broken.append(RuntimeError("half way"))

    await guard.servers.run(keys.sequence, ("PUBLISH", keys.news, b"junk"))

    await eventually(lambda: one.rereads >= 3)


@pytest.mark.parametrize("junk", [b"", b"junk", b"\x93\x01\x02\x03", b"\x93\xa1x\xa4word\xc0"])
async def test_junk_on_the_channel_stops_nobody(
    listen: Callable[[], Listener], guard: Guard, keys: Keys, junk: bytes
) -> None:
    """
    Another program may publish there; the line is opened again and what was missed is read.
    """
    one = listen()
    await eventually(lambda: one.rereads)

    await guard.servers.run(keys.sequence, ("PUBLISH", keys.news, junk))

    await eventually(lambda: one.rereads >= 2)
    await one.news.tell("word", "afterwards")
    await eventually(lambda: one.heard == ["afterwards"])


async def test_a_kind_that_nobody_knows_is_passed_over(listen: Callable[[], Listener]) -> None:
    """
    A newer instance may tell what an older one has no ear for.
    """
    one = listen()
    await eventually(lambda: one.rereads)

    await one.news.tell("news of tomorrow", {"a": 1})
    await one.news.tell("word", "today")

    await eventually(lambda: one.heard == ["today"])
    assert one.rereads == 1


async def test_a_connection_that_is_cut_is_made_again(listen: Callable[[], Listener], guard: Guard) -> None:
    """
    What was told meanwhile is read, and the next message is heard.
    """
    one = listen()
    await eventually(lambda: one.rereads)

    await guard.servers.run(b"", ("CLIENT", "KILL", "TYPE", "pubsub"))
    await one.news.tell("word", "to nobody")

    await eventually(lambda: one.rereads >= 2)
    await one.news.tell("word", "again")
    await eventually(lambda: one.heard == ["again"])


async def test_stopping_does_not_hang(guard: Guard, keys: Keys) -> None:
    """
    Whatever it was doing at that moment: Python 3.11 loses a cancellation now and then.
    """
    for turns in range(30):
        one = Listener(guard, keys)
        one.start()
        for _ in range(turns):
            await asyncio.sleep(0)
        async with asyncio.timeout(30.0):
            await one.news.stop()
