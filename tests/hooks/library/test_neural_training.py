# SPDX-License-Identifier: Apache-2.0
"""Trainings, resets, removals and feedback, from Lua."""

from __future__ import annotations

import time

import pytest
from builders import Clock, MakeGuard, eventually, fields
from scripts import Scripts
from traffic import champion, fill, keep, network, teaching, variant

from nacre.features.catalogue import State
from nacre.hooks.call import Call
from nacre.service import Guard


async def _scripts(make_guard: MakeGuard, **settings: object) -> tuple[Scripts, Guard]:
    guard = await make_guard(settings=network(**settings))
    return Scripts(guard), guard


# -- training


async def test_a_training_is_waited_for_and_its_model_is_in_use_everywhere(make_guard: MakeGuard, clock: Clock) -> None:
    """
    The original trained without telling anybody, and said true if there was nothing to train on.
    """
    run, one = await _scripts(make_guard, train_every=0)
    other = await make_guard(settings=network(train_every=0))
    await fill(one, clock)

    async with teaching(one):
        results = await run("return nauthilus_neural.train_neural_network(2500, 5)")

    assert results == [True, None]
    (model, *_) = await one.network.models()
    assert champion(one) == model.version != "shipped"
    await eventually(lambda: champion(other) == model.version, within=1.0)


async def test_a_training_with_too_little_says_how_much_is_missing(make_guard: MakeGuard) -> None:
    """
    Without arguments it takes 5000 samples and 50 epochs.
    """
    run, guard = await _scripts(make_guard, train_every=0)

    async with teaching(guard):
        trained, problem = await run("return nauthilus_neural.train_neural_network()")

    assert trained is False
    assert "50 of 50 missing" in str(problem)
    assert not str(problem).startswith("asked for")
    (job, *_) = await guard.network.jobs()
    assert (job.samples, job.epochs) == (5000, 50)


async def test_a_training_that_outlasts_the_script_goes_on(make_guard: MakeGuard) -> None:
    """
    The script is told so while it can still answer, and by what name to ask for it.
    """
    run, guard = await _scripts(make_guard, train_every=0)
    await guard.network_parts.shelves.state.lease("somebody")

    call = Call("test", "hook", deadline=time.monotonic() + 3.0)
    results = await run("return nauthilus_neural.train_neural_network()", call)

    (job, *_) = await guard.network.jobs()
    assert results == [False, f"the training goes on, as job {job.id}"]
    assert job.state == "waiting"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("0", "maxSamples must be a positive number"),
        ("-1, 5", "maxSamples must be a positive number"),
        ("0.5", "maxSamples must be a positive number"),
        ('"many"', "maxSamples must be a positive number"),
        ("{}", "maxSamples must be a positive number"),
        ("nil, 0", "epochs must be a positive number"),
        ("nil, 1/0", "epochs must be a positive number"),
        ("1000001", "maxSamples must be at most 1,000,000"),
        ("5000, 1001", "epochs must be at most 1,000"),
    ],
)
async def test_a_training_out_of_range_does_not_begin(make_guard: MakeGuard, arguments: str, problem: str) -> None:
    """
    The original had no upper bound, and raised an error below the lower one.
    """
    run, guard = await _scripts(make_guard)

    assert await run(f"return nauthilus_neural.train_neural_network({arguments})") == [False, problem]
    assert await guard.network.jobs() == []


async def test_a_reset_reaches_every_instance(make_guard: MakeGuard) -> None:
    """
    The original reset what was stored, and went on with what it had.
    """
    run, one = await _scripts(make_guard)
    other = await make_guard(settings=network())
    await keep(one, variant("v1"))
    await one.network.publish("v1", force=False, who="test")
    await eventually(lambda: champion(other) == "v1")

    assert await run("return nauthilus_neural.reset_neural_network()", Call("r", "hook", who="erika")) == [True, None]

    assert champion(one) == "shipped"
    await eventually(lambda: champion(other) == "shipped", within=1.0)
    (entry, *_) = await one.desk.audit(1)
    assert (entry.who, entry.action) == ("erika", "network.reset")


