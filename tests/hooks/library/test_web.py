# SPDX-License-Identifier: Apache-2.0
"""HTTP for scripts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from listeners import HOST, serving, web

from nacre.hooks.library.question import Question
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.web import Web


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a web server."""
    with serving(web()) as port:
        yield port


@pytest.fixture
def client(port: int) -> Iterator[Web]:
    """A client that may ask that server."""
    client = Web(Reach([f"{HOST}:{port}"]))
    yield client
    client.close()


def test_what_is_asked_arrives_and_the_answer_is_whole(client: Web, port: int) -> None:
    """
    Header names come back as Go writes them: plug-ins look for ``Content-Type``.
    """
    url = f"http://{HOST}:{port}/a?b=c"
    answer = client.ask(Question("post", url, 5, headers={"X-A": "1"}, body=b"x", auth=("u", "p"), cookies={"k": "v"}))
    told = json.loads(answer.body)["result"]

    assert (answer.status, answer.headers["Content-Type"], answer.cookies) == (200, "application/json", {"seen": "yes"})
    assert (told["method"], told["path"], told["query"], told["body"]) == ("POST", "/a", "b=c", "x")
    assert told["headers"]["X-A"] == "1"
    assert told["headers"]["Authorization"] == "Basic dTpw"
    assert told["headers"]["Cookie"] == "k=v"


def test_one_request_leaves_no_cookie_for_the_next(client: Web, port: int) -> None:
    """
    The client is shared by all scripts and all people who sign in.
    """
    client.ask(Question("GET", f"http://{HOST}:{port}/echo", 5))

    answer = client.ask(Question("GET", f"http://{HOST}:{port}/echo", 5))

    assert "Cookie" not in json.loads(answer.body)["result"]["headers"]


def test_nothing_is_loaded_before_it_is_needed() -> None:
    """
    The client takes a tenth of a second to import, and most plug-ins ask nobody.
    """
    code = "import sys, nacre.hooks.library.web; print('httpx' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
