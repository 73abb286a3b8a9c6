# SPDX-License-Identifier: Apache-2.0
"""The request that a hook answers."""

from __future__ import annotations

from typing import Any

from nacre.hooks.call import Call, HttpRequest
from nacre.hooks.library.http_request import open_http_request

SOURCE = """
    local H = require("nauthilus_http_request")
    return H.get_http_method(), H.get_http_path(), H.get_http_query_param("a"), H.get_http_query_param("b"),
        H.get_http_request_header("X-Forwarded-For"), H.get_http_request_header("X-None"),
        H.get_all_http_request_headers(), H.get_http_request_body()
"""


def test_a_hook_sees_the_whole_request(lua: Any) -> None:
    """
    A parameter that is missing is the empty string, a header that is missing an empty list.
    """
    http = HttpRequest("GET", "/api/v1/custom/x", {"a": "ö"}, {"x-forwarded-for": ["192.0.2.1", "192.0.2.2"]}, b"\xffx")

    seen = lua(SOURCE, Call("h", "hook", http=http), nauthilus_http_request=open_http_request)

    assert seen[:4] == ("GET", "/api/v1/custom/x", "ö", "")
    assert seen[4:7] == (["192.0.2.1", "192.0.2.2"], [], {"x-forwarded-for": ["192.0.2.1", "192.0.2.2"]})
    assert seen[7] == "\udcffx"


def test_without_a_request_everything_is_empty(lua: Any) -> None:
    """
    The original's brute-force actions dereferenced nil there and ended the login.
    """
    assert lua(SOURCE, Call("a", "action"), nauthilus_http_request=open_http_request) == (
        "",
        "",
        "",
        "",
        [],
        [],
        {},
        "",
    )
