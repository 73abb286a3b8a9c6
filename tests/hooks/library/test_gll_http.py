# SPDX-License-Identifier: Apache-2.0
"""``http`` and ``telegram``, as scripts use them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from listeners import HOST, serving, web

from nacre.errors import HookError
from nacre.hooks.library.gll_http import http_module, telegram_module
from nacre.hooks.library.gll_json import open_json
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.web import Web

HEAD = 'local http, telegram, json = require("http"), require("telegram"), require("json")\n'


@pytest.fixture
def run(lua: Any) -> Iterator[Any]:
    """Run a chunk that knows both modules, and a server as ``URL``."""
    with serving(web()) as port:
        reach = Reach([f"{HOST}:{port}"])
        strict, lax = Web(reach), Web(reach, verify=False)
        head = f'{HEAD}local URL = "http://{HOST}:{port}"\n'
        modules = {
            "http": http_module(strict, lax, reach),
            "telegram": telegram_module(strict, reach, f"http://{HOST}:{port}"),
            "json": open_json,
        }
        yield lambda source: lua(head + source, **modules)
        strict.close()
        lax.close()


@pytest.mark.parametrize("options", ["", "{ insecure_ssl = true }"])
def test_a_client_sends_a_request(run: Any, options: str) -> None:
    """
    Headers of the request win over those of the client.
    """
    seen = run(f"""
        local client = http.client({options})
        local request = http.request("POST", URL .. "/api.json", "{{}}")
        request:header_set("Content-Type", "application/json")
        request:set_basic_auth("admin", "123456")
        local result, err = client:do_request(request)
        local told = json.decode(result.body).result
        return err, result.code, result.headers["Content-Type"], told.method, told.path, told.body,
            told.headers["Content-Type"], told.headers.Authorization
    """)

    assert seen[:3] == (None, 200, "application/json")
    assert seen[3:] == ("POST", "/api.json", "{}", "application/json", "Basic YWRtaW46MTIzNDU2")


def test_a_client_has_headers_and_a_login_for_all_its_requests(run: Any) -> None:
    """
    As the original's options.
    """
    seen = run("""
        local client = http.client({
            headers = { ["X-Key"] = "k" }, user_agent = "me", timeout = 3,
            basic_auth_user = "u", basic_auth_password = "p",
        })
        local told = json.decode(client:do_request(http.request("GET", URL)).body).result
        return told.headers["X-Key"], told.headers["User-Agent"], told.headers.Authorization
    """)

    assert seen == ("k", "me", "Basic dTpw")


def test_a_request_that_fails_is_nil_and_a_reason(run: Any) -> None:
    """
    No host but the allowed ones answers.
    """
    result, error = run('return http.client():do_request(http.request("GET", "http://192.0.2.1/"))')

    assert result is None
    assert "lua.config.allowed_hosts" in error


def test_what_is_no_request_cannot_be_sent(run: Any) -> None:
    """
    Nor is there a proxy, which would connect wherever it is told to.
    """
    with pytest.raises(HookError, match="request expected"):
        run('return http.client():do_request("x")')
    with pytest.raises(HookError, match="no proxy"):
        run('return http.client({ proxy = "http://192.0.2.1" })')


def test_urls_are_escaped_and_taken_apart(run: Any) -> None:
    """
    The names of the parts are those of the original.
    """
    seen = run(
        'return http.query_escape("a b&c"), http.query_unescape("a+b%26c"), http.parse_url("https://h:1/p?q=1#f")'
    )

    parts = {"scheme": "https", "host": "h:1", "path": "/p", "raw_query": "q=1", "fragment": "f"}
    assert seen == ("a+b%26c", "a b&c", parts)


def test_a_bot_sends_a_message(run: Any) -> None:
    """
    The token is part of the address, as the service wants it.
    """
    told = run('return telegram.bot("12:secret", http.client()):sendMessage({ chat_id = 5, text = "hello" })')

    assert (told["path"], told["body"]) == ("/bot12:secret/sendMessage", '{"chat_id":5,"text":"hello"}')


def test_a_bot_that_fails_keeps_its_token_to_itself(lua: Any) -> None:
    """
    Errors are logged, and whoever has the token has the bot.
    """
    reach = Reach([])
    module = telegram_module(Web(reach), reach, "http://192.0.2.1")

    result, error = lua('return require("telegram").bot("12:secret"):sendMessage({ text = "x" })', telegram=module)

    assert result is None
    assert "secret" not in error
