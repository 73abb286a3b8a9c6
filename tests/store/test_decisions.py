# SPDX-License-Identifier: Apache-2.0
"""Decisions that are kept, found again, and bounded."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from builders import Clock, MakeGuard, fail, fields, rule, written
from hypothesis import given, settings
from hypothesis import strategies as st

from nacre.config.duration import Duration
from nacre.config.tree import BruteForce, Decisions, FailureMode, Settings
from nacre.errors import StoreCorrupt
from nacre.service import Guard
from nacre.store.keys import Keys

DAY = 86_400


def kept(**numbers: object) -> Settings:
    """Settings that keep so many decisions so long."""
    return Settings(brute_force=BruteForce(buckets=(rule(limit=500),)), decisions=Decisions(**numbers))  # type: ignore[arg-type]


async def life(guard: Guard, prefix: str, request_id: str) -> int:
    """Seconds that a decision will be kept, -2 if it is not."""
    await written(guard)
    key = Keys(prefix, guard.identity).decision(request_id)
    left: int = await guard.servers.run(key, ("TTL", key))
    return left


async def test_another_instance_can_explain_a_decision(make_guard: MakeGuard) -> None:
    """
    With all that it was made of, and with what became of it.
    """
    one, two = await make_guard(rule(limit=3)), await make_guard(rule(limit=3))
    for _ in range(2):
        await fail(one, fields(username="Erika"))
    decision = await one.check(fields(username="Erika", user_agent="curl"))
    await one.report(decision.request_id, success=False)
    await written(one)

    record = await two.desk.decision(decision.request_id)

    assert record is not None
    assert record == await one.desk.decision(decision.request_id)
    assert (record.decision, record.counts, record.accepted) == (decision, {"address": 2}, False)
    assert (record.attempt.username, record.attempt.user_agent) == ("Erika", "curl")


async def test_the_instance_that_decided_learns_what_another_one_was_told(make_guard: MakeGuard) -> None:
    """
    The outcome lies with the claim of the request id, not with the decision: whoever is asked finds it there.
    """
    one, two = await make_guard(rule()), await make_guard(rule())
    decision = await one.check(fields())
    await written(one)

    await two.report(decision.request_id, success=True)
    await one.report(decision.request_id, success=False)  # too late: it changes nothing
    record = await one.desk.decision(decision.request_id)

    assert record is not None
    assert record.accepted is True
    assert record == await two.desk.decision(decision.request_id)


async def test_an_outcome_that_did_not_count_is_kept_with_the_decision(make_guard: MakeGuard) -> None:
    """
    Nothing claimed the request id, and the operator wants to know what became of the attempt all the same.
    """
    one, two = await make_guard(rule(limit=1)), await make_guard(rule(limit=1))
    await fail(one, fields())
    refused = await one.check(fields())
    await one.report(refused.request_id, success=False)
    await written(one)

    record = await two.desk.decision(refused.request_id)

    assert record is not None
    assert (record.decision.refused, record.accepted) == (True, False)
    assert record == await one.desk.decision(refused.request_id)


async def test_a_decision_about_nobody_can_be_explained(make_guard: MakeGuard) -> None:
    """
    Without an address and a name there is no subject whose outcome could lie anywhere.
    """
    guard = await make_guard(rule())
    decision = await guard.check(fields("", ""))

    record = await guard.desk.decision(decision.request_id)

    assert record is not None
    assert (record.decision, record.accepted) == (decision, None)


async def test_junk_under_the_claim_of_a_request_id_is_corrupt(make_guard: MakeGuard, prefix: str) -> None:
    """
    It names the key, and no outcome is made up.
    """
    guard = await make_guard(rule())
    attempt = guard.admit(fields())
    await guard.check_attempt(attempt, FailureMode.FAIL_OPEN)
    key = Keys(prefix, guard.identity).claim(attempt.request_id, guard.checkpoint.subject_keys(attempt)[0])
    await guard.servers.run(key, ("SET", key, "yes"))

    with pytest.raises(StoreCorrupt) as corrupt:
        await guard.desk.decision(attempt.request_id)

    assert corrupt.value.key == key.decode()


async def test_an_id_that_is_sent_again_does_not_rewrite_what_was_reported(make_guard: MakeGuard) -> None:
    """
    Feedback about it would mean another attempt; who chooses ids could make an attack look like a login.
    """
    guard = await make_guard(rule())
    first, other = fields("192.0.2.1", "erika", request_id="r1"), fields("192.0.2.2", "max", request_id="r1")
    await guard.attempt(first, success=False)

    await guard.check(other)
    record = await guard.desk.decision("r1")

    assert record is not None
    assert (record.attempt.username, record.accepted) == ("erika", False)


async def test_no_decision_is_kept_under_an_id_that_nobody_made(make_guard: MakeGuard) -> None:
    """
    The operator hears that there is none; it is no error.
    """
    guard = await make_guard()

    assert await guard.desk.decision("never") is None


async def test_a_decision_is_kept_as_long_as_the_setting_says(make_guard: MakeGuard, prefix: str) -> None:
    """
    Long enough for feedback that comes the next day; reporting it does not prolong it.
    """
    guard = await make_guard(settings=kept(keep=Duration(DAY)))
    decision = await guard.check(fields())
    before = await life(guard, prefix, decision.request_id)

    await guard.report(decision.request_id, success=False)

    assert DAY - 5 <= await life(guard, prefix, decision.request_id) <= before <= DAY


async def test_a_flood_from_one_address_is_kept_for_minutes_only(
    make_guard: MakeGuard, prefix: str, clock: Clock
) -> None:
    """
    It cannot fill the store, nor push out what others did: their decisions stay as long as ever.
    """
    guard = await make_guard(settings=kept(keep=Duration(DAY), keep_excess=Duration(600), per_source_hour=3))

    flood = [(await guard.check(fields())).request_id for _ in range(5)]
    other = (await guard.check(fields("198.51.100.1"))).request_id
    clock.move(3600)
    next_hour = (await guard.check(fields())).request_id

    lives = [await life(guard, prefix, request_id) for request_id in (*flood, other, next_hour)]
    assert [seconds > 600 for seconds in lives] == [True, True, True, False, False, True, True]
    assert all(seconds > 590 for seconds in lives)


async def test_a_flood_from_everywhere_is_bounded_too(make_guard: MakeGuard, prefix: str) -> None:
    """
    A botnet with a million addresses meets the number for all.
    """
    guard = await make_guard(settings=kept(keep=Duration(DAY), keep_excess=Duration(600), per_hour=4))

    ids = [(await guard.check(fields(f"10.0.0.{number}"))).request_id for number in range(6)]

    assert [await life(guard, prefix, one) > 600 for one in ids] == [True] * 4 + [False] * 2


async def test_what_is_kept_for_less_than_a_second_is_kept_for_one(make_guard: MakeGuard) -> None:
    """
    Expiry counts whole seconds; zero of them would be an error of the store, and a report that is lost.
    """
    guard = await make_guard(settings=kept(keep=Duration(0.5), keep_excess=Duration(0.5)))
    decision = await guard.check(fields())

    receipt = await guard.report(decision.request_id, success=False)

    assert receipt.why == "counted"


@given(
    junk=st.one_of(
        st.binary(max_size=200), st.recursive(st.none() | st.integers(0, 2**63), st.lists).map(msgspec.msgpack.encode)
    )
)
@settings(max_examples=60)
async def test_junk_under_the_key_of_a_decision_is_corrupt(make_guard: MakeGuard, prefix: str, junk: bytes) -> None:
    """
    It names the key, whatever the bytes are.
    """
    guard = await make_guard()
    key = Keys(prefix, guard.identity).decision("junk")
    await guard.servers.run(key, ("SET", key, junk))

    with pytest.raises(StoreCorrupt) as corrupt:
        await guard.desk.decision("junk")

    assert corrupt.value.key == key.decode()


async def test_no_password_is_in_what_is_kept(make_guard: MakeGuard, prefix: str) -> None:
    """
    Neither as it was typed nor in a form that could be tried without the installation's key.
    """
    guard = await make_guard(rule())
    decision = await guard.check(fields(password="correct horse", headers={"Authorization": "correct horse"}))
    await written(guard)

    key = Keys(prefix, guard.identity).decision(decision.request_id)
    value = await guard.servers.run(key, ("GET", key))

    assert b"correct horse" not in value


async def test_a_decision_that_cannot_be_written_takes_no_other_with_it(make_guard: MakeGuard) -> None:
    """
    Half of a pair of surrogates has no bytes; decisions of one turn of the loop are written together.
    """
    guard = await make_guard(rule())

    names = ("half-\udc80", "whole")
    await asyncio.gather(*(guard.check(fields(username=name, request_id=f"of-{name[:4]}")) for name in names))

    assert guard.checkpoint.decisions.recent("of-half") is None
    assert guard.checkpoint.decisions.recent("of-whol") is not None
