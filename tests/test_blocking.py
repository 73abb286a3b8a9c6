# SPDX-License-Identifier: Apache-2.0
"""The guard for programs without an event loop."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from builders import fields, rule

from nacre import BlockingGuard, InvalidAttempt, Settings
from nacre.config.tree import BruteForce

SETTINGS = Settings(brute_force=BruteForce(buckets=(rule(limit=5),)))


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
