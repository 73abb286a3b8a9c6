# SPDX-License-Identifier: Apache-2.0
"""
Decisions, kept: a report can name its check, an operator can ask why, feedback finds what was known.

What is kept is bounded: beyond a number per hour, in all and per source address, a decision is kept for
minutes only: long enough for its report, not long enough for a flood to fill the store.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import msgspec
import structlog

from nacre.config import tree
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.record import Record, Told
from nacre.store import wire
from nacre.store.keys import Keys
from nacre.store.scan import scan
from nacre.store.topology import Servers

log = structlog.get_logger(__name__)

_RECENT = 10_000
_SOURCES = 100_000

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Record).decode


class Decisions:
    """
    Keeps and finds decisions.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        settings: How long, and how many.

    Attributes:
        settings: As given; replaced by assignment.
        on_keep: Shown each decision that is kept.
    """

    def __init__(self, servers: Servers, keys: Keys, settings: tree.Decisions) -> None:
        self._servers = servers
        self._keys = keys
        self.settings = settings
        self.on_keep: Callable[[Record], None] = lambda _: None
        self._recent = _Recent()
        self._unwritten: list[Record] = []
        self._untold: dict[str, int] = {}
        self._hour = -1
        self._this_hour = 0
        self._sources: dict[bytes, int] = {}

    def keep(self, record: Record) -> None:
        """
        Keep a decision; nobody waits for the store.

        Those of one turn of the event loop are written together, behind their answers: one after the other, each
        would find its code and data gone from the processor's caches, and take three times as long.
        """
        if not self._unwritten:
            asyncio.get_running_loop().call_soon(self.flush)
        self._unwritten.append(record)

    def flush(self) -> None:
        """Write what is to be kept."""
        unwritten, self._unwritten = self._unwritten, []
        for record in unwritten:
            self.on_keep(record)
            request_id = record.attempt.request_id
            if self._is_reported(request_id):  # whoever sends an id again does not rewrite what was decided
                continue
            try:
                packed = _encode(record)
            except UnicodeEncodeError as error:  # half of a pair of surrogates; the others are kept nevertheless
                log.warning("decision_not_kept", request_id=request_id, error=error.reason)
                continue
            self._recent.add(request_id, packed)
            self._tell(request_id, packed, self._seconds(record))

    def store_is_back(self) -> None:
        """Write what was decided while the store was away, as far as it is remembered: others may be asked about it."""
        untold, self._untold = self._untold, {}
        for request_id, seconds in untold.items():
            packed = self._recent.get(request_id)
            if packed is not None:
                self._tell(request_id, packed, seconds)

    def _tell(self, request_id: str, packed: bytes, seconds: int) -> None:
        """Tell the store of a decision, or remember to do so once it is back."""
        key = self._keys.decision(request_id)
        try:
            self._servers.tell(key, wire.keep(key, packed, seconds))
        except StoreUnavailable:
            if len(self._untold) < _RECENT:
                self._untold[request_id] = seconds

    def close(self, record: Record, outcome: Told, *, claimed: bool) -> None:
        """Keep what the backend said to an attempt, unless the claim of its id tells it; nobody waits for the store."""
        record.accepted, record.reported = outcome
        request_id, packed = record.attempt.request_id, _encode(record)
        self._recent.replace(request_id, packed)
        if claimed:
            return
        try:
            key = self._keys.decision(request_id)
            self._servers.tell(key, ("SET", key, packed, "XX", "KEEPTTL"))
        except StoreUnavailable:
            return

    def recent(self, request_id: str) -> Record | None:
        """Return a decision that this process made lately."""
        if self._unwritten:
            self.flush()
        packed = self._recent.get(request_id)
        return None if packed is None else _decode(packed)

    async def find(self, request_id: str) -> Record | None:
        """
        Return a decision, from the store if this process does not remember it.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        record = self.recent(request_id)
        if record is not None:
            return record
        key = self._keys.decision(request_id)
        value = await self._servers.run(key, ("GET", key))
        if value is None:
            return None
        try:
            return _decode(value)
        except msgspec.MsgspecError as error:
            raise StoreCorrupt(key.decode(), f"no decision: {error}") from error

    async def all(self) -> AsyncIterator[Record]:
        """
        Yield the decisions that are kept, in no order; those that none of us wrote are left out.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        self.flush()
        async for keys in scan(self._servers, self._keys.matching("d{")):
            for value in await self._servers.read(keys):
                if value is not None:
                    with contextlib.suppress(msgspec.MsgspecError):
                        yield _decode(value)

    def forget(self, account_key: str) -> None:
        """Remember nothing here of an account that is to be forgotten."""
        self.flush()
        self._recent.forget(account_key.encode())

    def hear_forgotten(self, content: bytes) -> None:
        """Take in that an account is to be forgotten."""
        self.forget(msgspec.msgpack.decode(content, type=str))

    async def add_outcome(self, record: Record, beside: bytes) -> None:
        """
        Complete a decision with the outcome that was counted, if there is one.

        Args:
            record: As kept.
            beside: Key of the first subject that its outcome counts for.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        if record.accepted is not None:
            return
        key = self._keys.claim(record.attempt.request_id, beside)
        value = await self._servers.run(key, ("GET", key))
        try:
            if value is not None:
                record.accepted, record.reported = Told.unpack(value)
        except ValueError as error:
            raise StoreCorrupt(key.decode(), f"no outcome: {error}") from error

    def _is_reported(self, request_id: str) -> bool:
        packed = self._recent.get(request_id)
        return packed is not None and _decode(packed).accepted is not None

    def is_excess(self, source: bytes, now: float, *, refused: bool = False) -> bool:
        """Whether as many decisions, in all or about an address, are kept this hour as have a right to be."""
        if int(now // 3600) != self._hour:
            return False
        settings = self.settings
        most = settings.refusals_per_source_hour if refused else settings.per_source_hour
        return self._this_hour >= settings.per_hour or self._sources.get(source, 0) >= most

    def _seconds(self, record: Record) -> int:
        """Return how long to keep a decision, given how many came before it this hour."""
        source, hour = record.attempt.address, int(record.attempt.time // 3600)
        if hour != self._hour:
            self._hour, self._this_hour = hour, 0
            self._sources.clear()
        settings, before = self.settings, self._sources.get(source, 0)
        excess = self._this_hour >= settings.per_hour or before >= settings.per_source_hour
        self._this_hour += 1
        if before or len(self._sources) < _SOURCES:
            self._sources[source] = before + 1
        return max(1, int(settings.keep_excess if excess else settings.keep))


class _Recent:
    """
    The decisions that this process made lately, :data:`_RECENT` of them or up to twice as many.

    Two generations instead of an order: when the younger one is full, the older one goes.  They are packed, for the
    dozen strings of a record would be cold by the time that they are freed, one after the other.
    """

    def __init__(self) -> None:
        self._young: dict[str, bytes] = {}
        self._old: dict[str, bytes] = {}

    def add(self, request_id: str, packed: bytes) -> None:
        """Remember a decision."""
        if len(self._young) >= _RECENT:
            self._old, self._young = self._young, {}
        self._young[request_id] = packed

    def get(self, request_id: str) -> bytes | None:
        """Return a decision."""
        return self._young.get(request_id) or self._old.get(request_id)

    def replace(self, request_id: str, packed: bytes) -> None:
        """Change a decision that is remembered."""
        for generation in (self._young, self._old):
            if request_id in generation:
                generation[request_id] = packed
                return

    def forget(self, part: bytes) -> None:
        """Remember nothing of the decisions that hold these bytes."""
        for generation in (self._young, self._old):
            for request_id in [request_id for request_id, packed in generation.items() if part in packed]:
                del generation[request_id]
