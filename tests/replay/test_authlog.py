# SPDX-License-Identifier: Apache-2.0
"""Syslog files in which sshd writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nacre.replay.open import read
from nacre.replay.record import Recorded, Tally
from nacre.replay.sshd import OTHER_PROGRAM, SILENT
from nacre.replay.text import OVERLONG

SAMPLE = Path(__file__).parents[1] / "data" / "logs" / "auth.log"
Reader = Callable[..., list[Recorded]]


def test_a_night_at_the_gate_is_read_in_full(tally: Tally) -> None:
    """
    Two logins of the owner, one typing error, three guesses and a visitor without a key, across New Year.
    """
    attempts = list(read(SAMPLE, year=2016, tally=tally))

    assert [(a.line, a.fields.username, a.fields.client_ip, a.success) for a in attempts] == [
        (2, "erika", "192.0.2.10", True),
        (7, "admin", "198.51.100.7", False),
        (8, "admin", "198.51.100.7", False),
        (8, "admin", "198.51.100.7", False),
        (10, "root", "203.0.113.9", False),
        (11, "erika", "192.0.2.10", False),
        (12, "erika", "192.0.2.10", True),
    ]
    # 2016-12-31T23:58:10Z is 1483228690; the last line is 157 seconds later.
    assert attempts[0].fields.time == 1483228690
    assert attempts[-1].fields.time == 1483228690 + 157
    assert attempts[0].fields.client_id == "SHA256:2pR1mJ0vWkT8sYb5uQeXcL4nA7dHfGzKx9oPiVtUyMw"
    assert (attempts[0].fields.protocol, attempts[0].fields.method) == ("ssh", "publickey")
    assert (attempts[0].fields.service, attempts[0].fields.client_port) == ("sshd", 50001)
    assert [a.fields.known_user for a in attempts] == [True, False, False, False, True, True, True]


def test_every_line_is_an_attempt_or_accounted_for(tally: Tally) -> None:
    """
    Lines with attempts, skipped ones and those not understood add up.
    """
    attempts = list(read(SAMPLE, year=2016, tally=tally))

    skipped = sum(omission.count for omission in tally.skipped.values())
    assert len({a.line for a in attempts}) + skipped + tally.not_understood.count == tally.lines == 12
    assert tally.attempts == len(attempts)
    assert tally.skipped[OTHER_PROGRAM].count == 1


def test_hostile_lines_do_not_stop_the_reader(tmp_path: Path, tally: Tally) -> None:
    """
    NUL bytes of a crash, broken UTF-8, overlong lines and dates that do not exist stand between two good lines.
    """
    good = b"Mar 27 13:06:56 gate sshd[1]: Failed password for root from 192.0.2.7 port 22 ssh2"
    path = tmp_path / "auth.log"
    path.write_bytes(
        b"\n".join(
            [
                good,
                b"\0" * 500,
                b"Mar 27 13:06:57 gate sshd[2]: Invalid user \xff\xfe from 192.0.2.8 port 22",
                b"Mar 27 13:06:57 gate sshd[2]: " + b"x" * 70_000,
                b"Feb 31 13:06:57 gate sshd[3]: Failed password for root from 192.0.2.7 port 22 ssh2",
                b"sshd sshd sshd",
                b"\0\0\0" + good.replace(b":56", b":58"),
            ]
        )
    )

    attempts = list(read(path, year=2017, tally=tally))

    assert [a.line for a in attempts] == [1, 3, 7]
    assert attempts[1].fields.username == "��"
    assert tally.skipped[OVERLONG].count == 1
    assert [example.line for example in tally.not_understood.examples] == [5, 6]


def test_lines_that_tell_of_no_attempt_are_counted(attempts_of: Reader, tally: Tally) -> None:
    """
    They show that the log was read, when there was nothing in it.
    """
    attempts = attempts_of("Mar 27 13:06:56 gate sshd[1]: Server listening on :: port 22.")

    assert attempts == []
    assert tally.skipped[SILENT].count == 1


def test_a_time_before_the_epoch_is_not_understood(attempts_of: Reader, tally: Tally) -> None:
    """
    An attempt has a time from 1970 on; a broken clock has others.
    """
    message = "gate sshd[1]: Failed password for root from 192.0.2.7 port 22 ssh2"

    assert attempts_of(f"1969-12-31T23:59:59Z {message}", f"0001-01-01T00:00:00+14:00 {message}") == []
    assert tally.not_understood.count == 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.binary(max_size=60).map(lambda junk: b"Mar 27 13:06:56 gate sshd[1]: Failed password for " + junk),
            st.binary(max_size=60).map(lambda junk: b"2017-03-27T13:06:56" + junk + b" gate sshd[1]: Invalid user x"),
        ),
        max_size=20,
    )
)
def test_no_bytes_at_all_can_crash_the_reader(tmp_path: Path, lines: list[bytes]) -> None:
    """
    Logs are full of what strangers sent.
    """
    path = tmp_path / "auth.log"
    path.write_bytes(b"\n".join(lines))

    for recorded in read(path, format="sshd", tally=Tally()):
        assert recorded.fields.time is not None
