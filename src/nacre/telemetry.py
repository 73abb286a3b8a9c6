# SPDX-License-Identifier: Apache-2.0
"""
Names of all metrics, and the line that is logged for each decision.

Labels are bounded: actions, rules and reasons come from the settings or the code, never from an attempt.
"""

from __future__ import annotations

import contextlib
import os
import queue
import select
import stat
import threading
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import BinaryIO

import msgspec
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from nacre.address import format_address
from nacre.attempt import Attempt, AttemptFields
from nacre.campaign_metrics import CAMPAIGNS, CampaignMetrics
from nacre.decision import Action, Decision
from nacre.hook_metrics import LUA, HookMetrics
from nacre.network_metrics import NETWORK, NetworkMetrics
from nacre.times import LATENCY, Times

_LAST_PATIENCE = 5.0
MULTIPROCESS = "PROMETHEUS_MULTIPROC_DIR"
"""Names the directory where the workers of a service share their counts."""

METRICS = {
    "nacre_checks_total": "Checks by the action that was answered.",
    "nacre_reports_total": "Reports by what became of them.",
    "nacre_rule_trips_total": "Checks in which a rule was tripped, by rule.",
    "nacre_check_seconds": "Seconds from a check's arrival to its decision.",
    "nacre_report_seconds": "Seconds from a report's arrival to its receipt.",
    "nacre_blocks": "Blocks in force.",
    "nacre_blocks_begun_total": "Blocks begun by this instance, by rule.",
    "nacre_store_up": "Whether the store can be reached, 1 or 0.",
    "nacre_store_failures_total": "Checks that were decided without the store.",
    "nacre_spooled_reports": "Reports that wait on disk for the store.",
    "nacre_unknown_fields_total": "Requests that carried fields we do not know; the fields are ignored.",
    "nacre_denied_total": "Requests turned away by status, 401 or 403.",
    "nacre_decision_lines_dropped_total": "Decision lines dropped as standard output was slow, or they are no Unicode.",
    **NETWORK,
    **LUA,
    **CAMPAIGNS,
}
"""Every metric with its sentence; docs/reference/metrics.md is compared with it."""


