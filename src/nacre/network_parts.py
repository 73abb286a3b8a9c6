# SPDX-License-Identifier: Apache-2.0
"""The network's parts, put together for one process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from secrets import token_hex

import msgspec
import structlog

from nacre.checkpoint import Checkpoint
from nacre.config.tree import NeuralNetwork, Settings
from nacre.desk import BlockQuery, Desk
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.following import Following
from nacre.hearing import Hearing
from nacre.identity import Identity
from nacre.jobs import LOG
from nacre.lookout import Lookout
from nacre.network_metrics import NetworkMetrics
from nacre.registry import Registry
from nacre.shelves import Shelves
from nacre.steadiness import Steadiness
from nacre.store.decisions import Decisions
from nacre.store.feedback import Claims
from nacre.store.journal import Journal
from nacre.store.keys import Keys
from nacre.store.models import Models
from nacre.store.network_state import SharedState
from nacre.store.news import News
from nacre.store.people import People
from nacre.store.profiles import Profiles
from nacre.store.tallies import Tallies
from nacre.store.topology import Servers
from nacre.teacher import Teacher
from nacre.telemetry import MULTIPROCESS
from nacre.workbench import Workbench

log = structlog.get_logger(__name__)

SEAL = b"model"
"""Purpose of the key under which models are sealed."""

_LOG_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC


class NetworkParts:
    """
    All that the network needs in one process.

    Args:
        settings: Of the network.
        servers: Where the state is.
        keys: Spells the keys.
        news: Tells the other instances.
        identity: Makes digests and keys.
        clock: Tells Unix seconds.
        make_lookout: Makes the network's side of check and report.
        metrics: Of the process.

    Attributes:
        lookout: The network's side of check and report.
        following: What this process knows of what all do.
        shelves: Where all of it is kept.
        steadiness: Takes the network back by itself where it harms owners.
        hearing: Takes feedback in; there once :meth:`workbench` was called.
    """

    def __init__(
        self,
        settings: NeuralNetwork,
        servers: Servers,
        *,
        keys: Keys,
        news: News,
        identity: Identity,
        clock: Callable[[], float],
        make_lookout: Callable[[Profiles, Journal], Lookout],
        metrics: NetworkMetrics,
    ) -> None:
        journal = Journal(servers, keys, records=settings.max_training_records, keep=float(settings.keep_samples))
        models = Models(servers, keys, identity.key(SEAL))
        state = SharedState(servers, keys, news)
        self._store = (servers, keys, news)
        self._profiles = Profiles(servers, keys)
        self._identity = identity
        self._clock = clock
        self.lookout = make_lookout(self._profiles, journal)
        self.following = Following(self.lookout.scoring, state=state, models=models, clock=clock)
        self.shelves = Shelves(state, models, journal, Claims(servers, keys, keep=float(settings.keep_feedback)))
        self.steadiness = Steadiness(
            self.following,
            state,
            Tallies(servers, keys),
            registry=Registry(self.following, self.shelves, clock),
            settings=lambda: self.lookout.settings,
            learns=lambda: self.lookout.learns(clock()),
            clock=clock,
        )
        self._metrics = metrics
        self._looking = asyncio.Lock()
        self._complained = ""

    def workbench(
        self, checkpoint: Checkpoint, desk: Desk, decisions: Decisions, start_learner: Callable[[], Awaitable[None]]
    ) -> Workbench:
        """Return what operators work with."""
        self.steadiness.note = desk.note
        return Workbench(
            self.following,
            self.shelves,
            checkpoint=checkpoint,
            hearing=self._hearing(checkpoint, desk, decisions),
            people=People(*self._store, blocks=desk.blocks, decisions=decisions),
            note=desk.note,
            clock=self._clock,
            start_learner=start_learner,
        )

    def _hearing(self, checkpoint: Checkpoint, desk: Desk, decisions: Decisions) -> Hearing:
        self.hearing = Hearing(
            self.shelves,
            checkpoint=checkpoint,
            identity=self._identity,
            find=desk.decision,
            blocks=lambda: desk.find_blocks(BlockQuery()),
            decisions=decisions.all,
            clock=self._clock,
        )
        return self.hearing

    def teacher(self, settings: NeuralNetwork, owner: str = "") -> Teacher:
        """Return who trains."""
        return Teacher(self.following, self.shelves, settings=settings, clock=self._clock, owner=owner)

    @property
    def is_looking(self) -> bool:
        """Whether :meth:`look` is at work."""
        return self._looking.locked()

    async def look(self) -> None:
        """See what the others changed, and tell them what was met here; once a second."""
        async with self._looking:
            try:
                await self.following.look()
                await self.steadiness.look()
            except StoreCorrupt as error:
                if str(error) != self._complained:
                    log.error("store_corrupt", key=error.key, error=str(error))  # noqa: TRY400  the text says it
                self._complained = str(error)
            self._tell(await self.shelves.state.trainings())

    def _tell(self, trainings: dict[str, int]) -> None:
        following, metrics = self.following, self._metrics
        live, drift = following.scoring.champion, following.known.drift
        metrics.learning.set(self.lookout.learns(self._clock()))
        metrics.created.set(live.model.artifact.created if live is not None and live.ours else 0.0)
        metrics.drift.set(
            max(msgspec.json.decode(drift, type=dict[str, float]).values(), default=0.0) if drift else 0.0
        )
        metrics.tell_steadiness(following.known, share=self.steadiness.share)
        metrics.look(self.shelves.journal, refused=following.refused, trainings=trainings)

    async def stop(self) -> None:
        """Write what is left behind, and nothing more."""
        await self.settle()
        await self.shelves.journal.stop()

    async def settle(self) -> None:
        """Write what is left behind."""
        with contextlib.suppress(StoreUnavailable, StoreCorrupt):
            await self.lookout.settle()
            await self._profiles.settle()
            await self.shelves.journal.settle()
            async with self._looking:  # two looks at once would tell of the same logins twice
                await self.following.look()


class LearnerProcess:
    """
    A process that trains what was asked for and ends, where no service keeps one.

    Args:
        settings: Of the installation.
        data_dir: Its data directory.
    """

    def __init__(self, settings: Callable[[], Settings], data_dir: Path) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is not None and self._process.returncode is None:
            return
        environment = {name: value for name, value in os.environ.items() if name != MULTIPROCESS}
        # Its log is not for the terminal of whoever trains; appended to, as the one before may still be at its end.
        with open(self._data_dir / LOG, "wb", opener=lambda file, _: os.open(file, _LOG_FLAGS, 0o600)) as told:  # noqa: ASYNC230
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "nacre.learner", "--once", "--data-dir", str(self._data_dir),
                "--parent", str(os.getpid()), "--owner", token_hex(8),
                stdin=asyncio.subprocess.PIPE,
                stderr=told,
                env={**environment, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )  # fmt: skip
        assert self._process.stdin is not None  # noqa: S101  for the type checker
        self._process.stdin.write(pickle.dumps(self._settings()))
        self._process.stdin.close()

    async def stop(self) -> None:
        """End it; what it trained waits for the next one."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                async with asyncio.timeout(5.0):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
