# SPDX-License-Identifier: Apache-2.0
"""Logs as they lie on disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import struct
import sys
import tracemalloc
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nacre.replay.record import Tally
from nacre.replay.text import MAX_LINE, OVERLONG, LogFile, open_log, size_on_disk

LINES = [blake2b(bytes(str(number), "ascii")).hexdigest().encode() for number in range(20_000)]
CONTENT = b"\n".join(LINES) + b"\n"


def lines_of(path: Path, tally: Tally) -> list[tuple[int, bytes]]:
    """Return the numbered lines of a file."""
    with open_log(path) as log:
        return list(log.lines(tally))


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_packed_and_plain_files_have_the_same_lines(
    tmp_path: Path, tally: Tally, pack: Callable[[bytes], bytes]
) -> None:
    """
    The content tells how a file is packed: rotated logs are renamed and copied.
    """
    path = tmp_path / "auth.log.1"
    path.write_bytes(pack(CONTENT))

    lines = lines_of(path, tally)

    assert lines == list(enumerate(LINES, 1))
    assert tally.lines == len(LINES)
    assert tally.bytes_read == size_on_disk(path)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_an_archive_that_breaks_off_yields_its_whole_lines_and_one_warning(
    tmp_path: Path, tally: Tally, pack: Callable[[bytes], bytes]
) -> None:
    """
    A disk that was full leaves half an archive, which is still evidence; half a line is not.
    """
    packed = pack(CONTENT)
    path = tmp_path / "auth.log.gz"
    path.write_bytes(packed[: len(packed) // 2])

    lines = lines_of(path, tally)

    assert len(tally.warnings) == 1
    assert str(path) in tally.warnings[0]
    assert tally.bytes_read == size_on_disk(path)
    assert lines == list(enumerate(LINES, 1))[: len(lines)]


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_damaged_archive_is_read_up_to_the_damage_and_warned_of(
    tmp_path: Path, tally: Tally, pack: Callable[[bytes], bytes]
) -> None:
    """
    The check sums come behind the data, so some of it may be wrong: hence the warning.
    """
    packed = pack(CONTENT)
    half = len(packed) // 2
    path = tmp_path / "auth.log.gz"
    path.write_bytes(packed[:half] + b"\xff" * 64 + packed[half + 64 :])

    lines_of(path, tally)

    assert len(tally.warnings) == 1


def test_a_cut_gzip_file_yields_its_beginning(tmp_path: Path, tally: Tally) -> None:
    """
    A gzip file can be unpacked up to its last byte, so most of the half is there.
    """
    packed = gzip.compress(CONTENT)
    path = tmp_path / "auth.log.gz"
    path.write_bytes(packed[: len(packed) // 2])

    assert len(lines_of(path, tally)) > len(LINES) // 3


def test_an_overlong_line_is_counted_left_out_and_does_not_shift_the_numbers(tmp_path: Path, tally: Tally) -> None:
    """
    One line of gigabytes must neither fill the memory nor hide the lines behind it.
    """
    path = tmp_path / "auth.log"
    path.write_bytes(b"first\n" + b"x" * (20 * MAX_LINE) + b"\nthird\n" + b"y" * (MAX_LINE + 1))

    lines = lines_of(path, tally)

    assert lines == [(1, b"first"), (3, b"third")]
    assert [example.line for example in tally.skipped[OVERLONG].examples] == [2, 4]
    assert tally.lines == 4


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    """
    A file of one endless line is read in chunks, and all but its beginning is forgotten.
    """
    log = LogFile(io.BytesIO(b"x" * 50_000_000), "log")

    tracemalloc.start()
    try:
        assert list(log.lines(Tally())) == []
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 4_000_000


@given(st.lists(st.binary(max_size=50).filter(lambda line: b"\n" not in line), min_size=1))
def test_lines_are_those_that_line_feeds_separate(lines: list[bytes]) -> None:
    """
    NUL bytes, carriage returns and broken UTF-8 are content; only what follows the last line feed may be missing.
    """
    lines = [b"", *lines]  # a byte order mark at the very beginning would be dropped
    log = LogFile(io.BytesIO(b"\n".join(lines)), "log")

    found = [line for _, line in log.lines(Tally())]

    assert found == (lines if lines[-1] else lines[:-1])


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    """
    Spreadsheets write it before the names of the columns.
    """
    log = LogFile(io.BytesIO(b"\xef\xbb\xbfts,client_ip\n"), "attempts.csv")

    assert list(log.lines(Tally())) == [(1, b"ts,client_ip")]
    assert log.head() == [b"ts,client_ip"]


def test_gzip_tells_when_the_packed_file_was_last_written(tmp_path: Path, tally: Tally) -> None:
    """
    The archive itself may have been copied years later, and the year of its lines is inferred from it.
    """
    path = tmp_path / "auth.log.gz"
    path.write_bytes(gzip.compress(CONTENT, mtime=1_490_000_000))
    os.utime(path, (1_790_000_000, 1_790_000_000))

    with open_log(path) as log:
        list(log.lines(tally))

        assert log.modified == 1_490_000_000


def test_without_a_time_in_the_archive_the_file_tells(tmp_path: Path, tally: Tally) -> None:
    """
    ``gzip -n`` and pipes leave the time out.
    """
    path = tmp_path / "auth.log.gz"
    path.write_bytes(gzip.compress(CONTENT, mtime=0))
    os.utime(path, (1_790_000_000, 1_790_000_000))

    with open_log(path) as log:
        list(log.lines(tally))

        assert log.modified == 1_790_000_000


def test_standard_input_can_be_read_twice_though_it_is_a_pipe(monkeypatch: pytest.MonkeyPatch, tally: Tally) -> None:
    """
    The years of a syslog file are known only after its last line.
    """
    reader, writer = os.pipe()
    os.write(writer, b"one\ntwo\n")
    os.close(writer)

    with os.fdopen(reader) as pipe:
        monkeypatch.setattr(sys, "stdin", pipe)
        with open_log(Path("-")) as log:
            twice = [list(log.lines(tally)), list(log.lines(tally))]

    assert twice == [[(1, b"one"), (2, b"two")]] * 2


def test_a_redirected_file_is_read_from_its_beginning(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tally: Tally
) -> None:
    """
    ``nacre replay - < auth.log.gz`` is unpacked like the file.
    """
    path = tmp_path / "auth.log.gz"
    path.write_bytes(gzip.compress(b"one\ntwo\n"))

    with path.open() as redirected:
        monkeypatch.setattr(sys, "stdin", redirected)
        lines = lines_of(Path("-"), tally)

    assert lines == [(1, b"one"), (2, b"two")]
    assert size_on_disk(Path("-")) == 0


def test_a_stream_gives_lines_and_counted_bytes_of_a_packed_file(tmp_path: Path, tally: Tally) -> None:
    """
    The export format of the journal puts the length of a value before it, where lines do not help.
    """
    path = tmp_path / "journal.export.gz"
    path.write_bytes(gzip.compress(b"MESSAGE\n" + struct.pack("<Q", 3) + b"a\nb" + b"\n"))

    with open_log(path) as log:
        stream = log.stream(tally)

        assert stream.readline() == b"MESSAGE\n"
        assert stream.read(int.from_bytes(stream.read(8), "little")) == b"a\nb"
        assert stream.read() == b"\n"
