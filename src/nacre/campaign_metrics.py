# SPDX-License-Identifier: Apache-2.0
"""The metrics of campaigns in one process."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

from nacre.campaign.measure import Step
from nacre.drilled import LastDrill

CAMPAIGNS = {
    "nacre_threat_level": "How grave the attacks on the whole installation are, 0 to 1.",
    "nacre_campaigns": "Campaigns that run.",
    "nacre_accounts_under_attack": "Accounts that many origins try.",
    "nacre_measures": "Measures in force, by what they do.",
    "nacre_drill_time_seconds": "Unix time of the last drill that the watcher made, 0 if there was none.",
    "nacre_drill_passed": "Whether an attack of that drill was recognised and stopped as asked, 1 or 0.",
    "nacre_drill_recognised_seconds": "Seconds of event time until that attack was recognised, -1 if it was not.",
    "nacre_sightings_lost_total": "Attempts of which the watch could not be told, because the store was away.",
}
"""Every metric with its sentence."""


class CampaignMetrics:
    """
    Shows what this process knows of campaigns.

    Args:
        registry: Of the process.
    """

    def __init__(self, registry: CollectorRegistry) -> None:

        def gauge(name: str, *labels: str) -> Gauge:
            return Gauge(name, CAMPAIGNS[name], labels, registry=registry, multiprocess_mode="livemax")

        self.threat = gauge("nacre_threat_level")
        self.running = gauge("nacre_campaigns")
        self.attacked = gauge("nacre_accounts_under_attack")
        measures = gauge("nacre_measures", "step")
        self._measures = {step: measures.labels(step.value) for step in Step}
        self.drill_time = gauge("nacre_drill_time_seconds")
        self.drill_passed = gauge("nacre_drill_passed", "attack")
        self.drill_recognised = gauge("nacre_drill_recognised_seconds", "attack")
        name = "nacre_sightings_lost_total"
        self._lost = Counter(name, CAMPAIGNS[name], registry=registry)
        self._counted = 0

    def look(self, *, threat: float, running: int, attacked: int, steps: Iterable[Step], lost: int) -> None:
        """
        Take over what is known now.

        Args:
            threat: Level, 0-1.
            running: Campaigns.
            attacked: Accounts under attack.
            steps: Of each measure in force.
            lost: Sightings lost since the start of the process.
        """
        self.threat.set(threat)
        self.running.set(running)
        self.attacked.set(attacked)
        counts = dict.fromkeys(Step, 0)
        for step in steps:
            counts[step] += 1
        for step, count in counts.items():
            self._measures[step].set(count)
        self._lost.inc(lost - self._counted)
        self._counted = lost

    def drill(self, last: LastDrill) -> None:
        """Take over what the last drill found."""
        self.drill_time.set(last.time)
        for attack, (passed, after) in last.attacks.items():
            self.drill_passed.labels(attack).set(passed)
            self.drill_recognised.labels(attack).set(after)
