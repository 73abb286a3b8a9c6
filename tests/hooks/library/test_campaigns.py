# SPDX-License-Identifier: Apache-2.0
"""Distributed attacks, from Lua."""

from __future__ import annotations

from typing import Any

import pytest
from builders import MakeGuard, fields, sign_in
from scripts import Scripts
from traffic import network

from nacre.campaign.measure import Scope, Step
from nacre.campaign_desk import Wish
from nacre.decision import Action
from nacre.hooks.call import Call
from nacre.service import Guard

NOTHING: dict[str, Any] = {
    "threat_level": 0,
    "account_under_attack": False,
    "attack_score": 0,
    "captcha_enabled": False,
    "rate_limit_enabled": False,
    "monitoring_mode": False,
    "is_captcha_account": False,
    "attack_detected": False,
}


async def _scripts(make_guard: MakeGuard) -> tuple[Scripts, Guard]:
    guard = await make_guard(settings=network())
    return Scripts(guard), guard


async def test_a_quiet_site_is_shown_with_empty_lists_and_an_empty_object(make_guard: MakeGuard) -> None:
    """
    The original had an empty list where a map of accounts belongs, and no settings at all.
    """
    run, _ = await _scripts(make_guard)

    (metrics, problem) = await run('return require("nacre_campaigns").overview()')

    assert problem is None
    assert metrics == {
        "threat_level": 0,
        "attempts": 0,
        "unique_ips": 0,
        "unique_users": 0,
        "ips_per_user": 0,
        "attacked_accounts": {},
        "blocked_regions": [],
        "rate_limited_ips": [],
        "captcha_accounts": [],
        "settings": {
            "captcha_enabled": "false",
            "rate_limit_enabled": "false",
            "monitoring_mode": "false",
            "ml_threshold": "0.7",
        },
    }


async def test_what_is_done_is_shown_in_the_words_of_the_original(make_guard: MakeGuard) -> None:
    """
    Flags and lists follow from the measures in force.
    """
    run, guard = await _scripts(make_guard)
    for wish in (
        Wish(step=Step.CHALLENGE, scope=Scope(accounts=("erika",)), confirm=True),
        Wish(step=Step.BLOCK, scope=Scope(countries=("XX",)), confirm=True),
        Wish(step=Step.MONITOR, confirm=True),
        Wish(step=Step.THRESHOLD, threshold=0.5, confirm=True),
    ):
        await guard.campaigns.start(wish, who="test")

    metrics: Any = (await run('return require("nacre_campaigns").overview()'))[0]
    erika: Any = (await run('return require("nacre_campaigns").detection("Erika")'))[0]
    other: Any = (await run('return require("nacre_campaigns").detection("max")'))[0]

    assert (metrics["captcha_accounts"], metrics["blocked_regions"]) == (["erika"], ["XX"])
    assert (metrics["settings"]["monitoring_mode"], metrics["settings"]["ml_threshold"]) == ("true", "0.5")
    assert (erika["is_captcha_account"], erika["monitoring_mode"], erika["attack_detected"]) == (True, True, True)
    assert (other["is_captcha_account"], other["attack_detected"]) == (False, False)


async def test_a_simulated_attack_is_detected_and_leaves_what_is_live_alone(make_guard: MakeGuard) -> None:
    """
    The original wrote the mark itself that it then found, and raised an error from eleven addresses on.
    """
    run, guard = await _scripts(make_guard)
    before = await guard.campaigns.overview()

    simulated: Any = (await run('return require("nacre_campaigns").simulate("testuser", 20, "DE")'))[0]
    seen: Any = (await run('return require("nacre_campaigns").detection("testuser")'))[0]

    assert simulated.keys() == NOTHING.keys()
    assert (simulated["attack_detected"], simulated["account_under_attack"]) == (True, True)
    assert simulated["attack_score"] == 20
    assert seen == simulated
    assert await run('return require("nacre_campaigns").detection("somebody")') == [NOTHING, None]
    assert await guard.campaigns.overview() == before


