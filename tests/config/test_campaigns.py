# SPDX-License-Identifier: Apache-2.0
"""Settings of campaigns, measures and notifications."""

from __future__ import annotations

import pytest

from nacre.config.campaigns import Band, Campaigns, MailSecurity, Notifications
from nacre.config.load import parse_settings
from nacre.errors import SettingsError

FILE = """
campaigns:
  measures:
    budget: 0.001
    delays: {http: 2s, imap: 10s}
    refuse_without_challenge: [smtp]
notifications:
  least_band: high
  mail:
    server: mx.example.org:587
    sender: nacre@example.org
    recipients: olga@example.org, ivan@example.org
  webhook:
    url: https://alerts.example.org/nacre
    secret_file: /etc/nacre/webhook.secret
"""


def test_measures_and_notifications_are_read_as_they_are_written() -> None:
    """
    What is left out is default: STARTTLS, for one.
    """
    settings = parse_settings(FILE)

    measures, mail = settings.campaigns.measures, settings.notifications.mail
    assert (measures.budget, measures.delays, measures.coverage) == (0.001, {"http": 2.0, "imap": 10.0}, 0.95)
    assert measures.refuse_without_challenge == ("smtp",)
    assert settings.notifications.least_band is Band.HIGH
    assert (mail.security, mail.recipients) == (MailSecurity.STARTTLS, ("olga@example.org", "ivan@example.org"))


def test_the_defaults_watch_and_tell_nobody() -> None:
    """
    Whom to tell, only an operator knows.
    """
    assert Campaigns().enabled
    assert Campaigns().measures.automatic
    assert Notifications().mail.server == Notifications().webhook.url == ""


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("{campaigns: {measures: {budget: 2}}}", "campaigns.measures.budget"),
        ("{campaigns: {measures: {delay: 10m}}}", "campaigns.measures.delay"),
        ("{campaigns: {measures: {delays: {imap: 10m}}}}", "campaigns.measures.delays.imap"),
        ("{campaigns: {measures: {widest_ipv4: 4}}}", "campaigns.measures.widest_ipv4"),
        ("{notifications: {least_band: grave}}", "notifications.least_band"),
        ("{notifications: {mail: {server: mx.example.org}}}", "notifications.mail.server"),
        ("{notifications: {mail: {recipients: [Olga]}}}", "notifications.mail.recipients[0]"),
        ("{notifications: {mail: {password: hunter2}}}", "notifications.mail.password"),
        ("{notifications: {webhook: {url: 'ftp://example.org/'}}}", "notifications.webhook.url"),
        ("{notifications: {webhook: {url: 'https://nacre:hunter2@example.org/'}}}", "notifications.webhook.url"),
    ],
)
def test_what_cannot_be_meant_is_refused_where_it_stands(text: str, field: str) -> None:
    """
    A secret among it is not repeated; it belongs into a file of its own.
    """
    with pytest.raises(SettingsError) as error:
        parse_settings(text)

    assert error.value.field == field
    assert "hunter2" not in str(error.value)
