# SPDX-License-Identifier: Apache-2.0
"""
Store commands as the service sends them, taken down instead of sent, and played to the store in a pipeline.

What is played is made by the service's own code: a tape stands where its servers would.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from itertools import islice
from types import TracebackType
from typing import Any

import hiredis

from nacre.store.scripts import ALL, Script

_BATCH = 500
_AHEAD = 2
"""Batches that are on their way while the next one is made."""


def packed(*command: Any) -> bytes:
    r"""
    Return a command as it travels.

    >>> packed("GET", b"key")
    b'*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n'
    """
    return bytes(hiredis.pack_command(command))


class Tape:
    """
    Takes commands down where :class:`nacre.store.topology.Servers` would send them.

    Args:
        reply: What the caller is told that a script said.
        forget_claims: Whether the first key of each script, the claim of a request id, is deleted behind it.
    """

    shards = False

    def __init__(self, reply: object = None, *, forget_claims: bool = False) -> None:
        self._reply = reply
        self._forget_claims = forget_claims
        self._taken: list[bytes] = []

    async def script(self, script: Script, keys: Sequence[bytes], arguments: Sequence[Any]) -> Any:
        """Take a script call down."""
        self._take(("EVALSHA", script.sha, len(keys), *keys, *arguments))
        if self._forget_claims:
            self._take(("DEL", keys[0]))
        return self._reply

    async def run(self, key: bytes, command: Sequence[Any]) -> Any:  # noqa: ARG002  as the servers have it
        """Take a command down."""
        self._take(command)
        return 0

    async def read(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Take a read down."""
        self._take(("MGET", *keys))
        return [None] * len(keys)

    def rewind(self) -> list[bytes]:
        """Return what was taken down, and begin anew."""
        taken, self._taken = self._taken, []
        return taken

    def _take(self, command: Sequence[Any]) -> None:
        self._taken.append(packed(*command))


class Pipeline(AbstractContextManager["Pipeline"]):
    """
    A connection to the store that waits for no reply before it sends on.

    Args:
        path: Of the unix socket.
    """

    def __init__(self, path: str) -> None:
        self._sock = socket.socket(socket.AF_UNIX)
        self._sock.settimeout(120.0)
        self._sock.connect(path)
        self._reader = hiredis.Reader()
        for script in ALL:
            self.ask("SCRIPT", "LOAD", script.source)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._sock.close()

    def ask(self, *command: Any) -> Any:
        """Return the reply to one command."""
        self._sock.sendall(packed(*command))
        return self._hear(1)[0]

    def play(self, packed: Iterable[bytes]) -> int:
        """
        Send commands, some batches ahead of their replies; returns how many.

        Raises:
            hiredis.ReplyError: the store refused one.
        """
        commands, sent, waiting = iter(packed), 0, []
        while batch := list(islice(commands, _BATCH)):
            self._sock.sendall(b"".join(batch))
            waiting.append(len(batch))
            sent += len(batch)
            if len(waiting) > _AHEAD:
                self._hear(waiting.pop(0))
        for missing in waiting:
            self._hear(missing)
        return sent

    def info(self, section: str) -> dict[str, str]:
        """Return a section of what the store says of itself."""
        lines = self.ask("INFO", section).decode().splitlines()
        return dict(line.split(":", 1) for line in lines if ":" in line)

    def _hear(self, missing: int) -> list[Any]:
        replies: list[Any] = []
        while len(replies) < missing:
            reply = self._reader.gets()
            if reply is False:
                self._reader.feed(self._sock.recv(1 << 20))
            elif isinstance(reply, hiredis.ReplyError):
                raise reply
            else:
                replies.append(reply)
        return replies
