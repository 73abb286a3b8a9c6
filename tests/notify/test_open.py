# SPDX-License-Identifier: Apache-2.0
"""From settings to a notifier."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from notify.receivers import HookServer, MailServer, certificate, change

from nacre.config.campaigns import Mail, MailSecurity, Notifications, Webhook
from nacre.errors import SettingsError
from nacre.notify.open import FILE, open_notifier
from nacre.notify.webhook import signature


async def test_what_the_settings_name_is_told(tmp_path: Path) -> None:
    """
    By mail over TLS with a login, and by signed posts; secrets come from files.
    """
    shown, _ = certificate(tmp_path)
    (tmp_path / "password").write_text("right\n")
    (tmp_path / "secret").write_text("s3cret\n")
    trusted = str(tmp_path / "ca.pem")

    async with MailServer().running(tls=shown) as mails, HookServer().running(shown) as hook:
        settings = Notifications(
            mail=Mail(
                server=mails.address,
                ca_file=trusted,
                username="nacre",
                password_file=str(tmp_path / "password"),
                sender="nacre@example.org",
                recipients=("olga@example.org",),
            ),
            webhook=Webhook(url=hook.url, secret_file=str(tmp_path / "secret"), ca_file=trusted),
        )
        notifier = open_notifier(settings, tmp_path, clock=lambda: 1000.0)
        assert notifier is not None
        await notifier.tell(change(1))
        await notifier.deliver()
        await notifier.stop()

    assert mails.logins == [(b"nacre", b"right")]
    assert len(mails.mails) == 1
    ((headers, body),) = hook.posts
    assert headers["x-nacre-signature"] == "sha256=" + signature(b"s3cret", "1000", body)
    assert json.loads(body)["id"] == "n-1"


def test_nothing_is_opened_where_nobody_is_to_be_told(tmp_path: Path) -> None:
    """
    Nor where it is turned off.
    """
    mail = Mail(server="127.0.0.1:25", security=MailSecurity.NONE, recipients=("olga@example.org",))

    assert open_notifier(Notifications(), tmp_path, clock=lambda: 0.0) is None
    assert open_notifier(Notifications(enabled=False, mail=mail), tmp_path, clock=lambda: 0.0) is None
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (Notifications(mail=Mail(server="mx.example.org:25")), "notifications.mail.recipients"),
        (
            Notifications(mail=Mail(server="mx.example.org:25", recipients=("a@example.org",), username="nacre")),
            "notifications.mail.password_file",
        ),
        (
            Notifications(
                mail=Mail(server="mx.example.org:25", recipients=("a@example.org",), password_file="/nowhere/at/all")
            ),
            "notifications.mail.password_file",
        ),
        (Notifications(webhook=Webhook(url="https://example.org/")), "notifications.webhook.secret_file"),
        (
            Notifications(mail=Mail(server="mx.example.org:25", recipients=("a@example.org",), ca_file="/nowhere")),
            "notifications.mail.ca_file",
        ),
    ],
)
def test_what_is_missing_is_said_at_the_start(settings: Notifications, field: str, tmp_path: Path) -> None:
    """
    Not at night, when there is something to tell.
    """
    with pytest.raises(SettingsError) as error:
        open_notifier(settings, tmp_path, clock=lambda: 0.0)

    assert error.value.field == field