async def test_features_are_removed_everywhere(make_guard: MakeGuard) -> None:
    """
    Unknown names and those of standard features are no failure.
    """
    run, one = await _scripts(make_guard)
    other = await make_guard(settings=network())
    await one.check(fields(features={"device": "mobile", "retries": 1}))
    await one.network_parts.look()
    catalogue = other.network_parts.lookout.scoring
    await eventually(lambda: len(catalogue.catalogue.features) == 2)

    removal = 'return nauthilus_neural.remove_features_from_redis({"device", "nonsense", "TimeOfDay", 7, "device"})'
    assert await run(removal) == [True, None]

    await eventually(lambda: [each.name for each in catalogue.catalogue.features] == ["retries"], within=1.0)
    assert catalogue.catalogue.features[0].state is State.PROPOSED
    assert (await one.desk.audit(1))[0].action == "network.remove_features"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("{}", "no features to remove provided"),
        ("{7, true}", "no features to remove provided"),
        ("", "bad argument #1 to 'remove_features_from_redis' (table expected, got nil)"),
        ('"device"', "bad argument #1 to 'remove_features_from_redis' (table expected, got string)"),
    ],
)
async def test_a_removal_without_names_says_so(make_guard: MakeGuard, arguments: str, problem: str) -> None:
    """
    The original raised an error.
    """
    run, _ = await _scripts(make_guard)

    assert await run(f"return nauthilus_neural.remove_features_from_redis({arguments})") == [False, problem]


# -- feedback


async def test_feedback_is_joined_to_the_attempt(make_guard: MakeGuard) -> None:
    """
    The original stored a row of zeros, whatever the request id was.
    """
    run, guard = await _scripts(make_guard)
    await guard.check(fields(request_id="r1"))

    told = await run(
        'return nauthilus_neural.provide_feedback(true, "r1", "192.0.2.7", "Erika")', Call("f", "hook", who="erika")
    )

    assert told == [True, None]
    (claim,) = await guard.network.feedback()
    assert (claim.request_id, claim.is_attack, claim.giver) == ("r1", True, "erika")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("", "missing required parameters: isBruteForce, requestId, clientIP, username"),
        ('true, "r1", "192.0.2.7"', "missing required parameters: isBruteForce, requestId, clientIP, username"),
        ('nil, "r1", "192.0.2.7", "erika"', "missing required parameters"),
        ('"no", "r1", "192.0.2.7", "erika"', "bad argument #1 to 'provide_feedback' (boolean expected, got string)"),
        ('true, {}, "192.0.2.7", "erika"', "bad argument #2 to 'provide_feedback' (string expected, got table)"),
        ('true, "", "192.0.2.7", "erika"', "requestId cannot be empty"),
        ('true, "r1", "", "erika"', "clientIP cannot be empty"),
        ('true, "r1", "192.0.2.7", ""', "username cannot be empty"),
        ('true, "r2", "192.0.2.7", "erika"', "nothing is kept of an attempt 'r2'"),
        ('true, "r1", "192.0.2.8", "erika"', "client_ip '192.0.2.8' is not that of the attempt"),
        ('true, "r1", "192.0.2.7", "max"', "username 'max' is not that of the attempt"),
        ('true, "r1", "home", "erika"', "client_ip 'home' is not that of the attempt"),
    ],
)
async def test_feedback_that_cannot_be_joined_says_why(make_guard: MakeGuard, arguments: str, problem: str) -> None:
    """
    And nothing is learned from it.
    """
    run, guard = await _scripts(make_guard)
    await guard.check(fields(request_id="r1"))

    recorded, message = await run(f"return nauthilus_neural.provide_feedback({arguments})")

    assert recorded is False
    assert str(message).startswith(problem)
    assert await guard.network.feedback() == []
