# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_misc``: countries, waiting, and what an address counts as."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import NamedTuple

from nacre.address import Subnet, parse_address
from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import number, text
from nacre.hooks.library.countries import country_name
from nacre.hooks.library.gll_time import rest


class Scope(NamedTuple):
    """
    How long a prefix addresses are cut to.

    Attributes:
        ipv4: Bits; 0 leaves addresses as they are.
        ipv6: Bits; 0 leaves addresses as they are.
    """

    ipv4: int = 0
    ipv6: int = 0


def misc_module(scopes: Mapping[str, Scope]) -> OpenModule:
    """
    Return the module.

    Args:
        scopes: By context: ``lua_generic``, ``rwp`` and ``tolerations``.
    """

    def opened(seat: Seat) -> Module:
        def get_country_name(code: object) -> object:
            name = country_name(text(code, 1, "get_country_name"))
            return (None, "unknown country code") if name is None else name

        def wait_random(least: object, most: object) -> None:
            low, high = number(least, 1, "wait_random"), number(most, 2, "wait_random")
            if not 0 <= low <= high:
                raise ValueError(f"cannot wait between {low:g} and {high:g} milliseconds")
            rest(seat, random.uniform(low, high) / 1000)  # noqa: S311  nobody gains by knowing it

        def scoped_ip(context: object, ip: object) -> str:
            if ip is None:
                context, ip = "lua_generic", context
            name = text(context, 1, "scoped_ip")
            if name not in scopes:
                raise ValueError(f"unknown scope {name!r}; known are {', '.join(scopes)}")
            return scoped(text(ip, 2, "scoped_ip"), scopes[name])

        return {"get_country_name": get_country_name, "wait_random": wait_random, "scoped_ip": scoped_ip}

    return opened


def scoped(ip: str, scope: Scope) -> str:
    """
    Return the subnet that an address counts as, or the text as it is.

    >>> scoped("2001:db8::7", Scope(ipv6=64)), scoped("192.0.2.7", Scope(ipv6=64)), scoped("nonsense", Scope())
    ('2001:db8::/64', '192.0.2.7', 'nonsense')
    """
    try:
        address = parse_address(ip)
    except ValueError:
        return ip
    bits = scope.ipv4 if len(address) == 4 else scope.ipv6
    return ip if bits == 0 or not address else str(Subnet.of(address, bits))
