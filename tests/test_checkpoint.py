# SPDX-License-Identifier: Apache-2.0
"""Check and report: once, by any instance, and whatever the store holds."""

from __future__ import annotations

import asyncio

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, written

from nacre.config.tree import BruteForce, Decisions, Settings, Spool, Subject
from nacre.decision import Action
from nacre.errors import SpoolFull, UnknownRequest
from nacre.service import Guard


async def counted(guard: Guard) -> float:
    """How full the fullest bucket of the usual attempt is, in failures of ten."""
    return 10 * (await guard.check(fields())).pressure


async def test_a_second_report_changes_nothing(make_guard: MakeGuard) -> None:
    """
    Callers retry when an answer got lost; the first outcome stands.
    """
    guard = await make_guard(rule(limit=10))
    decision = await guard.check(fields())

    receipts = [await guard.report(decision.request_id, success=success) for success in (False, False, True)]

    assert [receipt.why for receipt in receipts] == ["counted", "reported_before", "reported_before"]
    assert await counted(guard) == 1
    assert await guard.desk.toleration_counters("192.0.2.7") == {"total": 1, "failed": 1, "positive": 0, "negative": 1}


async def test_reports_at_the_same_moment_count_once(make_guard: MakeGuard) -> None:
    """
    Two workers retry at once, here and on another instance: the store decides who was first.
    """
    one, two = await make_guard(rule(limit=10)), await make_guard(rule(limit=10))
    decision = await one.check(fields())
    await written(one)

    receipts = await asyncio.gather(
        *(guard.report(decision.request_id, success=False) for guard in (one, two) for _ in range(10))
    )

    assert sum(receipt.counted for receipt in receipts) == 1
    assert await counted(one) == 1


async def test_another_instance_takes_the_report(make_guard: MakeGuard) -> None:
    """
    A load balancer sends it anywhere; it finds the attempt in the store, with everything that counts.
    """
    one, two = await make_guard(rule(limit=10)), await make_guard(rule(limit=10))
    decision = await one.check(fields(password="old"))
    await written(one)

    receipt = await two.report(decision.request_id, success=False)
    again = await one.report(decision.request_id, success=False)
    repeated = await two.report(fields(password="old"), success=False)

    assert (receipt.counted, receipt.request_id) == (True, decision.request_id)
    assert again.why == "reported_before"
    assert repeated.why == "repeated_password"
    assert await counted(one) == 1


async def test_an_instance_that_was_restarted_knows_what_was_reported(make_guard: MakeGuard) -> None:
    """
    The retry that comes after a restart is a retry all the same.
    """
    one = await make_guard(rule(limit=10))
    decision = await one.check(fields())
    await one.report(decision.request_id, success=False)
    await written(one)

    restarted = await make_guard(rule(limit=10))

    assert (await restarted.report(decision.request_id, success=False)).why == "reported_before"


async def test_a_report_by_an_id_that_nobody_knows_is_an_error(make_guard: MakeGuard) -> None:
    """
    The caller has to hear that nothing was counted, and what to send instead.
    """
    guard = await make_guard(rule(limit=10))

    with pytest.raises(UnknownRequest, match="send the attempt's fields") as unknown:
        await guard.report("never-heard-of", success=False)

    assert unknown.value.request_id == "never-heard-of"


async def test_a_report_without_a_check_counts(make_guard: MakeGuard) -> None:
    """
    Log readers and daemons that cannot ask tell what they saw.
    """
    guard = await make_guard(rule(limit=10))

    receipts = [await guard.report(fields(request_id=name), success=False) for name in ("a", "b", "a")]

    assert [receipt.why for receipt in receipts] == ["counted", "counted", "reported_before"]
    assert await counted(guard) == 2


@pytest.mark.parametrize("request_id", ["from-a-header-blocked", "a-blocked-", "a-blocked-AAAAAAAA"])
async def test_an_id_that_only_looks_like_one_of_a_refusal_counts(make_guard: MakeGuard, request_id: str) -> None:
    """
    A caller may pass on an id that the attacker chose: it must not say that the attempt was refused.
    """
    guard = await make_guard(rule(limit=10))
    decision = await guard.check(fields(request_id=request_id))

    assert (await guard.report(decision.request_id, success=False)).why == "counted"
    assert (await guard.report(fields(request_id=f"other-{request_id}"), success=False)).why == "counted"


