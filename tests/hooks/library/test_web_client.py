# SPDX-License-Identifier: Apache-2.0
"""Where requests of scripts may lead, and how much comes back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from listeners import HOST, serving, web

from nacre.hooks.library.question import Question, WebError
from nacre.hooks.library.reach import Reach
from nacre.hooks.library.web_client import Client


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a web server."""
    with serving(web()) as port:
        yield port


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    """A client that may ask that server."""
    client = Client(Reach([f"{HOST}:{port}"]))
    yield client
    client.close()


def test_a_redirect_is_followed(client: Client, port: int) -> None:
    """
    The answer says which address it came from.
    """
    answer = client.ask(Question("GET", f"http://{HOST}:{port}/moved", 5))

    assert (answer.status, answer.url) == (200, f"http://{HOST}:{port}/echo")


def test_a_redirect_leads_nowhere_else(client: Client, port: int) -> None:
    """
    An allowed host must not be able to send a script to one that is not.
    """
    with pytest.raises(WebError, match=r"lua\.config\.allowed_hosts"):
        client.ask(Question("GET", f"http://{HOST}:{port}/away?to=http://{HOST}:1/", 5))


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://{host}:{port}/large", "more than 4,194,304 bytes"),
        ("http://{host}:1/", "allowed_hosts"),
        ("ftp://{host}:{port}/", "protocol"),
        ("nonsense", "protocol"),
        ("http://[::1", "."),
    ],
)
def test_what_cannot_be_answered_is_an_error(client: Client, port: int, url: str, reason: str) -> None:
    """
    A script is told why, and none of it is left half read.
    """
    with pytest.raises(WebError, match=reason):
        client.ask(Question("GET", url.format(host=HOST, port=port), 5))
