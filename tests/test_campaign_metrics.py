# SPDX-License-Identifier: Apache-2.0
"""The metrics of campaigns."""

from __future__ import annotations

from nacre.campaign.measure import Step
from nacre.telemetry import Telemetry


def _value(telemetry: Telemetry, line: str) -> float:
    found = [row for row in telemetry.exposition().decode().splitlines() if row.startswith(line + " ")]
    return float(found[0].split()[-1])


def test_what_is_known_is_shown() -> None:
    """
    Under labels that no attacker chooses.
    """
    telemetry = Telemetry()

    telemetry.campaigns.look(threat=0.75, running=2, attacked=3, steps=[Step.BLOCK, Step.BLOCK, Step.CHALLENGE], lost=0)

    assert _value(telemetry, "nacre_threat_level") == 0.75
    assert _value(telemetry, "nacre_campaigns") == 2
    assert _value(telemetry, "nacre_accounts_under_attack") == 3
    assert _value(telemetry, 'nacre_measures{step="block"}') == 2
    assert _value(telemetry, 'nacre_measures{step="delay"}') == 0


def test_lost_sightings_are_counted_once() -> None:
    """
    The part counts since its start, the metric goes on.
    """
    telemetry = Telemetry()

    for lost in (3, 3, 5):
        telemetry.campaigns.look(threat=0.0, running=0, attacked=0, steps=[], lost=lost)

    assert _value(telemetry, "nacre_sightings_lost_total") == 5
