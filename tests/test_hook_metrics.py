# SPDX-License-Identifier: Apache-2.0
"""Runs of scripts, counted."""

from __future__ import annotations

from threading import Thread

from prometheus_client import CollectorRegistry

from nacre.hook_metrics import LUA, HookMetrics


def test_runs_of_many_threads_are_all_counted() -> None:
    """
    They are counted where they end, and taken over by the one thread that metrics belong to.
    """
    registry = CollectorRegistry()
    metrics = HookMetrics(registry)

    def count() -> None:
        for _ in range(100):
            metrics.add("geo", "done", 0.001)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metrics.count("", "busy")

    metrics.flush()

    assert registry.get_sample_value("nacre_lua_runs_total", {"script": "geo", "outcome": "done"}) == 400
    assert registry.get_sample_value("nacre_lua_runs_total", {"script": "any", "outcome": "busy"}) == 1
    assert registry.get_sample_value("nacre_lua_seconds_count") == 400


def test_every_metric_has_its_sentence() -> None:
    """
    It stands in the reference, too.
    """
    registry = CollectorRegistry()
    HookMetrics(registry)

    names = {f"{one.name}_total" if one.type == "counter" else one.name for one in registry.collect()}

    assert names == set(LUA)
