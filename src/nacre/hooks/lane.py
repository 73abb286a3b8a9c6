# SPDX-License-Identifier: Apache-2.0
"""
Threads in which scripts run, so that the event loop never waits for one.

lupa lets go of Python's lock while Lua runs; what a script computes costs other work nothing but a share of the
processor.  A thread whose script does not come back is given up and replaced, so many times; the script cannot be
stopped from outside, and ends when it looks at its limits.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import structlog

from nacre.errors import HookError, HooksBusy
from nacre.hooks.nearby import Nearby
from nacre.hooks.state import State

Result = TypeVar("Result")
Work = Callable[[State], Any]

log = structlog.get_logger(__name__)

GRACE = 0.5
"""Seconds; a run notices by itself, as a rule, that its time is up."""
_PATIENCE = 2.0
_SWEEP = 0.1
_AHEAD = 4
"""Runs for each thread that are handed over before it is free."""


class _Job:
    """One piece of work, from its place in the queue to its end."""

    __slots__ = ("begun", "deadline", "done", "ended", "error", "lost", "make", "result", "took", "work")

    def __init__(self, make: Callable[[], Work], deadline: float, done: asyncio.Future[Any] | None) -> None:
        self.make = make
        self.work: Work | None = None
        self.deadline = deadline
        self.done = done
        self.result: object = None
        self.error: BaseException | None = None
        self.took = 0.0
        self.begun = False
        self.ended = False
        self.lost = False

    @property
    def dropped(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.done is not None and self.done.done()


class Lane:
    """
    A queue and the threads that serve it, each with a state of its own.

    Args:
        name: In logs and the names of threads.
        threads: How many; they begin when they are needed.
        room: Pieces of work that may wait.
        make: Makes a state.
        grace: Seconds that a run may take beyond its time before its thread is given up; that is noticed a tenth of a
            second late at most.
    """

    def __init__(self, name: str, *, threads: int, room: int, make: Callable[[], State], grace: float = GRACE) -> None:
        self._name = name
        self._most = threads
        self._room = room
        self._make = make
        self._grace = grace
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: set[threading.Thread] = set()
        self._waiting: deque[_Job] = deque()
        self._handed: set[_Job] = set()
        self._dealing = self._sweeping = False
        self._nearby = Nearby()
        self._idle = asyncio.Event()
        self._idle.set()
        self._lost = 0
        self._stopped = False

    async def run(self, work: Callable[[State], Result], seconds: float) -> Result:
        """
        Return what work returns that is done in one of the threads.

        Args:
            work: Is handed the state; its runs have the deadline that they are given.
            seconds: How long the caller waits, in the queue and for the work.

        Raises:
            HooksBusy: there is no room to wait.
            HookError: the work failed, or did not end in time.
        """
        return await self.begin(lambda: work, seconds)

    def begin(self, make: Callable[[], Callable[[State], Result]], seconds: float) -> asyncio.Future[Result]:
        """
        Have work done, and return the future of what it returns; work whose future is cancelled is not begun.

        It is handed over behind the next turn of the loop.  What is asked of the store right afterwards leaves in that
        turn, and travels while the work is done; and the thread does not wake up for a lock that the loop still holds.

        Args:
            make: Makes the work as it is handed over, here: what it is made of lies in the caches of this processor.
            seconds: How long the caller waits.

        Returns:
            The future; it raises what :meth:`run` does.
        """
        done: asyncio.Future[Result] = self._loop.create_future()
        try:
            self._admit()
        except HooksBusy as error:
            done.set_exception(error)
            return done
        self._waiting.append(_Job(make, time.monotonic() + seconds, done))
        self._idle.clear()
        if not self._dealing:
            self._dealing = True
            self._loop.call_soon(self._loop.call_soon, self._deal)
        if not self._sweeping:
            self._sweeping = True
            self._loop.call_later(_SWEEP, self._sweep)
        return done

    def post(self, work: Work, seconds: float) -> None:
        """
        Have work done that nobody waits for; what goes wrong is logged by whoever made it.

        Raises:
            HooksBusy: there is no room to wait.
        """
        self._admit()
        self._idle.clear()
        self._hand(_Job(lambda: work, time.monotonic() + seconds, None))

    async def stop(self) -> None:
        """Let the threads end what they have begun, for a moment, and begin nothing more."""
        self._stopped = True
        while self._waiting:
            done = self._waiting.popleft().done
            if done is not None and not done.done():
                done.set_exception(HooksBusy(f"scripts: the threads for {self._name} end"))
        self._rest()
        for _ in range(self._most * 2):
            self._jobs.put(None)
        threads = list(self._threads)
        await asyncio.to_thread(_join, threads)

    async def settle(self) -> None:
        """Wait until all is done that waits."""
        await self._idle.wait()

    def _admit(self) -> None:
        if self._stopped or len(self._waiting) + len(self._handed) >= self._room + self._most:
            raise HooksBusy(f"scripts: all {self._most} threads for {self._name} are taken, and {self._room} runs wait")

    def _rest(self) -> None:
        if not self._handed and not self._waiting:
            self._idle.set()

    def _deal(self) -> None:
        """
        Hand over what waits, as long as the threads have little before them.

        To hand a thousand runs over at once would keep the loop as long as they take to prepare.
        """
        self._dealing = False
        waiting, handed, most = self._waiting, self._handed, self._most * _AHEAD
        while waiting and len(handed) < most:
            job = waiting.popleft()
            if not job.dropped:
                self._hand(job)
        self._rest()

    def _hand(self, job: _Job) -> None:
        try:
            job.work = job.make()
        except Exception as error:
            if job.done is None:
                raise
            job.done.set_exception(error)
            return
        self._handed.add(job)
        if len(self._threads) - self._lost < min(self._most, len(self._handed)):
            self._begin()
        self._nearby.call(self._threads, len(self._handed) + len(self._waiting))
        self._jobs.put(job)

    def _sweep(self) -> None:
        """Answer for those whose time is up."""
        if any(job.begun and not job.ended for job in self._handed):
            self._nearby.free(self._threads)
        now = time.monotonic() - self._grace
        for job in [job for job in self._handed if job.deadline < now]:
            self._give_up(job)
        for job in self._waiting:
            if job.done is not None and job.deadline < now and not job.done.done():
                job.done.set_exception(HookError(self._name, "no thread was free in its time", limit=True))
        self._waiting = deque(job for job in self._waiting if not job.dropped)
        self._rest()
        self._sweeping = not self._idle.is_set()
        if self._sweeping:
            self._loop.call_later(_SWEEP, self._sweep)

    def _begin(self) -> None:
        thread = threading.Thread(target=self._serve, name=f"nacre-lua-{self._name}", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _give_up(self, job: _Job) -> None:
        """Answer for a run that did not come back; its thread is replaced, as often as there are threads."""
        if job.done is None or job.done.done():
            return
        job.done.set_exception(HookError(self._name, "a script did not come back in its time", limit=True))
        if job.begun and not job.ended and self._lost < self._most:
            job.lost = True
            self._lost += 1
            log.warning("lua_thread_lost", lane=self._name, lost=self._lost)
            self._begin()

    def _serve(self) -> None:
        """Do what comes, in a thread."""
        self._nearby.begin()
        state: State | None = None
        while (job := self._jobs.get()) is not None:
            if job.done is None or not job.done.done():
                job.begun, began = True, time.perf_counter()
                try:
                    if state is None or state.spent:
                        state = self._make()
                    if time.monotonic() > job.deadline:
                        raise HookError(self._name, "no thread was free in its time", limit=True)  # noqa: TRY301
                    job.result = job.work(state)  # type: ignore[misc]
                except BaseException as error:  # noqa: BLE001  whoever waits is told
                    job.error = error
                job.took = time.perf_counter() - began
            job.ended = True
            lost = threading.current_thread() if job.lost else None
            try:
                self._loop.call_soon_threadsafe(self._done, job, lost)
            except RuntimeError:  # the loop is closed: nobody waits any more
                return
            if lost is not None:
                return
            del job  # what it holds is not for the next one, which may be long in coming
            if state is not None and not state.spent:
                state.prepare()

    def _done(self, job: _Job, lost: threading.Thread | None) -> None:
        """Take over what a thread did; *lost* is that thread if it ends now."""
        self._handed.discard(job)
        self._nearby.took(job.took)
        if self._waiting:
            self._deal()
        self._rest()
        if job.lost:
            self._lost -= 1
        if lost is not None:
            self._threads.discard(lost)
        if job.done is None or job.done.done():
            return
        if job.error is not None:
            job.done.set_exception(job.error)
        else:
            job.done.set_result(job.result)


def _join(threads: list[threading.Thread]) -> None:
    until = time.monotonic() + _PATIENCE
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
