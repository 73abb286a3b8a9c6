# SPDX-License-Identifier: Apache-2.0
"""
Measures in the store, and who may watch.

A hash holds the measures, another one a number that rises with every change of them.  Whoever changes some says which
number they read: of an operator who stops a measure and a watcher who extends it, one has to look again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from nacre.campaign.measure import Measure
from nacre.errors import StoreCorrupt
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.scripts import CHANGE, LEASE
from nacre.store.topology import Servers

LEASE_SECONDS = 4.0
"""How long the one who watches may be silent before another one takes over."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Measure).decode
_FIELDS = ("revision", "threat", "campaigns", "attacked", "drill")


class Glance(NamedTuple):
    """
    What every instance looks at once a second.

    Attributes:
        revision: Rises with each change of the measures.
        threat: Level, 0-1.
        campaigns: How many run.
        attacked: Accounts under attack.
        drill: What the last drill found, packed; ``b""`` if there was none.
    """

    revision: int = 0
    threat: float = 0.0
    campaigns: int = 0
    attacked: int = 0
    drill: bytes = b""


class Standing(NamedTuple):
    """
    The measures as they were read.

    Attributes:
        revision: Number of their last change.
        measures: By id; those that ended stay for a while.
    """

    revision: int
    measures: dict[str, Measure]


class StandingMeasures:
    """
    Reads and changes the measures.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        news: Tells the other instances.
    """

    def __init__(self, servers: Servers, keys: Keys, news: News) -> None:
        self._servers = servers
        self._news = news
        self._state = keys.campaign("state")
        self._measures = keys.campaign("measures")
        self._lease = keys.campaign("lease")

    async def glance(self) -> Glance:
        """
        Return what changes often.

        Raises:
            StoreUnavailable: the store refused or did not answer.
            StoreCorrupt: it is not ours.
        """
        found = await self._servers.run(self._state, ("HMGET", self._state, *_FIELDS))
        revision, threat, campaigns, attacked, drill = found
        try:
            return Glance(int(revision or 0), float(threat or 0), int(campaigns or 0), int(attacked or 0), drill or b"")
        except ValueError as error:
            raise StoreCorrupt(self._state.decode(), f"no state of campaigns: {error}") from error

    async def read(self) -> Standing:
        """
        Return the measures with the number of their last change.

        Raises:
            StoreUnavailable: the store refused or did not answer.
            StoreCorrupt: one is not ours.
        """
        # The number comes first: a change in between is refused to whoever read it.
        revision = (await self.glance()).revision
        flat = await self._servers.run(self._measures, ("HGETALL", self._measures))
        try:
            found = [_decode(packed) for packed in flat[1::2]]
        except msgspec.MsgspecError as error:
            raise StoreCorrupt(self._measures.decode(), f"no measure: {error}") from error
        return Standing(revision, {measure.id: measure for measure in found})

    async def change(
        self, standing: Standing, put: Iterable[Measure], *, gone: Iterable[str] = (), fence: str = ""
    ) -> bool:
        """
        Write measures, if nobody changed any since they were read.

        Args:
            standing: As they were read.
            put: New ones, and changed ones.
            gone: Ids of those to forget.
            fence: Number of the one who watches, ``""`` for an operator.

        Returns:
            Whether nobody did, and *fence* still holds.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        expected: dict[str, str | int] = {"revision": standing.revision or ""}
        if fence:
            expected["fence"] = fence
        beside = {measure.id: _encode(measure) for measure in put} | dict.fromkeys(gone, b"")
        changed = await self._change(self._measures, expected, {}, beside, tell=True)
        if changed:
            await self._news.tell("measures", 0)
        return changed

    async def tell(self, glance: Glance, *, fence: str, beside: bytes, values: Mapping[str, bytes]) -> bool:
        """
        Write what changes often, and values beside it, if the one who does still watches.

        Args:
            glance: Its revision is not looked at.
            fence: Number of the one who watches.
            beside: Key of a hash.
            values: Field to value in that hash.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        changes: dict[str, str | int] = {"threat": repr(glance.threat)}
        changes |= {"campaigns": glance.campaigns, "attacked": glance.attacked}
        return await self._change(beside, {"fence": fence}, changes, values, tell=False)

    async def _change(
        self,
        beside: bytes,
        expected: Mapping[str, str | int],
        changes: Mapping[str, str | int],
        values: Mapping[str, bytes],
        *,
        tell: bool,
    ) -> bool:
        arguments: list[str | int | bytes] = [len(expected), len(changes), int(tell)]
        for pairs in (expected, changes, values):
            for name, value in pairs.items():
                arguments += (name, value)
        return bool(await self._servers.script(CHANGE, [self._state, beside], arguments))

    async def drilled(self, packed: bytes) -> None:
        """Write what a drill found, for :meth:`glance`."""
        await self._servers.run(self._state, ("HSET", self._state, "drill", packed))

    # -- who watches

    async def lease(self, owner: str) -> str:
        """Take or keep the right to watch; returns its number, ``""`` if somebody else has it."""
        number = await self._servers.script(LEASE, [self._lease, self._state], [owner, int(LEASE_SECONDS * 1000)])
        return str(number) if number else ""

    async def release(self, owner: str) -> None:
        """Let go of the right to watch, if it is ours."""
        if await self._servers.run(self._lease, ("GET", self._lease)) == owner.encode():
            await self._servers.run(self._lease, ("DEL", self._lease))

    async def somebody_watches(self) -> bool:
        """Whether somebody has the right to watch."""
        return await self._servers.run(self._lease, ("GET", self._lease)) is not None
