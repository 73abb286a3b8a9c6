# SPDX-License-Identifier: Apache-2.0
"""
Where scripts may connect to; the one place that decides it.

A host has to be allowed by the settings, and nothing that the service itself listens on can be reached, by
whatever name: a name is resolved once, what it resolved to is looked at, and that address is connected to.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from nacre.hooks.call import Seat

LONGEST = 60.0
"""Seconds that a script may wait for one answer, whatever it asks for."""

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class OutOfReach(PermissionError):
    """The settings do not let scripts connect there."""


class Reach:
    """
    Knows where scripts may connect to.

    Args:
        allowed: Each a host name, one with ``*`` in it, an address or a network, and a port behind a colon if only
            that one is meant; an IPv6 address with a port stands in brackets.  ``*`` allows every host.
        listening: Ports that this service listens on, management included.  They cannot be reached on any
            address of this machine.
        patience: Seconds that a script waits for an answer if it does not say how long.

    >>> reach = Reach(["api.example.org:443", "*.example.net", "192.0.2.0/24"], listening=[9080])
    >>> reach.allows("api.example.org", 443), reach.allows("api.example.org", 80), reach.allows("a.example.net", 25)
    (True, False, True)
    >>> reach.allows("192.0.2.7", 80), reach.allows("198.51.100.1", 80)
    (True, False)
    """

    def __init__(self, allowed: Iterable[str], *, listening: Iterable[int] = (), patience: float = 5.0) -> None:
        self._entries = [_entry(text) for text in allowed]
        self._listening = frozenset(listening)
        self.patience = patience

    def allows(self, host: str, port: int) -> bool:
        """Tell whether the settings name a host, or a network with its address, and the port."""
        name = host.strip("[]").rstrip(".").lower()
        address = _address(name)
        return any(only in (None, port) and _meets(pattern, name, address) for pattern, only in self._entries)

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """
        Return a connection.

        Args:
            host: Name or address.
            port: TCP port.
            timeout: Seconds it may take; also the timeout of the socket.

        Raises:
            OutOfReach: the host is not allowed, or the address is this service's own.
            OSError: nobody answers there.
        """
        failure: OSError = ConnectionError(f"{host} has no address")
        for address in self.addresses(host, port):
            try:
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                failure = error
        raise failure

    def addresses(self, host: str, port: int) -> list[str]:
        """
        Return the addresses that a host can be connected to at.

        Raises:
            OutOfReach: the host is not allowed, or an address is this service's own.
            OSError: it has none.
        """
        self.vet(host, port, resolve=False)
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(where[0]) for *_, where in found))
        for address in addresses:
            self._refuse_own(address, port)
        return addresses

    def vet(self, host: str, port: int, *, resolve: bool = True) -> tuple[str, int]:
        """
        Return a host and a port as they are, for those who connect on their own.

        Args:
            host: Name or address.
            port: TCP port.
            resolve: Whether its addresses are looked at.

        Raises:
            OutOfReach: the host is not allowed, or one of its addresses is this service's own.
        """
        if not self.allows(host, port):
            raise OutOfReach(f"{host}:{port} is not in lua.config.allowed_hosts")
        if resolve and port in self._listening:
            self.addresses(host, port)
        return host, port

    def timeout(self, seat: Seat, wanted: float | None = None) -> float:
        """
        Return how long a script may wait now: as long as it asks for, within what is left of its run.

        Args:
            seat: Where the script runs.
            wanted: Seconds; our patience if it does not ask, a minute at most.
        """
        left = seat.call.deadline - time.monotonic()
        return max(0.001, min(self.patience if wanted is None or wanted <= 0 else wanted, LONGEST, left))

    def _refuse_own(self, address: str, port: int) -> None:
        if port in self._listening and is_here(address.partition("%")[0]):
            raise OutOfReach(f"port {port} of this machine is the service itself, and scripts cannot reach that")


def is_here(address: str) -> bool:
    """
    Tell whether an address is one of this machine's: those can be bound.

    >>> is_here("127.0.0.1"), is_here("192.0.2.1")
    (True, False)
    """
    try:
        parsed = ip_address(address)
        mapped = getattr(parsed, "ipv4_mapped", None)
        family = socket.AF_INET6 if parsed.version == 6 and mapped is None else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as line:
            line.bind((str(mapped or parsed), 0))
    except (ValueError, OSError):
        return False
    return True


def _entry(text: str) -> tuple[str | Network, int | None]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdigit() or (":" in host and not host.endswith("]")):
        host, port = text, ""
    name = host.strip("[]").rstrip(".").lower()
    try:
        return ip_network(name, strict=False), int(port) if port else None
    except ValueError:
        return name, int(port) if port else None


def _address(name: str) -> Address | None:
    try:
        address = ip_address(name)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _meets(pattern: str | Network, name: str, address: Address | None) -> bool:
    if isinstance(pattern, str):
        return fnmatchcase(name, pattern) if pattern == "*" or address is None else False
    return address is not None and address in pattern
