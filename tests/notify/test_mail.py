# SPDX-License-Identifier: Apache-2.0
"""Mail to a real server."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notify.receivers import MailServer, certificate

from nacre.config.campaigns import MailSecurity
from nacre.notify.mail import MailMeans, mail_of
from nacre.notify.means import Undelivered
from nacre.notify.message import Message

MESSAGE = Message("n-1", 1_800_000_000.0, "[nacre] threat is high", "Threat: high\nJürgen\n", b"{}")


def means(server: str, security: MailSecurity = MailSecurity.NONE, **other: Any) -> MailMeans:
    """A way to the mail server of a test."""
    given: dict[str, Any] = {
        "login": None,
        "sender": "nacre@example.org",
        "recipients": ["olga@example.org", "ivan@example.org"],
        "trust": ssl.create_default_context(),
        **other,
    }
    return MailMeans(server, security=security, **given)


async def test_a_message_arrives_as_it_was_written() -> None:
    """
    For all recipients at once, in UTF-8, marked as written by a machine.
    """
    async with MailServer().running() as server:
        await means(server.address).send(MESSAGE)

    (mail,) = server.mails
    assert mail["Subject"] == "[nacre] threat is high"
    assert mail["From"] == "nacre@example.org"
    assert mail["To"] == "olga@example.org, ivan@example.org"
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "Jürgen" in mail.get_content()


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
async def test_a_message_arrives_over_tls_with_a_login(security: MailSecurity, tmp_path: Path) -> None:
    """
    From the first byte on or after STARTTLS.
    """
    shown, trust = certificate(tmp_path)

    async with MailServer().running(tls=shown, at_once=security is MailSecurity.TLS) as server:
        await means(server.address, security, login=("nacre", "right"), trust=trust).send(MESSAGE)

    assert server.logins == [(b"nacre", b"right")]
    assert len(server.mails) == 1


async def test_without_the_tls_that_was_asked_for_nothing_is_told() -> None:
    """
    Neither the password nor the message, to whoever sits between us and the server.
    """
    async with MailServer().running() as server:
        with pytest.raises(Undelivered, match="STARTTLS"):
            await means(server.address, MailSecurity.STARTTLS, login=("nacre", "right")).send(MESSAGE)

    assert (server.logins, server.mails) == ([], [])


async def test_a_server_that_nobody_certified_gets_nothing(tmp_path: Path) -> None:
    """
    The same for one who pretends to be the server.
    """
    shown, _ = certificate(tmp_path)

    async with MailServer().running(tls=shown) as server:
        with pytest.raises(Undelivered, match="certificate"):
            await means(server.address, MailSecurity.STARTTLS, login=("nacre", "right")).send(MESSAGE)

    assert (server.logins, server.mails) == ([], [])


async def test_a_wrong_password_is_told_without_the_password() -> None:
    """
    What went wrong is logged; the message itself may arrive when the password is set right.
    """
    async with MailServer().running() as server:
        with pytest.raises(Undelivered, match="refused user and password") as failure:
            await means(server.address, login=("nacre", "hunter2")).send(MESSAGE)

    assert "hunter2" not in str(failure.value)
    assert not failure.value.refused


@pytest.mark.parametrize(("answer", "refused"), [("451 later", False), ("550 no such thing here", True)])
async def test_a_refusal_for_good_is_told_apart(answer: str, refused: bool) -> None:  # noqa: FBT001
    """
    A message that will never be taken must not hold up the others.
    """
    async with MailServer().running() as server:
        server.answer = answer
        with pytest.raises(Undelivered) as failure:
            await means(server.address).send(MESSAGE)

    assert failure.value.refused is refused


async def test_a_server_that_is_away_is_no_refusal() -> None:
    """
    It will be back.
    """
    async with MailServer().running() as server:
        address = server.address

    with pytest.raises(Undelivered) as failure:
        await means(address).send(MESSAGE)

    assert not failure.value.refused


@given(subject=st.text(max_size=80), text=st.text(max_size=200))
def test_no_text_makes_a_header(subject: str, text: str) -> None:
    """
    Subjects hold no user names; should one ever do, it is refused rather than split into headers.
    """
    try:
        mail = mail_of(Message("n-1", 0.0, subject, text, b""), "a@example.org", ["b@example.org"])
        raw = mail.as_bytes()
    except (ValueError, UnicodeError):
        return

    head = raw.partition(b"\n\n")[0].splitlines()
    names = {line.split(b":")[0].lower() for line in head if not line[:1].isspace()}
    assert names <= {
        b"subject", b"from", b"to", b"date", b"message-id", b"auto-submitted", b"content-type",
        b"content-transfer-encoding", b"mime-version",
    }  # fmt: skip
