# SPDX-License-Identifier: Apache-2.0
"""What filters say about the server that a login goes on to."""

from __future__ import annotations

from typing import Any

import pytest
from listeners import HOST, echo, serving

from nacre.errors import HookError
from nacre.hooks.call import Call
from nacre.hooks.library.backend import backend_module
from nacre.hooks.library.backend_result import open_backend_result
from nacre.hooks.library.reach import Reach

HEAD = 'local B, nauthilus_backend_result = require("nauthilus_backend"), require("nauthilus_backend_result")\n'


@pytest.fixture
def run(lua: Any) -> Any:
    """Run a chunk that knows both modules."""
    module = backend_module(Reach([HOST]))

    def work(source: str, call: Call | None = None) -> Any:
        given = call or Call("monitoring", "filter")
        return lua(HEAD + source, given, nauthilus_backend=module, nauthilus_backend_result=open_backend_result)

    return work


def test_attributes_of_a_result_go_with_the_answer(run: Any) -> None:
    """
    What another filter added stays; names that are removed are removed before.
    """
    call = Call("monitoring", "filter", attributes={"Proxy-Host": "old"})

    run(
        """
        local b = nauthilus_backend_result:new()
        b:attributes({ hostip = "192.0.2.1", ["Proxy-Host"] = "new" })
        B.apply_backend_result(b)
        B.remove_from_backend_result({ "Proxy-Maybe" })
        """,
        call,
    )

    assert call.attributes == {"Proxy-Host": "old", "hostip": "192.0.2.1"}
    assert call.withheld == {"Proxy-Maybe"}


def test_nothing_but_a_result_is_applied(run: Any) -> None:
    """
    A plain table has no attributes to ask for.
    """
    with pytest.raises(HookError, match="backend result expected, got nil"):
        run("B.apply_backend_result()")


def test_a_selected_server_is_a_pair_of_headers(run: Any) -> None:
    """
    Nginx reads where to go on from these; the last choice counts.
    """
    call = Call("monitoring", "filter")

    run('B.select_backend_server("192.0.2.1", 993) B.select_backend_server("192.0.2.2", 143)', call)

    assert call.response.headers == [("Auth-Server", "192.0.2.2"), ("Auth-Port", "143")]


def test_there_are_no_servers_to_choose_from(run: Any) -> None:
    """
    Nacre watches none, and a plug-in that finds none leaves the login alone.
    """
    assert run("return B.get_backend_servers()") == []


def test_a_connection_is_tried(run: Any) -> None:
    """
    With and without the proxy's header; what does not speak TLS is an error with it.
    """
    with serving(echo()) as port:
        plain = run(f'return B.check_backend_connection("{HOST}", {port}, false, false)')
        proxied = run(f'return B.check_backend_connection("{HOST}", {port}, true, false)')
        secure = run(f'return B.check_backend_connection("{HOST}", {port}, false, true)')
    away = run(f'return B.check_backend_connection("{HOST}", {port}, false, false)')
    elsewhere = run('return B.check_backend_connection("192.0.2.1", 993, false, false)')

    assert (plain, proxied) == (None, None)
    assert "SSL" in secure
    assert "refused" in away
    assert "lua.config.allowed_hosts" in elsewhere
