# SPDX-License-Identifier: Apache-2.0
"""
A namespace of its own, in which attacks can be tried out.

It has a key prefix, a checkpoint, blocks, profiles and a watch that nobody else has; the code is that of the service,
and so are the settings and the model.  What happens there is seen nowhere else, and at its end nothing is left.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from secrets import token_hex

from nacre.attempt import Attempt, AttemptFields, admit
from nacre.campaign.measure import Measure, State
from nacre.campaign.picture import Picture
from nacre.checkpoint import Checkpoint
from nacre.config.tree import Settings
from nacre.decision import Decision
from nacre.errors import StoreUnavailable
from nacre.identity import Identity
from nacre.inline_watch import InlineWatch
from nacre.learning.journal import PrivateJournal
from nacre.lookout import Lookout
from nacre.policy import Policy
from nacre.ports import JournalStore, ProfileStore
from nacre.store.blocks import Blocks
from nacre.store.decisions import Decisions
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.observations import Observations
from nacre.store.profiles import Profiles
from nacre.store.topology import AWAY, Servers

_EVENTS = 1_000
"""Rows that the journal of a drill has room for; nobody trains on them."""
_AT_ONCE = 500
_SECONDS = 3_600
"""How long a namespace lasts whose process was killed; nothing takes as long."""
_BEGINNING = "drill."
_GLOB = str.maketrans({letter: f"\\{letter}" for letter in "*?[]\\^-"})

MakeLookout = Callable[[ProfileStore, JournalStore], Lookout]


class DrillSpace:
    """
    One such namespace.

    Args:
        settings: As they are in force.
        servers: Where the state is.
        keys: Spells the keys; their prefix is nobody else's.
        identity: Makes digests.
        lookout: The network's side, ``None`` without one.
        watch: Watches.

    Attributes:
        checkpoint: Check and report.
        watch: What sees, what it sees, and its measures.
        now: Unix seconds of the last attempt.
    """

    def __init__(
        self,
        settings: Settings,
        servers: Servers,
        *,
        keys: Keys,
        identity: Identity,
        lookout: Lookout | None,
        watch: InlineWatch,
    ) -> None:
        self._identity = identity
        self.watch = watch
        self.now = 0.0
        self.checkpoint = Checkpoint(
            Policy(settings),
            identity=identity,
            keys=keys,
            subjects=Observations(servers, keys, identity),
            blocks=Blocks(servers, keys, News(servers, keys), lambda: self.now),
            decisions=Decisions(servers, keys, settings.decisions),
            spool=None,
            lookout=lookout,
        )
        self.checkpoint.sentry = watch.sentry
        self._numbers = itertools.count(1)

    async def attempt(self, fields: AttemptFields, *, success: bool) -> Decision:
        """
        Check an attempt, and report what becomes of it.

        Args:
            fields: As a server would send them, with their ``time``: no earlier than that of the attempt before.
            success: Whether its password is right; whoever is refused never learns that.

        Raises:
            InvalidAttempt: a field cannot be used.
            StoreUnavailable: the store is away; what it did not see proves nothing.
        """
        attempt = self._admit(fields)
        self.advance(attempt.time)
        decision = await self.checkpoint.check(attempt)
        if any(reason.code == "store_unavailable" for reason in decision.reasons):
            raise StoreUnavailable("the store is away: the drill cannot go on")
        await self.checkpoint.report(success=success, now=attempt.time, request_id=attempt.request_id)
        await self.checkpoint.settle()
        self.advance(attempt.time)
        return decision

    def advance(self, now: float) -> None:
        """Let time go on: pictures are formed, measures take effect."""
        self.now = max(self.now, now)
        self.watch.advance(self.now)

    @property
    def picture(self) -> Picture:
        """What is seen."""
        return self.watch.picture

    @property
    def measures(self) -> list[Measure]:
        """The measures that are in force, or about to be."""
        return [each for each in self.watch.measures.values() if each.state is State.ACTIVE and each.until > self.now]

    def canonical(self, username: str) -> str:
        """Return the name under which an account is known here."""
        return self.checkpoint.policy.names.canonical(username)

    def _admit(self, fields: AttemptFields) -> Attempt:
        names = self.checkpoint.policy.names
        request_id = f"drill-{next(self._numbers)}"
        return admit(fields, names=names, identity=self._identity, now=self.now, request_id=request_id)


class Spaces:
    """
    Opens namespaces.

    Args:
        settings: Gives the tree in force.
        servers: Where the state is.
        identity: Makes digests.
        make_lookout: Makes a network's side of check and report.
        live: Gives the network's side in use, whose models and mode a drill shares.
    """

    def __init__(
        self,
        settings: Callable[[], Settings],
        servers: Servers,
        *,
        identity: Identity,
        make_lookout: MakeLookout,
        live: Callable[[], Lookout],
    ) -> None:
        self._settings = settings
        self._servers = servers
        self._identity = identity
        self._make_lookout = make_lookout
        self._live = live

    @asynccontextmanager
    async def open(self) -> AsyncIterator[DrillSpace]:
        """
        Open a namespace until the end of the block; then nothing of it is left.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        settings = self._settings()
        redis = settings.server.redis
        prefix = f"{redis.prefix}{_BEGINNING}{token_hex(6)}:"
        keys = Keys(prefix, self._identity, database=redis.database_number)
        await self._begin(keys)
        profiles = Profiles(self._servers, keys)
        live = self._live()
        lookout = None
        if settings.brute_force.neural_network.enabled:
            lookout = self._make_lookout(profiles, PrivateJournal(_EVENTS))
            scoring, ours = lookout.scoring, live.scoring
            scoring.champion, scoring.catalogue, scoring.mode = ours.champion, ours.catalogue, ours.mode
        watch = InlineWatch(settings.campaigns, identity=self._identity, place=live.scoring.digests.place)
        watch.sentry.scores_count = lambda now: lookout is not None and not lookout.learns(now)
        space = DrillSpace(settings, self._servers, keys=keys, identity=self._identity, lookout=lookout, watch=watch)
        try:
            yield space
        finally:
            await space.checkpoint.settle()
            await profiles.settle()
            await self._forget(keys, prefix)

    async def _begin(self, keys: Keys) -> None:
        """
        Write the keys that would stay for ever if we were killed, so that they do not: what is added keeps their time.

        The sequence of the news says that the namespace is in use.
        """
        await self._servers.run(keys.sequence, ("SET", keys.sequence, 0, "EX", _SECONDS))
        await self._servers.run(keys.blocks, ("HSET", keys.blocks, "", ""))
        await self._servers.run(keys.blocks, ("EXPIRE", keys.blocks, _SECONDS))

    async def _forget(self, keys: Keys, prefix: str) -> None:
        """Remove all keys of a namespace, and of those whose process was killed."""
        servers = self._servers
        await servers.run(keys.identity, ("EXISTS", keys.identity))  # what was told before is written now
        all_of_them = prefix[: prefix.rindex(_BEGINNING) + len(_BEGINNING)]
        try:
            pattern = all_of_them.translate(_GLOB) + "*"
            found: dict[bytes, list[bytes]] = {}
            async for key in servers.client.scan_iter(match=pattern, count=_AT_ONCE):
                found.setdefault(key[: key.index(b":", len(all_of_them)) + 1], []).append(key)
        except AWAY as error:
            raise StoreUnavailable(f"the store is away: {error}; what a drill left ends with its time") from error
        for name, theirs in found.items():
            sequence = name + keys.sequence.removeprefix(prefix.encode())
            if name == prefix.encode() or not await servers.run(sequence, ("EXISTS", sequence)):
                await self._remove(theirs)

    async def _remove(self, keys: list[bytes]) -> None:
        step = 1 if self._servers.shards else _AT_ONCE
        for start in range(0, len(keys), step):
            await self._servers.run(keys[start], ("UNLINK", *keys[start : start + step]))
