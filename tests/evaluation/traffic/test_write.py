# SPDX-License-Identifier: Apache-2.0
"""The files of a study."""

from __future__ import annotations

import csv
from ipaddress import ip_address
from pathlib import Path

import msgspec
import pytest

from evaluation.traffic.rows import ATTACK_KINDS, PROTOCOLS, USER_KINDS
from evaluation.traffic.simulate import Story, simulate
from evaluation.traffic.write import Event, write

STORY = Story(seed=4, events=6_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the files of a small study."""
    where = tmp_path_factory.mktemp("study")
    write(simulate(STORY), where)
    return where


def events(folder: Path) -> list[Event]:
    """Return the events of a study."""
    return [msgspec.json.decode(line, type=Event) for line in (folder / "events.jsonl").read_bytes().splitlines()]


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    """
    Figures of two machines are comparable only then.
    """
    write(simulate(STORY), tmp_path)

    for name in ("events.jsonl", "truth.csv", "feedback.jsonl"):
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_truth_and_feedback_speak_of_the_events(folder: Path) -> None:
    """
    Rows are joined by their request id, and the truth has one for each event, in order.
    """
    ids = [event.request_id for event in events(folder)]
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))
    told = [msgspec.json.decode(line) for line in (folder / "feedback.jsonl").read_bytes().splitlines()]

    assert [row["request_id"] for row in truth] == ids
    assert len(set(ids)) == len(ids)
    assert {row["kind"] for row in truth} <= set(ATTACK_KINDS)
    assert {row["user_kind"] for row in truth} <= set(USER_KINDS)
    assert {each["request_id"] for each in told} <= set(ids)
    assert all(set(each) == {"request_id", "is_attack", "source", "available_at"} for each in told)


def test_a_hit_is_an_attack_that_the_backend_accepted(folder: Path) -> None:
    """
    Accounts lost are counted by it.
    """
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = list(csv.DictReader(file))

    for event, row in zip(events(folder), truth, strict=True):
        assert (row["hit"] == "1") == (row["is_attack"] == "1" and event.success)


def test_events_are_well_formed_and_hold_no_hint_of_the_truth(folder: Path) -> None:
    """
    A token is opaque, an address an address, and a name has one answer to whether it is known.
    """
    known: dict[str, bool] = {}
    for event in events(folder):
        assert ip_address(event.client_ip).is_global
        assert event.protocol in PROTOCOLS
        assert len(event.password_token) == 16
        assert known.setdefault(event.username, event.known_user) == event.known_user
