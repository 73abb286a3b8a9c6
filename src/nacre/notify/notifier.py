# SPDX-License-Identifier: Apache-2.0
"""
Tells people and programs of changes: once, not too often, and not less because a server was away.

What is urgent is sent at once as long as the hour allows it; the rest is gathered into a digest.  A message waits on
disk until it arrived.  A means that fails is tried again after a time that doubles, whatever the others do.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog

from nacre.config.campaigns import Band, Notifications
from nacre.notify.change import URGENT, Change, What, key_of
from nacre.notify.means import Means, Undelivered
from nacre.notify.message import digest, message
from nacre.notify.outbox import Outbox

log = structlog.get_logger(__name__)

HOUR = 3600.0

FIRST_PAUSE, LONGEST_PAUSE = 15.0, HOUR
"""Seconds until a means that failed is tried again: the first time, and at most."""

GIVEN_UP = 86_400.0
"""Seconds after which a message is dropped that did not arrive: it tells of yesterday."""

LAST_SECONDS = 5.0
"""Seconds that a message has to arrive when the service ends."""

MOST_REFUSALS = 3
"""Times that one message may be refused before it is dropped."""


_ALWAYS = frozenset({What.ACCOUNTS_TAKEN, What.MEASURES_PROPOSED, What.DRILL_FAILED})
"""What is told however little threat there is: somebody has to act."""


class _Pause:
    """How long a means is left alone after it failed."""

    def __init__(self) -> None:
        self.until = 0.0
        self._last = 0.0

    def lengthen(self, now: float) -> None:
        self._last = min(self._last * 2 or FIRST_PAUSE, LONGEST_PAUSE)
        self.until = now + self._last

    def end(self) -> None:
        self.until = self._last = 0.0


class Notifier:
    """
    Tells of changes by all means that are set.

    Args:
        outbox: What waits on disk.
        means: By name.
        settings: ``notifications``.
        clock: Unix seconds.
    """

    def __init__(
        self, outbox: Outbox, means: Mapping[str, Means], settings: Notifications, *, clock: Callable[[], float]
    ) -> None:
        self._outbox = outbox
        self._means = dict(means)
        self._pauses = {name: _Pause() for name in means}
        self._settings = settings
        self._clock = clock
        self._changed = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    async def tell(self, change: Change) -> None:
        """Take a change; it is on disk when this returns, and sent later.  What was told before is left out."""
        if not self._means:
            return
        now = self._clock()
        try:
            if not self._concerns(change):
                return
            if change.what in URGENT and self._outbox.told_at_once(now - HOUR) < self._settings.per_hour:
                self._outbox.tell(message(change), self._means, now)
            else:
                self._outbox.hold(message(change), now)
        except sqlite3.Error as error:  # the watch goes on, whatever becomes of a disk
            log.error("notification_lost", key=change.key, what=change.what.value, error=str(error))  # noqa: TRY400
        self._changed.set()

    async def deliver(self) -> None:
        """Send what is due, and return when it arrived or failed."""
        now = self._clock()
        since = self._outbox.held_since()
        if since is not None and now >= since + float(self._settings.digest):
            held = self._outbox.held()
            self._outbox.put_digest(digest(held) if held else None, self._means, now)
        await asyncio.gather(*[self._send_all(name) for name in self._means])

    def due(self) -> float | None:
        """Return the time at which something is to be sent next, Unix seconds; ``None`` for never."""
        times = [self._pauses[name].until for name in self._means if self._outbox.first(name) is not None]
        since = self._outbox.held_since()
        if since is not None:
            times.append(since + float(self._settings.digest))
        return min(times, default=None)

    async def run(self) -> None:
        """Send what is due again and again, until it is stopped."""
        self._task = asyncio.current_task()
        while not self._stopping:
            self._changed.clear()
            try:
                await self.deliver()
                due = self.due()
                wait = None if due is None else max(due - self._clock(), 0.0)
            except sqlite3.Error:
                log.exception("outbox_failed")
                wait = FIRST_PAUSE
            with suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()

    async def stop(self) -> None:
        """
        Let :meth:`run` end, and close all.

        What is on its way has some seconds to arrive; what did not, waits for the next start.
        """
        self._stopping = True
        self._changed.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=LAST_SECONDS)
            self._task.cancel()
            await asyncio.wait({self._task})
        for means in self._means.values():
            await means.close()
        self._outbox.close()

    def _concerns(self, change: Change) -> bool:
        """Whether it is told: as grave as wished, for somebody to act upon, or more of what was told to have begun."""
        bands = list(Band)
        if change.what in _ALWAYS:
            return True
        if bands.index(Band(change.threat.band)) >= bands.index(self._settings.least_band):
            return True
        campaign = change.campaign
        return campaign is not None and self._outbox.was_told(key_of(What.CAMPAIGN_BEGAN, campaign.id))

    async def _send_all(self, name: str) -> None:
        """Send what waits for a means, the oldest first, until one does not arrive."""
        pause, outbox = self._pauses[name], self._outbox
        while not self._stopping and self._clock() >= pause.until and (waiting := outbox.first(name)) is not None:
            try:
                await self._means[name].send(waiting.message)
            except Undelivered as error:
                log.warning("notification_failed", means=name, key=waiting.message.key, error=str(error))
                pause.lengthen(self._clock())
                if error.refused and waiting.refusals + 1 < MOST_REFUSALS:
                    outbox.to_the_end(waiting, name)
                elif error.refused or self._clock() - waiting.since > GIVEN_UP:
                    outbox.remove(waiting.number)
                    log.error("notification_dropped", means=name, key=waiting.message.key)  # noqa: TRY400  said above
            else:
                outbox.remove(waiting.number)
                pause.end()
