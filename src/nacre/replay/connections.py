# SPDX-License-Identifier: Apache-2.0
"""
Counts the attempts behind the messages of sshd, each of them once.

One try leaves one line or seven: ``Invalid user``, ``Failed password``, ``Connection closed by invalid user``, lines of
PAM.  A message that tells the outcome of a credential is an attempt.  A trace, which only tells that somebody
tried, is one if no such message, and no earlier trace, came from the same connection for the same user.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from functools import lru_cache

import msgspec

from nacre.address import parse_address
from nacre.attempt import AttemptFields
from nacre.replay.record import Recorded, Tally
from nacre.replay.sshd import PROTOCOL, SERVICE, Kind, Said

GRACE = 150
"""
Seconds for which a connection is remembered, and for which a trace waits for the outcome that would replace it.

sshd gives 120 seconds to log in (``LoginGraceTime``), and a little longer for farewells.
"""

MAX_WAITING = 100_000
"""Attempts that wait behind a trace; beyond that the oldest trace stops waiting."""

NO_ADDRESS = "host name instead of an address"
AMBIGUOUS = "address cannot be told from the text around it"
TOLD = "told by another line of the same connection"

_NAME_COMPARED = 100
"""Characters of a name that every message of sshd shows."""

_LONGEST_NAME = 512
_LAST_PORT = 65535


class _Waiting(msgspec.Struct, eq=False):
    """An attempt not handed over yet: ``open`` while an outcome may replace it, ``void`` once one did."""

    recorded: Recorded
    begun: float
    text: str
    open: bool
    void: bool = False


class _Connection(msgspec.Struct, eq=False):
    """
    What is known of one connection.

    Attributes:
        begun: Time of its first message.
        host, port: Of the client.
        traces: The trace that stands for each user, ``None`` for a trace without a name.
        told: Users with outcomes.
        in_pam: Outcomes that PAM told and that sshd did not tell again so far.
    """

    begun: float
    host: str
    port: int
    traces: dict[str | None, _Waiting] = {}
    told: set[str] = set()
    in_pam: int = 0

    def is_left_by(self, said: Said, time: float) -> bool:
        """Whether the process now serves somebody else."""
        other_port = said.port and self.port and said.port != self.port
        return bool(said.host != self.host or other_port or abs(time - self.begun) > GRACE)


class Connections:
    """
    Turns messages, in the order of the log, into attempts in the same order.

    An attempt waits while a trace before it is undecided, hence at most :data:`GRACE` seconds of the log.

    Args:
        tally: Counts what becomes no attempt.
        file: Name of the log.
    """

    def __init__(self, tally: Tally, file: str) -> None:
        self._tally = tally
        self._file = file
        self._known: dict[tuple[str, str], _Connection] = {}
        self._queue: deque[_Waiting] = deque()

    def hear(self, said: Said, process: tuple[str, str], time: float, line: int, text: str) -> Iterator[Recorded]:
        """
        Take a message, and yield the attempts that are decided by now.

        Args:
            said: What the message says.
            process: Host and process id.
            time: Unix seconds.
            line: Number of its line.
            text: The message, for the tally.
        """
        host = said.host
        if host is None:
            self._tally.skip(AMBIGUOUS, self._file, line, text)
        elif not _is_address(host):
            self._tally.skip(NO_ADDRESS, self._file, line, text)
        else:
            connection = self._connection(said, host, process, time)
            if said.kind is Kind.TRACE:
                self._trace(connection, said, time, line, text)
            else:
                self._outcome(connection, said, time, line, text)
            yield from self._decided(time)

    def finish(self) -> Iterator[Recorded]:
        """Yield what still waits at the end of the log."""
        for waiting in self._queue:
            if not waiting.void:
                yield waiting.recorded
        self._queue.clear()
        self._known.clear()

    def _connection(self, said: Said, host: str, process: tuple[str, str], time: float) -> _Connection:
        if not process[1]:
            process = (process[0], f"{host} {said.port}")
        connection = self._known.get(process)
        if connection is None or connection.is_left_by(said, time):
            self._forget(time)
            self._known.pop(process, None)
            connection = self._known[process] = _Connection(time, host, said.port)
        connection.port = connection.port or said.port
        return connection

    def _forget(self, time: float) -> None:
        while self._known:
            process, oldest = next(iter(self._known.items()))
            if abs(time - oldest.begun) <= GRACE:
                return
            del self._known[process]

    def _trace(self, connection: _Connection, said: Said, time: float, line: int, text: str) -> None:
        name = None if said.username is None else said.username[:_NAME_COMPARED]
        traces, told = connection.traces, connection.told
        if name in told or name in traces or (name is None and (told or traces)):
            self._tally.skip(TOLD, self._file, line, text)
            return
        if name is not None:
            self._replace(connection, None)
        recorded = Recorded(_fields(said, time), success=False, line=line)
        traces[name] = _Waiting(recorded, time, text, open=True)
        self._queue.append(traces[name])

    def _outcome(self, connection: _Connection, said: Said, time: float, line: int, text: str) -> None:
        name = (said.username or "")[:_NAME_COMPARED]
        connection.told.add(name)
        self._replace(connection, name)
        self._replace(connection, None)
        times = said.times
        if said.kind is Kind.FAILED_PAM:
            connection.in_pam += times
        elif said.method.startswith("keyboard-interactive") and said.kind is Kind.FAILED:
            times = max(0, times - connection.in_pam)
            connection.in_pam -= said.times - times
        if not times:
            self._tally.skip(TOLD, self._file, line, text)
        success = said.kind is Kind.ACCEPTED
        for _ in range(times):
            self._queue.append(_Waiting(Recorded(_fields(said, time), success, line), time, text, open=False))

    def _replace(self, connection: _Connection, name: str | None) -> None:
        waiting = connection.traces.pop(name, None)
        if waiting is not None and waiting.open:
            waiting.open, waiting.void = False, True
            self._tally.skip(TOLD, self._file, waiting.recorded.line, waiting.text)

    def _decided(self, time: float) -> Iterator[Recorded]:
        queue = self._queue
        while queue:
            first = queue[0]
            if first.open:
                if abs(time - first.begun) <= GRACE and len(queue) <= MAX_WAITING:
                    return
                first.open = False
            queue.popleft()
            if not first.void:
                yield first.recorded


@lru_cache(maxsize=65_536)
def _is_address(host: str) -> bool:
    try:
        return bool(parse_address(host))
    except ValueError:
        return False


def _fields(said: Said, time: float) -> AttemptFields:
    return AttemptFields(
        client_ip=said.host or "",
        username=(said.username or "")[:_LONGEST_NAME],
        protocol=PROTOCOL,
        method=said.method,
        service=SERVICE,
        client_id=said.fingerprint,
        client_port=said.port if said.port <= _LAST_PORT else 0,
        known_user=said.known,
        time=time,
    )
