# SPDX-License-Identifier: Apache-2.0
"""Trainings as they are asked for and looked after; another process carries them out."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import msgspec

from nacre.errors import NetworkRefused
from nacre.network_desk import Job
from nacre.store.network_state import SharedState

OPEN = frozenset({"waiting", "running"})
"""States of a training that has not ended."""

LOG = "learner.log"
"""File of the data directory with the log of the process that was last started for one training."""

MOST, MOST_EPOCHS = 1_000_000, 1_000
"""Samples and epochs that may be asked for."""

_POLL = 0.1
_LOOK_EVERY = 5
"""Polls between two looks at whether anybody trains at all."""
_PATIENCE = 30.0


def pack_job(job: Job) -> bytes:
    """Return a training as it is kept."""
    return msgspec.json.encode(job)


def read_job(packed: bytes) -> Job:
    """
    Return the training that :func:`pack_job` packed.

    Raises:
        ValueError: it is none.
    """
    return msgspec.json.decode(packed, type=Job)


class Jobs:
    """
    Asks for trainings, and follows them.

    Args:
        state: Where they are kept.
        clock: Tells Unix seconds.
        start_learner: Starts a process that trains, where none does and none was started.
        patience: Seconds that a training waits for such a process.
    """

    def __init__(
        self,
        state: SharedState,
        clock: Callable[[], float],
        start_learner: Callable[[], Awaitable[None]],
        *,
        patience: float = _PATIENCE,
    ) -> None:
        self._patience = patience
        self._state = state
        self._clock = clock
        self._start_learner = start_learner

    async def ask(self, *, samples: int, epochs: int, who: str, why: str) -> tuple[Job, bool]:
        """
        Ask for a training; returns it, or the one that waits or runs already, and whether it is a new one.

        Raises:
            NetworkRefused: ``out_of_range``.
        """
        if not 0 <= samples <= MOST or not 0 <= epochs <= MOST_EPOCHS:
            raise NetworkRefused(
                "out_of_range",
                f"samples is from 0 to {MOST:,} and epochs from 0 to {MOST_EPOCHS:,}; 0: as the settings say",
            )
        job, new = await put(self._state, samples=samples, epochs=epochs, who=who, why=why, now=self._clock())
        await self._see_to_it()
        return (job if new else await self.open_one() or job), new

    async def find(self, job_id: str) -> Job:
        """Return a training; raises NetworkRefused ``unknown_job``."""
        packed = await self._state.job(job_id)
        if packed is None:
            raise NetworkRefused("unknown_job", f"there is no training {job_id!r}")
        return read_job(packed)

    async def newest(self, count: int) -> list[Job]:
        """Return the trainings that are known, newest first, *count* at most."""
        known = map(read_job, (await self._state.jobs()).values())
        return sorted(known, key=lambda job: int(job.id), reverse=True)[:count]

    async def open_one(self) -> Job | None:
        """Return the training that waits or runs, if there is one."""
        job_id = (await self._state.read()).job
        packed = await self._state.job(job_id) if job_id else None
        job = read_job(packed) if packed is not None else None
        return job if job is not None and job.state in OPEN else None

    async def wait(self, job_id: str) -> Job:
        """Return a training once it has ended; one that nobody can be found for fails."""
        loop = asyncio.get_running_loop()
        seen = loop.time()
        for turn in itertools.count(1):
            job = await self.find(job_id)
            if job.state not in OPEN:
                break
            if turn % _LOOK_EVERY == 0:
                if await self._state.somebody_trains():
                    seen = loop.time()
                elif loop.time() > seen + self._patience:
                    await self._give_up(job)
                else:
                    await self._start_learner()
            await asyncio.sleep(_POLL)
        return job

    async def cancel(self, job_id: str) -> bool:
        """Ask a training to stop; tells whether there was anything to stop."""
        job = await self.find(job_id)
        if job.state not in OPEN:
            return False
        if not await self._state.change({"cancel": job_id}, expected={"job": job_id}, tell=False):
            return False
        await self._see_to_it()
        return True

    async def _see_to_it(self) -> None:
        if not await self._state.somebody_trains():
            await self._start_learner()

    async def _give_up(self, job: Job) -> None:
        why = (
            f"{job.why}: no process that trains could be kept running; "
            f"{LOG} in the data directory, or the log of the service, tells why"
        )
        failed = msgspec.structs.replace(job, state="failed", why=why, ended=self._clock())
        if await self._state.change(
            {"job": "", "cancel": ""}, expected={"job": job.id}, jobs={job.id: pack_job(failed)}
        ):
            await self._state.count_training("failed")


async def put(
    state: SharedState,
    *,
    samples: int,
    epochs: int,
    who: str,
    why: str,
    now: float,
    changes: dict[str, float] | None = None,
    fence: str = "",
) -> tuple[Job, bool]:
    """
    Let a training wait, unless one does already.

    Args:
        state: Where it is kept.
        samples: As asked for, 0 for what the settings say.
        epochs: Likewise.
        who: Who asks.
        why: What for.
        now: Unix seconds.
        changes: Of the state, together with it.
        fence: Number of the lease, where that has to hold.

    Returns:
        The training, and whether it waits now.
    """
    number = str(await state.number())
    job = Job(id=number, state="waiting", why=why, who=who, samples=samples, epochs=epochs, asked=now)
    expected = {"job": ""} | ({"fence": fence} if fence else {})
    return job, await state.change({**(changes or {}), "job": number}, expected=expected, jobs={number: pack_job(job)})
