# SPDX-License-Identifier: Apache-2.0
"""
``nauthilus_prometheus``: metrics of scripts, served beside ours.

Label values come from scripts, and those often take them from attempts: each metric has a bounded number of
series, and what comes after that is counted under ``other``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from threading import Lock
from typing import Any, NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary

from nacre.hooks.call import Module, OpenModule, Seat
from nacre.hooks.library.arguments import Function, key_text, number, sequence, table, text, text_or

MOST_METRICS = 200
MOST_SERIES = 500
"""Series of one metric."""

MOST_TIMERS = 1_000
"""Timers of one state of Lua that were started and not stopped."""

OTHER = "other"
_LONGEST = 128
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]{0,127}")
_LABEL = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]{0,63}")
_BUCKETS = tuple(0.001 * 1.75**step for step in range(15))
_Metric = Counter | Gauge | Histogram | Summary


class Meter:
    """
    One metric with its series.

    Args:
        metric: As the registry knows it.
        labels: Names of its labels.
    """

    def __init__(self, metric: _Metric, labels: tuple[str, ...]) -> None:
        self.metric = metric
        self.labels = labels
        self._children: dict[tuple[str, ...], _Metric] = {}

    def child(self, values: tuple[str, ...]) -> _Metric:
        """Return the series of some label values, or the one of all others where there are too many."""
        child = self._children.get(values)
        if child is None:
            if len(self._children) >= MOST_SERIES:
                values = (OTHER,) * len(values)
            child = self._children.setdefault(values, self.metric.labels(*values) if values else self.metric)
        return child


class Meters:
    """
    The metrics of scripts in a process.

    Args:
        registry: Serves them.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._meters: dict[str, Meter] = {}
        self._lock = Lock()

    def create(self, kind: type[_Metric], name: str, text: str, labels: tuple[str, ...]) -> None:
        """
        Create a metric; one that exists stays as it is.

        Raises:
            ValueError: the name cannot be used, or is one of our own, or there are too many.
        """
        with self._lock:
            known = self._meters.get(name)
            if known is not None:
                if not isinstance(known.metric, kind) or known.labels != labels:
                    raise ValueError(f"metric {name} exists, with another type or other labels")
                return
            if not _NAME.fullmatch(name) or name.startswith("nacre_") or not all(map(_LABEL.fullmatch, labels)):
                raise ValueError(f"{name!r} with labels {labels!r} cannot be a metric of a script")
            if len(self._meters) >= MOST_METRICS:
                raise ValueError(f"scripts created {MOST_METRICS} metrics, and no more can be")
            self._meters[name] = Meter(_made(kind, name, text, labels, self._registry), labels)

    def find(self, kind: type[_Metric], name: str) -> Meter:
        """
        Return a metric.

        Raises:
            ValueError: nobody created one of this name and type.
        """
        meter = self._meters.get(name)
        if meter is None or not isinstance(meter.metric, kind):
            raise ValueError(f"{kind.__name__} '{name}' not found")
        return meter

    def __iter__(self) -> Iterator[str]:
        return iter(self._meters)


class _Timer(NamedTuple):
    series: Any
    begun: float


def prometheus_module(meters: Meters) -> OpenModule:
    """Return the module upon the metrics of a process."""
    return lambda seat: _Prometheus(meters, seat).functions()


class _Prometheus:
    """The functions of the module at one seat."""

    def __init__(self, meters: Meters, seat: Seat) -> None:
        self._meters = meters
        self._seat = seat
        self._timers: dict[int, _Timer] = {}
        self._number = 0

    def functions(self) -> Module:
        """Return the functions by the names that scripts know."""
        return {
            "create_gauge_vec": self._create("create_gauge_vec", Gauge),
            "create_counter_vec": self._create("create_counter_vec", Counter),
            "create_histogram_vec": self._create("create_histogram_vec", Histogram),
            "create_summary_vec": self._create("create_summary_vec", Summary),
            "increment_counter": self._step("increment_counter", Counter, 1.0),
            "increment_gauge": self._step("increment_gauge", Gauge, 1.0),
            "decrement_gauge": self._step("decrement_gauge", Gauge, -1.0),
            "set_gauge": self._change("set_gauge", Gauge.set),
            "add_gauge": self._change("add_gauge", Gauge.inc),
            "sub_gauge": self._change("sub_gauge", Gauge.dec),
            "start_histogram_timer": self._start("start_histogram_timer", Histogram),
            "start_summary_timer": self._start("start_summary_timer", Summary),
            "stop_timer": self.stop_timer,
        }

    def _series(self, kind: type[_Metric], name: object, labels: object, function: str, position: int) -> Any:
        meter = self._meters.find(kind, text(name, 1, function))
        given = {} if labels is None else table(self._seat, labels, position, function)
        return meter.child(_values(meter.labels, given))

    def _create(self, function: str, kind: type[_Metric]) -> Function:
        def create(name: object, help_: object, labels: object) -> None:
            names = [] if labels is None else sequence(self._seat, labels, 3, function)
            named = tuple(text_or(label, "") for label in names)
            self._meters.create(kind, text(name, 1, function), _clean(text(help_, 2, function)), named)

        return create

    def _change(self, function: str, work: Callable[[Gauge, float], None]) -> Function:
        def change(name: object, value: object, labels: object) -> None:
            work(self._series(Gauge, name, labels, function, 3), number(value, 2, function))

        return change

    def _step(self, function: str, kind: type[_Metric], by: float) -> Function:
        def step(name: object, labels: object) -> None:
            self._series(kind, name, labels, function, 2).inc(by)

        return step

    def _start(self, function: str, kind: type[_Metric]) -> Function:
        def start(name: object, labels: object) -> int:
            series = self._series(kind, name, labels, function, 2)
            if len(self._timers) >= MOST_TIMERS:
                self._timers.pop(next(iter(self._timers)))
            self._number += 1
            self._timers[self._number] = _Timer(series, time.perf_counter())
            return self._number

        return start

    def stop_timer(self, handle: object) -> None:
        """Observe the seconds since a timer was started."""
        timer = self._timers.pop(int(number(handle, 1, "stop_timer")), None)
        if timer is None:
            raise ValueError("this timer was stopped before, or never started")
        timer.series.observe(time.perf_counter() - timer.begun)


def _made(kind: type[_Metric], name: str, text: str, labels: tuple[str, ...], registry: CollectorRegistry) -> _Metric:
    if kind is Histogram:
        return Histogram(name, text, labels, buckets=_BUCKETS, registry=registry)
    if kind is Gauge:
        return Gauge(name, text, labels, registry=registry, multiprocess_mode="livesum")
    return kind(name, text, labels, registry=registry)


def _values(names: tuple[str, ...], given: dict[object, object]) -> tuple[str, ...]:
    """Return label values in the order of the names; a list has them in that order already."""
    named = {key_text(key): value for key, value in given.items()}
    values = [named.get(name, given.get(place)) for place, name in enumerate(names, 1)]
    if len(given) != len(names) or None in values:
        raise ValueError(f"expected a value for each of the labels {', '.join(names) or '(none)'}")
    return tuple(_clean(text_or(value, str(value).lower())) for value in values)


def _clean(value: str) -> str:
    """Return a label value that can be served: no text without end, no bytes that are no UTF-8."""
    return value[:_LONGEST].encode("utf-8", "replace").decode()
