# SPDX-License-Identifier: Apache-2.0
"""Hundreds behind one address, and one of them guesses: through the whole guard."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard, fail, fields, rule, sign_in

from nacre.config.duration import Duration
from nacre.config.tree import NeuralNetwork
from nacre.decision import Action
from nacre.features.standard import CROWD, GUESSED
from nacre.scoring import Mode
from nacre.service import Guard

CARRIER = "198.51.100.7"
PEOPLE = int(CROWD) + 5


async def crowd(guard: Guard, people: int = PEOPLE) -> None:
    """Let some people sign in from the address of their carrier."""
    for person in range(people):
        assert (
            await sign_in(guard, fields(CARRIER, f"user{person}", password=f"right {person}"))
        ).action is Action.ALLOW


async def guess(guard: Guard, tries: int = 30) -> int:
    """Let somebody there guess another account's password; returns how often it was refused."""
    return sum([(await fail(guard, fields(CARRIER, "victim"))).refused for _ in range(tries)])


async def test_owners_at_a_crowded_address_get_in_while_a_stranger_does_not(make_guard: MakeGuard) -> None:
    """
    The rule of the address is full, and says so to whoever never signed in there.
    """
    guard = await make_guard(rule(limit=10))
    await crowd(guard)

    refused = await guess(guard)

    assert refused >= 15
    for person in range(PEOPLE):
        assert (
            await sign_in(guard, fields(CARRIER, f"user{person}", password=f"right {person}"))
        ).action is Action.ALLOW
    assert (await guard.check(fields(CARRIER, "somebody new"))).action is not Action.ALLOW
    assert (await fail(guard, fields(CARRIER, "victim"))).refused


async def test_a_ban_of_a_crowded_address_meets_only_who_is_new_there(make_guard: MakeGuard, clock: Clock) -> None:
    """
    It is marked, so that nobody is refused before it is known who signs in; once it is over, newcomers get in too.
    """
    guard = await make_guard(rule(limit=10, period=600, ban_time=Duration(3600)))
    await crowd(guard)
    await guess(guard)
    clock.move(700)  # the failures are forgotten, and the ban is in force

    (block,) = guard.desk.blocks.copy
    owner, newcomer = fields(CARRIER, "user3", password="right 3"), fields(CARRIER, "somebody new")

    assert (block.subject, block.crowded) == (f"{CARRIER}/32", True)
    assert (await sign_in(guard, owner)).action is Action.ALLOW
    assert (await guard.check(newcomer)).refused
    clock.move(3_600)
    assert (await guard.check(newcomer)).action is Action.ALLOW


async def test_an_account_of_the_crowd_that_is_guessed_itself_is_no_longer_at_home(make_guard: MakeGuard) -> None:
    """
    Whoever guesses from inside tries the neighbours' accounts, which signed in from there.
    """
    guard = await make_guard(rule(limit=10))
    await crowd(guard)
    await guess(guard, 12)

    passed = sum([not (await fail(guard, fields(CARRIER, "user3"))).refused for _ in range(30)])

    assert passed <= GUESSED + 1
    assert (await sign_in(guard, fields(CARRIER, "user4", password="right 4"))).action is Action.ALLOW


async def test_an_address_of_few_is_banned_with_all_who_are_there(make_guard: MakeGuard) -> None:
    """
    The stories above hold because of the crowd.
    """
    guard = await make_guard(rule(limit=10))
    await crowd(guard, int(CROWD) - 1)

    await guess(guard)

    assert [(block.subject, block.crowded) for block in guard.desk.blocks.copy] == [(f"{CARRIER}/32", False)]
    assert (await guard.check(fields(CARRIER, "user0", password="right 0"))).refused


async def test_a_ban_that_began_before_anybody_signed_in_refuses_everybody(make_guard: MakeGuard) -> None:
    """
    A block in force is never relieved, by no profile and no score.
    """
    guard = await make_guard(rule(limit=10))
    await guess(guard)
    await guard.checkpoint.settle()

    assert (await guard.check(fields(CARRIER, "user0"))).refused
    assert len(list(guard.desk.blocks.copy)) == 1


@pytest.mark.parametrize(
    ("network", "mode"),
    [
        (NeuralNetwork(dry_run=True), Mode(learning=False)),
        (NeuralNetwork(), Mode(learning=True)),
        (NeuralNetwork(), Mode()),
    ],
)
async def test_a_network_that_looks_on_changes_no_answer(
    make_guard: MakeGuard, network: NeuralNetwork, mode: Mode
) -> None:
    """
    Dry run, learning mode, a new installation: each score stands beside what the rules alone said, which was done.
    """
    guard = await make_guard(rule(limit=5), neural_network=network)
    lookout = guard.checkpoint.lookout
    assert lookout is not None
    if lookout.scoring.champion is None:
        pytest.skip("this build comes without a model")
    lookout.scoring.mode = mode

    decisions = [await fail(guard, fields()) for _ in range(8)]

    assert [decision.action for decision in decisions] == [Action.ALLOW] * 5 + [Action.REFUSE] * 3
    looked = [decision for decision in decisions if decision.score is not None]
    assert len(looked) >= 5
    assert all(decision.rules_alone is decision.action for decision in looked)
    assert all(0.0 < decision.score < 1.0 for decision in looked if decision.score is not None)
