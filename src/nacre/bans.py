# SPDX-License-Identifier: Apache-2.0
"""The bans that verdicts ask for, begun behind the answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from nacre.attempt import Attempt
from nacre.decide import KIND_NAMES, block_reason, subject_text
from nacre.decision import Block
from nacre.errors import GuardError
from nacre.ports import BlockStore
from nacre.rules.rule import Kind, Watch
from nacre.rules.verdict import Trip, Verdict

log = structlog.get_logger(__name__)


class Bans:
    """
    Begins bans without making anybody wait.

    Until a ban is written, the full window says the same; a ban that cannot be written is begun by
    whoever checks next.

    Args:
        blocks: Begins blocks and knows those in force.

    Attributes:
        on_block: Called with each block that begins here.
        on_ban: Called with it, too, and with the attempt that it began with.
    """

    def __init__(self, blocks: BlockStore) -> None:
        self._blocks = blocks
        self._tasks: set[asyncio.Task[None]] = set()
        self._beginning: set[tuple[bytes, str]] = set()
        self.on_block: Callable[[Block], None] = lambda _: None
        self.on_ban: Callable[[Block, Attempt], None] = lambda _block, _attempt: None

    def begin(self, watches: Sequence[Watch], keys: Sequence[bytes], verdict: Verdict, attempt: Attempt) -> None:
        """Begin the bans that a verdict asks for and that are not held here yet."""
        held = {(keys[place], block.rule) for place, block in self._blocks.copy.of(keys) if block.until > attempt.time}
        for trip in verdict.trips:
            watch, key = watches[trip.index], keys[trip.index]
            name = (key, trip.bucket.rule.name)
            by_address = watch.kind in {Kind.ORIGIN, Kind.SUBNET}
            forgiven = verdict.tolerated and by_address and not trip.until
            if forgiven or name in held or name in self._beginning:
                continue
            self._beginning.add(name)
            task = asyncio.create_task(self._begin(trip, key, watch, attempt, crowded=verdict.crowded and by_address))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Wait until the bans begun so far are written."""
        if self._tasks:
            await asyncio.gather(*self._tasks)

    async def _begin(self, trip: Trip, key: bytes, watch: Watch, attempt: Attempt, *, crowded: bool) -> None:
        subject = subject_text(watch, attempt)
        try:
            block = await self._blocks.begin(
                trip.bucket,
                key,
                subject=subject,
                kind=KIND_NAMES[watch.kind],
                now=attempt.time,
                reason=block_reason(trip, subject),
                crowded=crowded,
            )
            self.on_block(block)
            self.on_ban(block, attempt)
        except GuardError as error:
            log.warning("block_not_written", rule=trip.bucket.rule.name, subject=subject, error=str(error))
        finally:
            self._beginning.discard((key, trip.bucket.rule.name))
