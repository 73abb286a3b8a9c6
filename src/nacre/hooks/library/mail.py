# SPDX-License-Identifier: Apache-2.0
"""``nauthilus_mail``: messages by SMTP or LMTP."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid, parseaddr
from threading import Lock
from typing import NamedTuple

from nacre.hooks.call import Module, OpenModule, Seat, Value
from nacre.hooks.library.arguments import kind, options, text_or, truth
from nacre.hooks.library.reach import Reach

MOST_RECIPIENTS = 100
MOST_BYTES = 1_048_576
MOST_PER_MINUTE = 60
"""Messages of one process: an attack must not become a flood of mail."""


class Letter(NamedTuple):
    """
    A message and the way it goes.

    Attributes:
        server: Host of the mail server.
        port: TCP port.
        helo: How we introduce ourselves; empty takes the name of this machine.
        username: Empty signs in nowhere.
        password: Of that user.
        sender: With or without a display name.
        recipients: The same.
        subject: One line.
        body: Plain text.
        tls: Whether TLS begins with the connection.
        starttls: Whether it begins with a command.
        lmtp: Whether it is LMTP instead of SMTP.
    """

    server: str
    port: int
    helo: str
    username: str
    password: str
    sender: str
    recipients: tuple[str, ...]
    subject: str
    body: str
    tls: bool
    starttls: bool
    lmtp: bool


class Post:
    """
    Sends letters, so many a minute.

    Args:
        reach: Decides which servers can be used.
        clock: Seconds, never going back.
    """

    def __init__(self, reach: Reach, clock: Callable[[], float] = time.monotonic) -> None:
        self._reach = reach
        self._clock = clock
        self._lock = Lock()
        self._sent: list[float] = []

    def send(self, letter: Letter, timeout: float) -> None:
        """
        Hand a letter to its server.

        Args:
            letter: What and how.
            timeout: Seconds for all of it.

        Raises:
            OSError: the server cannot be reached, or refused.
            ValueError: the letter cannot be sent as it is, or too many were sent.
        """
        message = _message(letter)
        self._admit()
        context = ssl.create_default_context() if letter.tls or letter.starttls else None
        with _session(letter, self._reach, timeout, context) as session:
            if letter.starttls and context is not None:
                session.starttls(context=context)
            if letter.username:
                session.login(letter.username, letter.password)
            addresses = [address for _, address in getaddresses(list(letter.recipients))]
            session.send_message(message, parseaddr(letter.sender)[1], addresses)

    def _admit(self) -> None:
        with self._lock:
            now = self._clock()
            self._sent = [at for at in self._sent if now - at < 60]
            if len(self._sent) >= MOST_PER_MINUTE:
                raise ValueError(f"{MOST_PER_MINUTE} messages were sent within a minute, and no more can be")
            self._sent.append(now)


def mail_module(post: Post, reach: Reach) -> OpenModule:
    """Return the module."""

    def opened(seat: Seat) -> Module:
        def send_mail(parameters: object) -> str | None:
            try:
                letter = _letter(options(seat, parameters, 1, "send_mail"))
                post.send(letter, reach.timeout(seat))
            except (OSError, ValueError, MessageError) as error:
                return _reason(error)
            return None

        return {"send_mail": send_mail}

    return opened


def _letter(given: dict[str, Value]) -> Letter:
    port, to = given.get("port"), given.get("to")
    if isinstance(port, bool) or not isinstance(port, int | float):
        raise ValueError("'port' must be a number")
    if not isinstance(to, list | dict):
        raise ValueError("'to' must be a table")
    recipients = tuple(text_or(item, "") for item in (to if isinstance(to, list) else to.values()))
    if not 0 < len(recipients) <= MOST_RECIPIENTS or not all(recipients):
        raise ValueError(f"'to' names between 1 and {MOST_RECIPIENTS} recipients")
    texts = {name: _string(given, name) for name in ("server", "helo_name", "username", "password", "from", "subject")}
    flags = {name: truth(given.get(name)) for name in ("tls", "starttls", "lmtp")}
    return Letter(
        texts["server"],
        int(port),
        texts["helo_name"],
        texts["username"],
        texts["password"],
        texts["from"],
        recipients,
        texts["subject"],
        _string(given, "body"),
        **flags,
    )


def _string(given: dict[str, Value], name: str) -> str:
    value = given.get(name)
    if value is not None and kind(value) not in {"string", "number"}:
        raise ValueError(f"'{name}' must be a string")
    return text_or(value, "").encode("utf-8", "replace").decode()


def _message(letter: Letter) -> EmailMessage:
    if len(letter.body) > MOST_BYTES:
        raise ValueError(f"a message has {MOST_BYTES:,} characters at most")
    message = EmailMessage()
    message["From"] = letter.sender
    message["To"] = ", ".join(letter.recipients)
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=letter.helo or socket.gethostname())
    message.set_content(letter.body)
    return message


def _session(letter: Letter, reach: Reach, timeout: float, context: ssl.SSLContext | None) -> smtplib.SMTP:
    ends = time.monotonic() + timeout

    class Session(smtplib.LMTP if letter.lmtp else smtplib.SMTP):  # type: ignore[misc]
        def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
            line = reach.connect(host, port, timeout)
            return context.wrap_socket(line, server_hostname=host) if letter.tls and context is not None else line

        def getreply(self) -> tuple[int, bytes]:
            if self.sock is not None:
                self.sock.settimeout(max(0.001, ends - time.monotonic()))
            code, text = super().getreply()
            return code, text

    session: smtplib.SMTP
    if letter.lmtp:
        session = Session(letter.server, letter.port, letter.helo or None, timeout=timeout)
    else:
        session = Session(letter.server, letter.port, letter.helo or None, timeout)
    return session


def _reason(error: Exception) -> str:
    """Return what went wrong without what was sent: a refused login may quote it."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refused the login ({error.smtp_code})"
    return str(error)
