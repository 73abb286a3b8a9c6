# SPDX-License-Identifier: Apache-2.0
"""Telling people and programs what the watch sees, from the process that watches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from nacre.campaign.picture import Picture
from nacre.config.campaigns import Notifications
from nacre.errors import SettingsError
from nacre.notify.change import changes_between, drill_failed
from nacre.notify.notifier import Notifier
from nacre.notify.open import open_notifier
from nacre.rounds import Round
from nacre.watching import Told, nobody

log = structlog.get_logger(__name__)


@asynccontextmanager
async def messenger(settings: Notifications, data_dir: Path, clock: Callable[[], float]) -> AsyncIterator[Told]:
    """
    Yield who tells of rounds, and send what is to be sent until the end of the block.

    Nothing is sent before the first round: of several processes with one data directory only the one that watches
    sends.  Settings that cannot be used keep nobody from watching.

    Args:
        settings: ``notifications``.
        data_dir: Where messages wait.
        clock: Tells Unix seconds.
    """
    try:
        notifier = open_notifier(settings, data_dir, clock=clock)
    except SettingsError as error:
        log.error("nobody_is_told", error=str(error))  # noqa: TRY400  the text says it
        notifier = None
    if notifier is None:
        yield nobody
        return
    courier = _Courier(notifier)
    try:
        yield courier.tell
    finally:
        await courier.stop()


class _Courier:
    """
    Starts to send with the first round.

    Args:
        notifier: Sends.
    """

    def __init__(self, notifier: Notifier) -> None:
        self._notifier = notifier
        self._running: asyncio.Task[None] | None = None

    async def tell(self, before: Picture, round_: Round) -> None:
        """Tell of a round."""
        if self._running is None:
            self._running = asyncio.create_task(self._notifier.run(), name="nacre-notifier")
        for change in changes_between(before, round_.picture, round_.changes):
            await self._notifier.tell(change)
        if round_.missed:
            await self._notifier.tell(drill_failed(round_.missed, round_.picture.time))

    async def stop(self) -> None:
        """Send no more."""
        await self._notifier.stop()
        if self._running is not None:
            await asyncio.wait([self._running])
