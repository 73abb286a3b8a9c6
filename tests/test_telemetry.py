# SPDX-License-Identifier: Apache-2.0
"""What is counted is shown, and each decision leaves one line."""

from __future__ import annotations

import io
import json
import os
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from nacre.attempt import AttemptFields
from nacre.decision import Action, Decision, Reason
from nacre.telemetry import METRICS, DecisionLog, Telemetry, pieces


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

    lines.write(1.5, "192.0.2.7", who, decision)
    lines.close()

    (line,) = output.getvalue().splitlines()
    said = json.loads(line)
    assert said["event"] == "decision"
    assert said["username"] == who.username
    assert (said["rules"], said["reasons"]) == (["address"], ["blocked"])
    assert b"secret" not in line


def _write(lines: DecisionLog, number: int) -> None:
    """Log a decision of about 200 bytes."""
    who = AttemptFields(client_ip="192.0.2.7", username="u" * 100)
    lines.write(1.0, b"\xc0\x00\x02\x07", who, Decision(f"r{number}", Action.ALLOW, 0.0, None, (), (), ""))


def test_lines_that_cannot_be_written_are_counted() -> None:
    """
    A full disk must not stop logins, and must not go unnoticed.
    """
    dropped: list[int] = []
    broken = io.BytesIO()
    broken.close()
    lines = DecisionLog(broken, dropped=dropped.append)

    _write(lines, 1)
    lines.close()

    assert dropped == [1]


def test_a_line_that_no_encoding_knows_is_dropped_alone() -> None:
    """
    A script may add half of a pair of surrogates; the logins beside it are logged.
    """
    dropped: list[int] = []
    output = io.BytesIO()
    lines = DecisionLog(output, dropped=dropped.append)

    _write(lines, 1)
    lines.write(
        1.0,
        "192.0.2.7",
        AttemptFields(client_ip="192.0.2.7", username="erika"),
        Decision("r2", Action.ALLOW, 0.0, None, (), (), ""),
        {"note": "\udc80"},
    )
    _write(lines, 3)
    lines.close()

    assert [json.loads(line)["request_id"] for line in output.getvalue().splitlines()] == ["r1", "r3"]
    assert dropped == [1]


def test_the_document_has_every_metric_with_its_type_and_labels() -> None:
    """
    Dashboards are built from the document; a metric that is renamed in the code alone would leave them blank.
    """
    document = (Path(__file__).parents[1] / "docs" / "reference" / "metrics.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| ?(?:`([\w`, ]+)`)? ?\| (.+) \|$", document, re.MULTILINE)
    telemetry = Telemetry()
    kinds = {family.name: family.type for family in telemetry.registry.collect()}

    assert {name for name, *_ in rows} == set(METRICS)
    for name, kind, label, sentence in rows:
        assert kinds[name.removesuffix("_total")] == kind, name
        assert sentence.startswith(METRICS[name].rstrip(".")), name
        labelled = {"nacre_checks_total": telemetry.checks, "nacre_reports_total": telemetry.reports}.get(name)
        assert bool(label) or labelled is None, name


@given(
    lines=st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=40),
    most=st.integers(1, 80),
)
def test_pieces_hold_whole_lines_and_all_of_them(lines: list[bytes], most: int) -> None:
    """
    What several workers write into one pipe is kept apart only up to a size; no line may be cut or lost.
    """
    chunk = b"".join(line + b"\n" for line in lines)

    cut = list(pieces(chunk, most))

    assert b"".join(cut) == chunk
    assert all(piece.endswith(b"\n") for piece in cut)
    assert all(len(piece) <= most or piece.count(b"\n") == 1 for piece in cut)


def test_a_reader_that_is_too_slow_loses_lines_and_holds_up_nobody() -> None:
    """
    A pipe that nobody empties takes 64 KiB; what does not fit behind it is dropped, and counted.
    """
    dropped: list[int] = []
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as output, os.fdopen(reader, "rb") as pipe:
        log = DecisionLog(output, dropped=dropped.append)
        for number in range(2000):
            _write(log, number)
            log.flush()
        assert sum(dropped) > 0

        kept = 2000 - sum(dropped)
        read = b"".join(pipe.readline() for _ in range(kept))
        log.close()

    assert [json.loads(line)["event"] for line in read.splitlines()] == ["decision"] * kept
