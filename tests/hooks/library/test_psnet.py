# SPDX-License-Identifier: Apache-2.0
"""Connections of this machine, counted."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from builders import Clock
from listeners import HOST, echo, serving

from nacre.hooks.library.psnet import MOST_TARGETS, Targets, established, psnet_module

HEAD = 'local N = require("nauthilus_psnet")\n'


def test_connections_of_a_target_are_counted(lua: Any, clock: Clock) -> None:
    """
    Both names that the original's documents use count; a count is kept for a second.
    """
    targets = Targets(clock=clock)
    module = psnet_module(targets)
    with serving(echo()) as port:
        lua(
            f"""{HEAD}
            N.register_connection_target("{HOST}:{port}", "remote", "out")
            """,
            nauthilus_psnet=module,
        )
        ask = f'{HEAD}return N.get_connection_target("{HOST}:{port}"), N.get_connections_target("{HOST}:{port}")'
        before = lua(ask, nauthilus_psnet=module)
        with socket.create_connection((HOST, port)) as line:
            line.sendall(b"x")
            line.recv(1)
            kept = lua(ask, nauthilus_psnet=module)
            clock.move(1)
            after = lua(ask, nauthilus_psnet=module)

    assert (before, kept, after) == ((0, 0, None), (0, 0, None), (1, 1, None))


def test_the_local_end_counts_where_that_is_meant() -> None:
    """
    A server that listens here is the local end of its connections.
    """
    targets = Targets()
    with serving(echo()) as port:
        targets.add(f"{HOST}:{port}", "local")
        with socket.create_connection((HOST, port)) as line:
            line.sendall(b"x")
            line.recv(1)
            counted = targets.count(f"{HOST}:{port}")

    assert counted == 1


def test_an_unknown_target_has_no_count(lua: Any) -> None:
    """
    Somebody has to register it, in an init script for example.
    """
    source = f'{HEAD}return N.get_connection_target("{HOST}:1")'

    assert lua(source, nauthilus_psnet=psnet_module(Targets())) == (None, "target not found")


def test_a_host_without_an_address_can_be_registered(lua: Any) -> None:
    """
    An init script names services that may be away when it runs; counting says what is wrong.
    """
    source = f'{HEAD}N.register_connection_target("host.invalid:80", "remote", "x")'
    module = psnet_module(Targets())

    count, error = lua(f'{source} return N.get_connection_target("host.invalid:80")', nauthilus_psnet=module)

    assert count is None
    assert error


@pytest.mark.parametrize(("target", "direction"), [(f"{HOST}:1", "sideways"), ("nonsense", "remote")])
def test_what_cannot_be_counted_is_refused(target: str, direction: str) -> None:
    """
    A direction is one of two, and a target has a port.
    """
    with pytest.raises(ValueError, match=r"direction|address"):
        Targets().add(target, direction)


def test_a_process_has_so_many_targets() -> None:
    """
    A script that registers one for each attempt stops there.
    """
    targets = Targets()
    for port in range(1, MOST_TARGETS + 1):
        targets.add(f"{HOST}:{port}", "remote")

    with pytest.raises(ValueError, match="no more can be"):
        targets.add(f"{HOST}:60000", "remote")


def test_ipv6_ends_are_read_too() -> None:
    """
    An IPv4 connection of an IPv6 socket counts for its IPv4 address.
    """
    table = (
        "head\n"
        " 0: 0000000000000000FFFF00000100007F:1F90 00000000000000000000000001000000:C000 01 0 0 0 0\n"
        " 1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0 0 0 0\n"
    )

    local, remote = established([table])

    assert (dict(local), dict(remote)) == (
        {(b"\x7f\0\0\1", 8080): 1},
        {(socket.inet_pton(socket.AF_INET6, "::1"), 49152): 1},
    )
