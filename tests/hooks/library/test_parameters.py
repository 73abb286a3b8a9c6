# SPDX-License-Identifier: Apache-2.0
"""Parameters of hooks, wherever they stand."""

from __future__ import annotations

import pytest
from builders import MakeGuard, rule
from scripts import Scripts

from nacre.hooks.call import Call, HttpRequest
from nacre.hooks.library.parameters import parameters_of


@pytest.mark.parametrize(
    ("body", "parameters"),
    [
        (b'{"a": "x", "b": true, "c": false, "d": 20, "e": 2.5, "f": 100.0}', "x true false 20 2.5 100"),
        (b'{"a": null, "b": [1], "c": {"d": 1}}', ""),
        (b"a=x&b=&c=%C3%BC+y", "x  \u00fc y"),
        (b'[{"a": 1}]', ""),
        (b'"a"', ""),
        (b'{"a": ', ""),
        (b'{"a": "\xff"}', ""),
        (b"a=\xff", ""),
        (b"[" * 10_000, ""),
        (b"&".join(b"a%d=1" % number for number in range(101)), ""),
        (b"   ", ""),
        (b"", ""),
    ],
)
def test_a_body_has_the_parameters_that_can_be_read(body: bytes, parameters: str) -> None:
    """
    As a query would have them; what cannot be read has none, and the hook says what is missing.
    """
    assert " ".join(parameters_of(HttpRequest("POST", body=body)).values()) == parameters


async def test_a_script_asks_for_parameters_by_name(make_guard: MakeGuard) -> None:
    """
    Those of the query come before those of the body, and one that is not given is empty.
    """
    run = Scripts(await make_guard(rule()))
    http = HttpRequest("POST", query={"a": "query"}, body=b'{"a": "body", "b": "body"}')
    asked = 'local p = require("nacre_parameters") return p.get("a"), p.get("b"), p.get("c"), p.get()'

    assert await run(asked, Call("test", "hook", http=http)) == ["query", "body", "", ""]
    assert await run(asked, Call("test", "action")) == ["", "", "", ""]
