# SPDX-License-Identifier: Apache-2.0
"""Logs of real servers, and lines that others annotated, against what is known of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nacre.address import parse_address
from nacre.replay.open import read
from nacre.replay.record import Tally
from nacre.replay.sshd import Kind, parse
from nacre.replay.syslog import parse_header


def annotated(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each line of a file of test cases with the annotation above it."""
    annotation: dict[str, Any] | None = None
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        if line.startswith("# failJSON:"):
            annotation = json.loads(line.removeprefix("# failJSON:"))
        elif annotation is not None and line and not line.startswith("#"):
            yield line, annotation
            annotation = None


def agreement(line: str, annotation: dict[str, Any]) -> str:
    """Say how what we read from a line compares with its annotation."""
    header = parse_header(line)
    said = parse(header.message) if header else None
    if not annotation["match"]:
        return "failure though it is none" if said and said.kind in (Kind.FAILED, Kind.FAILED_PAM) else "none"
    if said is None or said.host is None:
        return "not read"
    if said.username != annotation.get("user", said.username):
        return "other user"
    try:
        return "same" if parse_address(said.host) == parse_address(annotation["host"]) else "other address"
    except ValueError:
        return "no address" if said.host == annotation["host"] else "other host"


def counted(path: Path, year: int | None = None) -> Counter[tuple[Any, ...]]:
    """Count the attempts of a log by time, address, name, success and whether the account exists."""
    return Counter(
        (a.fields.time, a.fields.client_ip, a.fields.username, a.success, a.fields.known_user)
        for a in read(path, year=year, tally=Tally())
    )


def test_a_server_that_takes_keys_alone_is_read_exactly(shared_data: Path) -> None:
    """
    10,566 lines of December 2014, in which only ``Invalid user`` tells of 1,489 attempts.
    """
    ours = counted(shared_data / "ssh-raw-licensed" / "gtkcyber-auth.log.gz", 2014)

    assert ours == counted(shared_data / "events" / "events-gtkcyber.csv.gz")
    assert ours.total() == 1489


def test_a_server_with_passwords_is_read_exactly_but_for_two_decisions(shared_data: Path) -> None:
    """
    The table differs in 35 attempts of 1,381.

    It counts a key that was offered before a login with a password, four times; and it does not count
    connections that end without a password for an account that exists, 31 times.
    """
    ours = counted(shared_data / "ssh-raw-licensed" / "elastic-auth.log.gz", 2017)
    theirs = counted(shared_data / "events" / "events-elastic.csv.gz")

    assert {key: n for key, n in ours.items() if key[3]} == {key: n for key, n in theirs.items() if key[3]}
    assert {key[2] for key in ours - theirs} == {"root", "www-data"}
    assert (ours - theirs).total() == 31
    assert {key[2] for key in theirs - ours} == {"elastic_user_2", "elastic_user_5", "elastic_user_8"}
    assert (theirs - ours).total() == 4


@pytest.mark.parametrize(("name", "attempts"), [("abhishek-auth.log.1", 7985), ("cseanburns-auth.log", 3008)])
def test_every_line_is_an_attempt_or_accounted_for(shared_data: Path, tally: Tally, name: str, attempts: int) -> None:
    """
    What is left out is left out for a reason that the tally names.

    The first log has 5,752 lines of failed passwords, and 1,110 that repeat one 2,233 times in all; the second has
    3,008 processes of sshd that name a user, and no password at all.
    """
    path = shared_data / "ssh-raw-licensed" / f"{name}.gz"

    found = list(read(path, year=2016, tally=tally))

    skipped = sum(omission.count for omission in tally.skipped.values())
    assert len({a.line for a in found}) + skipped + tally.not_understood.count == tally.lines
    assert len(found) == attempts


def test_annotated_lines_agree_where_they_name_a_user(shared_data: Path) -> None:
    """
    The cases are those of a tool that blocks addresses, among them many injections.

    Of 109 that must match, 46 name no user: scanners, broken handshakes, silent farewells.  Five name the client by a
    host name, or by digits that are no address.  One takes what looks like a second address behind ``ssh2:`` for text
    of the client; sshd writes none there for passwords, so it is the user name that ends with ``ssh2:``.
    """
    cases = list(annotated(shared_data / "fail2ban-testcases" / "logs" / "sshd"))

    found = Counter(agreement(line, annotation) for line, annotation in cases)

    assert found == {"same": 57, "no address": 5, "other address": 1, "not read": 46, "none": 46}


def test_lines_that_name_no_user_are_all_that_is_not_read(shared_data: Path) -> None:
    """
    Whatever names the account somebody tried is an attempt, or the trace of one.
    """
    cases = annotated(shared_data / "fail2ban-testcases" / "logs" / "sshd")

    missed = [line for line, annotation in cases if agreement(line, annotation) == "not read"]

    assert [line for line in missed if " user " in line] == []
    assert [line.split(" for ")[-1] for line in missed if "failures for" in line] == ["git [preauth]", "root [preauth]"]
