# SPDX-License-Identifier: Apache-2.0
"""The same guard for programs without an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from nacre.attempt import AttemptFields
from nacre.config.tree import Settings
from nacre.decision import Decision
from nacre.record import Receipt
from nacre.service import Guard

_Result = TypeVar("_Result")


class BlockingGuard:
    """
    A guard whose answers are waited for; safe to share between threads.

    Its event loop runs in a thread of its own, so that requests of many threads share trips
    to the store just as they do in an asynchronous program.

    Args:
        settings: The tree; its defaults protect sensibly.
        data_dir: Directory of keys, spool and embedded store, instead of the one in the settings.

    Example::

        with BlockingGuard() as guard:
            decision = guard.check(AttemptFields(client_ip="192.0.2.7", username="erika", password=typed))
    """

    def __init__(self, settings: Settings | None = None, *, data_dir: Path | None = None) -> None:
        self._opening = Guard.open(settings, data_dir=data_dir)
        self._runner = asyncio.Runner()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        # The store is started from this thread: its kernel ends it with the thread that started it.
        try:
            self.guard = self._runner.run(self._opening.__aenter__())
        except BaseException:
            self._runner.close()
            raise
        self._loop = self._runner.get_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="nacre", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None  # noqa: S101  entered before
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._runner.run(self._opening.__aexit__(kind, error, trace))
        self._runner.close()

    def check(self, fields: AttemptFields) -> Decision:
        """Say what to do with an attempt, as :meth:`Guard.check`."""
        return self._wait(self.guard.check(fields))

    def report(self, what: str | AttemptFields, *, success: bool, feature: str = "") -> Receipt:
        """Tell what became of an attempt, as :meth:`Guard.report`."""
        return self._wait(self.guard.report(what, success=success, feature=feature))

    def attempt(self, fields: AttemptFields, *, success: bool) -> Decision:
        """Check and report in one, as :meth:`Guard.attempt`."""
        return self._wait(self.guard.attempt(fields, success=success))

    def _wait(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()
