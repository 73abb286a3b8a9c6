# SPDX-License-Identifier: Apache-2.0
"""
Profiles, read with the rules' counts and written behind.

Python computes what an outcome changes; the store writes a value only upon the reading that it was computed from,
and answers with its own where another instance was faster: then the same outcomes are counted upon that.  Outcomes
wait a moment, so that a flood from one address is a few writes a second.  A check that comes before the write
counts what waits in its own process, or is on its way and not in what it read: what a process was told, it knows.

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
from nacre.features.profile import Profile, read_profile
from nacre.features.standard import LAYOUTS, NOTHING, OWN, Surroundings
from nacre.ports import Wanted
from nacre.store.keys import Keys
from nacre.store.scripts import SWAP
from nacre.store.topology import Servers

log = structlog.get_logger(__name__)

_FLUSH_AFTER = 0.02
_SHARED_FOR = 1.0
_AT_ONCE = 64
_KNOWN = 50_000
_OPEN = 2_000
_SHARED = 20_000
_WAITING = 100_000
_OVERTAKEN = 1_000
"""A reading that is fewer writes behind ours was overtaken by them; values that began anew are further apart."""


class _Sent(NamedTuple):
    """Outcomes on their way to the store, and the value that they were counted upon, ``b""`` for none."""

    base: bytes
    outcomes: list[Outcome]


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
        self._known: OrderedDict[bytes, bytes] = OrderedDict()
        self._open: OrderedDict[bytes, tuple[bytes, Profile]] = OrderedDict()
        self._waiting: dict[bytes, tuple[int, list[Outcome]]] = {}
        self._sent: dict[bytes, _Sent] = {}
        self._busy: set[bytes] = set()
        self._shared: dict[bytes, tuple[Profile, float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._writing: set[asyncio.Task[None]] = set()
        self._loop = asyncio.get_running_loop()

    def want(self, attempt: Attempt, facts: Facts) -> Wanted:
        """Return what has to be read to know what is around an attempt."""
        everything = self._keys.profiles(attempt, facts)
        roles, keys = [], []
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
        return Wanted(keys, roles, everything)

    def around(self, wanted: Wanted, values: Sequence[bytes | None]) -> Surroundings:
        """
        Return what is around an attempt; they change with what is counted next.

        Args:
            wanted: What was to be read.
            values: What the store had.

        Raises:
            StoreCorrupt: a value is none of ours.
        """
        found = list(NOTHING)
        for role, key, value in zip(wanted.roles, wanted.keys, values, strict=True):
            found[role] = profile = self._latest(key, role, value)
            if role >= OWN:
                if len(self._shared) >= _SHARED:
                    self._shared.clear()
                self._shared[key] = (profile, self._loop.time())
        for role in range(OWN, len(found)):
            shared = self._shared.get(wanted.all[role])
            if shared is not None:
                found[role] = shared[0]
        return Surroundings(*found)

    def _latest(self, key: bytes, role: int, read: bytes | None) -> Profile:
        """Return what the store had, with what this process wrote since then or has yet to write."""
        waiting, sent = self._waiting.get(key), self._sent.get(key)
        value, known = read or b"", self._known.get(key)
        untouched = waiting is None and sent is None and role < OWN
        if untouched and known == value:  # nearly always: nobody else wrote it, or nobody at all
            if not value:
                return NOTHING[role]
            opened = self._open.get(key)
            if opened is not None and opened[0] == value:
                return opened[1]
        profile = read_profile(read, LAYOUTS[role], key.decode(errors="replace"))
        known = known or (sent.base if sent else b"")
        if _is_newer(known, value):
            profile, value = read_profile(known, LAYOUTS[role]), known
        else:
            self._remember(key, value)
        if untouched:
            if value:
                self._keep_open(key, value, profile)
            return profile
        # One connection answers in order: had the store counted what is on its way before it was read, we knew by now.
        for outcome in (*(sent.outcomes if sent else ()), *(waiting[1] if waiting else ())):
            COUNTS[role](profile, outcome)
        return profile

    def count(self, attempt: Attempt, outcome: Outcome) -> None:
        """Count an outcome in the profiles around its attempt; nobody waits for the store."""
        if len(self._waiting) >= _WAITING:
            return
        for role, key in enumerate(self._keys.profiles(attempt, outcome.facts)):
            if not key:
                continue
            waiting = self._waiting.get(key)
            if waiting is None:
                self._waiting[key] = (role, [outcome])
            else:
                waiting[1].append(outcome)
            if role >= OWN:
                shared = self._shared.get(key)
                if shared is not None:
                    COUNTS[role](shared[0], outcome)
        self._flush_soon()

    def flush(self) -> None:
        """Begin to write what waits, but for what waits behind another write of the same value."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = [key for key in self._waiting if key not in self._busy]
        for group in self._keys.by_slot(waiting) if self._servers.shards else [waiting]:
            for start in range(0, len(group), _AT_ONCE):
                batch = group[start : start + _AT_ONCE]
                self._busy.update(batch)
                task = self._loop.create_task(self._write(batch))
                self._writing.add(task)
                task.add_done_callback(self._writing.discard)

    async def settle(self) -> None:
        """Wait until everything counted so far is written, or the store is away."""
        while self._waiting or self._writing:
            self.flush()
            await asyncio.gather(*self._writing)

    # -- writing

    def _flush_soon(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(_FLUSH_AFTER, self.flush)

    async def _write(self, batch: list[bytes]) -> None:
        keys = batch
        try:
            while keys:
                keys = await self._swap(keys)
        except StoreCorrupt as error:
            self._leave(error.key.encode(), error)  # the others wait for the next write
        except StoreUnavailable as error:
            for key in keys:
                if key not in self._sent:
                    self._waiting.pop(key, None)
            log.debug("profiles_not_written", error=str(error), profiles=len(keys))
        finally:
            self._busy.difference_update(batch)
            for key in batch:
                self._sent.pop(key, None)
            if not self._waiting.keys().isdisjoint(batch):
                self._flush_soon()

    async def _swap(self, keys: list[bytes]) -> list[bytes]:
        """Count what waits upon what is known of the store, and return those for which that was too old."""
        unknown = [key for key in keys if key not in self._known]
        if unknown:
            for key, value in zip(unknown, await self._servers.read(unknown), strict=True):
                read_profile(value, LAYOUTS[self._waiting[key][0]], key.decode(errors="replace"))
                self._remember(key, value or b"")
        arguments: list[bytes | int] = []
        written = []
        for key in keys:
            role, outcomes = self._waiting.pop(key)
            base = self._known.pop(key, b"")
            self._sent[key] = _Sent(base, outcomes)
            profile = self._counted(key, role, base, outcomes)
            # A value that ends and begins anew is not taken for the old one.
            revision = (int.from_bytes(base[2:6], "little") + 1) & 0xFFFFFFFF if base else getrandbits(32)
            value = profile.pack(revision)
            written.append((key, role, value, profile))
            arguments += (base[2:6], value, profile.layout.lives)
        replies = await self._servers.script(SWAP, keys, arguments)
        late = []
        for (key, role, value, profile), reply in zip(written, replies, strict=True):
            sent = self._sent.pop(key)
            if reply == 1:
                profile.revision = int.from_bytes(value[2:6], "little")
                self._remember(key, value)
                if role < OWN:
                    self._keep_open(key, value, profile)
                continue
            self._shared.pop(key, None)  # what it was counted upon is not what the store has
            if self._is_ours(key, role, reply):
                _, newer = self._waiting.get(key, (role, []))
                self._waiting[key] = (role, sent.outcomes + newer)
                late.append(key)
        return late

    def _counted(self, key: bytes, role: int, base: bytes, outcomes: list[Outcome]) -> Profile:
        """Return the profile of a value with some outcomes counted upon it."""
        opened, shared = self._open.pop(key, None), self._shared.get(key)
        if base and shared is not None and shared[0].revision == int.from_bytes(base[2:6], "little"):
            return shared[0]  # what is shared counted them when they were told
        if base and opened is not None and opened[0] == base:
            profile = opened[1]
        else:
            profile = read_profile(base or None, LAYOUTS[role])
        for outcome in outcomes:
            COUNTS[role](profile, outcome)
        return profile

    def _is_ours(self, key: bytes, role: int, value: object) -> bool:
        """Take over what the store has, if we wrote it."""
        name = key.decode(errors="replace")
        if not isinstance(value, bytes | None):
            self._leave(key, StoreCorrupt(name, "a value of another type"))
            return False
        try:
            read_profile(value, LAYOUTS[role], name)
        except StoreCorrupt as error:
            self._leave(key, error)
            return False
        self._remember(key, value or b"")
        return True

    def _leave(self, key: bytes, error: StoreCorrupt) -> None:
        log.error("store_corrupt", key=error.key, error=str(error))
        self._waiting.pop(key, None)

    def _keep_open(self, key: bytes, value: bytes, profile: Profile) -> None:
        """Keep a value unpacked, for those who ask for it again at once: a report, or the next guess."""
        self._open[key] = (value, profile)
        if len(self._open) > _OPEN:
            self._open.popitem(last=False)

    def _remember(self, key: bytes, value: bytes) -> None:
        self._known[key] = value
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)


def _is_newer(value: bytes, other: bytes) -> bool:
    """Whether one of two values was written upon the other, directly or not; both are there."""
    if not (value and other):
        return False
    ahead = (int.from_bytes(value[2:6], "little") - int.from_bytes(other[2:6], "little")) & 0xFFFFFFFF
    return 0 < ahead < _OVERTAKEN
