# SPDX-License-Identifier: Apache-2.0
"""``tcp``: connections to hosts that the settings allow."""

from __future__ import annotations

import socket

from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import number, raw, text, thing
from nacre.hooks.library.reach import Reach

MOST_BYTES = 1_048_576
"""Bytes of one read."""

_READ = 1024


def host_and_port(address: str) -> tuple[str, int]:
    """
    Return the two parts of an address.

    Raises:
        ValueError: it has no port.

    >>> host_and_port("[2001:db8::1]:25"), host_and_port(":80")
    (('2001:db8::1', 25), ('127.0.0.1', 80))
    """
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit() or int(port) > 65_535:
        raise ValueError(f"{address[:128]!r} is no address: host:port")
    return host.strip("[]") or "127.0.0.1", int(port)


def tcp_module(reach: Reach) -> OpenModule:
    """Return the module; a connection is closed with the last reference to it, at the latest."""

    def opened(seat: Seat) -> Module:
        def open_(address: object, timeout: object) -> object:
            wanted = None if timeout is None else number(timeout, 2, "open")
            try:
                host, port = host_and_port(text(address, 1, "open"))
                line = reach.connect(host, port, reach.timeout(seat, wanted))
            except (ValueError, OSError) as error:
                return None, str(error)
            return _connection(seat, reach, _Line(fileno=line.detach()))

        return {"open": open_}

    return opened


class _Line(socket.socket):
    """A socket that is closed with the last reference to it."""

    def __del__(self) -> None:
        self.close()


def _connection(seat: Seat, reach: Reach, line: _Line) -> object:
    def write(_: object, data: object) -> object:
        try:
            line.settimeout(reach.timeout(seat))
            line.sendall(raw(data, 1, "write"))
        except OSError as error:
            return str(error)
        return None

    def read(_: object, size: object) -> object:
        wanted = _READ if size is None else int(number(size, 1, "read"))
        try:
            line.settimeout(reach.timeout(seat))
            data = line.recv(max(1, min(wanted, MOST_BYTES)))
        except OSError as error:
            return None, str(error)
        return data or (None, "EOF")

    def close(_: object) -> None:
        line.close()

    return thing(seat, {"write": write, "read": read, "close": close})
