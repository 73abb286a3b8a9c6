# SPDX-License-Identifier: Apache-2.0
"""The metrics of the network."""

from __future__ import annotations

import msgspec

from nacre.decision import Action, Decision, Reason
from nacre.telemetry import Telemetry


class _Journal:
    """Counts of a journal."""

    def __init__(self) -> None:
        self.rows = [0, 0]
        self.lost = 0


def _decision(score: float | None, action: Action = Action.ALLOW) -> Decision:
    decision = Decision("r1", action, 0.0, score, (), (), "", score_accept=score)
    return decision if score is None else msgspec.structs.replace(decision, rules_alone=Action.ALLOW)


def _value(telemetry: Telemetry, line: str) -> float:
    found = [row for row in telemetry.exposition().decode().splitlines() if row.startswith(line + " ")]
    return float(found[0].split()[-1])


def test_scores_fall_into_buckets_by_head() -> None:
    """
    A shift of their distribution shows before anybody complains.
    """
    telemetry = Telemetry()

    for score in (0.0005, 0.2, 0.995):
        telemetry.network.count(_decision(score))

    assert _value(telemetry, 'nacre_network_scores_bucket{head="guess",le="0.001"}') == 1
    assert _value(telemetry, 'nacre_network_scores_bucket{head="guess",le="0.3"}') == 2
    assert _value(telemetry, 'nacre_network_scores_count{head="accept"}') == 3


def test_what_the_network_changed_is_counted_by_action() -> None:
    """
    Where the rules would have said the same, it changed nothing; without a score it said nothing.
    """
    telemetry = Telemetry()

    for decision in (_decision(0.9, Action.REFUSE), _decision(0.1), _decision(None)):
        telemetry.network.count(decision)

    assert _value(telemetry, 'nacre_network_changes_total{action="refuse"}') == 1
    assert (
        'action="allow"'
        not in telemetry.exposition().decode().partition("nacre_network_changes_total")[2].split("# HELP")[0]
    )


def test_what_others_count_is_taken_over_as_it_grows() -> None:
    """
    The journal counts rows; the metric rises by what came since the last look.
    """
    telemetry, journal = Telemetry(), _Journal()

    for rows in ([3, 1], [10, 4]):
        journal.rows, journal.lost = rows, rows[1]
        telemetry.network.look(journal, refused=1, trainings={"published": 2})

    assert _value(telemetry, 'nacre_network_rows_total{kind="event"}') == 10
    assert _value(telemetry, 'nacre_network_rows_total{kind="sample"}') == 4
    assert _value(telemetry, "nacre_network_rows_lost_total") == 4
    assert _value(telemetry, "nacre_network_models_refused_total") == 1
    assert _value(telemetry, 'nacre_network_trainings{state="published"}') == 2


def test_what_a_measure_changed_is_not_counted_for_the_network() -> None:
    """
    Otherwise an attack would make the network look busy.
    """
    telemetry = Telemetry()
    measured = msgspec.structs.replace(_decision(0.5, Action.DELAY), measures=("m-1",))
    both = msgspec.structs.replace(measured, reasons=(Reason("network", "a guess"), Reason("measure", "an attack")))

    telemetry.network.count(measured)
    telemetry.network.count(both)

    assert _value(telemetry, 'nacre_network_changes_total{action="delay"}') == 1
