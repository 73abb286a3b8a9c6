# SPDX-License-Identifier: Apache-2.0
"""
Who trains: one process of all instances, for as long as it holds the lease.

It carries out what people ask for, and asks by itself: by schedule, and when there is new feedback.  A training that
it finds running when it takes the lease was that of a process that died.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from secrets import token_hex

import msgspec
import structlog

from nacre.config.tree import NeuralNetwork
from nacre.daily import Daily
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.following import Following
from nacre.heap import give_back
from nacre.jobs import OPEN, pack_job, put, read_job
from nacre.learning.canned import canned
from nacre.learning.recipe import recipe_of
from nacre.learning.train import Recipe
from nacre.shelves import Lost, Shelves
from nacre.store.network_state import NetworkState
from nacre.training import POLL, Cases, Training

log = structlog.get_logger(__name__)

_AGAIN = 3_600.0
_LOOK_EVERY = 1.0
_COUNT_EVERY = 60.0
_TRIM_EVERY = 3_600.0
_LEAST_SAMPLES = 200
"""Samples without which no training by schedule is tried: it could only fail."""

MakeRecipe = Callable[..., Recipe]


class Teacher:
    """
    Trains, as long as nobody else does.

    Args:
        following: Knows the model in use.
        shelves: Where all of it is kept.
        settings: Of the network.
        clock: Tells Unix seconds.
        owner: Whoever holds the lease; a process that replaces a dead one names the same.
        recipe: Makes a recipe of settings, epochs and samples.
        cases: Scores what every model has to get right.
    """

    def __init__(
        self,
        following: Following,
        shelves: Shelves,
        *,
        settings: NeuralNetwork,
        clock: Callable[[], float],
        owner: str = "",
        recipe: MakeRecipe = recipe_of,
        cases: Cases = canned,
    ) -> None:
        self._following = following
        self._shelves = shelves
        self._state = shelves.state
        self._settings = settings
        self._clock = clock
        self._owner = owner or token_hex(8)
        self._recipe = recipe
        self._cases = cases
        self._daily = Daily(following, shelves, clock=clock, budgets=lambda: recipe(settings).budgets)
        self._training: Training | None = None
        self._stopping = asyncio.Event()
        self._pause = POLL
        self._looked = self._counted = self._trimmed = float("-inf")

    def stop(self) -> None:
        """End soon; a training that runs waits for another process."""
        self._stopping.set()
        if self._training is not None:
            self._training.interrupt()

    async def run(self, *, once: bool = False) -> None:
        """
        Train whenever there is a reason to, until :meth:`stop`.

        Args:
            once: Whether to end as soon as no training waits, and to ask for none.
        """
        try:
            while not self._stopping.is_set():
                busy = False
                try:
                    busy = await self._turn(by_itself=not once)
                except (StoreUnavailable, StoreCorrupt) as error:
                    log.warning("training_impossible", error=str(error))
                except Lost:
                    log.warning("training_lost", why="another process trains by now")
                except Exception:
                    log.exception("training_round_failed")
                    self._pause = _COUNT_EVERY
                if once and not busy:
                    return
                if not busy:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(self._pause):
                            await self._stopping.wait()
        finally:
            with contextlib.suppress(StoreUnavailable):
                await self._state.release(self._owner)

    async def _turn(self, *, by_itself: bool) -> bool:
        """Do what there is to do; tell whether there was something."""
        fence = await self._state.lease(self._owner)
        self._pause = POLL if fence else _LOOK_EVERY
        if not fence:
            return False
        state = await self._state.read()
        if state.job:
            await self._carry_out(state, fence)
            return True
        running = asyncio.get_running_loop().time()
        if not by_itself or running < self._looked + _LOOK_EVERY:
            return False
        self._looked = running
        if running >= self._trimmed + _TRIM_EVERY:
            self._trimmed = running
            await self._shelves.claims.trim(self._clock())
        if await self._ask(state):
            return True
        return await self._once_a_day(state)

    async def _carry_out(self, state: NetworkState, fence: str) -> None:
        packed = await self._state.job(state.job)
        job = read_job(packed) if packed is not None else None
        problem = ""
        if job is None or job.state not in OPEN:
            await self._state.change({"job": "", "cancel": ""}, expected={"fence": fence, "job": state.job})
            return
        if state.cancel == job.id:
            ended, problem = "cancelled", "cancelled before it began"
        elif job.state == "running":
            ended, problem = "failed", "the process that trained died: killed, or out of memory"
        if problem:
            job = msgspec.structs.replace(job, state=ended, why=f"{job.why}: {problem}", ended=self._clock())
            await self._state.change(
                {"job": "", "cancel": ""}, expected={"fence": fence, "job": job.id}, jobs={job.id: pack_job(job)}
            )
            await self._state.count_training(ended)
            log.warning("training_ended", job=job.id, state=ended, why=problem)
            return
        await self._following.follow()
        champion = self._following.champion
        self._training = Training(
            self._shelves,
            job,
            fence=fence,
            champion=champion.model if champion is not None else None,
            clock=self._clock,
            keep=lambda: self._state.lease(self._owner),
            cases=self._cases,
        )
        try:
            await self._training.run(self._recipe(self._settings, epochs=job.epochs, samples=job.samples))
        finally:
            self._training = None
            give_back()
        await self._state.forget_jobs()

    # -- by itself

    async def _ask(self, state: NetworkState) -> bool:
        """Ask for a training if feedback or the schedule gives a reason; tell whether one did."""
        settings, now = self._settings, self._clock()
        if feedback_may_train(state, settings, now):
            new = await self._shelves.claims.count(after=state.used)
            if new >= settings.feedback_samples:
                return await self._put("feedback", settings.feedback_epochs, {"fed": now, "tried": now}, state)
        if schedule_is_due(state, settings, now):
            running = asyncio.get_running_loop().time()
            if running < self._counted + _COUNT_EVERY:
                return False
            if (await self._shelves.journal.held()).samples >= _LEAST_SAMPLES:
                return await self._put("schedule", 0, {"tried": now}, state)
            self._counted = running
        return False

    async def _put(self, why: str, epochs: int, changes: dict[str, float], state: NetworkState) -> bool:
        _, new = await put(
            self._state, samples=0, epochs=epochs, who="nacre", why=why, now=self._clock(), changes=changes,
            fence=state.fence,
        )  # fmt: skip
        return new

    async def _once_a_day(self, state: NetworkState) -> bool:
        """Look back over the last days if it is time to; tell whether that began a training."""
        keeping = asyncio.create_task(self._keep_lease())
        try:
            worst = await self._daily.run(state)
        finally:
            keeping.cancel()
        now = self._clock()
        if not drift_may_train(state, self._settings, now, worst):
            return False
        return await self._put("drift", 0, {"drifted": now, "tried": now}, state)

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await self._state.lease(self._owner)


def feedback_may_train(state: NetworkState, settings: NeuralNetwork, now: float) -> bool:
    """Whether feedback may start a training by now, if there is enough of it."""
    return bool(settings.feedback_samples) and now - state.fed >= settings.feedback_interval


def drift_may_train(state: NetworkState, settings: NeuralNetwork, now: float, worst: float) -> bool:
    """
    Whether inputs have drifted so far, and long enough after the last time, that a training is asked for.

    >>> [drift_may_train(NetworkState(), NeuralNetwork(), 1e9, worst) for worst in (0.24, 0.25)]
    [False, True]
    """
    least = settings.retrain_drift
    return 0.0 < least <= worst and now - state.drifted >= settings.drift_interval


def schedule_is_due(state: NetworkState, settings: NeuralNetwork, now: float) -> bool:
    """
    Whether it is time to train by schedule.

    One that came to nothing is tried again after an hour.

    >>> schedule_is_due(NetworkState(trained=0.0, tried=86_000.0), NeuralNetwork(), 86_400.0)
    False
    """
    every = float(settings.train_every)
    return bool(every) and now - state.trained >= every and now - state.tried >= min(every, _AGAIN)
