# SPDX-License-Identifier: Apache-2.0
"""Status, headers and body of what is answered."""

from __future__ import annotations

from typing import Any

import pytest

from nacre.errors import HookError
from nacre.hooks.call import Call, HttpRequest
from nacre.hooks.library.http_response import MOST_BYTES, MOST_HEADERS, open_http_response

HEAD = 'local W = require("nauthilus_http_response")\n'


def answered(lua: Any, source: str, kind: str = "hook", method: str = "GET") -> Call:
    """Run a chunk and return the call that it answered."""
    call = Call("test", kind, http=HttpRequest(method))
    lua(HEAD + source, call, nauthilus_http_response=open_http_response)
    return call


def test_headers_are_set_added_and_removed_whatever_their_case(lua: Any) -> None:
    """
    Header names are compared as HTTP does.
    """
    call = answered(
        lua,
        """
        W.set_http_response_header("X-A", "1") W.set_http_response_header("x-a", "2")
        W.add_http_response_header("Vary", "Accept") W.add_http_response_header("Vary", "Cookie")
        W.set_http_response_header("X-B", "1") W.remove_http_response_header("x-b")
        W.set_http_content_type("text/csv") W.set_http_status(W.STATUS_TOO_MANY_REQUESTS)
        """,
        "filter",
    )

    assert call.response.headers == [("x-a", "2"), ("Vary", "Accept"), ("Vary", "Cookie"), ("Content-Type", "text/csv")]
    assert (call.response.status, call.response.body) == (429, None)


@pytest.mark.parametrize(
    ("source", "status", "content_type", "body"),
    [
        ('W.string(W.STATUS_OK, "ö")', 200, "text/plain; charset=utf-8", "ö".encode()),
        ('W.html(404, "<p>")', 404, "text/html; charset=utf-8", b"<p>"),
        ('W.data(200, "image/png", "\\255")', 200, "image/png", b"\xff"),
        (
            'W.set_http_content_type("a/b") W.write_http_response_body("a") W.write_http_response_body("b")',
            0,
            "a/b",
            b"ab",
        ),
    ],
)
def test_a_hook_writes_a_body(lua: Any, source: str, status: int, content_type: str, body: bytes) -> None:
    """
    What was written is the answer, in place of the table that the hook returns.
    """
    response = answered(lua, source).response

    assert (response.status, response.headers, response.body) == (status, [("Content-Type", content_type)], body)


def test_a_header_holds_the_bytes_that_the_script_wrote(lua: Any) -> None:
    """
    Servers send each character of a value as a byte; a country may well have an umlaut.
    """
    response = answered(lua, 'W.set_http_response_header("X-Country", "Österreich \\255")').response

    assert response.headers[0][1].encode("latin-1") == b"\xc3\x96sterreich \xff"


def test_a_redirect_names_the_place_and_has_no_body(lua: Any) -> None:
    """
    Only a status of 300 to 399 redirects.
    """
    response = answered(lua, 'W.redirect(W.STATUS_SEE_OTHER, "/login")').response

    assert (response.status, response.headers, response.body) == (303, [("Location", "/login")], b"")
    with pytest.raises(HookError, match="cannot redirect with status 200"):
        answered(lua, 'W.redirect(200, "/login")')


def test_head_has_no_body(lua: Any) -> None:
    """
    HTTP forbids one.
    """
    assert answered(lua, 'W.string(200, "x")', method="HEAD").response.body == b""


@pytest.mark.parametrize("kind", ["feature", "filter", "action", "init"])
def test_only_a_hook_writes_a_body(lua: Any, kind: str) -> None:
    """
    The body of a login's answer is read by a mail server, which knows its form.
    """
    with pytest.raises(HookError, match="cannot write the body"):
        answered(lua, 'W.write_http_response_body("x")', kind)


@pytest.mark.parametrize(
    "source",
    [
        'W.set_http_response_header("X-A", "1\\r\\nX-B: 2")',
        'W.set_http_response_header("X A", "1")',
        'W.set_http_response_header("Content-Length", "5")',
        "W.set_http_status(99)",
        "W.set_http_status(100)",
        f'for i = 1, {MOST_HEADERS + 1} do W.add_http_response_header("X-A", "1") end',
        f'for i = 1, 9 do W.write_http_response_body(string.rep("x", {MOST_BYTES // 8})) end',
    ],
)
def test_what_would_break_the_answer_is_refused(lua: Any, source: str) -> None:
    """
    A value from an attempt must not add headers of its own, and an answer has a size.
    """
    with pytest.raises(HookError):
        answered(lua, source)
