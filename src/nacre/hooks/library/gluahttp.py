# SPDX-License-Identifier: Apache-2.0
"""``glua_http``: HTTP requests, one function for each method."""

from __future__ import annotations

from collections.abc import Callable

from nacre.config.duration import Duration
from nacre.hooks.call import Module, OpenModule, Seat, Value
from nacre.hooks.library.arguments import key_text, options, raw, sequence, text, text_or
from nacre.hooks.library.question import Question
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.web import Web

METHODS = ("get", "post", "put", "patch", "delete", "head")
MOST_REQUESTS = 20
"""Requests of one batch."""


def gluahttp_module(web: Web, reach: Reach) -> OpenModule:
    """Return the module."""

    def opened(seat: Seat) -> Module:
        def ask(method: str, url: object, given: dict[str, Value], function: str) -> tuple[object, str | None]:
            try:
                answer = _asked(web, method, text(url, 1, function), given, reach.timeout(seat, _timeout(given)))
            except (OSError, ValueError) as error:
                return None, str(error)
            return seat.table(answer), None

        def by(method: str) -> Callable[[object, object], object]:
            def work(url: object, given: object) -> object:
                return ask(method, url, options(seat, given, 2, method), method)

            return work

        def request(method: object, url: object, given: object) -> object:
            return ask(text(method, 1, "request"), url, options(seat, given, 3, "request"), "request")

        def request_batch(requests: object) -> object:
            answers: dict[int, object] = {}
            errors: dict[int, object] = {}
            wanted = sequence(seat, requests, 1, "request_batch")
            if len(wanted) > MOST_REQUESTS:
                raise ValueError(f"a batch has {MOST_REQUESTS} requests at most")
            for place, entry in enumerate(wanted, 1):
                method, url, given = [*(entry if isinstance(entry, list) else []), None, None, None][:3]
                named = {key_text(key): value for key, value in given.items()} if isinstance(given, dict) else {}
                answers[place], errors[place] = ask(text_or(method, ""), url, named, "request_batch")
            failed = {place: error for place, error in errors.items() if error is not None}
            return seat.table(answers), seat.table(failed) if failed else None

        return {**{method: by(method) for method in METHODS}, "request": request, "request_batch": request_batch}

    return opened


def _asked(web: Web, method: str, url: str, given: dict[str, Value], timeout: float) -> dict[str, object]:
    query = text_or(given.get("query"), "")
    if query:
        url += ("&" if "?" in url else "?") + query
    headers = _texts(given.get("headers"))
    body = given.get("body", given.get("form"))
    if "form" in given and "body" not in given:
        headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    login = _texts(given.get("auth"))
    answer = web.ask(
        Question(
            method,
            url,
            timeout,
            headers=headers,
            body=None if body is None else raw(body, 2, method),
            auth=(login.get("user", ""), login.get("pass", "")) if login else None,
            cookies=_texts(given.get("cookies")),
        )
    )
    return {
        "status_code": answer.status,
        "body": answer.body,
        "body_size": len(answer.body),
        "headers": dict(answer.headers),
        "cookies": dict(answer.cookies),
        "url": answer.url,
    }


def _timeout(given: dict[str, Value]) -> float | None:
    wanted = given.get("timeout")
    return None if wanted is None else float(Duration.parse(wanted))


def _texts(value: Value) -> dict[str, str]:
    items = value.items() if isinstance(value, dict) else ()
    return {key_text(key): text_or(item, str(item)) for key, item in items}
