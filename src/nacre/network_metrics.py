# SPDX-License-Identifier: Apache-2.0
"""The metrics of the network in one process."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from nacre.decision import Decision
from nacre.times import Times

NETWORK = {
    "nacre_network_scores": "Scores by head, guess or accept.",
    "nacre_network_changes_total": "Decisions that the network changed, by the action that it made of them.",
    "nacre_network_learning": "Whether the network only collects and scores, 1 or 0.",
    "nacre_network_model_created_seconds": "Unix time at which the model in use was made; 0: none was made here.",
    "nacre_network_models_refused_total": "Models that could not be used: changed, or made for other columns.",
    "nacre_network_rows_total": "Rows written to the journal, events and samples.",
    "nacre_network_rows_lost_total": "Rows for which there was no room to wait for the store.",
    "nacre_network_trainings": "Trainings of all instances by how they ended.",
    "nacre_network_drift": "Highest population stability index of an input, 0 if none drifted.",
    "nacre_network_held": "Whether the network took itself back and may only challenge, 1 or 0.",
    "nacre_network_rolled_back_seconds": "Unix time at which it went back to the model in use by itself, or 0.",
    "nacre_network_owners_refused_ratio": "Share of those who sign in where they always do that reached a threshold "
    "for refusing, in ten minutes.",
    "nacre_network_alarm_seconds": "Unix time at which a rate was last seen to have risen, or 0.",
}
"""Every metric with its sentence."""

SCORE_BUCKETS = (0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 0.999)

ENDED = ("published", "refused", "failed", "cancelled")
"""How trainings end."""


RATES = ("refusals", "legitimate")
"""Rates that are watched for a rise: of refusals of owners, and of legitimate attempts above threshold."""


class Known(Protocol):
    """What is known of the network's steadiness, in Unix seconds."""

    @property
    def held(self) -> float:
        """From when on it may only challenge, 0 if it may do as set."""

    @property
    def rolled(self) -> float:
        """When it went back to the model in use by itself, 0 if it did not."""

    @property
    def risen_refusals(self) -> float:
        """When the share of refusals of owners was last seen to have risen."""

    @property
    def risen_legitimate(self) -> float:
        """When that of legitimate attempts above threshold was."""


class Rows(Protocol):
    """Counts of a journal."""

    rows: list[int]
    lost: int


class NetworkMetrics:
    """
    Counts what the network says and does.

    Args:
        registry: Of the process.
        count: Counts one event under a label.
    """

    def __init__(self, registry: CollectorRegistry, count: Callable[[Counter, str], None]) -> None:

        def counter(name: str, *labels: str) -> Counter:
            return Counter(name, NETWORK[name], labels, registry=registry)

        def gauge(name: str, *labels: str) -> Gauge:
            return Gauge(name, NETWORK[name], labels, registry=registry, multiprocess_mode="livemax")

        name = "nacre_network_scores"
        scores = Histogram(name, NETWORK[name], ("head",), buckets=SCORE_BUCKETS, registry=registry)
        self._guess = Times(scores.labels("guess"), SCORE_BUCKETS)
        self._accept = Times(scores.labels("accept"), SCORE_BUCKETS)
        self._count = count
        self._changes = counter("nacre_network_changes_total", "action")
        rows = counter("nacre_network_rows_total", "kind")
        self._rows = [rows.labels("event"), rows.labels("sample")]
        self._lost = counter("nacre_network_rows_lost_total")
        self._written = [0, 0]
        self._dropped = self._turned_away = 0
        self._refused = counter("nacre_network_models_refused_total")
        self.learning = gauge("nacre_network_learning")
        self.created = gauge("nacre_network_model_created_seconds")
        self.drift = gauge("nacre_network_drift")
        self._held = gauge("nacre_network_held")
        self._rolled = gauge("nacre_network_rolled_back_seconds")
        self._owners = gauge("nacre_network_owners_refused_ratio")
        alarms = gauge("nacre_network_alarm_seconds", "rate")
        self._alarms = {rate: alarms.labels(rate) for rate in RATES}
        trainings = gauge("nacre_network_trainings", "state")
        self._trainings = {state: trainings.labels(state) for state in ENDED}

    def count(self, decision: Decision) -> None:
        """Count what the network said of an attempt, and whether that changed the decision."""
        if decision.score is None or decision.score_accept is None:
            return
        self._guess.add(decision.score)
        self._accept.add(decision.score_accept)
        codes = {reason.code for reason in decision.reasons} if decision.measures else ()
        if decision.rules_alone is not decision.action and ("network" in codes or not decision.measures):
            self._count(self._changes, decision.action)

    def tell_steadiness(self, known: Known, *, share: float) -> None:
        """
        Tell whether the network took itself back, and why.

        Args:
            known: What all instances know.
            share: Of owners that would be refused; NaN where nobody signed in.
        """
        self._held.set(bool(known.held))
        self._rolled.set(known.rolled)
        self._owners.set(0.0 if isnan(share) else share)
        for rate, alarm in self._alarms.items():
            alarm.set(getattr(known, f"risen_{rate}"))

    def look(self, journal: Rows, *, refused: int, trainings: dict[str, int]) -> None:
        """Take over what others count, and what was counted since the last time."""
        for place, counter in enumerate(self._rows):
            counter.inc(journal.rows[place] - self._written[place])
        self._lost.inc(journal.lost - self._dropped)
        self._refused.inc(refused - self._turned_away)
        self._written, self._dropped, self._turned_away = list(journal.rows), journal.lost, refused
        for state, gauge in self._trainings.items():
            gauge.set(trainings.get(state, 0))

    def flush(self) -> None:
        """Put the scores that were counted into their histograms."""
        self._guess.flush()
        self._accept.flush()
