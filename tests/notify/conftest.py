# SPDX-License-Identifier: Apache-2.0
"""Notifiers, and the servers that they tell."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from builders import Clock
from notify.receivers import HookServer, MailServer

from nacre.config.campaigns import MailSecurity, Notifications
from nacre.notify.mail import MailMeans
from nacre.notify.means import Means
from nacre.notify.notifier import Notifier
from nacre.notify.outbox import Outbox
from nacre.notify.webhook import WebhookMeans

MakeNotifier = Callable[..., Notifier]


@pytest.fixture
async def hook() -> AsyncIterator[HookServer]:
    """A web server that keeps what is posted to it."""
    async with HookServer().running() as server:
        yield server


@pytest.fixture
async def mails() -> AsyncIterator[MailServer]:
    """A mail server that keeps what it is given."""
    async with MailServer().running() as server:
        yield server


@pytest.fixture
async def make_notifier(
    hook: HookServer, mails: MailServer, tmp_path: Path, clock: Clock
) -> AsyncIterator[MakeNotifier]:
    """Make notifiers on the outbox of a test; one at a time, as after a restart."""
    async with AsyncExitStack() as stack:

        def make(**settings: object) -> Notifier:
            trust = ssl.create_default_context()
            means: dict[str, Means] = {
                "webhook": WebhookMeans(hook.url, secret=b"s", clock=clock, trust=trust),
                "mail": MailMeans(
                    mails.address,
                    security=MailSecurity.NONE,
                    login=None,
                    sender="nacre@example.org",
                    recipients=["olga@example.org"],
                    trust=trust,
                ),
            }
            wanted = Notifications(**settings)  # type: ignore[arg-type]
            notifier = Notifier(Outbox(tmp_path / "box.sqlite"), means, wanted, clock=clock)
            stack.push_async_callback(notifier.stop)
            return notifier

        yield make
