# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_backend``: what filters say about the server that a login goes on to.

nacre signs nobody in and watches no backends: the list of servers is empty, a chosen server and the attributes of a
result travel with the answer.
"""

from __future__ import annotations

import socket
import ssl
from typing import Any

from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import BadArgument, key_text, kind, number, sequence, table, text, text_or, truth
from nacre.hooks.library.http_response import put_header
from nacre.hooks.library.reach import Reach

MOST_ATTRIBUTES = 256
_PROXY_V2 = b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"
"""A header of HAProxy's protocol, version 2, command LOCAL: "this is a health check"."""


def backend_module(reach: Reach) -> OpenModule:
    """Return the module."""
    return lambda seat: _Backend(reach, seat).functions()


class _Backend:
    """The functions of the module at one seat."""

    def __init__(self, reach: Reach, seat: Seat) -> None:
        self._reach = reach
        self._seat = seat

    def functions(self) -> Module:
        """Return the functions by the names that scripts know."""
        return {
            "get_backend_servers": lambda: self._seat.table([]),
            "select_backend_server": self.select_backend_server,
            "apply_backend_result": self.apply_backend_result,
            "remove_from_backend_result": self.remove_from_backend_result,
            "check_backend_connection": self.check_backend_connection,
        }

    def select_backend_server(self, host: object, port: object) -> None:
        """Tell nginx where to go on."""
        name = "select_backend_server"
        put_header(self._seat.call.response, "Auth-Server", text(host, 1, name), name)
        put_header(self._seat.call.response, "Auth-Port", int(number(port, 2, name)), name)

    def apply_backend_result(self, result: Any) -> None:
        """Add the attributes of a result to the answer; those that are there stay."""
        if kind(result) != "table" or kind(result["attributes"]) != "function":
            raise BadArgument(1, "apply_backend_result", f"backend result expected, got {kind(result)}")
        attributes = self._seat.call.attributes
        for key, value in table(self._seat, result["attributes"](result), 1, "apply_backend_result").items():
            if len(attributes) >= MOST_ATTRIBUTES:
                raise ValueError(f"an answer has {MOST_ATTRIBUTES} attributes at most")
            attributes.setdefault(key_text(key), value)

    def remove_from_backend_result(self, names: object) -> None:
        """Take attributes out of the answer."""
        given = sequence(self._seat, names, 1, "remove_from_backend_result")[:MOST_ATTRIBUTES]
        self._seat.call.withheld |= {text_or(name, "") for name in given}

    def check_backend_connection(self, ip: object, port: object, haproxy: object, tls: object) -> str | None:
        """Connect to a server, and tell why that did not work."""
        name = "check_backend_connection"
        host, number_ = text(ip, 1, name), int(number(port, 2, name))
        try:
            with self._reach.connect(host, number_, self._reach.timeout(self._seat)) as line:
                if truth(haproxy):
                    line.sendall(_PROXY_V2)
                if truth(tls):
                    _shake_hands(line, host)
        except OSError as error:
            return str(error)
        return None


def _shake_hands(line: socket.socket, host: str) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is the port that is looked at
    with context.wrap_socket(line, server_hostname=host):
        pass
