# SPDX-License-Identifier: Apache-2.0
"""Exports of the systemd journal."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nacre.replay.open import read
from nacre.replay.record import Tally
from nacre.replay.sshd import OTHER_PROGRAM

SAMPLES = Path(__file__).parents[1] / "data" / "logs"
FAILED = "Failed password for root from 192.0.2.7 port 22 ssh2"


def entry(**fields: object) -> str:
    """Return a failed login as JSON, with some fields changed."""
    known = {"__REALTIME_TIMESTAMP": "1772362800250000", "SYSLOG_IDENTIFIER": "sshd", "_PID": "1", "MESSAGE": FAILED}
    return json.dumps(known | fields)


def test_json_entries_become_attempts(tally: Tally) -> None:
    """
    A trace, its outcome, and a message that the journal gives as bytes.
    """
    attempts = list(read(SAMPLES / "journal.json", tally=tally))

    assert [(a.line, a.fields.username, a.success, a.fields.time) for a in attempts] == [
        (3, "oracle", False, 1772362803.5),
        (4, "erika", True, 1772362809.0),
    ]
    assert tally.skipped[OTHER_PROGRAM].count == 1


def test_export_entries_become_attempts_whatever_bytes_they_hold(tally: Tally) -> None:
    """
    Values with line feeds carry their length; broken UTF-8 is replaced.
    """
    attempts = list(read(SAMPLES / "journal.export", tally=tally))

    assert [(a.line, a.fields.username, a.fields.client_ip, a.fields.time) for a in attempts] == [
        (1, "root", "198.51.100.7", 1772362801.25),
        (14, "��", "198.51.100.8", 1772362803.5),
    ]
    assert tally.not_understood.count == 0


def test_fields_that_came_twice_empty_or_broken_do_not_stop_the_reader(tmp_path: Path, tally: Tally) -> None:
    """
    The journal gives a field that came twice as a list, and ``null`` for one that is too large.
    """
    path = tmp_path / "journal.json"
    path.write_text(
        "\n".join(
            [
                entry(SYSLOG_IDENTIFIER=["sshd", "sshd"]),
                entry(MESSAGE=None),
                entry(__REALTIME_TIMESTAMP=None),
                entry(MESSAGE=[300, "x"]),
                '{"__REALTIME_TIMESTAMP": "sshd',
                "",
                entry(_PID=None),
            ]
        )
    )

    attempts = list(read(path, format="journal", tally=tally))

    assert [a.line for a in attempts] == [1, 7]
    assert tally.not_understood.count == 2


def test_values_that_are_too_long_or_cut_off_are_skipped(tmp_path: Path, tally: Tally) -> None:
    """
    A core dump in the journal is not kept in memory, and the entry behind it is read.
    """
    text = f"__REALTIME_TIMESTAMP=1772362800250000\nSYSLOG_IDENTIFIER=sshd\nMESSAGE={FAILED}\n"
    dump = b"COREDUMP\n" + struct.pack("<Q", 1_000_000) + b"\n" * 1_000_000 + b"\n"
    path = tmp_path / "journal.export"
    path.write_bytes(
        dump + b"LONG=" + b"x" * 300_000 + b"\n" + text.encode() + b"\n" + text.encode() + b"MESSAGE\n\xff\xff"
    )

    attempts = list(read(path, format="journal", tally=tally))

    assert len(attempts) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=400))
def test_no_bytes_at_all_can_crash_the_reader(tmp_path: Path, junk: bytes) -> None:
    """
    Both formats are read from files that may be anything.
    """
    path = tmp_path / "journal"
    for start in (b'{"sshd', b"MESSAGE\n", b"__CURSOR=1\n"):
        path.write_bytes(start + junk)

        assert list(read(path, format="journal", tally=Tally())) == []
