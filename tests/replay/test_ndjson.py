# SPDX-License-Identifier: Apache-2.0
"""Attempts as NDJSON."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nacre.attempt import AttemptFields
from nacre.replay.open import read
from nacre.replay.record import Tally

SAMPLE = Path(__file__).parents[1] / "data" / "logs" / "attempts.ndjson"
GOOD = '{"ts": 1772362800, "client_ip": "192.0.2.10", "username": "erika", "success": true}'


def test_rows_become_attempts_with_all_they_tell(tally: Tally) -> None:
    """
    Both names of a column serve, unknown ones become attributes, and what is missing stays unknown.
    """
    first, second, third = read(SAMPLE, tally=tally)

    assert first.success is True
    assert first.fields == AttemptFields(
        client_ip="192.0.2.10",
        username="erika",
        protocol="imap",
        user_agent="Thunderbird",
        password_digest="5f1d",
        attributes={"country": "DE", "asn": 64500},
        request_id="a1",
        time=1772362800.5,
        known_user=True,
    )
    assert (second.success, second.fields.time, second.fields.attributes) == (False, 1772362803.0, {})
    assert (third.success, third.fields.attributes, third.fields.known_user) == (False, {"floor": 3}, None)
    assert [recorded.line for recorded in (first, second, third)] == [1, 2, 3]


def test_rows_that_are_none_are_told_without_their_text(tmp_path: Path, tally: Tally) -> None:
    """
    A broken row may hold a password, so the problem is shown instead of it.
    """
    path = tmp_path / "attempts.ndjson"
    path.write_bytes(
        b"\n".join(
            [
                GOOD.encode(),
                b'{"password": "hunter2", ',
                b"",
                b'["hunter2"]',
                b'{"password": "hunter2", "success": 3}',
                b"[" * 60_000,
                GOOD.replace("erika", "\\ud800").encode(),
                GOOD.encode().replace(b"erika", b"\xff") + b"\r",
                b"\0\0" + GOOD.encode(),
            ]
        )
    )

    attempts = list(read(path, format="ndjson", tally=tally))

    assert [a.line for a in attempts][-2:] == [8, 9]
    assert attempts[-2].fields.username == "�"
    assert tally.not_understood.count >= 4
    assert "hunter2" not in str(tally)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_at_all_can_crash_the_reader(tmp_path: Path, junk: bytes) -> None:
    """
    The file may be anything that was given the wrong name.
    """
    path = tmp_path / "attempts.ndjson"
    path.write_bytes(GOOD.encode() + b"\n" + junk)

    attempts = list(read(path, format="ndjson", tally=Tally()))

    assert attempts[0].fields.username == "erika"
