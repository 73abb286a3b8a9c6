# SPDX-License-Identifier: Apache-2.0
"""
The load: HTTP requests on kept connections, as fast as they are answered or at a given rate.

One thread, one epoll, requests formatted beforehand: 8-10 µs of processor time a request, most of it the kernel's.
``wrk`` with a script that picks a body needs nearly as much, and cannot report under the id that a check answered.
"""

from __future__ import annotations

import gc
import select
import socket
from array import array
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter
from typing import NamedTuple

Talk = Generator[bytes, bytes, None]
"""What one connection says: it yields a request and is sent the answer, headers and all."""
Place = tuple[str, int]

_PATIENCE = 10.0


class Unexpected(Exception):
    """An answer that a measurement cannot use: a refusal where a login should pass, a status other than 200."""


class Load(NamedTuple):
    """
    What was measured.

    Attributes:
        seconds: How long it took.
        latencies: Seconds from each request to its answer, unordered.
    """

    seconds: float
    latencies: Sequence[float]

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.latencies) / self.seconds


class _Line:
    """One kept connection."""

    __slots__ = ("answer", "due", "sock", "talk")

    def __init__(self, place: Place, talk: Talk | None) -> None:
        self.sock = socket.create_connection(place, _PATIENCE)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.talk = talk
        self.due = 0.0
        self.answer = b""

    def hear(self) -> bytes:
        """Return the answer if it is all there, ``b""`` otherwise."""
        data = self.sock.recv(65_536)
        if not data:
            raise Unexpected(f"the connection was closed after {self.answer[:200]!r}")
        if self.answer:
            data = self.answer + data
        if is_whole(data):
            self.answer = b""
            if not data.startswith(b"HTTP/1.1 200"):
                raise Unexpected(data.decode(errors="replace"))
            return data
        self.answer = data
        return b""


def is_whole(data: bytes) -> bool:
    r"""
    Whether an answer is all there, be it measured or chunked.

    >>> is_whole(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{"), is_whole(b"content-length: 2\r\n\r\n{}")
    (False, True)
    """
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return False
    length = data.find(b"content-length: ", 0, head)
    if length < 0:
        return data.endswith(b"\r\n0\r\n\r\n")
    return len(data) - head - 4 >= int(data[length + 16 : data.index(b"\r", length)])


def ask(place: Place, requests: Iterable[bytes]) -> list[bytes]:
    """
    Make requests one after the other and return the answers.

    Raises:
        Unexpected: one has another status than 200.
    """
    answers = []
    line = _Line(place, None)
    for request in requests:
        line.sock.sendall(request)
        while not (answer := line.hear()):
            pass
        answers.append(answer)
    line.sock.close()
    return answers


def closed_loop(place: Place, talks: Sequence[Talk], seconds: float) -> Load:
    """
    Say on each connection the next thing as soon as the last one is answered.

    It ends when the time is over, or one of them has nothing more to say.

    Raises:
        Unexpected: an answer that the measurement cannot use.
    """
    with _lines(place, talks) as (lines, poll):
        latencies = array("d")
        for line in lines.values():
            assert line.talk is not None  # noqa: S101  for the type checker
            line.due = perf_counter()
            line.sock.send(next(line.talk))
        began = now = perf_counter()
        end = began + seconds
        while now < end:
            for number, _ in poll.poll(_PATIENCE):
                line = lines[number]
                answer = line.hear()
                if not answer:
                    continue
                now = perf_counter()
                latencies.append(now - line.due)
                line.due = now
                try:
                    line.sock.send(line.talk.send(answer))  # type: ignore[union-attr]
                except StopIteration:
                    end = now
        return Load(now - began, latencies)


class Arrivals(NamedTuple):
    """
    What was measured at a fixed rate.

    Attributes:
        first: The first request of each talk, from the time at which it should have been sent.
        second: The second one, from the answer to the first.
        late: Seconds by which the first ones were sent too late: the part of *first* that is due to this process.
    """

    first: Load
    second: Load
    late: Sequence[float]


def open_loop(place: Place, talks: Iterator[Talk], arrivals: Sequence[float], connections: int) -> Arrivals:
    """
    Begin talks of two requests at given times, whether or not earlier ones are answered.

    If the service stalls, everybody who would have come in the meantime waits, and is counted.

    Args:
        place: Where the service listens.
        talks: What is said, anew for each arrival.
        arrivals: Seconds from the start, ascending.
        connections: How many are kept.

    Raises:
        Unexpected: an answer that the measurement cannot use.
    """
    with _lines(place, [None] * connections) as (lines, poll):
        free = list(lines.values())
        firsts, seconds, late = array("d"), array("d"), array("d")
        began = perf_counter()
        waiting = iter(arrivals)
        due = next(waiting, None)
        while len(seconds) < len(arrivals):
            now = perf_counter() - began
            while due is not None and due <= now and free:
                line = free.pop()
                line.due, line.talk = due, next(talks)
                line.sock.send(next(line.talk))
                late.append(now - due)
                due = next(waiting, None)
            # An epoll of Python's waits for whole milliseconds, select for whole microseconds.
            pause = max(due - perf_counter() + began, 0.0) if due is not None and free else _PATIENCE
            select.select([poll], [], [], pause)
            for number, _ in poll.poll(0):
                line = lines[number]
                answer = line.hear()
                if not answer:
                    continue
                now = perf_counter() - began
                try:
                    assert line.talk is not None  # noqa: S101  for the type checker
                    line.sock.send(line.talk.send(answer))
                    firsts.append(now - line.due)
                    line.due = now
                except StopIteration:
                    seconds.append(now - line.due)
                    free.append(line)
        taken = perf_counter() - began
        return Arrivals(Load(taken, firsts), Load(taken, seconds), late)


@contextmanager
def _lines(place: Place, talks: Sequence[Talk | None]) -> Iterator[tuple[dict[int, _Line], select.epoll]]:
    """Open the connections, and keep the garbage collector out of the measurement."""
    lines = {line.sock.fileno(): line for line in (_Line(place, talk) for talk in talks)}
    poll = select.epoll()
    for number in lines:
        poll.register(number, select.EPOLLIN)
    gc.collect()
    gc.disable()
    try:
        yield lines, poll
    finally:
        gc.enable()
        poll.close()
        for line in lines.values():
            line.sock.close()
