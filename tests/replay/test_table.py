# SPDX-License-Identifier: Apache-2.0
"""Attempts as CSV."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nacre.replay.open import read
from nacre.replay.record import Tally
from nacre.replay.table import is_header, split_header

SAMPLE = Path(__file__).parents[1] / "data" / "logs" / "attempts.csv"
HEADER = "ts,client_ip,username,success\n"


def test_rows_become_attempts_in_the_time_zone_given(tally: Tally) -> None:
    """
    Spreadsheets write semicolons, quotes and local times.
    """
    first, second = read(SAMPLE, timezone=ZoneInfo("Europe/Berlin"), tally=tally)

    assert (first.line, first.success, first.fields.time) == (2, True, 1772362800.0)
    assert (second.line, second.success, second.fields.time) == (3, False, 1772366403.5)
    assert second.fields.username == "admin; drop table"
    assert first.fields.attributes == {"country": "DE"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_the_one_that_makes_columns_of_the_header(delimiter: str) -> None:
    """
    The header is made of known names, so no guess at the rows is needed.
    """
    names = ["ts", "client_ip", "username", "success"]

    assert split_header(delimiter.join(names)) == (delimiter, names)
    assert is_header(delimiter.join(names))


def test_a_sentence_is_no_header() -> None:
    """
    Otherwise any text with a comma would be taken for a table.
    """
    assert not is_header("Dear user, your time is over")
    assert not is_header("")


def test_missing_columns_are_named_with_what_would_do(tmp_path: Path, tally: Tally) -> None:
    """
    The reader of the message has the file open and needs to know which name to give.
    """
    path = tmp_path / "attempts.csv"
    path.write_text("\nwhen,client_ip,username\n1,192.0.2.7,erika\n")

    with pytest.raises(ValueError, match=r"attempts\.csv: line 2: .*time \(ts or time\), success \(.*\); .*when"):
        list(read(path, tally=tally))


def test_a_row_of_another_width_is_not_understood(tmp_path: Path, tally: Tally) -> None:
    """
    A comma inside a user name would move the outcome into another column.
    """
    path = tmp_path / "attempts.csv"
    path.write_text(
        HEADER + "1,192.0.2.7,a,b,1\n2,192.0.2.7,erika\n\n3,192.0.2.7,erika,1\n4,gate.example.org,erika,1\n"
    )

    attempts = list(read(path, tally=tally))

    assert [a.line for a in attempts] == [5]
    assert [(e.line, e.text[:7]) for e in tally.not_understood.examples] == [
        (2, "5 cells"),
        (3, "3 cells"),
        (6, "'gate.e"),
    ]


def test_a_quote_that_is_never_closed_costs_only_so_much(tmp_path: Path, tally: Tally) -> None:
    """
    The cell it opens would otherwise take the rest of the file into memory.
    """
    row = "2,192.0.2.7,erika,1\n"
    path = tmp_path / "attempts.csv"
    path.write_text(HEADER + row + '1,192.0.2.7,"erika,1\n' + row * 50_000)

    attempts = list(read(path, tally=tally))

    assert len(attempts) > 40_000
    assert tally.not_understood.count == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(st.binary(max_size=200))
def test_no_bytes_at_all_can_crash_the_reader(tmp_path: Path, junk: bytes) -> None:
    """
    The file may be anything that has such a header.
    """
    path = tmp_path / "attempts.csv"
    path.write_bytes(HEADER.encode() + b"1,192.0.2.7,erika,1\n" + junk)

    attempts = list(read(path, tally=Tally()))

    assert attempts[0].fields.username == "erika"
