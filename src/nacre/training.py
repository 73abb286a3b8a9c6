# SPDX-License-Identifier: Apache-2.0
"""
Trainings as they are asked for, carried out and told of: in the store, so that any process can ask and see.

One waits or runs at a time.  Whoever carries it out holds a lease, and writes with the number of it: who lost the
lease without knowing changes nothing any more.
"""

from __future__ import annotations

import asyncio
import gc
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Event
from typing import ParamSpec, TypeVar

import msgspec
import numpy as np
import structlog

from nacre.features.catalogue import Catalogue
from nacre.heap import give_back
from nacre.jobs import pack_job
from nacre.learning.canned import canned
from nacre.learning.claims import Claim
from nacre.learning.event import EVENT
from nacre.learning.hindsight import Hindsight, look_back
from nacre.learning.journal import Material
from nacre.learning.row import row_dtype
from nacre.learning.train import Recipe, TooFewRows, TooFewSamples, Trained, learn
from nacre.network.evaluation import AtBudget
from nacre.network.gate import Canned
from nacre.network.model import Model
from nacre.network.plan import Cancelled, Progress
from nacre.network_desk import Job
from nacre.shelves import Lost, Shelves, canonise, in_use, with_claims
from nacre.store.feedback import Said
from nacre.store.models import Entry
from nacre.store.network_state import NetworkState, Value

log = structlog.get_logger(__name__)

POLL = 0.25
"""Seconds between two looks at a training that runs: progress is told, and whether it is to stop is asked, so often."""

Cases = Callable[[Model], list[Canned]]

_BUDGET = 1e-3
_NO_EVENTS, _NO_SAMPLES = np.zeros(0, EVENT), np.zeros(0, row_dtype())
_P = ParamSpec("_P")
_R = TypeVar("_R")


