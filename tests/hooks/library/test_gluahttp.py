# SPDX-License-Identifier: Apache-2.0
"""``glua_http``, as scripts use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from listeners import HOST, serving, web

from nacre.errors import HookError
from nacre.hooks.library.gll_json import open_json
from nacre.hooks.library.gluahttp import METHODS, gluahttp_module
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.web import Web

HEAD = 'local H, json = require("glua_http"), require("json")\n'


@pytest.fixture
def run(lua: Any) -> Iterator[Any]:
    """Run a chunk that knows the module as ``H``, a server as ``URL``, and JSON."""
    with serving(web()) as port:
        reach = Reach([f"{HOST}:{port}"])
        client = Web(reach)
        module = gluahttp_module(client, reach)
        head = f'{HEAD}local URL = "http://{HOST}:{port}"\n'
        yield lambda source: lua(head + source, glua_http=module, json=open_json)
        client.close()


@pytest.mark.parametrize("method", METHODS)
def test_each_method_has_a_function(run: Any, method: str) -> None:
    """
    The answer to HEAD has no body.
    """
    seen = run(f"""
        local options = {{ query = "page=1", headers = {{ Accept = "*/*" }}, timeout = "10s" }}
        local answer, err = H.{method}(URL .. "/p", options)
        local told = answer.body ~= "" and json.decode(answer.body).result or {{ method = "HEAD", query = "page=1" }}
        return err, answer.status_code, told.method, told.query, answer.headers["Content-Type"], answer.cookies.seen,
            answer.url == URL .. "/p?page=1", answer.body_size == #answer.body
    """)

    assert seen == (None, 200, method.upper(), "page=1", "application/json", "yes", True, True)


def test_body_form_auth_and_cookies_are_sent(run: Any) -> None:
    """
    The options are those of the original's client.
    """
    seen = run("""
        local login = { user = "u", pass = "p" }
        local answer = H.request("POST", URL, { form = "a=1", auth = login, cookies = { k = "v" } })
        local told = json.decode(answer.body).result
        return told.body, told.headers["Content-Type"], told.headers.Authorization, told.headers.Cookie
    """)

    assert seen == ("a=1", "application/x-www-form-urlencoded", "Basic dTpw", "k=v")


def test_what_fails_is_nil_and_a_reason(run: Any) -> None:
    """
    A plug-in that asks a service goes on without it.
    """
    answer, error = run('return H.get("http://192.0.2.1/")')
    _, late = run('return H.get(URL, { timeout = "soon" })')

    assert answer is None
    assert "lua.config.allowed_hosts" in error
    assert "is no duration" in late


def test_a_batch_has_answers_and_errors_in_its_order(run: Any) -> None:
    """
    One that fails leaves the others.
    """
    codes = run("""
        local missing = { "GET", URL .. "/missing" }
        local answers, errors = H.request_batch({ { "GET", URL }, { "GET", "http://192.0.2.1/" }, missing })
        return answers[1].status_code, answers[2], answers[3].status_code, type(errors[2])
    """)

    assert codes == (200, None, 404, "string")


def test_a_url_is_needed(run: Any) -> None:
    """
    Its absence is a mistake of the script.
    """
    with pytest.raises(HookError, match="string expected"):
        run("assert(H.get())")
