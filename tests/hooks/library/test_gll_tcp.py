# SPDX-License-Identifier: Apache-2.0
"""``tcp``, as scripts use it."""

from __future__ import annotations

from typing import Any

import pytest
from listeners import HOST, echo, serving

from nacre.hooks.library.gll_tcp import host_and_port, tcp_module
from nacre.hooks.library.reach import Reach


def test_a_connection_is_written_read_and_closed(lua: Any) -> None:
    """
    Any bytes go through, and what was closed is an error.
    """
    with serving(echo()) as port:
        module = tcp_module(Reach([HOST]))
        seen = lua(
            f"""
            local conn, err = require("tcp").open("{HOST}:{port}", 2)
            local wrote = conn:write("ping\\255")
            local heard, failed = conn:read(64)
            conn:close()
            return err, wrote, heard, failed, conn:write("x") ~= nil
            """,
            tcp=module,
        )

    assert seen == (None, None, "ping\udcff", None, True)


@pytest.mark.parametrize("address", ["192.0.2.1:80", "nonsense", "127.0.0.1:99999"])
def test_what_cannot_be_opened_is_nil_and_a_reason(lua: Any, address: str) -> None:
    """
    Not allowed, or no address.
    """
    conn, error = lua(f'return require("tcp").open("{address}")', tcp=tcp_module(Reach([HOST])))

    assert conn is None
    assert error


def test_the_end_of_a_connection_is_told(lua: Any) -> None:
    """
    As Go does: nothing, and ``EOF``.
    """
    with serving(echo()) as port:
        source = f'local c = require("tcp").open("{HOST}:{port}") c:write("x") c:read(1) return c:read(1)'
        data, error = lua(source, tcp=tcp_module(Reach([HOST], patience=2.0)))

    assert data is None
    assert error == "timed out"


@pytest.mark.parametrize(
    ("text", "parts"), [("h:1", ("h", 1)), ("[::1]:25", ("::1", 25)), (":8080", ("127.0.0.1", 8080))]
)
def test_an_address_has_a_host_and_a_port(text: str, parts: tuple[str, int]) -> None:
    """
    Without a host it is this machine, as in Go.
    """
    assert host_and_port(text) == parts