class Training:
    """
    Carries one training out.

    Args:
        shelves: Where all of it is kept.
        job: The training, as it waits.
        fence: Number of the lease.
        champion: The model in use, ``None`` without one.
        clock: Tells Unix seconds.
        keep: Called four times a second; keeps the lease.
        cases: Scores what every model has to get right.
    """

    def __init__(
        self,
        shelves: Shelves,
        job: Job,
        *,
        fence: str,
        champion: Model | None,
        clock: Callable[[], float],
        keep: Callable[[], object],
        cases: Cases = canned,
    ) -> None:
        self._shelves = shelves
        self._state = shelves.state
        self.job = job
        self._fence = fence
        self._champion = champion
        self._clock = clock
        self._keep = keep
        self._cases = cases
        self._stop = Event()
        self._again = False
        self._progress: Progress | None = None

    def interrupt(self) -> None:
        """Stop, and let the training wait for another process."""
        self._again = True
        self._stop.set()

    async def run(self, recipe: Recipe) -> Job:
        """
        Train, and return the training as it ended.

        Raises:
            Lost: another process trains by now.
            StoreUnavailable: the store refused or did not answer.
        """
        await self._write(msgspec.structs.replace(self.job, state="running", began=self._clock()))
        log.info("training_began", job=self.job.id, why=self.job.why, who=self.job.who)
        state = await self._state.read()
        try:
            trained, used = await self._train(recipe, state.features.canonise())
        except Cancelled:
            return await self._end("waiting" if self._again else "cancelled", {})
        except (TooFewSamples, TooFewRows, ValueError, MemoryError) as error:
            return await self._end("failed", {}, why=str(error) or type(error).__name__)
        return await self._hand_in(trained, used, state)

    # -- learning

    async def _train(self, recipe: Recipe, catalogue: Catalogue) -> tuple[Trained, int]:
        gc.collect()  # the traceback of one that was stopped is a cycle, and holds all that it had learned from
        await self._shelves.claims.trim(self._clock())
        said = await self._shelves.claims.all()
        # Events and samples are never here together: of a full journal each takes as much as the rest of the process.
        hindsight, now = await self._look_back(said)
        samples = with_claims(Material(_NO_EVENTS, await self._shelves.journal.samples()), said).samples
        hindsight = hindsight.among(samples)
        give_back()
        version = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{self.job.id}"
        trained = await self._aside(
            learn,
            samples,
            hindsight,
            now=now,
            version=version,
            recipe=recipe,
            catalogue=catalogue,
            champion=self._champion,
            canned=self._cases,
            on_progress=self._note,
            cancelled=self._stop.is_set,
        )
        return trained, max((one.number for one in said), default=0)

    async def _look_back(self, said: Sequence[Said]) -> tuple[Hindsight, float]:
        """Return what the events say, and the time as of which they say it."""
        claims = [Claim(one.digest, one.is_attack, one.giver, one.time) for one in said]
        events = [with_claims(Material(await self._shelves.journal.events(), _NO_SAMPLES), said).events]
        now = self._clock()
        # Out of a list, and gone with the call: a thread holds its arguments for a while after the result is there.
        return await self._aside(lambda: look_back(events.pop(), now, claims)), now

    async def _aside(self, work: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Do something in a thread; meanwhile keep the lease, and see whether all is to stop."""
        working = asyncio.create_task(asyncio.to_thread(work, *args, **kwargs))
        try:
            while not working.done():
                await asyncio.wait([working], timeout=POLL)
                await self._look()
        except BaseException:
            self._stop.set()
            await asyncio.wait([working])
            raise
        return working.result()

    def _note(self, progress: Progress) -> None:
        self._progress = progress

    async def _look(self) -> None:
        """Keep the lease, tell how far it is, and see whether it is to stop."""
        kept = self._keep()
        if asyncio.iscoroutine(kept):
            await kept
        progress, self._progress = self._progress, None
        if progress is not None:
            await self._write(
                msgspec.structs.replace(
                    self.job,
                    share=progress.share,
                    head=progress.head,
                    epoch=progress.epoch,
                    loss=_finite(progress.loss),
                    recall=_finite(progress.recall),
                )
            )
        if await self._state.cancelled(self.job.id):
            self._stop.set()

    # -- what comes out

    async def _hand_in(self, trained: Trained, used: int, state: NetworkState) -> Job:
        model, report = trained.model, trained.report
        verdict = report.verdict if report is not None else None
        reasons = verdict.reasons if verdict is not None else ("the newest rows are too few to judge a model by",)
        entry = Entry(
            version=model.version,
            created=self._clock(),
            gate=verdict.passed if verdict is not None else None,
            reasons=reasons,
            who=self.job.who,
            recall=_at(report.compared.challenger.tries, "macro_recall") if report is not None else None,
            hits=_at(report.compared.challenger.hits, "recall") if report is not None else None,
        )
        if not await self._shelves.models.keep(model, entry, report, fence=self._fence):
            raise Lost
        done: dict[str, Value] = {"trained": self._clock(), "used": used}
        if verdict is None or not verdict.passed:
            return await self._end(
                "refused", done | {"challenger": model.version}, why=" ".join(reasons), model=model.version
            )
        problem = await canonise(self._state, model, fence=self._fence)
        current = {"current": state.current}
        if not problem:
            job = await self._end(
                "published", done | in_use(model.version, state, self._clock()), model=model.version, expected=current
            )
            if job.state == "published":
                return job
            problem = "another model was put in use while it was trained"
        return await self._end("refused", done, why=problem, model=model.version)

    async def _end(
        self,
        ended: str,
        changes: Mapping[str, Value],
        *,
        why: str = "",
        model: str = "",
        expected: Mapping[str, Value] | None = None,
    ) -> Job:
        """Write how it ended, together with what that changes; if *expected* does not hold, return it as it is."""
        job = msgspec.structs.replace(
            self.job, state=ended, model=model, why=f"{self.job.why}: {why}" if why else self.job.why
        )
        if ended == "waiting":
            job = msgspec.structs.replace(job, began=0.0, share=0.0, head="", epoch=0, loss=None, recall=None)
            changes = dict(changes)
        else:
            job = msgspec.structs.replace(
                job, ended=self._clock(), share=1.0 if ended in {"published", "refused"} else job.share
            )
            changes = dict(changes) | {"job": "", "cancel": ""}
        if not await self._state.change(
            changes, expected={"fence": self._fence, **(expected or {})}, jobs={job.id: pack_job(job)}
        ):
            if expected and (await self._state.read()).fence == self._fence:
                return self.job
            raise Lost
        log.info("training_ended", job=job.id, state=ended, model=model, why=why)
        self.job = job
        await self._state.count_training(ended)
        return job

    async def _write(self, job: Job) -> None:
        self.job = job
        if not await self._state.change({}, expected={"fence": self._fence}, jobs={job.id: pack_job(job)}, tell=False):
            raise Lost


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _at(measured: Iterable[AtBudget], figure: str) -> float | None:
    for each in measured:
        if each.budget == _BUDGET:
            return float(getattr(each, figure))
    return None