async def test_a_refusal_of_a_flood_is_known_by_its_id_alone(make_guard: MakeGuard) -> None:
    """
    Nothing is kept of it; another instance takes its report all the same, and counts nothing.
    """
    tree = Settings(brute_force=BruteForce(buckets=(rule(limit=2),)), decisions=Decisions(refusals_per_source_hour=2))
    one, two = await make_guard(settings=tree), await make_guard(settings=tree)
    for _ in range(2):
        await fail(one, fields())

    decision = one.refuse_at_once(fields())

    assert decision is not None
    assert decision.refused
    for guard in (one, two):
        assert (await guard.report(decision.request_id, success=False)).why == "refused_before"


async def test_a_refusal_of_a_flood_keeps_the_id_of_its_caller(make_guard: MakeGuard) -> None:
    """
    Whoever names attempts finds them in the answers under these names, and may report them under these.
    """
    tree = Settings(brute_force=BruteForce(buckets=(rule(limit=2),)), decisions=Decisions(refusals_per_source_hour=2))
    guard = await make_guard(settings=tree)
    for _ in range(2):
        await fail(guard, fields())

    decision = guard.refuse_at_once(fields(request_id="mail-4711"))

    assert decision is not None
    assert decision.request_id == "mail-4711"
    assert (await guard.report("mail-4711", success=False)).why == "refused_before"


async def test_both_in_one_decides_before_the_outcome(make_guard: MakeGuard) -> None:
    """
    The attempt that fills the bucket is still answered as the last one that was allowed.
    """
    guard = await make_guard(rule(limit=3))

    answers = [(await guard.attempt(fields(), success=False)).action for _ in range(4)]

    assert answers == [Action.ALLOW] * 3 + [Action.REFUSE]


async def test_a_refused_attempt_is_not_learned_from_although_its_password_was_right(make_guard: MakeGuard) -> None:
    """
    A guess that hits during a block must not make the guesser the owner, nor the address a tolerated one.
    """
    guard = await make_guard(rule("account", limit=2, subject=Subject.ACCOUNT))
    for number in range(2):
        await fail(guard, fields(f"198.51.100.{number}"))

    decision = await guard.check(fields("192.0.2.7"))
    receipt = await guard.report(decision.request_id, success=True)

    assert (decision.refused, receipt.why) == (True, "refused_before")
    assert (await guard.check(fields("192.0.2.7"))).refused
    assert (await guard.desk.toleration_counters("192.0.2.7"))["positive"] == 0


async def test_a_report_counts_when_the_attempt_was_made(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A backend that takes its time does not move the failure, and a slow queue does not bunch them.
    """
    guard = await make_guard(rule(limit=2, period=600))
    early = await guard.check(fields())
    clock.move(599)
    late = await guard.check(fields())

    clock.move(2)
    for decision in (late, early):
        await guard.report(decision.request_id, success=False)

    assert await counted(guard) == 10 * 1 / 2


async def test_what_follows_is_written_although_nobody_waits(make_guard: MakeGuard) -> None:
    """
    The block is behind the answer, and settling waits for it.
    """
    one, two = await make_guard(rule(limit=2)), await make_guard(rule(limit=2))
    for _ in range(2):
        decision = await one.check(fields())
        await one.report(decision.request_id, success=False)

    await one.checkpoint.settle()

    assert await two.desk.blocks.restore() == 1


async def test_whoever_meets_a_full_bucket_begins_the_ban_that_a_crash_prevented(make_guard: MakeGuard) -> None:
    """
    The count is written, the process dies, no ban is: the window itself says what is to be done.
    """
    loose = await make_guard(rule(limit=3))
    for _ in range(2):
        await fail(loose, fields())
    strict = await make_guard(rule(limit=2))  # for this one the bucket was full before it was there

    decision = await strict.check(fields())
    await written(strict)

    assert decision.refused
    assert strict.desk.blocked("192.0.2.7") == ["address"]


async def test_local_counts_hold_although_no_report_can_be_kept(make_guard: MakeGuard) -> None:
    """
    Who fills the disk with reports first does not guess freely afterwards.
    """
    tree = Settings(brute_force=BruteForce(buckets=(rule(limit=3),)), spool=Spool(max_reports=0))
    guard = await make_guard(settings=tree)
    await guard.servers.topology.close()

    for _ in range(3):
        decision = await guard.check(fields())
        assert decision.action is Action.ALLOW
        with pytest.raises(SpoolFull):
            await guard.report(decision.request_id, success=False)

    assert (await guard.check(fields())).refused
