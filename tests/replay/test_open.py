# SPDX-License-Identifier: Apache-2.0
"""Logs in, attempts out."""

from __future__ import annotations

import gzip
import os
import re
from pathlib import Path

import pytest

from nacre.replay.open import FORMATS, read, read_all, recognise
from nacre.replay.record import Tally
from nacre.replay.rows import OTHER_NAMES, Row
from nacre.replay.text import open_log

REPOSITORY = Path(__file__).parents[2]
SAMPLES = REPOSITORY / "tests" / "data" / "logs"
DOCUMENT = REPOSITORY / "docs" / "reference" / "formats.md"
LINE = "{} gate sshd[{}]: Failed password for root from 192.0.2.7 port 22 ssh2\n"
JULY_2024 = 1_720_000_000


def write(path: Path, *stamps: str, pid: int = 1) -> Path:
    """Write a log with a failure at each of these times."""
    path.write_text("".join(LINE.format(stamp, pid) for stamp in stamps))
    os.utime(path, (JULY_2024, JULY_2024))
    return path


@pytest.mark.parametrize(
    ("name", "format", "attempts"),
    [
        ("auth.log", "sshd", 7),
        ("secure-iso.log", "sshd", 2),
        ("journal.json", "journal", 2),
        ("journal.export", "journal", 2),
        ("attempts.ndjson", "ndjson", 3),
        ("attempts.csv", "csv", 2),
    ],
)
def test_the_content_tells_the_format(tmp_path: Path, tally: Tally, name: str, format: str, attempts: int) -> None:  # noqa: A002
    """
    Logs are renamed, packed and piped; what they hold stays.
    """
    path = tmp_path / "log"
    path.write_bytes(gzip.compress((SAMPLES / name).read_bytes()))

    with open_log(path) as log:
        assert recognise(log) == format
    assert len(list(read(path, tally=tally))) == attempts
    assert len(list(read(path, format=format, tally=tally))) == attempts == tally.attempts / 2


def test_a_syslog_file_may_begin_with_something_else(tmp_path: Path, tally: Tally) -> None:
    """
    Copied terminals begin with a prompt; rows of attempts begin with times as syslog lines do.
    """
    path = tmp_path / "log"
    path.write_text("root@gate:/var/log# cat auth.log\n" + LINE.format("Mar 27 13:06:56", 1))

    assert len(list(read(path, tally=tally))) == 1
    assert tally.not_understood.count == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\0\0\0"])
def test_an_empty_log_holds_no_attempts(tmp_path: Path, tally: Tally, content: bytes) -> None:
    """
    The newest log is empty right after it was rotated; that is no mistake.
    """
    path = tmp_path / "auth.log"
    path.write_bytes(content)

    assert list(read(path, tally=tally)) == []


def test_a_file_of_no_known_format_is_refused_with_the_formats_there_are(tmp_path: Path, tally: Tally) -> None:
    """
    Reading it as the wrong one would report that nothing happened.
    """
    path = tmp_path / "letter.txt"
    path.write_text("Dear user\n")

    with pytest.raises(ValueError, match=r"letter\.txt: line 1: .*sshd, syslog, journal, ndjson, csv"):
        list(read(path, tally=tally))
    with pytest.raises(ValueError, match=r"letter\.txt: 'xml' is no format"):
        list(read(path, format="xml", tally=tally))


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_that_is_named_can_be_read(tmp_path: Path, tally: Tally, format: str) -> None:  # noqa: A002
    """
    A name without a reader would read nothing, in silence.
    """
    path = tmp_path / "log"
    path.write_text("time,src,user,ok\nnothing\n")

    assert list(read(path, format=format, tally=tally)) == []
    assert tally.not_understood.count + sum(omission.count for omission in tally.skipped.values()) > 0


