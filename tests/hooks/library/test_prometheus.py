# SPDX-License-Identifier: Apache-2.0
"""Metrics of scripts."""

from __future__ import annotations

from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from nacre.errors import HookError
from nacre.hooks.library.prometheus import MOST_METRICS, MOST_SERIES, Meters, prometheus_module

HEAD = 'local P = require("nauthilus_prometheus")\n'


@pytest.fixture
def registry() -> CollectorRegistry:
    """What is served."""
    return CollectorRegistry()


@pytest.fixture
def run(lua: Any, registry: CollectorRegistry) -> Any:
    """Run a chunk that knows the module as ``P``."""
    module = prometheus_module(Meters(registry))
    return lambda source: lua(HEAD + source, nauthilus_prometheus=module)


def test_gauges_and_counters_move(run: Any, registry: CollectorRegistry) -> None:
    """
    Labels are named or in the order of the metric's.
    """
    run("""
        P.create_gauge_vec("g", "a gauge", { "service" })
        P.create_counter_vec("c_total", "a counter", { "a", "b" })
        P.set_gauge("g", 5, { service = "x" }) P.add_gauge("g", 2, { "x" }) P.sub_gauge("g", 1, { service = "x" })
        P.increment_gauge("g", { service = "y" }) P.decrement_gauge("g", { service = "y" })
        P.increment_counter("c_total", { b = 2, a = "1" }) P.increment_counter("c_total", { "1", "2" })
    """)

    assert registry.get_sample_value("g", {"service": "x"}) == 6
    assert registry.get_sample_value("g", {"service": "y"}) == 0
    assert registry.get_sample_value("c_total", {"a": "1", "b": "2"}) == 2


def test_timers_observe_seconds(run: Any, registry: CollectorRegistry) -> None:
    """
    A timer that is stopped twice is an error.
    """
    run("""
        P.create_histogram_vec("h_seconds", "a histogram", { "task" })
        P.create_summary_vec("s_seconds", "a summary", {})
        local t = P.start_histogram_timer("h_seconds", { task = "x" })
        P.stop_timer(t)
        P.stop_timer(P.start_summary_timer("s_seconds", {}))
    """)

    assert registry.get_sample_value("h_seconds_count", {"task": "x"}) == 1
    assert registry.get_sample_value("s_seconds_count") == 1
    with pytest.raises(HookError, match="stopped before"):
        run("P.stop_timer(77)")


def test_creating_a_metric_again_changes_nothing(run: Any, registry: CollectorRegistry) -> None:
    """
    Every instance of an init script does; another type under the name is an error.
    """
    run('P.create_gauge_vec("g", "a", { "x" }) P.set_gauge("g", 1, { "y" }) P.create_gauge_vec("g", "b", { "x" })')

    assert registry.get_sample_value("g", {"x": "y"}) == 1
    with pytest.raises(HookError, match="another type or other labels"):
        run('P.create_counter_vec("g", "a", { "x" })')


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ('P.increment_counter("missing", {})', "Counter 'missing' not found"),
        ('P.create_counter_vec("nacre_checks_total", "a", {})', "cannot be a metric of a script"),
        ('P.create_counter_vec("a b", "a", {})', "cannot be a metric of a script"),
        ('P.create_gauge_vec("g", "a", { "x" }) P.set_gauge("g", 1, {})', "a value for each of the labels x"),
        ('P.create_gauge_vec("g", "a", { "x" }) P.set_gauge("g", 1, { z = 1 })', "a value for each of the labels x"),
    ],
)
def test_a_mistake_is_an_error(run: Any, source: str, error: str) -> None:
    """
    Our own metrics stay ours.
    """
    with pytest.raises(HookError, match=error):
        run(source)


def test_a_label_of_whatever_bytes_can_be_served(run: Any, registry: CollectorRegistry) -> None:
    """
    One user name that is no UTF-8 must not take all metrics away.
    """
    run('P.create_counter_vec("c_total", "a", { "user" }) P.increment_counter("c_total", { user = "\\255\\n" })')

    assert b'c_total{user="?\\n"} 1.0' in generate_latest(registry)


def test_a_metric_has_so_many_series(run: Any, registry: CollectorRegistry) -> None:
    """
    User names as labels would otherwise fill the memory of everybody who reads the metrics.
    """
    run(f"""
        P.create_counter_vec("c_total", "a", {{ "user" }})
        for i = 1, {MOST_SERIES + 50} do P.increment_counter("c_total", {{ user = "u" .. i }}) end
    """)

    assert registry.get_sample_value("c_total", {"user": "other"}) == 50
    assert generate_latest(registry).count(b"\nc_total{") == MOST_SERIES + 1


def test_a_process_has_so_many_metrics(run: Any) -> None:
    """
    A name is made of text, too.
    """
    with pytest.raises(HookError, match="no more can be"):
        run(f'for i = 1, {MOST_METRICS + 1} do P.create_gauge_vec("g" .. i, "a", {{}}) end')
