# SPDX-License-Identifier: Apache-2.0
"""One address guesses."""

from __future__ import annotations

from builders import MakeGuard, fields, rule

from nacre import Action


async def test_the_attempt_after_the_last_allowed_failure_is_refused(make_guard: MakeGuard) -> None:
    """
    A limit of five lets five failures pass; the sixth attempt never reaches a password.
    """
    guard = await make_guard(rule(limit=5))

    for _ in range(5):
        decision = await guard.check(fields())
        assert decision.action is Action.ALLOW
        await guard.report(decision.request_id, success=False)
    decision = await guard.check(fields())

    assert decision.action is Action.REFUSE
    assert decision.rules == ("address",)
