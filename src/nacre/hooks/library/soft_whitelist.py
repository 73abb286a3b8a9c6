# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_soft_whitelist``: networks from which a user is neither counted nor refused.

What scripts set holds in this process and until it ends, as in the original; what the settings name stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from nacre.address import Subnet
from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import text

CONTROLS = ("brute_force", "rbl", "relay_domains")
MOST = 10_000
"""Networks that scripts may add."""

Networks = Mapping[str, Sequence[str]]


class SoftWhitelist:
    """
    Networks by user, for each control.

    Args:
        settings: ``brute_force.soft_whitelist``.
        apply: Called on the event loop with all networks of ``brute_force`` after each change.
    """

    def __init__(self, settings: Networks, apply: Callable[[Networks], None] = lambda _: None) -> None:
        self._apply = apply
        self._lock = Lock()
        self._count = 0
        self._lists: dict[str, dict[str, list[str]]] = {control: {} for control in CONTROLS}
        self._lists["brute_force"] = {user: list(networks) for user, networks in settings.items()}

    def get(self, user: str, control: str) -> list[str]:
        """Return the networks of a user."""
        return list(self._lists.get(control, {}).get(user, ()))

    def add(self, user: str, network: str, control: str) -> None:
        """
        Add a network.

        Raises:
            ValueError: it is none in CIDR notation, or the control is unknown, or there are too many.
        """
        if control not in CONTROLS:
            raise ValueError(f"unknown control {control[:32]!r}; known are {', '.join(CONTROLS)}")
        if "/" not in network:
            raise ValueError(f"invalid CIDR address: {network[:64]}")
        canonical = str(Subnet.parse(network))
        with self._lock:
            networks = self._lists[control].setdefault(user, [])
            if canonical in networks:
                return
            if self._count >= MOST:
                raise ValueError(f"scripts added {MOST:,} networks, and no more can be")
            networks.append(canonical)
            self._count += 1

    def drop(self, user: str, network: str, control: str) -> None:
        """Take a network away; one that is not there is gone already."""
        try:
            canonical = str(Subnet.parse(network))
        except ValueError:
            return
        with self._lock:
            networks = self._lists.get(control, {}).get(user, [])
            kept = [entry for entry in networks if str(Subnet.parse(entry)) != canonical]
            if len(kept) < len(networks):
                self._count = max(0, self._count - 1)
                self._lists[control][user] = kept
                if not kept:
                    del self._lists[control][user]

    async def tell(self) -> None:
        """Tell the service of a change."""
        with self._lock:
            networks = {user: tuple(entries) for user, entries in self._lists["brute_force"].items()}
        self._apply(networks)


def soft_whitelist_module(whitelist: SoftWhitelist) -> OpenModule:
    """Return the module upon the lists of a process."""

    def opened(seat: Seat) -> Module:
        def soft_whitelist_set(user: object, network: object, control: object) -> str | None:
            name = "soft_whitelist_set"
            given = text(user, 1, name), text(network, 2, name), text(control, 3, name)
            try:
                whitelist.add(*given)
            except ValueError as error:
                return str(error)
            seat.wait(whitelist.tell())
            return None

        def soft_whitelist_get(user: object, control: object) -> object:
            name = "soft_whitelist_get"
            return seat.table(list(whitelist.get(text(user, 1, name), text(control, 2, name))))

        def soft_whitelist_delete(user: object, network: object, control: object) -> None:
            name = "soft_whitelist_delete"
            whitelist.drop(text(user, 1, name), text(network, 2, name), text(control, 3, name))
            seat.wait(whitelist.tell())

        return {
            "soft_whitelist_set": soft_whitelist_set,
            "soft_whitelist_get": soft_whitelist_get,
            "soft_whitelist_delete": soft_whitelist_delete,
        }

    return opened
