# SPDX-License-Identifier: Apache-2.0
"""``nacre_util``: what ``nauthilus_util`` needs beside Lua: the clock, chance, the log."""

from __future__ import annotations

import secrets
import string
import time
from ipaddress import ip_address

import structlog

from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library import golayout
from nacre.hooks.library.arguments import number, text
from nacre.hooks.library.gll_json import encoded

log = structlog.get_logger(__name__)

LAYOUT = "2006-01-02T15:04:05 -07:00"
LONGEST = 4_096
"""Characters of one log line, and of a random string."""

_ALPHABET = string.ascii_letters + string.digits
_LEVELS = {"debug": "debug", "info": "info", "notice": "info", "warn": "warning", "error": "error"}
"""Levels of scripts, as our log knows them."""


def is_routable(address: str) -> bool:
    """
    Tell whether an address can be reached over the Internet.

    >>> [is_routable(address) for address in ("8.8.8.8", "192.168.1.1", "::1", "2a00:1450::1", "nonsense")]
    [True, False, False, True, False]
    """
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return parsed.is_global and not parsed.is_multicast


def util_module(zone: str = "Europe/Berlin") -> OpenModule:
    """
    Return the module.

    Args:
        zone: Time zone of timestamps; the original's is the default.
    """

    def opened(seat: Seat) -> Module:
        def random_string(length: object) -> str:
            wanted = int(number(length, 1, "generate_random_string"))
            if not 0 <= wanted <= LONGEST:
                raise ValueError(f"a random string has between 0 and {LONGEST:,} characters")
            return "".join(secrets.choice(_ALPHABET) for _ in range(wanted))

        def write(level: object, line: object) -> None:
            say = getattr(log, _LEVELS.get(text(level, 1, "log"), "info"))
            shown = text(line, 2, "log")[:LONGEST].encode("utf-8", "replace").decode()
            say("lua_log", script=seat.call.script, session=seat.call.session, text=shown)

        return {
            "timestamp": lambda: golayout.written(time.time(), LAYOUT, zone),
            "random_string": random_string,
            "is_routable_ip": lambda address: is_routable(text(address, 1, "is_routable_ip")),
            "json": lambda value: encoded(seat.plain(value)),
            "log": write,
        }

    return opened
