# SPDX-License-Identifier: Apache-2.0
"""Forgetting what is known of attacks, all of it or what is about one account: in the watch, its picture, measures."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from nacre.campaign.measure import Measure, Scope, State
from nacre.watching import Shelf

_GLANCE, _PATIENCE = 0.05, 200
"""Seconds between two looks whether something is forgotten, and how many there are: two leases that have to end."""


class Forgetting:
    """
    Forgets, wherever something is kept.

    The one who watches has to forget, too; so it is asked to.  Where nobody watches, it is done here.

    Args:
        shelf: Where all of it is kept.
        clock: Tells Unix seconds.
        settle: Tells the watch what this process has seen so far.
        watch_once: Watches for a moment, if nobody does; tells whether it did.
    """

    def __init__(
        self,
        shelf: Shelf,
        *,
        clock: Callable[[], float],
        settle: Callable[[], Awaitable[None]],
        watch_once: Callable[[], Awaitable[bool]],
    ) -> None:
        self._measures = shelf.measures
        self._pictures = shelf.pictures
        self._clock = clock
        self._settle = settle
        self._watch_once = watch_once

    async def everything(self) -> int:
        """Forget all campaigns and end all measures; returns how many ended."""
        ended = await self._change(self._ended)
        await self._ask("")
        return ended + await self._change(self._ended)

    async def account(self, account: str, account_key: str) -> bool:
        """
        Forget an account; tells whether anything was known of it.

        Args:
            account: Canonical user name.
            account_key: Its keyed digest.
        """
        picture = await self._pictures.picture()
        known = any(each.account == account for each in picture.accounts) or any(
            account in campaign.targets or any(taken.account == account for taken in campaign.taken)
            for campaign in picture.campaigns
        )

        def without(measure: Measure) -> Measure:
            return self._without(measure, account)

        changed = await self._change(without)
        await self._ask(account)
        await self._pictures.forget_rehearsal(account_key)
        return bool(changed + await self._change(without)) or known

    async def _ask(self, account: str) -> None:
        await self._settle()
        await self._pictures.ask_to_forget(account)
        for _ in range(_PATIENCE):
            if not await self._pictures.asked():
                return
            if not await self._watch_once():
                await asyncio.sleep(_GLANCE)

    async def _change(self, change: Callable[[Measure], Measure]) -> int:
        """Change all measures; returns how many changed."""
        while True:
            standing = await self._measures.read()
            pairs = [(measure, change(measure)) for measure in standing.measures.values()]
            changed = [new for old, new in pairs if new is not old]
            if not changed or await self._measures.change(standing, changed):
                return len(changed)

    def _ended(self, measure: Measure) -> Measure:
        return measure if measure.state is State.ENDED else over(measure, self._clock())

    def _without(self, measure: Measure, account: str) -> Measure:
        """Return a measure that does not name an account; one that names nobody else ends."""
        if account not in measure.scope.accounts:
            return measure
        rest = tuple(name for name in measure.scope.accounts if name != account)
        if rest:
            return msgspec.structs.replace(measure, scope=msgspec.structs.replace(measure.scope, accounts=rest))
        return msgspec.structs.replace(self._ended(measure), scope=Scope(), reason="its account was forgotten")


def over(measure: Measure, now: float, *, by: str = "") -> Measure:
    """
    Return a measure as over.

    Args:
        measure: As it is.
        now: Unix seconds.
        by: Whoever ended it before its time: the same is not begun again then, as long as this is remembered.
    """
    return msgspec.structs.replace(measure, state=State.ENDED, until=min(measure.until, now), stopped_by=by)
