# SPDX-License-Identifier: Apache-2.0
"""Counting outcomes; what is counted where is tested with the rules, and without the store in tests/integration."""

from __future__ import annotations

import pytest
from builders import MakeGuard, fields, rule

from nacre.account import AccountNames
from nacre.attempt import admit
from nacre.campaign.sighting import Mark
from nacre.config.tree import BruteForce, Feature, Settings
from nacre.counting import known_since, uncounted
from nacre.decision import Action, Decision
from nacre.identity import Identity
from nacre.policy import Policy
from nacre.record import Record, Told
from nacre.service import Guard

DAY = 86_400.0


def _record(ip: str, action: Action) -> Record:
    attempt = admit(fields(ip), names=AccountNames(), identity=Identity(b"k" * 32), now=0.0, request_id="r1")
    return Record(attempt, Decision("r1", action, 0.0, None, (), (), ""))


@pytest.mark.parametrize(
    ("ip", "action", "success", "feature", "why"),
    [
        ("192.0.2.1", Action.ALLOW, False, "", ""),
        ("127.0.0.1", Action.ALLOW, False, "", "local_address"),
        ("192.0.2.1", Action.REFUSE, False, "", "refused_before"),
        ("192.0.2.1", Action.REFUSE, True, "", "refused_before"),
        ("192.0.2.1", Action.ALLOW, False, "rbl", "not_learned"),
        ("192.0.2.1", Action.ALLOW, True, "rbl", ""),
    ],
)
def test_why_an_outcome_does_not_count(ip: str, action: Action, success: bool, feature: str, why: str) -> None:  # noqa: FBT001
    """
    What is exempt, what we refused ourselves, what another check turned away.
    """
    record = _record(ip, action)

    assert uncounted(Policy(Settings()), record, record.attempt, success=success, feature=feature) == why


def test_refusals_of_our_own_count_where_the_settings_say_so() -> None:
    """
    As failures; what the backend would have said proves nothing.
    """
    policy = Policy(Settings(brute_force=BruteForce(learning=(Feature.BRUTE_FORCE,))))
    record = _record("192.0.2.1", Action.REFUSE)

    assert uncounted(policy, record, record.attempt, success=False, feature="") == ""
    assert uncounted(policy, record, record.attempt, success=True, feature="") == "refused_before"


def test_a_login_speaks_for_its_origin_as_long_as_the_settings_say() -> None:
    """
    In whole days.
    """
    policy = Policy(Settings())

    assert known_since(policy, policy.known_ttl + 3.5 * DAY) == 3


async def test_a_second_report_changes_nothing(make_guard: MakeGuard) -> None:
    """
    However it arrives.
    """
    guard = await make_guard(rule(limit=5))
    attempt = guard.admit(fields(request_id="r1"))
    counting, policy = guard.checkpoint._counting, guard.checkpoint.policy  # noqa: SLF001  the part under test

    first, _ = await counting.count(policy, attempt, Told.at(1.0, accepted=False), crowded=False)
    second, _ = await counting.count(policy, attempt, Told.at(2.0, accepted=False), crowded=False)

    assert (first.why, second.why) == ("counted", "reported_before")


async def _known(guard: Guard, address: str, name: str, *, accepted: bool, ago: float = 0.0) -> int:
    """Count an outcome, and return what is said to have been known before."""
    now = guard.clock() - ago
    attempt = guard.admit(fields(address, name, time=now))
    outcome = Told.at(now, accepted=accepted)
    counting, policy = guard.checkpoint._counting, guard.checkpoint.policy  # noqa: SLF001  the part under test
    _, marks = await counting.count(policy, attempt, outcome, crowded=False, asks=True)
    return marks


@pytest.mark.parametrize("accepted", [False, True])
async def test_who_asks_is_told_what_was_known_before(make_guard: MakeGuard, *, accepted: bool) -> None:
    """
    Where only outcomes are reported, an owner who mistypes is no stranger, and whoever comes in elsewhere is.
    """
    guard = await make_guard(rule(limit=50))
    await _known(guard, "192.0.2.7", "erika", accepted=True)
    await _known(guard, "203.0.113.9", "otto", accepted=True)

    places = (("192.0.2.8", "erika"), ("203.0.113.9", "erika"), ("203.0.113.9", "paul"), ("198.51.100.1", "paul"))
    known = [await _known(guard, address, name, accepted=accepted) for address, name in places]

    home, elsewhere = Mark.HISTORY | Mark.HOME, Mark.HISTORY | Mark.KNOWN_SOURCE
    assert known == [home, elsewhere, Mark.KNOWN_SOURCE, Mark.HISTORY if accepted else 0]


async def test_a_login_of_long_ago_speaks_for_nothing_but_the_account(make_guard: MakeGuard) -> None:
    """
    The same bound as at a check: what was the owner's place last year may be anybody's.
    """
    guard = await make_guard(rule(limit=50))
    ago = float(guard.checkpoint.policy.known_ttl) + 2 * DAY
    await _known(guard, "192.0.2.7", "erika", accepted=True, ago=ago)

    known = await _known(guard, "192.0.2.7", "erika", accepted=False)

    assert known == Mark.HISTORY


@pytest.mark.parametrize("accepted", [False, True])
@pytest.mark.parametrize("time", [0.0, 1.0, 5e6, 6e9, 2.0**33 - 1])
async def test_an_outcome_counts_at_any_time_that_an_attempt_may_have(
    make_guard: MakeGuard, *, time: float, accepted: bool
) -> None:
    """
    Operators replay what was long ago, and a machine without a clock begins in 1970.
    """
    guard = await make_guard(rule(limit=50))

    receipt = await guard.report(fields("192.0.2.7", "erika", time=time), success=accepted)

    assert receipt.why == "counted"


async def test_an_account_is_at_home_on_the_first_day_of_the_epoch(make_guard: MakeGuard) -> None:
    """
    The day that nothing is before is a day like any other.
    """
    guard = await make_guard(rule(limit=50))
    ago = guard.clock()
    await _known(guard, "192.0.2.7", "erika", accepted=True, ago=ago)

    known = await _known(guard, "192.0.2.7", "erika", accepted=False, ago=ago - 60.0)

    assert known == Mark.HISTORY | Mark.HOME | Mark.KNOWN_SOURCE
