# SPDX-License-Identifier: Apache-2.0
"""``nacre_parameters``: the parameters of the request that a hook answers, wherever they stand in it."""

from __future__ import annotations

from urllib.parse import parse_qsl

import msgspec

from nacre.hooks.call import HttpRequest, Module, Seat

_MOST = 100
"""Parameters of a form that are looked at."""


def open_parameters(seat: Seat) -> Module:
    """Return the module for one seat."""

    def get(name: object = None, *_: object) -> str:
        """Return a parameter as text, ``""`` if it is not given; the query comes before the body."""
        http = seat.call.http
        return parameters_of(http).get(str(name), "") if http is not None else ""

    return {"get": get}


def parameters_of(http: HttpRequest) -> dict[str, str]:
    """
    Return the parameters of a request: those of the query and, below them, those of a JSON object or a form.

    Numbers and booleans of a JSON object become what a query would have; lists and objects are left out.

    >>> body = b'{"epochs": 100, "enabled": true, "samples": 7}'
    >>> parameters_of(HttpRequest("POST", query={"samples": "10000"}, body=body))
    {'epochs': '100', 'enabled': 'true', 'samples': '10000'}
    >>> parameters_of(HttpRequest("POST", body=b"username=erika%40example.org&num_ips=20"))
    {'username': 'erika@example.org', 'num_ips': '20'}
    """
    return {**_of_body(http.body), **http.query}


def _of_body(body: bytes) -> dict[str, str]:
    if not body.strip():
        return {}
    if not body.lstrip().startswith((b"{", b"[", b'"')):
        try:
            return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST))
        except ValueError:
            return {}
    try:
        given = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    if not isinstance(given, dict):
        return {}
    return {name: text for name, value in given.items() if (text := _text(value)) is not None}


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.14g}"
    return str(value) if isinstance(value, str | int) else None
