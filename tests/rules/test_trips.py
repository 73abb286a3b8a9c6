# SPDX-License-Identifier: Apache-2.0
"""When rules trip, and for whom: through the whole guard."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from builders import Clock, MakeGuard, fail, fields, rule, sign_in, written

from nacre.config.duration import Duration
from nacre.config.tree import BruteForce, RuleAction, Settings, Subject
from nacre.decision import Action
from nacre.service import Guard


async def refused(guard: Guard, *asked: object, **named: object) -> bool:
    """Whether an attempt is refused."""
    return (await guard.check(fields(*asked, **named))).refused  # type: ignore[arg-type]


@pytest.mark.parametrize("limit", [1, 2, 5, 64, 65, 100])
async def test_as_many_failures_pass_as_the_limit_says(make_guard: MakeGuard, limit: int) -> None:
    """
    Below and above 64, where windows are kept in different ways, the promise is the same.
    """
    guard = await make_guard(rule(limit=limit))

    passed = [not (await fail(guard, fields())).refused for _ in range(limit + 2)]

    assert passed == [True] * limit + [False] * 2


@pytest.mark.parametrize(("limit", "grain"), [(2, 600 / 4096), (64, 600 / 4096), (65, 600 / 64)])
@pytest.mark.parametrize("late", [False, True])
async def test_a_failure_leaves_the_window_after_exactly_its_period(
    make_guard: MakeGuard, clock: Clock, limit: int, grain: float, *, late: bool
) -> None:
    """
    Not a moment sooner, and at most one grain later.
    """
    guard = await make_guard(rule(limit=limit, period=600))
    for _ in range(limit - 1):
        await fail(guard, fields())

    clock.move(600 + 1.001 * grain if late else 599.999)
    await fail(guard, fields())

    assert await refused(guard) is not late


async def test_slow_failures_never_fill_a_window(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Four in ten minutes, for ever: an idle-timeout counter would have refused the fifth, a sliding window does not.
    """
    guard = await make_guard(rule(limit=5, period=600))

    for _ in range(40):
        assert not (await fail(guard, fields())).refused
        clock.move(151)


async def test_all_rules_that_trip_are_named(make_guard: MakeGuard) -> None:
    """
    An operator who loosens the first one should not be surprised by the second.
    """
    guard = await make_guard(
        rule("network", limit=3, cidr=24), rule("address", limit=3), rule("account", limit=3, subject=Subject.ACCOUNT)
    )
    for _ in range(3):
        await fail(guard, fields())

    counted = await guard.attempt(fields("192.0.2.7"), success=False)
    elsewhere = await guard.check(fields("198.51.100.1"))

    assert counted.rules == ("network", "address")  # this much is known without asking the store
    assert elsewhere.rules == ("account",)


async def test_all_rules_that_trip_are_named_with_their_counts(make_guard: MakeGuard) -> None:
    """
    Where nothing is refused yet, the store is asked and tells of every rule.
    """
    delay: dict[str, Any] = {"action": RuleAction.DELAY, "delay": Duration(2)}
    guard = await make_guard(
        rule("network", limit=2, cidr=24, **delay),
        rule("address", limit=3, **delay),
        rule("account", limit=4, subject=Subject.ACCOUNT, **delay),
        rule("loose", limit=50, **delay),
    )
    for _ in range(4):
        await fail(guard, fields())

    decision = await guard.check(fields())

    # A ban stops the clock of its window: what failed under it is not counted for that rule.
    assert {reason.rule: (reason.count, reason.limit) for reason in decision.reasons} == {
        "network": (2, 2),
        "address": (3, 3),
        "account": (4, 4),
    }
    assert (decision.action, decision.delay) == (Action.DELAY, 2.0)
    assert decision.rules == ("network", "address", "account")


async def test_a_rule_for_one_protocol_touches_no_other(make_guard: MakeGuard) -> None:
    """
    A phone that fails over IMAP does not close the web mail for its street.
    """
    guard = await make_guard(
        rule("imap", limit=2, filter_by_protocol=("imap",)), rule("smtp", limit=2, filter_by_protocol=("smtp",))
    )
    for protocol in ("imap", "imap", "pop3", "pop3", "", "", "smtp"):
        await fail(guard, fields(protocol=protocol))

    answers = {protocol: await refused(guard, protocol=protocol) for protocol in ("imap", "smtp", "pop3", "")}

    assert answers == {"imap": True, "smtp": False, "pop3": False, "": False}


async def test_a_rule_for_one_oidc_client_touches_no_other(make_guard: MakeGuard) -> None:
    """
    The shop under attack is closed to the attacker, the wiki is not.
    """
    guard = await make_guard(rule("shop", limit=2, filter_by_oidc_cid=("shop",)))
    for _ in range(2):
        await fail(guard, fields(oidc_cid="shop"))
        await fail(guard, fields(oidc_cid="wiki"))

    assert await refused(guard, oidc_cid="shop")
    assert not await refused(guard, oidc_cid="wiki")
    assert not await refused(guard)


