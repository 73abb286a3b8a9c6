# SPDX-License-Identifier: Apache-2.0
"""
Threads in which scripts run, so that the event loop never waits for one.

lupa lets go of Python's lock while Lua runs; what a script computes costs other work nothing but a share of the
processor.  A thread whose script does not come back is given up and replaced, so many times; the script cannot be
stopped from outside, and ends when it looks at its limits.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

import structlog

from nacre.errors import HookError, HooksBusy
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

    __slots__ = ("begun", "deadline", "done", "dropped", "lost", "work")

    def __init__(self, work: Work, deadline: float, done: asyncio.Future[Any] | None) -> None:
        self.work = work
        self.deadline = deadline
        self.done = done
        self.begun = False
        self.dropped = False
        self.lost = False


class Lane:
    """
    A queue and the threads that serve it, each with a state of its own.

    Args:
        name: In logs and the names of threads.
        threads: How many; they begin when they are needed.
        room: Pieces of work that may wait.
        make: Makes a state.
        grace: Seconds that a run may take beyond its time before its thread is given up.
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
        self._open = 0
        self._handed = 0
        self._turns: deque[tuple[float, asyncio.Future[None]]] = deque()
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
        self._admit()
        deadline = time.monotonic() + seconds
        try:
            if self._handed >= self._most * _AHEAD:
                await self._turn(deadline)
            job = _Job(work, deadline, self._loop.create_future())
            assert job.done is not None  # noqa: S101  for the type checker
            guard = self._loop.call_later(deadline - time.monotonic() + self._grace, self._give_up, job)
            self._hand(job)
        except BaseException:
            self._leave()
            raise
        try:
            result: Result = await job.done
        finally:
            guard.cancel()
            job.dropped = True
        return result

    def post(self, work: Work, seconds: float) -> None:
        """
        Have work done that nobody waits for; what goes wrong is logged by whoever made it.

        Raises:
            HooksBusy: there is no room to wait.
        """
        self._admit()
        self._hand(_Job(work, time.monotonic() + seconds, None))

    async def stop(self) -> None:
        """Let the threads end what they have begun, for a moment, and begin nothing more."""
        self._stopped = True
        for _, turn in self._turns:
            if not turn.done():
                turn.set_exception(HooksBusy(f"scripts: the threads for {self._name} end"))
        for _ in range(self._most * 2):
            self._jobs.put(None)
        threads = list(self._threads)
        await asyncio.to_thread(_join, threads)

    async def settle(self) -> None:
        """Wait until all is done that waits."""
        await self._idle.wait()

    def _admit(self) -> None:
        if self._open >= self._room + self._most or self._stopped:
            raise HooksBusy(f"scripts: all {self._most} threads for {self._name} are taken, and {self._room} runs wait")
        self._open += 1
        self._idle.clear()

    def _leave(self) -> None:
        self._open -= 1
        if not self._open:
            self._idle.set()

    async def _turn(self, deadline: float) -> None:
        """
        Wait until the threads have little before them.

        To hand a thousand runs over at once would keep the loop as long as they take to prepare.
        """
        turn = self._loop.create_future()
        self._turns.append((deadline, turn))
        if len(self._turns) == 1:
            self._loop.call_later(_SWEEP, self._sweep)
        await turn

    def _sweep(self) -> None:
        """End the waiting of those whose time is up."""
        now = time.monotonic()
        for deadline, turn in self._turns:
            if now > deadline + self._grace and not turn.done():
                turn.set_exception(HookError(self._name, "no thread was free in its time", limit=True))
        self._turns = deque(each for each in self._turns if not each[1].done())
        if self._turns:
            self._loop.call_later(_SWEEP, self._sweep)

    def _hand(self, job: _Job) -> None:
        self._handed += 1
        if len(self._threads) - self._lost < min(self._most, self._handed):
            self._begin()
        self._jobs.put(job)

    def _begin(self) -> None:
        thread = threading.Thread(target=self._serve, name=f"nacre-lua-{self._name}", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _give_up(self, job: _Job) -> None:
        """Answer for a run that did not come back; its thread is replaced, as often as there are threads."""
        if job.done is None or job.done.done():
            return
        job.dropped = True
        job.done.set_exception(HookError(self._name, "a script did not come back in its time", limit=True))
        if job.begun and self._lost < self._most:
            job.lost = True
            self._lost += 1
            log.warning("lua_thread_lost", lane=self._name, lost=self._lost)
            self._begin()

    def _serve(self) -> None:
        """Do what comes, in a thread."""
        state: State | None = None
        while (job := self._jobs.get()) is not None:
            result, error = None, None
            try:
                if not job.dropped:
                    job.begun = True
                    if state is None or state.spent:
                        state = self._make()
                    if time.monotonic() > job.deadline:
                        raise HookError(self._name, "no thread was free in its time", limit=True)  # noqa: TRY301
                    result = job.work(state)
            except BaseException as caught:  # noqa: BLE001  whoever waits is told
                error = caught
            lost = job.lost
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(self._done, job, result, error, threading.current_thread())
            if lost:
                return

    def _done(self, job: _Job, result: object, error: BaseException | None, thread: threading.Thread) -> None:
        self._leave()
        self._handed -= 1
        while self._turns and self._handed < self._most * _AHEAD:
            turn = self._turns.popleft()[1]
            if not turn.done():
                turn.set_result(None)
                break
        if job.lost:
            self._lost -= 1
            self._threads.discard(thread)
        if job.done is None or job.done.done():
            return
        if error is not None:
            job.done.set_exception(error)
        else:
            job.done.set_result(result)


def _join(threads: list[threading.Thread]) -> None:
    until = time.monotonic() + _PATIENCE
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
