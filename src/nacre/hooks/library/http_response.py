# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_http_response``: status, headers and body of what is answered.

Features and filters may set headers and the status; a body is a hook's alone.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from nacre.hooks.call import Call, HttpResponse, Module, Seat
from nacre.hooks.library.arguments import number, raw, text

MOST_HEADERS = 64
MOST_BYTES = 4_194_304
"""Headers, and bytes of a body, that one script may answer with."""

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]{0,8192}")
_OURS = frozenset({"connection", "content-length", "date", "server", "transfer-encoding", "upgrade"})
"""Headers that the server sets: they say where an answer ends."""

_STATUSES = (
    *(200, 201, 204, 301, 302, 303, 304, 400, 401, 403, 404, 405, 409, 415, 429),
    *(500, 501, 502, 503, 504),
)
STATUS = {f"STATUS_{HTTPStatus(code).name}": code for code in _STATUSES}
"""The constants of the module."""


def open_http_response(seat: Seat) -> Module:
    """Return the module."""

    def set_http_status(code: object) -> None:
        seat.call.response.status = _status(code, "set_http_status")

    def set_header(name: object, value: object) -> None:
        put_header(seat.call.response, text(name, 1, "set_http_response_header"), value, "set_http_response_header")

    def add_header(name: object, value: object) -> None:
        _add(seat.call.response, text(name, 1, "add_http_response_header"), value, "add_http_response_header")

    def remove_header(name: object) -> None:
        _remove(seat.call.response, text(name, 1, "remove_http_response_header"))

    def set_content_type(value: object) -> None:
        put_header(seat.call.response, "Content-Type", value, "set_http_content_type")

    def write(data: object) -> None:
        _write(seat.call, raw(data, 1, "write_http_response_body"))

    def answer(function: str, code: object, content_type: object, data: object, position: int) -> None:
        body = raw(data, position, function)
        seat.call.response.status = _status(code, function)
        put_header(seat.call.response, "Content-Type", content_type, function)
        _write(seat.call, body)

    def redirect(code: object, location: object) -> None:
        status = _status(code, "redirect")
        if not 300 <= status <= 399:
            raise ValueError(f"cannot redirect with status {status}")
        seat.call.response.status = status
        put_header(seat.call.response, "Location", location, "redirect")
        _write(seat.call, b"")

    return {
        **STATUS,
        "set_http_status": set_http_status,
        "set_http_response_header": set_header,
        "add_http_response_header": add_header,
        "remove_http_response_header": remove_header,
        "set_http_content_type": set_content_type,
        "write_http_response_body": write,
        "string": lambda code, body: answer("string", code, "text/plain; charset=utf-8", body, 2),
        "html": lambda code, body: answer("html", code, "text/html; charset=utf-8", body, 2),
        "data": lambda code, content_type, body: answer("data", code, content_type, body, 3),
        "redirect": redirect,
    }


def _status(code: object, function: str) -> int:
    status = int(number(code, 1, function))
    if not 200 <= status <= 599:
        raise ValueError(f"{status} is no status that can be answered: 200..599")
    return status


def put_header(response: HttpResponse, name: str, value: object, function: str) -> None:
    """
    Set a header of an answer, in the place of others of its name.

    Raises:
        ValueError: the name or the value cannot be sent, or there are too many.
    """
    _remove(response, name)
    _add(response, name, value, function)


def _add(response: HttpResponse, name: str, value: object, function: str) -> None:
    content = text(value, 2, function)
    if not _NAME.fullmatch(name) or name.lower() in _OURS:
        raise ValueError(f"{name[:128]!r} is no header that a script can set")
    if not _VALUE.fullmatch(content):
        raise ValueError(f"the value of header {name} has a control character, or more than 8192 characters")
    if len(response.headers) >= MOST_HEADERS:
        raise ValueError(f"a script can answer with {MOST_HEADERS} headers at most")
    response.headers.append((name, content.encode("utf-8", "surrogateescape").decode("latin-1")))


def _remove(response: HttpResponse, name: str) -> None:
    response.headers[:] = [pair for pair in response.headers if pair[0].lower() != name.lower()]


def _write(call: Call, data: bytes) -> None:
    if call.kind != "hook":
        raise ValueError(f"a {call.kind} script cannot write the body of an answer; only a hook can")
    body = (call.response.body or b"") + data
    if len(body) > MOST_BYTES:
        raise ValueError(f"the body of an answer has {MOST_BYTES:,} bytes at most")
    call.response.body = b"" if call.http is not None and call.http.method == "HEAD" else body
