# SPDX-License-Identifier: Apache-2.0
"""
Profiles, read with the rules' counts and written behind.

Python computes what an outcome changes; the store writes a value only upon the reading that it was computed from,
and answers with its own where another instance was faster: then the same outcomes are counted upon that.  Outcomes
wait a moment, so that a flood from one address is a few writes a second.  A check that comes before the write
counts what waits in its own process: what a process was told, it knows.

What many attempts share (operator, country, client, protocol, everyone) is not read for each: a process keeps its
copies, which are as fresh as its last write, or a second old.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from random import getrandbits
from typing import NamedTuple

import structlog

from nacre.attempt import Attempt
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.features.changes import COUNTS, Outcome
from nacre.features.facts import Facts
from nacre.features.profile import Profile, read_profile, revision_of
from nacre.features.standard import LAYOUTS, OWN, Surroundings
from nacre.ports import Wanted
from nacre.store.keys import Keys
from nacre.store.scripts import SWAP
from nacre.store.topology import Servers

log = structlog.get_logger(__name__)

_FLUSH_AFTER = 0.02
_SHARED_FOR = 1.0
_AT_ONCE = 64
_KNOWN = 50_000
_SHARED = 20_000
_WAITING = 100_000


class _Known(NamedTuple):
    """A profile as the store had it, and its four revision bytes there, ``b""`` for none."""

    profile: Profile
    revision: bytes


class Profiles:
    """
    Reads profiles, and counts outcomes in them.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
    """

    def __init__(self, servers: Servers, keys: Keys) -> None:
        self._servers = servers
        self._keys = keys
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._waiting: dict[bytes, tuple[int, list[Outcome]]] = {}
        self._shared: dict[bytes, tuple[Profile, float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    def want(self, attempt: Attempt, facts: Facts) -> Wanted:
        """Return what has to be read to know what is around an attempt."""
        everything = self._keys.profiles(attempt, facts)
        roles, keys, waiting = [], [], []
        fresh = self._loop.time() - _SHARED_FOR
        for role, key in enumerate(everything):
            if not key:
                continue
            if role >= OWN:
                shared = self._shared.get(key)
                if shared is not None and shared[1] > fresh:
                    continue
            roles.append(role)
            keys.append(key)
            late = self._waiting.get(key)
            waiting.append(tuple(late[1]) if late else ())
        return Wanted(keys, roles, everything, waiting)

    def around(self, wanted: Wanted, values: Sequence[bytes | None]) -> Surroundings:
        """
        Return what is around an attempt.

        Args:
            wanted: What was to be read.
            values: What the store had.

        Raises:
            StoreCorrupt: a value is none of ours.
        """
        found: list[Profile | None] = [None] * len(LAYOUTS)
        for role, key, waiting, value in zip(wanted.roles, wanted.keys, wanted.waiting, values, strict=True):
            profile = self._learn(key, role, value)
            if waiting or role >= OWN:
                profile = read_profile(value, LAYOUTS[role])
                for outcome in waiting:
                    COUNTS[role](profile, outcome)
            if role >= OWN:
                if len(self._shared) >= _SHARED:
                    self._shared.clear()
                self._shared[key] = (profile, self._loop.time())
            found[role] = profile
        for role, key in enumerate(wanted.all):
            if found[role] is None:
                shared = self._shared.get(key) if key else None
                found[role] = shared[0] if shared is not None else Profile(LAYOUTS[role])
        return Surroundings(*found)  # type: ignore[arg-type]  # none is left out

    def count(self, attempt: Attempt, outcome: Outcome) -> None:
        """Count an outcome in the profiles around its attempt; nobody waits for the store."""
        if len(self._waiting) >= _WAITING:
            return
        for role, key in enumerate(self._keys.profiles(attempt, outcome.facts)):
            if not key:
                continue
            self._waiting.setdefault(key, (role, []))[1].append(outcome)
            shared = self._shared.get(key)
            if shared is not None:
                COUNTS[role](shared[0], outcome)
        if self._timer is None:
            self._timer = self._loop.call_later(_FLUSH_AFTER, self.flush)

    def flush(self) -> None:
        """Begin to write what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting, self._waiting = self._waiting, {}
        for group in self._keys.by_slot(waiting) if self._servers.shards else [list(waiting)]:
            for start in range(0, len(group), _AT_ONCE):
                task = self._loop.create_task(
                    self._write({key: waiting[key] for key in group[start : start + _AT_ONCE]})
                )
                self._writing.add(task)
                task.add_done_callback(self._writing.discard)

    async def settle(self) -> None:
        """Wait until everything counted so far is written, or the store is away."""
        while self._waiting or self._writing:
            self.flush()
            await asyncio.gather(*self._writing)

    # -- writing

    async def _write(self, batch: dict[bytes, tuple[int, list[Outcome]]]) -> None:
        try:
            while batch:
                batch = await self._swap(batch)
        except StoreUnavailable as error:
            log.debug("profiles_not_written", error=str(error), profiles=len(batch))
        except StoreCorrupt as error:
            log.error("store_corrupt", key=error.key, error=str(error))  # noqa: TRY400  the text says it

    async def _swap(self, batch: dict[bytes, tuple[int, list[Outcome]]]) -> dict[bytes, tuple[int, list[Outcome]]]:
        """Count outcomes upon what is known of the store, and return those for which that was too old."""
        unknown = [key for key in batch if key not in self._known]
        if unknown:
            for key, value in zip(unknown, await self._servers.read(unknown), strict=True):
                self._learn(key, batch[key][0], value)
        arguments: list[bytes | int] = []
        written: dict[bytes, _Known] = {}
        for key, (role, outcomes) in batch.items():
            profile, revision = self._known.pop(key, _Known(Profile(LAYOUTS[role]), b""))
            for outcome in outcomes:
                COUNTS[role](profile, outcome)
            profile.revision = (profile.revision + 1) & 0xFFFFFFFF
            value = profile.pack(profile.revision)
            written[key] = _Known(profile, revision_of(value))
            arguments += (revision, value, profile.layout.lives)
        replies = await self._servers.script(SWAP, list(batch), arguments)
        late = {}
        for key, reply in zip(batch, replies, strict=True):
            if reply == 1:
                self._remember(key, written[key])
            else:
                late[key] = batch[key]
                self._learn(key, batch[key][0], reply or None)
        return late

    def _learn(self, key: bytes, role: int, value: bytes | None) -> Profile:
        profile = read_profile(value, LAYOUTS[role], key.decode(errors="replace"))
        if value is None:
            profile.revision = getrandbits(32)  # a value that ends and begins anew is not taken for the old one
        self._remember(key, _Known(profile, b"" if value is None else revision_of(value)))
        return profile

    def _remember(self, key: bytes, known: _Known) -> None:
        self._known[key] = known
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
