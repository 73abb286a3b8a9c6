# SPDX-License-Identifier: Apache-2.0
"""Subjects that hold what this service did not write: attempts are answered, counted and logged all the same."""

from __future__ import annotations

import itertools

import pytest
import structlog
from builders import MakeGuard, fail, fields, rule
from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.config.tree import FailureMode, Settings, StoreFailure, Subject
from nacre.decision import Action

JUNK = st.one_of(st.binary(min_size=1, max_size=80), st.binary(max_size=80).map(b"\x01".__add__))
_numbers = itertools.count()


@given(junk=JUNK, which=st.integers(0, 2))
@settings(max_examples=40)
async def test_junk_in_the_store_is_no_login_outage(make_guard: MakeGuard, junk: bytes, which: int) -> None:
    """
    A value that is none of ours is as if the store were away for this attempt: answered, counted, and logged.
    """
    guard = await make_guard(
        rule(limit=3), rule("network", limit=50, cidr=24), rule("account", subject=Subject.ACCOUNT)
    )
    address, name = f"10.{(number := next(_numbers)) >> 8}.{number & 255}.7", f"erika{number}"
    key = guard.checkpoint.subject_keys(guard.admit(fields(address, name)))[which]
    await guard.servers.run(key, ("SET", key, junk))

    with structlog.testing.capture_logs() as lines:
        answers = [await fail(guard, fields(address, name)) for _ in range(5)]

    # Three failures pass: counted by the store if it could read the value, else by this process.
    assert [answer.refused for answer in answers] == [False] * 3 + [True] * 2
    if answers[0].reasons:
        assert {reason.code for reason in answers[0].reasons} == {"store_unavailable"}
        assert {line["key"] for line in lines if line["event"] == "store_corrupt"} == {key.decode()}


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_a_report_that_meets_junk_counts_nowhere_and_waits_nowhere(make_guard: MakeGuard, which: int) -> None:
    """
    Half a count would be wrong for ever, and a report on disk would hold up all behind it; sent again later, it counts.
    """
    guard = await make_guard(rule(limit=3), rule("network", limit=50, cidr=24))
    keys = guard.checkpoint.subject_keys(guard.admit(fields()))
    await guard.servers.run(keys[which], ("SET", keys[which], b"junk"))

    before = await guard.report(fields(request_id="r"), success=False)
    waiting = guard.spooled
    await guard.servers.run(keys[which], ("DEL", keys[which]))
    untouched = [await guard.servers.run(key, ("EXISTS", key)) for key in keys]
    after = await guard.report(fields(request_id="r"), success=False)

    assert (before.why, before.counted, waiting) == ("store_corrupt", False, 0)
    assert untouched == [0, 0, 0]
    assert after.why == "counted"


@pytest.mark.parametrize("command", [("HSET", "field", "value"), ("RPUSH", "value"), ("XADD", "*", "f", "v")])
async def test_a_value_of_another_type_is_no_login_outage(make_guard: MakeGuard, command: tuple[str, ...]) -> None:
    """
    Another program took our key for a list.
    """
    guard = await make_guard(rule(limit=3))
    for key in guard.checkpoint.subject_keys(guard.admit(fields())):
        await guard.servers.run(key, (command[0], key, *command[1:]))

    answers = [await fail(guard, fields()) for _ in range(4)]

    assert [answer.refused for answer in answers] == [False] * 3 + [True]


async def test_a_store_that_is_junk_closes_where_that_was_wished(make_guard: MakeGuard) -> None:
    """
    Who would rather refuse than not know has said so.
    """
    closed = StoreFailure(python=FailureMode.FAIL_CLOSED)
    guard = await make_guard(settings=Settings(on_store_failure=closed))
    (origin, *_) = guard.checkpoint.subject_keys(guard.admit(fields()))
    await guard.servers.run(origin, ("SET", origin, b"junk"))

    decision = await guard.check(fields())

    assert decision.refused
    assert (await guard.check(fields("198.51.100.1"))).action is Action.ALLOW
    assert b"\nnacre_store_failures_total 1.0\n" in guard.telemetry.exposition()
