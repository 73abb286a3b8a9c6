# SPDX-License-Identifier: Apache-2.0
"""
Threads that stay on the processor of the event loop while their work is short and comes one piece at a time.

The system likes to wake a thread on a processor that sleeps.  That takes longer than a short script does, there its
caches are cold, and on a machine with two processors it is the one that the store was about to wake up on.  Next to
the loop, which has nothing to do but to wait, it begins at once.  Where work is long, or there is much of it, threads
run wherever there is room.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import threading
from collections.abc import Callable, Collection

ANYWHERE = -1

_SHORT = 0.0002
"""Seconds that a piece of work takes on average, at most, to be short."""
_SHARE = 0.1
"""What the last piece weighs in that average."""
_CALM = 16
"""Pieces that come one after the other before threads are kept near."""


def _processor() -> Callable[[], int] | None:
    """Return what tells the processor that asks, ``None`` where the system does not say."""
    if not hasattr(os, "sched_setaffinity"):
        return None
    with contextlib.suppress(AttributeError, OSError):
        found: Callable[[], int] = ctypes.PyDLL(None).sched_getcpu  # keeps Python's lock: it returns at once
        return found
    return None


class Nearby:
    """
    Says where the threads of a lane run.

    Args:
        ask: Tells the processor that asks; ``None`` leaves threads where the system puts them.

    Attributes:
        at: The processor that they are kept on, :data:`ANYWHERE` without one.
    """

    def __init__(self, ask: Callable[[], int] | None = _processor()) -> None:  # noqa: B008  the same for all
        self._ask = ask
        self._everywhere = os.sched_getaffinity(0) if ask is not None else set[int]()
        self._usual = 0.0
        self._calm = 0
        self.at = ANYWHERE

    def call(self, threads: Collection[threading.Thread], together: int) -> None:
        """
        Get threads to where they are to run next; called on the loop, before it hands work over.

        Args:
            threads: All of them.
            together: Pieces of work at this moment, the next one included.
        """
        if self._ask is not None:
            self._calm = self._calm + 1 if together <= 1 and self._usual <= _SHORT else 0
            at = self._ask() if self._calm > _CALM else ANYWHERE
            if at != self.at:
                self._move(threads, at)
        if self._ask is None:  # a thread could not be moved, now or as it began: the others go back
            self.free(threads)

    def took(self, seconds: float) -> None:
        """Take in how long a piece of work took."""
        self._usual += _SHARE * (seconds - self._usual)

    def free(self, threads: Collection[threading.Thread]) -> None:
        """Let threads run wherever there is room, since one of them does not come back."""
        self._calm = 0
        if self.at != ANYWHERE:
            self._move(threads, ANYWHERE)

    def begin(self) -> None:
        """Go to where the others are; called by a thread that begins."""
        if self.at != ANYWHERE:
            self._place(0, {self.at})

    def _move(self, threads: Collection[threading.Thread], at: int) -> None:
        self.at = at
        for thread in threads:
            if thread.native_id is not None and thread.is_alive():
                self._place(thread.native_id, {at} if at != ANYWHERE else self._everywhere)

    def _place(self, thread: int, processors: set[int]) -> None:
        try:
            os.sched_setaffinity(thread, processors)
        except ProcessLookupError:  # it has just ended
            pass
        except OSError:  # not for us to say here
            self._ask = None
