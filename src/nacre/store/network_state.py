# SPDX-License-Identifier: Apache-2.0
"""
What all instances know of the network: models in use, learning mode, additional features, the training that runs.

It is one hash with a number that rises with every change; whoever sees another number reads it again.  A change
says what it expects to find, so that of two at the same time one is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from nacre.errors import StoreCorrupt
from nacre.features.catalogue import Catalogue
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.scripts import CHANGE, LEASE
from nacre.store.topology import Servers

LEASE_SECONDS = 5.0
"""How long the one who trains may be silent before another one takes over."""

_JOBS = 50

Value = str | bytes | int | float


class NetworkState(msgspec.Struct, frozen=True, kw_only=True):
    """
    The state as it was read.

    Attributes:
        revision: Rises with each change that all instances have to know.
        current, previous, challenger: Versions of models, ``""`` for none.
        learning: What an operator said, as in :class:`nacre.scoring.Mode`: ``"1"``, ``"0"`` or ``""``.
        since: Unix seconds of the first outcome that counted towards experience, 0 for none.
        successes: Logins since then.
        catalogue: Additional features, packed.
        job: Id of the training that waits or runs, ``""`` for none.
        cancel: Id of the training that is to stop.
        fence: Number of the one who trains, or trained last.
        claimed: Number of the newest claim.
        used: Number of the newest claim that a training has used.
        trained: Unix seconds at which a training last came to an end with a model.
        tried: Unix seconds at which one last began by schedule or feedback.
        fed: Unix seconds at which feedback last began one.
        published: Unix seconds at which the model in use was put in use.
        renewed: Unix seconds at which thresholds were last looked at.
        drift: Columns that drifted, with their index, as JSON.
        drifted: Unix seconds at which drift last began a training.
        held: Unix seconds from which the network may only challenge, as it took itself back; 0: it may do as set.
        released: Unix seconds at which that last ended.
        rolled: Unix seconds at which it went back to the model before by itself, 0 if that is not the one in use.
        risen_refusals: Unix seconds at which the share of refusals was last seen to have risen.
        risen_legitimate: The same of legitimate attempts that reach a threshold for refusing.
    """

    revision: int = 0
    current: str = ""
    previous: str = ""
    challenger: str = ""
    learning: str = ""
    since: float = 0.0
    successes: int = 0
    catalogue: bytes = b""
    job: str = ""
    cancel: str = ""
    fence: str = ""
    claimed: int = 0
    used: int = 0
    trained: float = 0.0
    tried: float = 0.0
    fed: float = 0.0
    published: float = 0.0
    renewed: float = 0.0
    drift: bytes = b""
    drifted: float = 0.0
    held: float = 0.0
    released: float = 0.0
    rolled: float = 0.0
    risen_refusals: float = 0.0
    risen_legitimate: float = 0.0

    @property
    def features(self) -> Catalogue:
        """The additional features; none if what is kept is not ours."""
        try:
            return Catalogue.from_bytes(self.catalogue) if self.catalogue else Catalogue()
        except ValueError:
            return Catalogue()


class SharedState:
    """
    Reads and changes the state.

    Args:
        servers: Where it is.
        keys: Spells the keys.
        news: Tells the other instances.
    """

    def __init__(self, servers: Servers, keys: Keys, news: News) -> None:
        self._servers = servers
        self._news = news
        self._key = keys.network("state")
        self._jobs = keys.network("jobs")
        self._lease = keys.network("lease")
        self._ended = keys.network("trainings")

    async def revision(self) -> int:
        """Return the number of the last change."""
        return int(await self._servers.run(self._key, ("HGET", self._key, "revision")) or 0)

    async def read(self) -> NetworkState:
        """
        Return the state.

        Raises:
            StoreUnavailable: the store refused or did not answer.
            StoreCorrupt: it is not ours.
        """
        flat = await self._servers.run(self._key, ("HGETALL", self._key))
        found = {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
        texts = {
            name: value if name in {"catalogue", "drift"} else value.decode(errors="replace")
            for name, value in found.items()
        }
        try:
            return msgspec.convert(texts, NetworkState, strict=False)
        except msgspec.ValidationError as error:
            raise StoreCorrupt(self._key.decode(), f"no state of a network: {error}") from error

    async def change(
        self,
        changes: Mapping[str, Value],
        *,
        expected: Mapping[str, Value] | None = None,
        jobs: Mapping[str, bytes] | None = None,
        tell: bool = True,
    ) -> bool:
        """
        Change some fields at once, if others are as expected.

        Args:
            changes: Field to new value; ``""`` removes it.
            expected: Field to value; ``""`` for none.
            jobs: Trainings to write beside it; ``b""`` removes one.
            tell: Whether all instances have to look again.

        Returns:
            Whether it was as expected.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        expected, jobs = expected or {}, jobs or {}
        arguments: list[Value] = [len(expected), len(changes), int(tell)]
        for pairs in (expected, changes, jobs):
            for name, value in pairs.items():
                arguments += (name, _text(value))
        changed = bool(await self._servers.script(CHANGE, [self._key, self._jobs], arguments))
        if changed and tell:
            await self._news.tell("network", 0)
        return changed

    async def add_logins(self, since: float, count: int) -> tuple[float, int]:
        """Count logins towards experience; returns since when there are how many."""
        run, key = self._servers.run, self._key
        await run(key, ("HSETNX", key, "since", repr(since)))
        successes = await run(key, ("HINCRBY", key, "successes", count))
        return float(await run(key, ("HGET", key, "since"))), int(successes)

    # -- trainings

    async def number(self) -> int:
        """Return a number that no other training has."""
        return int(await self._servers.run(self._key, ("HINCRBY", self._key, "asked", 1)))

    async def job(self, job_id: str) -> bytes | None:
        """Return a training, packed; ``None`` if it is not known."""
        value: bytes | None = await self._servers.run(self._jobs, ("HGET", self._jobs, job_id))
        return value

    async def jobs(self) -> dict[str, bytes]:
        """Return the trainings that are known, packed."""
        flat = await self._servers.run(self._jobs, ("HGETALL", self._jobs))
        return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}

    async def cancelled(self, job_id: str) -> bool:
        """Whether a training is to stop."""
        said = await self._servers.run(self._key, ("HGET", self._key, "cancel"))
        return bool(said == job_id.encode())

    async def count_training(self, ended: str) -> None:
        """Count a training by how it ended."""
        await self._servers.run(self._ended, ("HINCRBY", self._ended, ended, 1))

    async def trainings(self) -> dict[str, int]:
        """Return how many trainings ended how."""
        flat = await self._servers.run(self._ended, ("HGETALL", self._ended))
        return {name.decode(): int(count) for name, count in zip(flat[::2], flat[1::2], strict=True)}

    async def forget_jobs(self) -> None:
        """Forget the oldest trainings but for fifty."""
        known = sorted(await self.jobs(), key=lambda job_id: (len(job_id), job_id))
        if old := known[:-_JOBS]:
            await self._servers.run(self._jobs, ("HDEL", self._jobs, *old))

    async def lease(self, owner: str) -> str:
        """Take or keep the right to train; returns its number, ``""`` if somebody else has it."""
        number = await self._servers.script(LEASE, [self._lease, self._key], [owner, int(LEASE_SECONDS * 1000)])
        return str(number) if number else ""

    async def release(self, owner: str) -> None:
        """Let go of the right to train, if it is ours."""
        if await self._servers.run(self._lease, ("GET", self._lease)) == owner.encode():
            await self._servers.run(self._lease, ("DEL", self._lease))

    async def somebody_trains(self) -> bool:
        """Whether somebody has the right to train."""
        return await self._servers.run(self._lease, ("GET", self._lease)) is not None


def _text(value: Value) -> Value:
    return repr(value) if isinstance(value, float) else value
