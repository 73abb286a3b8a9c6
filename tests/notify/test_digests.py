# SPDX-License-Identifier: Apache-2.0
"""Not too often: what is not urgent, or too much for an hour, is gathered."""

from __future__ import annotations

import json
from collections.abc import Callable

from builders import Clock
from notify.receivers import HookServer, MailServer, change, posted

from nacre.config.duration import Duration
from nacre.notify.change import What
from nacre.notify.notifier import Notifier

MakeNotifier = Callable[..., Notifier]


async def test_beyond_so_many_an_hour_changes_wait_for_the_digest(
    make_notifier: MakeNotifier, hook: HookServer, mails: MailServer, clock: Clock
) -> None:
    """
    The original sent a mail for each attempt as long as the threat held.
    """
    notifier = make_notifier(per_hour=2, digest=Duration(600))
    for number in range(5):
        await notifier.tell(change(number))
    await notifier.deliver()
    at_once = posted(hook)

    clock.move(600)
    await notifier.deliver()

    assert at_once == ["n-0", "n-1"]
    assert [mail["Subject"] for mail in mails.mails][2:] == ["[nacre] digest: 3 changes"]
    assert [each["id"] for each in json.loads(hook.posts[-1][1])["changes"]] == ["n-2", "n-3", "n-4"]


async def test_an_hour_later_changes_are_told_at_once_again(
    make_notifier: MakeNotifier, hook: HookServer, clock: Clock
) -> None:
    """
    The limit is one per hour, not for ever.
    """
    notifier = make_notifier(per_hour=1, digest=Duration(86_400))
    await notifier.tell(change(1))
    await notifier.tell(change(2))

    clock.move(3601)
    await notifier.tell(change(3))
    await notifier.deliver()

    assert posted(hook) == ["n-1", "n-3"]


async def test_what_is_not_urgent_waits_for_the_digest(
    make_notifier: MakeNotifier, hook: HookServer, clock: Clock
) -> None:
    """
    That measures ended is no reason to get up.
    """
    notifier = make_notifier(digest=Duration(600))
    await notifier.tell(change(1, What.MEASURES_ENDED))

    await notifier.deliver()
    before = posted(hook)
    due = notifier.due()
    clock.move(600)
    await notifier.deliver()

    assert before == []
    assert due == clock()
    assert json.loads(hook.posts[0][1])["type"] == "digest"