@pytest.mark.parametrize(
    ("subject", "same", "other"),
    [
        (Subject.SUBNET, fields("192.0.2.200", "kim"), fields("192.0.3.7", "erika")),
        (Subject.ACCOUNT, fields("198.51.100.1", "Erika"), fields("192.0.2.7", "kim")),
        (Subject.ACCOUNT_SUBNET, fields("192.0.2.200", "erika"), fields("192.0.2.7", "kim")),
        (Subject.CLIENT, fields("198.51.100.1", "kim", client_id="phone"), fields("192.0.2.7", "erika")),
    ],
)
async def test_a_rule_counts_its_subject_and_nothing_else(
    make_guard: MakeGuard, subject: Subject, same: object, other: object
) -> None:
    """
    Whatever differs beside the subject does not matter; a difference in the subject does.
    """
    with_subnet: dict[str, Any] = {"cidr": 24} if "subnet" in subject.value else {}
    guard = await make_guard(rule(limit=3, subject=subject, **with_subnet))
    for _ in range(3):
        await fail(guard, fields("192.0.2.7", "erika", client_id="phone"))

    assert (await guard.check(same)).refused  # type: ignore[arg-type]
    assert not (await guard.check(other)).refused  # type: ignore[arg-type]


async def test_ipv6_is_counted_by_the_subnet_of_its_rule(make_guard: MakeGuard) -> None:
    """
    One customer has 2^64 addresses and one budget.
    """
    guard = await make_guard(rule("six", limit=3, ipv6=True, cidr=56))
    for host in range(3):
        await fail(guard, fields(f"2001:db8:0:100::{host:x}"))

    assert await refused(guard, "2001:db8:0:1ff::9")
    assert not await refused(guard, "2001:db8:0:200::1")
    assert not await refused(guard, "192.0.2.7")


@pytest.mark.parametrize(
    ("action", "expected"), [(RuleAction.CHALLENGE, Action.CHALLENGE), (RuleAction.DELAY, Action.DELAY)]
)
async def test_a_rule_may_do_less_than_refuse(make_guard: MakeGuard, action: RuleAction, expected: Action) -> None:
    """
    Attempts go on and count; the listing says that the rule is in force all the same.
    """
    guard = await make_guard(rule(limit=2, action=action))
    for _ in range(2):
        await fail(guard, fields())

    decision = await guard.check(fields())
    receipt = await guard.report(decision.request_id, success=False)

    assert decision.action is expected
    assert receipt.counted
    assert guard.desk.blocked("192.0.2.7") == ["address"]


async def test_lowering_a_limit_holds_for_what_was_counted_before(make_guard: MakeGuard) -> None:
    """
    Who tightens a rule under attack does not wait for new failures.
    """
    guard = await make_guard(rule(limit=10))
    for _ in range(6):
        await fail(guard, fields())
    assert not await refused(guard)

    guard.reload(reloaded(guard, limit=5))

    assert await refused(guard)


async def test_raising_a_limit_keeps_what_was_counted_before(make_guard: MakeGuard) -> None:
    """
    Two more are two more, not eight.
    """
    guard = await make_guard(rule(limit=6))
    for _ in range(5):
        await fail(guard, fields())

    guard.reload(reloaded(guard, limit=8))
    passed = [not (await fail(guard, fields())).refused for _ in range(4)]

    assert passed == [True, True, True, False]


@pytest.mark.parametrize("period", [300, 1200])
async def test_a_period_that_changes_keeps_what_was_counted_before(
    make_guard: MakeGuard, clock: Clock, period: float
) -> None:
    """
    The settings are read again in the middle of an attack.
    """
    guard = await make_guard(rule(limit=5, period=600))
    for _ in range(3):
        await fail(guard, fields())
    clock.move(100)

    guard.reload(reloaded(guard, limit=5, period=period))
    passed = [not (await fail(guard, fields())).refused for _ in range(3)]

    assert passed == [True, True, False]


def reloaded(guard: Guard, **changed: float) -> Settings:
    """The settings of a guard with its one rule changed."""
    return msgspec.structs.replace(guard.settings, brute_force=BruteForce(buckets=(rule(**changed),)))  # type: ignore[arg-type]


async def test_refused_attempts_do_not_count(make_guard: MakeGuard) -> None:
    """
    Nobody is locked out longer, or in other rules, for trying while locked out.
    """
    guard = await make_guard(rule(limit=2), rule("network", limit=6, cidr=24))
    for _ in range(2):
        await fail(guard, fields())

    for _ in range(10):
        decision = await guard.attempt(fields(), success=False)
        assert decision.rules == ("address",)

    assert not await refused(guard, "192.0.2.99")


async def test_refused_attempts_count_where_the_guard_learns_from_itself(make_guard: MakeGuard) -> None:
    """
    An operator may want the network closed when one address in it does not stop.
    """
    guard = await make_guard(rule(limit=2), rule("network", limit=6, cidr=24), learning=("brute_force",))
    for _ in range(6):
        await guard.attempt(fields(), success=False)
    await written(guard)

    assert await refused(guard, "192.0.2.99")


@pytest.mark.parametrize(("learning", "counts"), [((), False), (("rbl",), True), (("lua",), False)])
async def test_what_other_checks_turn_away_counts_if_learned(
    make_guard: MakeGuard, learning: tuple[str, ...], *, counts: bool
) -> None:
    """
    A hit in a block list is evidence only if the operator says so.
    """
    guard = await make_guard(rule(limit=2), learning=learning)
    for _ in range(2):
        decision = await guard.check(fields())
        await guard.report(decision.request_id, success=False, feature="rbl")

    assert await refused(guard) is counts


async def test_successes_do_not_count(make_guard: MakeGuard) -> None:
    """
    An office signs in every morning, all at once.
    """
    guard = await make_guard(rule(limit=2), rule("account", limit=2, subject=Subject.ACCOUNT))
    for _ in range(20):
        assert (await sign_in(guard, fields())).action is Action.ALLOW
