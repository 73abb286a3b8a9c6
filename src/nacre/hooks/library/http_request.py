# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_http_request``: the request that a hook answers, or that carried the attempt.

Where there is none (in an init script, or in a post action that outlived its request), everything is empty.
"""

from __future__ import annotations

from nacre.hooks.call import HttpRequest, Module, Seat
from nacre.hooks.library.arguments import text

_NONE = HttpRequest()


def open_http_request(seat: Seat) -> Module:
    """Return the module."""

    def request() -> HttpRequest:
        return seat.call.http or _NONE

    def get_http_query_param(name: object) -> str:
        return request().query.get(text(name, 1, "get_http_query_param"), "")

    def get_http_request_header(name: object) -> object:
        return seat.table(list(request().headers.get(text(name, 1, "get_http_request_header").lower(), ())))

    def get_all_http_request_headers() -> object:
        return seat.table({name: list(values) for name, values in request().headers.items()})

    return {
        "get_http_query_param": get_http_query_param,
        "get_http_request_header": get_http_request_header,
        "get_all_http_request_headers": get_all_http_request_headers,
        "get_http_request_body": lambda: request().body,
        "get_http_method": lambda: request().method,
        "get_http_path": lambda: request().path,
    }
