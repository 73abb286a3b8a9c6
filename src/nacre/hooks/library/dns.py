# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_dns``: names, asked of the resolvers of this machine or of those that somebody names."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import text
from nacre.hooks.library.reach import Reach

if TYPE_CHECKING:
    from nacre.hooks.library.resolver import Resolver


class Names:
    """
    Asks resolvers, once somebody wants to know.

    Args:
        nameservers: Addresses; empty means those of this machine.
        port: Where they listen.
    """

    def __init__(self, nameservers: Sequence[str] = (), port: int = 53) -> None:
        self._nameservers = nameservers
        self._port = port

    @cached_property
    def resolver(self) -> Resolver:
        """The resolver."""
        from nacre.hooks.library.resolver import Resolver  # noqa: PLC0415  slow to import, and few scripts need it

        return Resolver(self._nameservers, self._port)


def dns_module(names: Names, reach: Reach) -> OpenModule:
    """Return the module."""

    def opened(seat: Seat) -> Module:
        def resolve(domain: object, kind: object) -> object:
            wanted = "A" if kind is None else text(kind, 2, "resolve").upper()
            try:
                records = names.resolver.find(text(domain, 1, "resolve"), wanted, reach.timeout(seat))
            except ValueError as error:
                return None, str(error)
            return records[0] if wanted == "CNAME" else seat.table(records)

        return {"resolve": resolve}

    return opened