class Telemetry:
    """The metrics of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

        def counter(name: str, *labels: str) -> Counter:
            return Counter(name, METRICS[name], labels, registry=self.registry)

        def gauge(name: str, mode: str) -> Gauge:
            return Gauge(name, METRICS[name], registry=self.registry, multiprocess_mode=mode)  # type: ignore[arg-type]

        def histogram(name: str) -> Histogram:
            return Histogram(name, METRICS[name], buckets=LATENCY, registry=self.registry)

        checks = counter("nacre_checks_total", "action")
        self.checks = {action: checks.labels(action.value) for action in Action}
        self.reports = counter("nacre_reports_total", "result")
        self.trips = counter("nacre_rule_trips_total", "rule")
        self.check_times = Times(histogram("nacre_check_seconds"))
        self.report_times = Times(histogram("nacre_report_seconds"))
        self.blocks = gauge("nacre_blocks", "livemax")
        self.blocks_begun = counter("nacre_blocks_begun_total", "rule")
        self.store_up = gauge("nacre_store_up", "livemin")
        self.store_failures = counter("nacre_store_failures_total")
        self.spooled = gauge("nacre_spooled_reports", "livemax")
        self.unknown_fields = counter("nacre_unknown_fields_total")
        self.denied = counter("nacre_denied_total", "status")
        self.lines_dropped = counter("nacre_decision_lines_dropped_total")
        self.network = NetworkMetrics(self.registry, self.count)
        self.campaigns = CampaignMetrics(self.registry)
        self.hooks = HookMetrics(self.registry)
        self._children: dict[tuple[int, str], Counter] = {}
        self._pending: dict[Counter, int] = {}

    def count(self, counter: Counter, label: str) -> None:
        """Count one event under a label; the labelled counter is kept, for finding it costs more than counting."""
        child = self._children.get((id(counter), label))
        if child is None:
            child = self._children[id(counter), label] = counter.labels(label)
        self._pending[child] = self._pending.get(child, 0) + 1

    def count_check(self, action: Action, seconds: float) -> None:
        """Count a check and its time."""
        child = self.checks[action]
        self._pending[child] = self._pending.get(child, 0) + 1
        self.check_times.add(seconds)

    def flush(self) -> None:
        """Put what was counted into the metrics; called every moment by the service, and before they are read."""
        pending, self._pending = self._pending, {}
        for child, count in pending.items():
            child.inc(count)
        self.check_times.flush()
        self.report_times.flush()
        self.network.flush()
        self.hooks.flush()

    def exposition(self) -> bytes:
        """Return all metrics in the text format of Prometheus, those of all workers together."""
        self.flush()
        if MULTIPROCESS not in os.environ:
            return generate_latest(self.registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)


class DecisionLine(msgspec.Struct, omit_defaults=True, tag_field="event", tag="decision", gc=False):
    """One decision as it is logged."""

    time: float
    request_id: str
    action: str
    client_ip: str
    username: str
    protocol: str = ""
    service: str = ""
    method: str = ""
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    delay: float = 0.0
    score: float | None = None
    score_accept: float | None = None
    model: str = ""
    rules_alone: str | None = None
    shadow: float | None = None
    threat: float = 0.0
    measures: tuple[str, ...] = ()
    custom: dict[str, object] = {}

    @classmethod
    def of(
        cls,
        time: float,
        client_ip: str | bytes,
        who: tuple[str, str, str, str],
        decision: Decision,
        custom: Mapping[str, object],
    ) -> DecisionLine:
        """Return the line of a decision; of who asked, it needs the name, protocol, service and method."""
        return cls(
            time,
            decision.request_id,
            decision.action,
            format_address(client_ip) if isinstance(client_ip, bytes) else client_ip,
            *who,
            decision.rules,
            tuple([reason.code for reason in decision.reasons]),
            decision.delay,
            decision.score,
            decision.score_accept,
            decision.model,
            decision.rules_alone,
            decision.shadow,
            decision.threat,
            decision.measures,
            dict(custom) if custom else {},
        )


class DecisionLog:
    """
    Writes one JSON line per decision without ever making a request wait.

    Lines are handed to a thread in chunks; if the reader of the output is too slow, chunks are
    dropped and counted.

    Args:
        output: Where to write.
        dropped: Called with the number of lines lost.
    """

    _CHUNKS = 256
    _TOGETHER = 64

    def __init__(self, output: BinaryIO, dropped: Callable[[int], None]) -> None:
        self._output = output
        self._whole = _takes_whole_chunks(output)
        self._dropped = dropped
        self._waiting: list[tuple[float, str | bytes, tuple[str, str, str, str], Decision, Mapping[str, object]]] = []
        self._chunks: list[bytes] = []
        self._lines = 0
        self._encode = msgspec.json.Encoder().encode_lines
        self._queue: queue.Queue[bytes | None] = queue.Queue(self._CHUNKS)
        self._thread = threading.Thread(target=self._write, name="nacre-decision-log", daemon=True)
        self._thread.start()

    def write(
        self,
        time: float,
        client_ip: str | bytes,
        who: Attempt | AttemptFields,
        decision: Decision,
        custom: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """
        Log a decision.

        Args:
            time: Unix seconds of the attempt.
            client_ip: Its address, as text or packed.
            who: The attempt.
            decision: What was answered.
            custom: Pairs that scripts add.
        """
        named = who.username, who.protocol, who.service, who.method  # not all of it: a password may be there
        self._waiting.append((time, client_ip, named, decision, custom))
        if len(self._waiting) >= self._TOGETHER:
            self._make_lines()

    def flush(self) -> None:
        """Hand what was logged to the thread; called every moment by the service."""
        self._make_lines()
        if not self._lines:
            return
        chunks, lines, self._chunks, self._lines = self._chunks, self._lines, [], 0
        try:
            self._queue.put_nowait(b"".join(chunks))
        except queue.Full:
            self._dropped(lines)

    def _make_lines(self) -> None:
        """Make lines of what waits: many at a time take a third of what each would alone."""
        waiting, self._waiting = self._waiting, []
        lines = [DecisionLine.of(*told) for told in waiting]
        try:
            self._chunks.append(self._encode(lines))
        except UnicodeEncodeError:  # half of a pair of surrogates in one of them
            lines = [line for line in lines if _can_be_written(line)]
            self._dropped(len(waiting) - len(lines))
            self._chunks.append(self._encode(lines))
        self._lines += len(lines)

    def close(self) -> None:
        """Write what is left."""
        self.flush()
        with contextlib.suppress(queue.Full):
            self._queue.put(None, timeout=_LAST_PATIENCE)
        self._thread.join(_LAST_PATIENCE)

    def _write(self) -> None:
        while (chunk := self._queue.get()) is not None:
            for piece in (chunk,) if self._whole else pieces(chunk, select.PIPE_BUF):
                try:
                    self._output.write(piece)
                    self._output.flush()
                except (OSError, ValueError):
                    self._dropped(piece.count(b"\n"))


def pieces(chunk: bytes, most: int) -> Iterator[bytes]:
    r"""
    Cut lines into pieces of whole lines, at most *most* bytes each; a longer line is a piece of its own.

    A pipe takes as much at once, and never mixes it with what other workers write.

    >>> list(pieces(b"one\ntwo\nthree\n", 8))
    [b'one\ntwo\n', b'three\n']
    """
    begin = 0
    while begin < len(chunk):
        end = chunk.rfind(b"\n", begin, begin + most) + 1 or chunk.index(b"\n", begin) + 1
        yield chunk[begin:end]
        begin = end


def _can_be_written(line: DecisionLine) -> bool:
    try:
        msgspec.json.encode(line)
    except UnicodeEncodeError:
        return False
    return True


def _takes_whole_chunks(output: BinaryIO) -> bool:
    """Tell whether an output keeps long writes of several processes apart by itself."""
    try:
        return not (stat.S_ISFIFO(mode := os.fstat(output.fileno()).st_mode) or stat.S_ISSOCK(mode))
    except (OSError, ValueError):
        return True
