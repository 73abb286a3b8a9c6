# SPDX-License-Identifier: Apache-2.0
"""``http`` and ``telegram``: requests as objects that a client sends, and messages of a bot."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, unquote_plus, urlsplit

from nacre.hooks.call import Module, OpenModule, Seat, Value
from nacre.hooks.library.arguments import kind, options, raw, table, text, text_or, thing, truth
from nacre.hooks.library.gll_json import decoded, encoded
from nacre.hooks.library.question import Answer, Question
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.web import Web

TELEGRAM = "https://api.telegram.org"


def http_module(web: Web, lax: Web, reach: Reach) -> OpenModule:
    """
    Return ``http``; the server half of the original's module is left out.

    Args:
        web: Asks servers.
        lax: The same, without looking at certificates: for clients made with ``insecure_ssl``.
        reach: Knows how long a script may wait.
    """

    def opened(seat: Seat) -> Module:
        def client(given: object) -> object:
            made = options(seat, given, 1, "client")
            if made.get("proxy"):
                raise ValueError("a client of scripts uses no proxy")
            return thing(
                seat,
                {
                    "do_request": lambda _, request: _sent(seat, web, lax, reach, made, request),
                    "made_with": lambda _: seat.table(made),
                },
            )

        def request(method: object, url: object, data: object) -> object:
            wanted: dict[str, Value] = {
                "method": text(method, 1, "request"),
                "url": text(url, 2, "request"),
                "body": None if data is None else raw(data, 3, "request"),
                "headers": {},
            }
            headers: dict[str, str] = {}

            def header_set(_: object, name: object, value: object) -> None:
                headers[text(name, 1, "header_set")] = text(value, 2, "header_set")

            def set_basic_auth(_: object, user: object, password: object) -> None:
                wanted["auth"] = [text(user, 1, "set_basic_auth"), text(password, 2, "set_basic_auth")]

            return thing(
                seat,
                {
                    "header_set": header_set,
                    "set_basic_auth": set_basic_auth,
                    "wanted": lambda _: seat.table({**wanted, "headers": dict(headers)}),
                },
            )

        return {
            "client": client,
            "request": request,
            "query_escape": lambda value: quote_plus(text(value, 1, "query_escape")),
            "query_unescape": lambda value: unquote_plus(text(value, 1, "query_unescape")),
            "parse_url": lambda url: seat.table(_parts(text(url, 1, "parse_url"))),
        }

    return opened


def telegram_module(web: Web, reach: Reach, base: str = TELEGRAM) -> OpenModule:
    """
    Return ``telegram``: ``bot(token, client)`` with ``sendMessage``.

    Args:
        web: Asks the service.
        reach: Knows how long a script may wait.
        base: Where the service is.
    """

    def opened(seat: Seat) -> Module:
        def bot(token: object, client: object) -> object:
            del client  # every request goes the same way here
            secret = text(token, 1, "bot")

            def send_message(_: object, message: object) -> object:
                content = encoded(table(seat, message, 1, "sendMessage"))
                try:
                    url, kind_ = f"{base}/bot{secret}/sendMessage", {"Content-Type": "application/json"}
                    question = Question("POST", url, reach.timeout(seat), headers=kind_, body=content)
                    said = decoded(web.ask(question).body)
                except (OSError, ValueError) as error:
                    return None, str(error)
                if isinstance(said, dict) and said.get("ok"):
                    return seat.table(said.get("result"))
                return None, text_or(said.get("description") if isinstance(said, dict) else "", "") or "not sent"

            return thing(seat, {"sendMessage": send_message})

        return {"bot": bot}

    return opened


def _sent(seat: Seat, web: Web, lax: Web, reach: Reach, made: dict[str, Value], request: Any) -> object:
    if kind(request) != "table" or kind(request["wanted"]) != "function":
        raise ValueError("bad argument #1 to 'do_request' (request expected)")
    wanted = table(seat, request["wanted"](request), 1, "do_request")
    try:
        answer = _answer(lax if truth(made.get("insecure_ssl")) else web, wanted, made, reach, seat)
    except (OSError, ValueError) as error:
        return None, str(error)
    return seat.table({"body": answer.body, "headers": dict(answer.headers), "code": answer.status})


def _answer(web: Web, wanted: dict[object, Value], made: dict[str, Value], reach: Reach, seat: Seat) -> Answer:
    headers: dict[str, str] = {}
    for given in (made.get("headers"), wanted.get("headers")):
        for name, value in given.items() if isinstance(given, dict) else ():
            headers[str(name)] = text_or(value, "")
    if made.get("user_agent"):
        headers.setdefault("User-Agent", text_or(made["user_agent"], ""))
    login = wanted.get("auth") or [made.get("basic_auth_user"), made.get("basic_auth_password")]
    user, password = login if isinstance(login, list) else (None, None)
    seconds = made.get("timeout")
    body = wanted.get("body")
    return web.ask(
        Question(
            text_or(wanted["method"], ""),
            text_or(wanted["url"], ""),
            reach.timeout(seat, float(seconds) if isinstance(seconds, int | float) else None),
            headers=headers,
            body=None if body is None else raw(body, 3, "request"),
            auth=(text_or(user, ""), text_or(password, "")) if user else None,
        )
    )


def _parts(url: str) -> dict[str, Value]:
    parts = urlsplit(url)
    return {
        "scheme": parts.scheme,
        "host": parts.netloc.rpartition("@")[2],
        "path": parts.path,
        "raw_query": parts.query,
        "fragment": parts.fragment,
    }
