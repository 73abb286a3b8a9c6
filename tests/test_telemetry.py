# SPDX-License-Identifier: Apache-2.0
"""What is counted is shown, and each decision leaves one line."""

from __future__ import annotations

import io
import json

from nacre.attempt import AttemptFields
from nacre.decision import Action, Decision, Reason
from nacre.telemetry import METRICS, DecisionLine, DecisionLog, Telemetry


def _value(telemetry: Telemetry, sample: str) -> float:
    lines = telemetry.exposition().decode().splitlines()
    return next(float(line.rpartition(" ")[2]) for line in lines if line.startswith(f"{sample} "))


def test_counts_and_times_are_shown_as_soon_as_they_are_read() -> None:
    """
    They are added up between flushes; who reads must not see less than happened.
    """
    telemetry = Telemetry()

    for seconds in (0.0001, 0.0003, 0.2):
        telemetry.count_check(Action.ALLOW, seconds)
    telemetry.count(telemetry.reports, "counted")

    assert _value(telemetry, 'nacre_checks_total{action="allow"}') == 3
    assert _value(telemetry, 'nacre_reports_total{result="counted"}') == 1
    assert _value(telemetry, 'nacre_check_seconds_bucket{le="0.0002"}') == 1
    assert _value(telemetry, 'nacre_check_seconds_bucket{le="+Inf"}') == 3
    assert abs(_value(telemetry, "nacre_check_seconds_sum") - 0.2004) < 1e-9


def test_every_metric_has_its_sentence() -> None:
    """
    A metric that nobody describes is one that nobody reads.
    """
    shown = Telemetry().exposition().decode()

    for name, sentence in METRICS.items():
        assert f"# HELP {name} {sentence}" in shown or f"# HELP {name.removesuffix('_total')} {sentence}" in shown


def test_a_decision_is_one_line_of_json_whatever_the_user_name() -> None:
    """
    User names are written by attackers: quotes and line ends stay inside theirs.
    """
    output = io.BytesIO()
    lines = DecisionLog(output, dropped=lambda _: None)
    who = AttemptFields(client_ip="192.0.2.7", username='a"\n{"event": "forged"}', password="secret")
    decision = Decision("r1", Action.REFUSE, 0.0, None, ("address",), (Reason("blocked", "why"),), "")

    lines.write(DecisionLine.of(1.5, "192.0.2.7", who, decision))
    lines.close()

    (line,) = output.getvalue().splitlines()
    said = json.loads(line)
    assert said["event"] == "decision"
    assert said["username"] == who.username
    assert (said["rules"], said["reasons"]) == (["address"], ["blocked"])
    assert b"secret" not in line


def test_lines_that_cannot_be_written_are_counted() -> None:
    """
    A full disk must not stop logins, and must not go unnoticed.
    """
    dropped: list[int] = []
    broken = io.BytesIO()
    broken.close()
    lines = DecisionLog(broken, dropped=dropped.append)

    lines.write(
        DecisionLine.of(
            1.0,
            "192.0.2.7",
            AttemptFields(client_ip="192.0.2.7", username="erika"),
            Decision("r1", Action.ALLOW, 0.0, None, (), (), ""),
        )
    )
    lines.close()

    assert dropped == [1]