async def test_a_simulated_attack_leaves_nothing_but_what_was_found(make_guard: MakeGuard, prefix: str) -> None:
    """
    One key, for ten minutes, and a line of the audit log; who really has the account signs in as ever.
    """
    run, guard = await _scripts(make_guard)
    await guard.desk.note("test", "before", "")

    async def keys() -> set[bytes]:
        return {key async for key in guard.servers.client.scan_iter(match=f"{prefix}*")}

    before = await keys()
    await run('return require("nacre_campaigns").simulate("testuser", 50)')
    left_behind = await keys() - before
    assert len(left_behind) == 1, left_behind
    (left,) = left_behind

    assert b"rehearsal" in left
    assert 0 < await guard.servers.client.ttl(left) <= 600
    assert (await sign_in(guard, fields(username="testuser"))).action is Action.ALLOW
    assert (await guard.check(fields("203.0.113.77", "testuser"))).action is Action.ALLOW
    assert (await guard.desk.audit(1))[0].action == "campaigns.simulate"


async def test_to_reset_an_account_forgets_the_attack_that_was_simulated_on_it(make_guard: MakeGuard) -> None:
    """
    Who tests, resets and looks again wants to see nothing.
    """
    run, _ = await _scripts(make_guard)
    await run('return require("nacre_campaigns").simulate("testuser", 20)')

    await run('return require("nacre_campaigns").reset_account("testuser")')

    assert await run('return require("nacre_campaigns").detection("testuser")') == [NOTHING, None]


async def test_a_handful_of_addresses_is_no_distributed_attack(make_guard: MakeGuard) -> None:
    """
    A test that never fails shows nothing.
    """
    run, _ = await _scripts(make_guard)

    simulated: Any = (await run('return require("nacre_campaigns").simulate("testuser", 3)'))[0]

    assert simulated["attack_detected"] is False


async def test_protection_and_accounts_are_reset(make_guard: MakeGuard) -> None:
    """
    Under the name of whoever asked for it.
    """
    run, guard = await _scripts(make_guard)
    for name in ("erika", "max"):
        wish = Wish(step=Step.CHALLENGE, scope=Scope(accounts=(name,)), confirm=True)
        await guard.campaigns.start(wish, who="test")
    call = Call("admin", "hook", who="anna")

    assert await run('return require("nacre_campaigns").reset_account("erika")', call) == [True, None]
    assert (await guard.campaigns.overview()).captcha_accounts == ("max",)
    assert await run('return require("nacre_campaigns").reset_account("nobody")', call) == [True, None]
    assert await run('return require("nacre_campaigns").reset()', call) == [True, None]
    assert (await guard.campaigns.overview()).captcha_accounts == ()
    assert (await guard.desk.audit(1))[0].who == "anna"


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("detection()", "bad argument #1 to 'detection' (string expected, got nil)"),
        ('detection("")', "bad argument #1 to 'detection'"),
        ("simulate({})", "bad argument #1 to 'simulate' (string expected, got table)"),
        ('simulate("x", "20")', "bad argument #2 to 'simulate' (whole number expected, got string)"),
        ('simulate("x", 2.5)', "bad argument #2 to 'simulate' (whole number expected, got number)"),
        ('simulate("x", 1/0)', "bad argument #2 to 'simulate' (whole number expected, got number)"),
        ('simulate("x", 5, {})', "bad argument #3 to 'simulate' (string expected, got table)"),
        ('simulate("x", 0)', ""),
        ('simulate("x", 1001)', ""),
        ("reset_account()", "bad argument #1 to 'reset_account' (string expected, got nil)"),
    ],
)
async def test_what_cannot_be_done_is_told(make_guard: MakeGuard, call: str, problem: str) -> None:
    """
    As second result; nothing is rehearsed and nothing is reset.
    """
    run, _ = await _scripts(make_guard)

    result, message = await run(f'return require("nacre_campaigns").{call}')

    assert result is None
    assert message
    assert str(message).startswith(problem)
