# SPDX-License-Identifier: Apache-2.0
"""Telling of changes: once, by all means, and all of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable

import msgspec
import pytest
from builders import Clock, eventually
from campaign.drafts import campaign
from notify.receivers import HookServer, MailServer, change, posted

from nacre.config.campaigns import Band
from nacre.notify.change import Change, What, key_of
from nacre.notify.notifier import FIRST_PAUSE, GIVEN_UP, LONGEST_PAUSE, MOST_REFUSALS, Notifier

MakeNotifier = Callable[..., Notifier]


async def test_a_change_is_told_by_all_means(make_notifier: MakeNotifier, hook: HookServer, mails: MailServer) -> None:
    """
    In words to people, as JSON to programs.
    """
    notifier = make_notifier()

    await notifier.tell(change(1))
    await notifier.deliver()

    assert posted(hook) == ["n-1"]
    assert [mail["Subject"] for mail in mails.mails] == ["[nacre] threat is high"]


async def test_a_change_is_told_once(make_notifier: MakeNotifier, hook: HookServer) -> None:
    """
    Whoever takes over the watch sees what its forerunner saw, and says it again.
    """
    notifier = make_notifier()

    await notifier.tell(change(1))
    await notifier.deliver()
    await notifier.tell(change(1))
    await make_notifier().tell(change(1))
    await notifier.deliver()

    assert posted(hook) == ["n-1"]


async def test_a_receiver_that_fails_is_tried_again_after_a_time_that_doubles(
    make_notifier: MakeNotifier, hook: HookServer, clock: Clock
) -> None:
    """
    And gets everything, in order, as soon as it is back.
    """
    notifier = make_notifier()
    hook.status = "503 Service Unavailable"
    for number in range(3):
        await notifier.tell(change(number))

    waits = []
    for _ in range(12):
        await notifier.deliver()
        due = notifier.due()
        assert due is not None
        waits.append(due - clock())
        clock.move(due - clock())
    hook.status = "204 No Content"
    hook.posts.clear()
    await notifier.deliver()

    assert waits[:4] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 4 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert max(waits) == LONGEST_PAUSE
    assert posted(hook) == ["n-0", "n-1", "n-2"]
    assert notifier.due() is None


async def test_one_that_fails_does_not_hold_up_the_other(
    make_notifier: MakeNotifier, hook: HookServer, mails: MailServer
) -> None:
    """
    The web server is away; the mail arrives.
    """
    notifier = make_notifier()
    hook.status = "503 Service Unavailable"

    await notifier.tell(change(1))
    await notifier.deliver()

    assert len(mails.mails) == 1
    assert notifier.due() is not None


async def test_a_restart_loses_nothing(make_notifier: MakeNotifier, hook: HookServer) -> None:
    """
    What waits is on disk, and goes out with the next start.
    """
    hook.status = "503 Service Unavailable"
    before = make_notifier()
    await before.tell(change(1))
    await before.deliver()

    hook.status = "204 No Content"
    hook.posts.clear()
    await make_notifier().deliver()

    assert posted(hook) == ["n-1"]


async def test_a_message_that_is_refused_is_dropped_and_the_others_arrive(
    make_notifier: MakeNotifier, hook: HookServer, clock: Clock
) -> None:
    """
    After three times; a receiver that takes nothing is given up message by message.
    """
    notifier = make_notifier()
    hook.status = "400 Bad Request"
    await notifier.tell(change(1))
    for _ in range(MOST_REFUSALS):
        await notifier.deliver()
        clock.move(LONGEST_PAUSE)

    hook.status = "204 No Content"
    await notifier.tell(change(2))
    await notifier.deliver()

    assert posted(hook) == ["n-1"] * MOST_REFUSALS + ["n-2"]


async def test_what_could_not_be_told_for_a_day_is_dropped(
    make_notifier: MakeNotifier, hook: HookServer, clock: Clock
) -> None:
    """
    It would tell of yesterday.
    """
    notifier = make_notifier()
    hook.status = "503 Service Unavailable"
    await notifier.tell(change(1))

    await notifier.deliver()
    clock.move(GIVEN_UP + 1)
    await notifier.deliver()

    assert notifier.due() is None


@pytest.mark.parametrize(
    ("what", "band", "told"),
    [
        (What.THREAT_ROSE, "moderate", False),
        (What.THREAT_ROSE, "high", True),
        (What.THREAT_ROSE, "severe", True),
        (What.ACCOUNTS_TAKEN, "normal", True),
        (What.MEASURES_PROPOSED, "normal", True),
    ],
)
async def test_little_threats_are_told_if_somebody_has_to_act(
    make_notifier: MakeNotifier,
    hook: HookServer,
    what: What,
    band: str,
    told: bool,  # noqa: FBT001  a column
) -> None:
    """
    Of other things, those are told that are as grave as the operator wants.
    """
    notifier = make_notifier(least_band=Band.HIGH)

    await notifier.tell(change(1, what, band=band))
    await notifier.deliver()

    assert (posted(hook) == ["n-1"]) is told


async def test_the_end_is_told_of_what_was_told_to_have_begun(make_notifier: MakeNotifier, hook: HookServer) -> None:
    """
    The threat is low again by then.
    """
    notifier = make_notifier(least_band=Band.HIGH)

    def about(name: str, what: What, band: str) -> Change:
        told = change(0, what, band=band)
        return msgspec.structs.replace(told, key=key_of(what, name), campaign=campaign(name))

    await notifier.tell(about("c-1", What.CAMPAIGN_BEGAN, "high"))
    await notifier.tell(about("c-1", What.CAMPAIGN_ENDED, "normal"))
    await notifier.tell(about("c-2", What.CAMPAIGN_ENDED, "normal"))
    await notifier.deliver()

    assert [json.loads(body)["campaign"]["id"] for _, body in hook.posts] == ["c-1", "c-1"]


async def test_it_runs_until_it_is_stopped(make_notifier: MakeNotifier, hook: HookServer) -> None:
    """
    What is told while it runs goes out by itself.
    """
    notifier = make_notifier()
    running = asyncio.create_task(notifier.run())

    await notifier.tell(change(1))
    await eventually(lambda: hook.posts)
    await notifier.tell(change(2))
    await eventually(lambda: len(hook.posts) == 2)
    await notifier.stop()

    assert running.done()
    assert posted(hook) == ["n-1", "n-2"]
