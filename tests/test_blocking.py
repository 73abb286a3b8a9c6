# SPDX-License-Identifier: Apache-2.0
"""The guard for programs without an event loop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest
from builders import fields, rule

from nacre import BlockingGuard, InvalidAttempt, Settings, SettingsError
from nacre.config.duration import Duration
from nacre.config.tree import BruteForce, Redis, RedisMaster, Server

SETTINGS = Settings(
    server=Server(redis=Redis(timeout=Duration(5))),  # a store that is slow for a moment is not away
    brute_force=BruteForce(buckets=(rule(limit=5),)),
)


def test_threads_share_one_guard(tmp_path: Path) -> None:
    """
    A web server with a thread per request asks from all of them at once.
    """
    with BlockingGuard(SETTINGS, data_dir=tmp_path) as guard, ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda _: guard.report(fields(), success=False), range(5)))
        decision = guard.check(fields())

    assert all(receipt.counted for receipt in receipts)
    assert decision.refused


def test_what_is_wrong_with_an_attempt_is_raised_where_it_is_asked_about(tmp_path: Path) -> None:
    """
    An error must not be lost in the thread of the event loop.
    """
    with BlockingGuard(SETTINGS, data_dir=tmp_path) as guard, pytest.raises(InvalidAttempt, match="client_ip"):
        guard.check(fields(client_ip="nowhere"))


def test_what_was_counted_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    """
    A program that is restarted hands no attacker a fresh budget.
    """
    with BlockingGuard(SETTINGS, data_dir=tmp_path) as guard:
        for _ in range(5):
            guard.attempt(fields(), success=False)

    with BlockingGuard(SETTINGS, data_dir=tmp_path) as guard:
        decision = guard.check(fields())

    assert decision.refused


def test_a_report_waits_on_disk_while_the_store_is_away(tmp_path: Path) -> None:
    """
    The spool is opened in one thread and used in another.
    """
    nowhere = Server(redis=Redis(master=RedisMaster(address=str(tmp_path / "no.sock"))))
    settings = msgspec.structs.replace(SETTINGS, server=nowhere)

    with BlockingGuard(settings, data_dir=tmp_path) as guard:
        receipt = guard.report(fields(), success=False)

    assert receipt.why == "spooled"


def test_a_guard_that_cannot_be_opened_leaves_nothing_behind(tmp_path: Path) -> None:
    """
    Warnings are errors in these tests: an event loop that is not closed would be one.
    """
    (tmp_path / "secrets").write_text("not a directory")

    with pytest.raises(SettingsError), BlockingGuard(SETTINGS, data_dir=tmp_path):
        pass
