# SPDX-License-Identifier: Apache-2.0
"""Messages by SMTP and LMTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope
from builders import Clock
from daemons import free_port
from listeners import HOST, serving, silent

from nacre.hooks.library.mail import MOST_PER_MINUTE, Post, mail_module
from nacre.hooks.library.reach import Reach


class Inbox:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message."""
        self.envelopes.append(envelope)
        return "250 kept"


class Smtp(Controller):
    """An SMTP server that knows one user."""

    def factory(self) -> SMTP:
        """Return the protocol."""

        def known(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
            return AuthResult(success=data.password == b"right", handled=False)

        return SMTP(self.handler, authenticator=known, auth_require_tls=False)


class Lmtp(Controller):
    """An LMTP server."""

    def factory(self) -> LMTP:
        """Return the protocol."""
        return LMTP(self.handler)


@pytest.fixture(params=[Smtp, Lmtp])
def server(request: pytest.FixtureRequest) -> Iterator[Controller]:
    """One server of each kind."""
    controller = request.param(Inbox(), hostname=HOST, port=free_port(), ready_timeout=60.0)
    controller.start()
    yield controller
    controller.stop()


def letter(server: Controller, more: str = "") -> str:
    """Return the call that sends a letter."""
    return f"""
        return require("nauthilus_mail").send_mail({{
            server = "{HOST}", port = {server.port}, lmtp = {str(isinstance(server, Lmtp)).lower()},
            helo_name = "host.example.test", from = '"Sicherheit" <abuse@example.test>',
            to = {{ "erika@example.test" }}, subject = "Grüße", body = "Hallo Köln\\n.\\nEnde", {more}
        }})"""


def mail(reach: Reach, clock: Any = None) -> Any:
    """Return the module."""
    return mail_module(Post(reach, clock) if clock else Post(reach), reach)


def test_a_letter_arrives_whole(lua: Any, server: Controller) -> None:
    """
    Umlauts in subject and body, a line with nothing but a dot, a display name.
    """
    error = lua(letter(server), nauthilus_mail=mail(Reach([HOST])))
    envelope = server.handler.envelopes[0]
    content = envelope.original_content.decode()

    assert error is None
    assert (envelope.mail_from, envelope.rcpt_tos) == ("abuse@example.test", ["erika@example.test"])
    assert "=?utf-8?" in content
    assert "Message-ID" in content


def test_a_host_that_is_not_allowed_gets_no_letter(lua: Any, server: Controller) -> None:
    """
    Mail is a way out like any other.
    """
    error = lua(letter(server), nauthilus_mail=mail(Reach([])))

    assert "lua.config.allowed_hosts" in error


@pytest.mark.parametrize("server", [Smtp], indirect=True)
def test_a_login_that_fails_does_not_show_the_password(lua: Any, server: Controller) -> None:
    """
    The error goes into a log.
    """
    wrong = lua(letter(server, 'username = "u", password = "hush"'), nauthilus_mail=mail(Reach([HOST])))
    right = lua(letter(server, 'username = "u", password = "right"'), nauthilus_mail=mail(Reach([HOST])))

    assert "refused the login" in wrong
    assert "hush" not in wrong
    assert right is None


@pytest.mark.parametrize("server", [Smtp], indirect=True)
@pytest.mark.parametrize(
    ("more", "error"),
    [
        ('port = "25"', "'port' must be a number"),
        ('to = "erika@example.test"', "'to' must be a table"),
        ("to = {}", "'to' names between 1 and 100 recipients"),
        ("subject = {}", "'subject' must be a string"),
        ('subject = "a\\nBcc: other@example.test"', "header values may not contain"),
        ("starttls = true", "STARTTLS extension not supported"),
        ("port = 1", "refused"),
    ],
)
def test_a_letter_that_cannot_be_sent_is_an_error(lua: Any, server: Controller, more: str, error: str) -> None:
    """
    The first two texts are the original's; a subject with a line break would add headers.
    """
    assert error.lower() in lua(letter(server, more), nauthilus_mail=mail(Reach([HOST]))).lower()


def test_a_slow_server_does_not_hold_a_script_beyond_its_time(lua: Any) -> None:
    """
    The time is for the whole letter, not for each of its ten answers.
    """
    begun = time.monotonic()
    with serving(silent()) as port:
        source = f"""return require("nauthilus_mail").send_mail({{
            server = "{HOST}", port = {port}, from = "a@example.test", to = {{ "b@example.test" }}, body = "x" }})"""
        error = lua(source, nauthilus_mail=mail(Reach([HOST], patience=0.3)))

    assert "timed out" in error
    assert time.monotonic() - begun < 20


def test_a_process_sends_so_many_letters_a_minute(lua: Any, server: Controller, clock: Clock) -> None:
    """
    The original's plug-ins mail for each request of an attack.
    """
    module = mail(Reach([HOST]), clock)
    source = letter(server).replace("return ", f"for i = 1, {MOST_PER_MINUTE} do local _ = ", 1) + " end"

    lua(source, nauthilus_mail=module)
    refused = lua(letter(server), nauthilus_mail=module)
    clock.move(60)

    assert "within a minute" in refused
    assert lua(letter(server), nauthilus_mail=module) is None
