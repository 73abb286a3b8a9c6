# SPDX-License-Identifier: Apache-2.0
"""
How often a request waits for the store: the answers of the store are held up, and the request is timed.

A request that waits once takes one delay longer, one that waits twice takes two, whatever the code says.
"""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import hiredis
import yaml

from benchmarks.figures import Figure, Section, Target
from benchmarks.load import Place, ask
from benchmarks.logins import Clerk, Population, filled, request_id
from benchmarks.servers import make_token, nacre, store_socket

DELAY = 0.02
"""Seconds by which answers of the store are held up."""
_TIMES = 25
_FLOODED = 1_100


class HeldUp:
    """
    A store whose answers come late; counts the commands that pass.

    Args:
        target: Path of the socket of the real one.
    """

    def __init__(self, target: str) -> None:
        self._target = target
        self.delay = 0.0
        self.commands: Counter[str] = Counter()

    async def serve(self, path: str, ready: threading.Event, end: asyncio.Event) -> None:
        """Listen on *path* until the end."""
        async with await asyncio.start_unix_server(self._pass_on, path):
            ready.set()
            await end.wait()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        store_reader, store_writer = await asyncio.open_unix_connection(self._target)
        loop, parser = asyncio.get_running_loop(), hiredis.Reader()

        async def back() -> None:
            while data := await store_reader.read(1 << 16):
                loop.call_later(self.delay, writer.write, data)

        answers = asyncio.create_task(back())
        try:
            while data := await reader.read(1 << 16):
                parser.feed(data)
                while (command := parser.gets()) is not False:
                    self.commands[command[0].decode().upper()] += 1
                store_writer.write(data)
        finally:
            answers.cancel()
            store_writer.close()
            writer.close()


@contextmanager
def held_up(target: str, path: str) -> Iterator[HeldUp]:
    """Stand between a service and its store, in a thread of its own."""
    store, ready, end = HeldUp(target), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_until_complete, args=(store.serve(path, ready, end),))
    thread.start()
    ready.wait()
    try:
        yield store
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()
        loop.close()


def measure_trips(folder: Path) -> Section:
    """Measure how often each kind of request waits for the store, and what it sends there."""
    behind, front, path = folder / "behind", folder / "front", folder / "late.sock"
    with nacre(behind), held_up(store_socket(behind), str(path)) as store:
        front.mkdir(mode=0o700)
        config = front / "nacre.yml"
        redis = {"master": {"address": str(path)}, "prefix": "trips:", "timeout": "5s"}
        config.write_text(yaml.safe_dump({"server": {"redis": redis}}))
        with nacre(front, config) as server:
            return _measured(server.place, store, Clerk(make_token(front), seed=1))


def _measured(place: Place, store: HeldUp, clerk: Clerk) -> Section:
    users, blocked = Population(1_000, seed=2), Population(1, seed=3)
    ask(place, [clerk.failure_of(blocked[0]) for _ in range(11)])
    checks, refusals = clerk.checks(users, 2 * _TIMES), clerk.checks(blocked, _FLOODED)
    reports = clerk.reports(users, 2 * _TIMES)
    ids = [request_id(answer) for answer in ask(place, clerk.checks(users, 2 * _TIMES))]
    named = [filled(clerk.post("/api/v1/report", b'{"request_id":"%b","success":true}'), name) for name in ids]
    figures = []
    for name, requests, most in (
        ("check", checks, 1),
        ("report with fields", reports, 1),
        ("report by id", named, 1),
        ("known block", refusals[: 2 * _TIMES], 0),
    ):
        figures += _waits(place, store, name, requests, Target.most(most + 0.2))
    ask(place, refusals)
    figures += _waits(place, store, "known block, flood", refusals[: 2 * _TIMES], Target.most(0.2))
    return Section(f"Trips to the store that a request waits for; answers held up by {DELAY * 1e3:.0f} ms", figures)


def _waits(place: Place, store: HeldUp, name: str, requests: Sequence[bytes], target: Target) -> list[Figure]:
    """Return how often one kind of request waits, and the commands that it sends."""
    store.commands.clear()
    soon = _seconds(place, requests[:_TIMES])
    commands = {word: count for word, count in store.commands.items() if count >= _TIMES / 2}
    store.delay = DELAY
    late = _seconds(place, requests[_TIMES:])
    store.delay = 0.0
    sent = ", ".join(f"{count / _TIMES:.0f} {word}" for word, count in sorted(commands.items())) or "nothing"
    return [
        Figure(name, round((late - soon) / DELAY, 1), "trips", target),
        Figure(f"  commands: {sent}", sum(commands.values()) / _TIMES),
    ]


def _seconds(place: Place, requests: Sequence[bytes]) -> float:
    taken = []
    for request in requests:
        began = time.perf_counter()
        ask(place, [request])
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)