def test_a_missing_file_is_an_error_of_the_system(tmp_path: Path, tally: Tally) -> None:
    """
    It names the file already.
    """
    with pytest.raises(FileNotFoundError, match="nowhere"):
        list(read(tmp_path / "nowhere.log", tally=tally))


def test_progress_reaches_the_size_of_the_file_and_no_more(tmp_path: Path, tally: Tally) -> None:
    """
    Bytes on disk are what is known beforehand, so they are what is counted, also of packed files.
    """
    content = (SAMPLES / "attempts.ndjson").read_bytes() * 3000
    plain, packed = tmp_path / "attempts.ndjson", tmp_path / "attempts.ndjson.gz"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))

    shares = {tally.share for _ in read(plain, tally=tally)}
    assert len(shares) > 3
    assert 0 < min(shares) < 0.5
    assert tally.bytes_read == tally.bytes_total == plain.stat().st_size

    assert list(read(packed, tally=tally))
    assert tally.share == 1
    assert tally.bytes_read == tally.bytes_total == plain.stat().st_size + packed.stat().st_size


def test_the_parts_of_a_rotated_log_are_merged_in_any_order(tmp_path: Path, tally: Tally) -> None:
    """
    A shell expands ``auth.log*`` with the newest part first.
    """
    new = write(tmp_path / "auth.log", "Jan  1 00:00:05", "Jan  2 00:00:00")
    old = write(tmp_path / "auth.log.1", "Dec 30 00:00:00", "Jan  1 00:00:00")

    for year in (None, 2023):
        attempts = list(read_all([old, new], year=year, tally=Tally()))
        times = [attempt.fields.time for attempt in attempts]

        # 2023-12-30T00:00:00Z is 1703894400.
        assert times == [1703894400 + 86400 * day for day in (0, 2, 2 + 5 / 86400, 3)]

    assert [a.fields.time for a in read_all([new, old], tally=tally)] == times
    assert tally.bytes_read == tally.bytes_total
    assert tally.attempts == 4


def test_logs_of_several_hosts_become_one(tmp_path: Path, tally: Tally) -> None:
    """
    An attacker visits all of them in turn, and rules see it in the order in which it happened.
    """
    first = write(tmp_path / "a.log", "Mar 27 13:00:00", "Mar 27 13:00:20", pid=1)
    second = write(tmp_path / "b.log", "Mar 27 13:00:10", "Mar 27 13:00:30", pid=2)

    times = [attempt.fields.time for attempt in read_all([first, second], tally=tally)]

    assert times == sorted(times, key=lambda time: time or 0)
    assert len(times) == 4


def test_the_size_of_all_files_is_known_before_the_first_attempt(tmp_path: Path, tally: Tally) -> None:
    """
    A progress bar that learns of the second file halfway would jump back.
    """
    paths = [write(tmp_path / f"{name}.log", *["Mar 27 13:00:00"] * 9) for name in "abc"]

    next(read_all(paths, tally=tally))

    assert tally.bytes_total == sum(path.stat().st_size for path in paths)


def test_every_example_of_the_reference_is_read_as_what_it_stands_under(tmp_path: Path) -> None:
    """
    A log that looks like the document must be read like it.
    """
    sections = re.findall(
        r"^## (\w+)\n.*?```\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert {name for name, _ in sections} == set(FORMATS) - {"syslog"}

    for name, example in sections:
        tally = Tally()
        path = tmp_path / "log"
        path.write_text(example)
        with open_log(path) as log:
            assert recognise(log) == name
        attempts = list(read(path, tally=tally))
        assert tally.not_understood.count == 0
        assert len(attempts) == len(example.splitlines()) - (name == "csv")


def test_every_format_and_column_is_documented() -> None:
    """
    What nobody can look up might as well not be there.
    """
    named = set(re.findall(r"`([a-z_]+)`", DOCUMENT.read_text(encoding="utf-8")))

    assert {*FORMATS, *OTHER_NAMES, *Row.__struct_fields__} <= named
