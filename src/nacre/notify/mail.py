# SPDX-License-Identifier: Apache-2.0
"""Mail, by a server of the operator's."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

from nacre.config.campaigns import MailSecurity
from nacre.config.forms import host_port
from nacre.notify.means import Undelivered
from nacre.notify.message import Message

TIMEOUT = 10.0
"""Seconds for each step of a conversation with the server."""


class MailMeans:
    """
    Sends mail.

    What is set of TLS is insisted upon: a server that does not offer STARTTLS gets neither password nor message.

    Args:
        server: ``host:port``.
        security: How the server is spoken to.
        login: User and password, ``None`` without any.
        sender: Address that the mail comes from.
        recipients: Addresses that it goes to.
        trust: Whom the server has to be certified by; not asked for without TLS.
    """

    def __init__(
        self,
        server: str,
        *,
        security: MailSecurity,
        login: tuple[str, str] | None,
        sender: str,
        recipients: Sequence[str],
        trust: ssl.SSLContext,
    ) -> None:
        self._host, self._port = host_port(server)
        self._security = security
        self._login = login
        self._sender = sender
        self._recipients = tuple(recipients)
        self._trust = trust

    async def send(self, message: Message) -> None:
        """
        Send a message to all recipients, in a thread of its own.

        Raises:
            Undelivered: the server could not be reached, or took the message for nobody.
        """
        try:
            await asyncio.to_thread(self._send, mail_of(message, self._sender, self._recipients))
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
            raise Undelivered(f"the mail server refused a message: {_told(error)}", refused=_for_good(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(f"no mail could be sent: {_told(error)}") from error

    async def close(self) -> None:
        """There is nothing to let go of: each message has a connection of its own."""

    def _send(self, mail: EmailMessage) -> None:
        with self._connected() as server:
            if self._security is MailSecurity.STARTTLS:
                server.starttls(context=self._trust)
            if self._login is not None:
                server.login(*self._login)
            server.send_message(mail)

    def _connected(self) -> smtplib.SMTP:
        if self._security is MailSecurity.TLS:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT, context=self._trust)
        return smtplib.SMTP(self._host, self._port, timeout=TIMEOUT)


def mail_of(message: Message, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """
    Return a message as mail.

    >>> mail = mail_of(Message("n-1", 0.0, "[nacre] threat is over", "Threat: normal", b"{}"), "a@x.org", ["b@x.org"])
    >>> mail["Message-ID"], mail["Date"]
    ('<n-1@nacre.invalid>', 'Thu, 01 Jan 1970 00:00:00 +0000')
    """
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Date"] = format_datetime(datetime.fromtimestamp(message.time, UTC))
    mail["Message-ID"] = f"<{message.key}@nacre.invalid>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation notices, please
    mail.set_content(message.text)
    return mail


def _for_good(error: smtplib.SMTPException) -> bool:
    """Whether the server will not take the message later either: codes from 500 on (RFC 5321, section 4.2.1)."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _told(error: Exception) -> str:
    """Return what went wrong, without what the server repeats of a login."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the server refused user and password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the server answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"the server refused {len(error.recipients)} recipients"
    return str(error) or type(error).__name__
