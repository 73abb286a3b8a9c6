# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_brute_force``: tolerations and blocks, as scripts work with them.

Nothing here raises an error in Lua: where something cannot be done, the first result is ``nil`` and the second one
says why.
"""

from __future__ import annotations

import math

from nacre.address import Subnet
from nacre.config.duration import Duration
from nacre.desk import Desk, toleration_of
from nacre.hooks.call import Module, OpenModule, Seat, Value
from nacre.hooks.library.given import Refused, actor, ask, expected, text_of
from nacre.rules.toleration import Toleration

MOST_TOLERATIONS = 10_000
"""Entries that one call may set."""

_Answer = tuple[object, str | None]


def brute_force_module(desk: Desk) -> OpenModule:
    """Return the module upon a desk."""
    return lambda seat: _BruteForce(desk, seat).functions()


class _BruteForce:
    """The functions of the module at one seat."""

    def __init__(self, desk: Desk, seat: Seat) -> None:
        self._desk = desk
        self._seat = seat

    def functions(self) -> Module:
        """Return the functions by the names that scripts know."""
        return {
            "set_custom_tolerations": self.set_custom_tolerations,
            "set_custom_toleration": self.set_custom_toleration,
            "delete_custom_toleration": self.delete_custom_toleration,
            "get_custom_tolerations": self.get_custom_tolerations,
            "get_tolerate_map": self.get_tolerate_map,
            "is_ip_address_blocked": self.is_ip_address_blocked,
        }

    def set_custom_tolerations(self, tolerations: object = None, *_: object) -> _Answer:
        """Put a list of tolerations in the place of all that were set at run time; all of it or nothing."""
        given = self._seat.plain(tolerations)
        if not isinstance(given, list):
            wanted = "list of tables" if isinstance(given, dict) else "table"
            return None, expected(1, "set_custom_tolerations", wanted, tolerations)
        if len(given) > MOST_TOLERATIONS:
            return None, f"at most {MOST_TOLERATIONS:,} tolerations can be set"
        return self._set(given, replace=True)

    def set_custom_toleration(self, toleration: object = None, *_: object) -> _Answer:
        """Set one toleration; others stay."""
        given = self._seat.plain(toleration)
        if not isinstance(given, dict | list):
            return None, expected(1, "set_custom_toleration", "table", toleration)
        return self._set([given], replace=False)

    def delete_custom_toleration(self, ip: object = None, *_: object) -> _Answer:
        """Delete a toleration that was set at run time; one that does not exist is gone already."""
        text = text_of(ip)
        if text is None:
            return None, expected(1, "delete_custom_toleration", "string", ip)
        try:
            subnet = Subnet.parse(text)
        except ValueError as error:
            return None, str(error)
        return self._answer(ask(self._seat, self._delete(subnet)))

    def get_custom_tolerations(self, *_: object) -> _Answer:
        """Return all tolerations in force, those of the settings too."""
        found = ask(self._seat, self._tolerations())
        return (None, found.message) if isinstance(found, Refused) else (self._seat.table(found), None)

    def get_tolerate_map(self, ip: object = None, *_: object) -> _Answer:
        """Return how many logins of an address succeeded and failed, as far as they count for tolerations."""
        text = text_of(ip)
        if text is None:
            return None, expected(1, "get_tolerate_map", "string", ip)
        try:
            found = ask(self._seat, self._desk.toleration_counters(text))
        except ValueError as error:
            return None, str(error)
        return (None, found.message) if isinstance(found, Refused) else (self._seat.table(found), None)

    def is_ip_address_blocked(self, ip: object = None, *_: object) -> _Answer:
        """Return the names of the rules that block an address, ``nil`` if none does."""
        text = text_of(ip)
        if text is None:
            return None, expected(1, "is_ip_address_blocked", "string", ip)
        try:
            found = self._desk.blocked(text)
        except ValueError as error:
            return None, str(error)
        except RuntimeError:  # a block came or went just then; on the event loop none does while they are looked at
            found = self._seat.wait(self._blocked(text))
        return (self._seat.table(found) if found else None), None

    # On the event loop.

    async def _blocked(self, ip: str) -> list[str] | None:
        return self._desk.blocked(ip)

    async def _tolerations(self) -> list[dict[str, object]]:
        return [
            {
                "ip_address": shown(entry.subnet),
                "tolerate_percent": entry.terms.percent,
                "tolerate_ttl": str(Duration(entry.terms.ttl)),
            }
            for entry in self._desk.tolerations()
        ]

    async def _delete(self, subnet: Subnet) -> str:
        """Delete a toleration; returns why it cannot be, ``""`` if it is gone."""
        gone = await self._desk.delete_toleration(subnet, who=actor(self._seat.call))
        if not gone and any(entry.subnet == subnet for entry in self._desk.tolerations()):
            return f"the toleration of {shown(subnet)} stands in the settings"
        return ""

    async def _put(self, entries: list[Toleration], *, replace: bool) -> str:
        await self._desk.set_tolerations(entries, replace=replace, who=actor(self._seat.call))
        return ""

    def _set(self, given: list[Value], *, replace: bool) -> _Answer:
        try:
            entries = [_toleration(one) for one in given]
        except ValueError as error:
            return None, str(error)
        return self._answer(ask(self._seat, self._put(entries, replace=replace)))

    @staticmethod
    def _answer(problem: str | Refused) -> _Answer:
        message = problem.message if isinstance(problem, Refused) else problem
        return (None, message) if message else ("OK", None)


def shown(subnet: Subnet) -> str:
    """
    Return a subnet as scripts write it: a single address without its prefix.

    >>> shown(Subnet.parse("192.0.2.7")), shown(Subnet.parse("10.0.0.1/24"))
    ('192.0.2.7', '10.0.0.0/24')
    """
    return str(subnet).partition("/")[0] if subnet.is_host else str(subnet)


def _toleration(given: Value) -> Toleration:
    """
    Return a toleration of what a script gave for one.

    Raises:
        ValueError: a part is missing or cannot be used; says which.
    """
    given = given or {}  # a table without anything in it looks like an empty list
    if not isinstance(given, dict):
        raise ValueError("each toleration must be a table")
    address = given.get("ip_address")
    if not isinstance(address, str) or not address.strip():
        raise ValueError("ip_address must be a string: an address, or a network in CIDR notation")
    percent = given.get("tolerate_percent")
    if isinstance(percent, bool) or not isinstance(percent, int | float) or not math.isfinite(percent):
        raise ValueError("tolerate_percent must be a number from 0 to 100")
    return toleration_of(address, math.floor(percent), _ttl(given.get("tolerate_ttl")))


def _ttl(given: Value) -> float:
    """Return seconds; a number without a unit is none, as for the original."""
    if not isinstance(given, str) or not given.strip()[-1:].isalpha():
        raise ValueError("invalid tolerate_ttl format")
    try:
        return float(Duration.parse(given))
    except ValueError:
        raise ValueError("invalid tolerate_ttl format") from None
