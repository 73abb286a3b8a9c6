# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_psnet``: established TCP connections of this machine, counted for targets that scripts register.

Source:
    Linux, "/proc/net/tcp and /proc/net/tcp6".
    https://docs.kernel.org/networking/proc_net_tcp.html
"""

from __future__ import annotations

import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Lock

from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import text
from nacre.hooks.library.gll_tcp import host_and_port

MOST_TARGETS = 100
_FRESH = 1.0
_KNOWN = 60.0
"""Seconds for which a count, and the addresses of a host, are kept."""

_ESTABLISHED = "01"
_End = tuple[bytes, int]


def established(tables: Iterable[str]) -> tuple[Counter[_End], Counter[_End]]:
    r"""
    Return how many connections there are by their local and by their remote end.

    Args:
        tables: Contents of ``/proc/net/tcp`` and ``tcp6``.

    >>> table = "head\n 0: 0100007F:1F90 0200007F:C000 01 00000000:00000000 00:00000000 00000000 0 0 1 1"
    >>> local, remote = established([table])
    >>> local, remote
    (Counter({(b'\x7f\x00\x00\x01', 8080): 1}), Counter({(b'\x7f\x00\x00\x02', 49152): 1}))
    """
    local: Counter[_End] = Counter()
    remote: Counter[_End] = Counter()
    for content in tables:
        for line in content.splitlines()[1:]:
            _, here, there, state, *_ = line.split()
            if state == _ESTABLISHED:
                local[_end(here)] += 1
                remote[_end(there)] += 1
    return local, remote


def _end(text: str) -> _End:
    """Return an end of a connection; the kernel writes addresses as words in the order of the machine."""
    address, _, port = text.partition(":")
    packed = bytes.fromhex(address)
    if sys.byteorder == "little":
        packed = b"".join(packed[place : place + 4][::-1] for place in range(0, len(packed), 4))
    return packed[12:] if packed.startswith(bytes(10) + b"\xff\xff") else packed, int(port, 16)


def read_tables() -> list[str]:
    """Return what the kernel says of its connections."""
    paths = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
    return [path.read_text(encoding="ascii") for path in paths if path.exists()]


class _Target:
    """Where connections lead that are counted."""

    def __init__(self, host: str, port: int, *, local: bool) -> None:
        self.host = host
        self.port = port
        self.local = local
        self.ends: frozenset[_End] = frozenset()
        self.looked = float("-inf")


class Targets:
    """
    The targets of a process.

    Args:
        tables: Reads the kernel's tables.
        clock: Seconds, never going back.
    """

    def __init__(
        self, tables: Callable[[], Iterable[str]] = read_tables, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tables = tables
        self._clock = clock
        self._lock = Lock()
        self._targets: dict[str, _Target] = {}
        self._counts: tuple[Counter[_End], Counter[_End]] = (Counter(), Counter())
        self._read = float("-inf")

    def add(self, target: str, direction: str) -> None:
        """
        Count connections to a target from now on.

        Args:
            target: Host and port.
            direction: ``remote`` if it is elsewhere, ``local`` if it is here.

        Raises:
            ValueError: the direction is another one, the target has no port, or there are too many of them.
        """
        if direction not in {"local", "remote"}:
            raise ValueError(f"direction is 'local' or 'remote', not {direction!r}")
        if target not in self._targets and len(self._targets) >= MOST_TARGETS:
            raise ValueError(f"{MOST_TARGETS} targets are registered, and no more can be")
        self._targets[target] = _Target(*host_and_port(target), local=direction == "local")

    def count(self, target: str) -> int:
        """
        Return how many connections there are.

        Raises:
            LookupError: nobody registered the target.
            OSError: its host has no address.
        """
        known = self._targets.get(target)
        if known is None:
            raise LookupError("target not found")
        with self._lock:
            now = self._clock()
            if now - known.looked >= _KNOWN:
                known.ends = _ends(known.host, known.port)
                known.looked = now
            if now - self._read >= _FRESH:
                self._counts = established(self._tables())
                self._read = now
            counts = self._counts[0 if known.local else 1]
        return sum(counts[end] for end in known.ends)


def _ends(host: str, port: int) -> frozenset[_End]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return frozenset((socket.inet_pton(family, str(where[0]).partition("%")[0]), port) for family, *_, where in found)


def psnet_module(targets: Targets) -> OpenModule:
    """Return the module upon the targets of a process."""

    def opened(seat: Seat) -> Module:
        del seat  # nothing here depends on who asks

        def register(target: object, direction: object, description: object) -> None:
            name = "register_connection_target"
            text(description, 3, name)
            targets.add(text(target, 1, name), text(direction, 2, name))

        def count(target: object) -> tuple[object, object]:
            try:
                return targets.count(text(target, 1, "get_connection_target")), None
            except (LookupError, OSError) as error:
                return None, str(error)

        return {
            "register_connection_target": register,
            "get_connection_target": count,
            "get_connections_target": count,
        }

    return opened
