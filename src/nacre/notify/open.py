# SPDX-License-Identifier: Apache-2.0
"""From settings to a notifier."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

from nacre.config.campaigns import Mail, Notifications, Webhook
from nacre.errors import SettingsError
from nacre.notify.mail import MailMeans
from nacre.notify.means import Means
from nacre.notify.notifier import Notifier
from nacre.notify.outbox import Outbox
from nacre.notify.webhook import WebhookMeans

FILE = "notifications.sqlite"


def open_notifier(settings: Notifications, data_dir: Path, *, clock: Callable[[], float]) -> Notifier | None:
    """
    Return a notifier by the means that are set, ``None`` if there are none.

    Args:
        settings: ``notifications``.
        data_dir: Where messages wait; made by whoever starts the service.
        clock: Unix seconds.

    Raises:
        SettingsError: a file that the settings name cannot be read, or something is missing.

    >>> open_notifier(Notifications(), Path("/var/lib/nacre"), clock=lambda: 0.0) is None
    True
    """
    if not settings.enabled:
        return None
    means: dict[str, Means] = {}
    if settings.mail.server:
        means["mail"] = _mail(settings.mail)
    if settings.webhook.url:
        means["webhook"] = _webhook(settings.webhook, clock)
    return Notifier(Outbox(data_dir / FILE), means, settings, clock=clock) if means else None


def _mail(mail: Mail) -> Means:
    if not mail.recipients:
        raise SettingsError("is empty, so nobody would get the mail", field="notifications.mail.recipients")
    password = _secret(mail.password_file, "notifications.mail.password_file")
    if mail.username and not password:
        raise SettingsError("is missing or empty, and `username` is set", field="notifications.mail.password_file")
    return MailMeans(
        mail.server,
        security=mail.security,
        login=(mail.username, password) if mail.username else None,
        sender=mail.sender,
        recipients=mail.recipients,
        trust=_trust(mail.ca_file, "notifications.mail.ca_file"),
    )


def _webhook(webhook: Webhook, clock: Callable[[], float]) -> Means:
    field = "notifications.webhook.secret_file"
    secret = _secret(webhook.secret_file, field)
    if not secret:
        raise SettingsError("is missing or empty; posts are signed with what it holds", field=field)
    trust = _trust(webhook.ca_file, "notifications.webhook.ca_file")
    return WebhookMeans(webhook.url, secret=secret.encode(), clock=clock, trust=trust)


def _secret(path: str, field: str) -> str:
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"cannot be read: {error}", field=field) from None


def _trust(ca_file: str, field: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise SettingsError(f"cannot be used: {error}", field=field) from error
