# SPDX-License-Identifier: Apache-2.0
"""The metrics of scripts in one process; they run in threads, so counts are taken over in one place."""

from __future__ import annotations

from collections.abc import Iterable
from queue import Empty, SimpleQueue

from prometheus_client import CollectorRegistry, Counter, Histogram

LUA = {
    "nacre_lua_runs_total": "Runs of scripts by script and how they ended.",
    "nacre_lua_seconds": "Seconds that a run of a script took, what it waited for included.",
}
"""Every metric with its sentence."""

SECONDS = (0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30)


class HookMetrics:
    """
    Counts runs.

    Args:
        registry: Of the process.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._runs = Counter(
            "nacre_lua_runs_total", LUA["nacre_lua_runs_total"], ("script", "outcome"), registry=registry
        )
        self._seconds = Histogram("nacre_lua_seconds", LUA["nacre_lua_seconds"], buckets=SECONDS, registry=registry)
        self._waiting: SimpleQueue[tuple[str, str, float | None]] = SimpleQueue()

    def add(self, script: str, outcome: str, seconds: float) -> None:
        """Count a run; any thread may."""
        self._waiting.put((script, outcome, seconds))

    def count(self, script: str, outcome: str) -> None:
        """Count a run that did not begin; any thread may."""
        self._waiting.put((script, outcome, None))

    def flush(self) -> None:
        """Put what was counted into the metrics."""
        for script, outcome, seconds in self._taken():
            self._runs.labels(script or "any", outcome).inc()
            if seconds is not None:
                self._seconds.observe(seconds)

    def _taken(self) -> Iterable[tuple[str, str, float | None]]:
        for _ in range(self._waiting.qsize()):
            try:
                yield self._waiting.get_nowait()
            except Empty:
                return
