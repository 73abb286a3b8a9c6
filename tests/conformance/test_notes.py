# SPDX-License-Identifier: Apache-2.0
"""What the specification says beside its tables: learning mode, feedback that trains, features that count."""

from __future__ import annotations

from pathlib import Path

import msgspec
from builders import Clock, MakeGuard, eventually, fields
from conformance.extract import cases
from scripts import Scripts
from traffic import champion, fill, keep, network, teaching, variant

from nacre.config.lua import Lua, LuaScript
from nacre.config.tree import BruteForce, NeuralNetwork, Settings
from nacre.decision import Action
from nacre.features.extras import Kind


async def test_in_learning_mode_the_network_decides_nothing(make_guard: MakeGuard) -> None:
    """
    It collects and scores all the same; out of it, it is used.
    """
    guard = await make_guard(settings=network())
    run = Scripts(guard)
    await keep(guard, variant("v1", shift=50.0))
    await guard.network.publish("v1", force=False, who="test")

    await run("nauthilus_neural.set_learning_mode(true)")
    looked_on = await guard.check(fields())
    await run("nauthilus_neural.set_learning_mode(false)")
    decided = await guard.check(fields())

    assert (looked_on.action, decided.action) == (Action.ALLOW, Action.REFUSE)
    assert looked_on.score is not None


async def test_ten_claims_start_a_training(make_guard: MakeGuard, clock: Clock) -> None:
    """
    By itself, with a hundred epochs instead of fifty.
    """
    guard = await make_guard(settings=network(train_every=0))
    run = Scripts(guard)
    await fill(guard, clock)

    async with teaching(guard):
        for number in range(10):
            await guard.check(fields(f"203.0.113.{number}", "erika", request_id=f"r{number}"))
            assert await guard.network.jobs() == []
            await run(f'return nauthilus_neural.provide_feedback(true, "r{number}", "203.0.113.{number}", "erika")')
        await eventually(guard.network.jobs)
        (job, *_) = await guard.network.jobs()
        ended = await guard.network.wait(job.id)

    assert (ended.epochs, ended.who, ended.model != "") == (100, "nacre", True)


async def test_a_model_that_was_trained_ends_the_learning_everywhere(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Nobody has to switch it off; but what somebody said holds.
    """
    guard = await make_guard(settings=network(train_every=0))
    other = await make_guard(settings=network(train_every=0))
    run = Scripts(guard)
    await fill(guard, clock)
    assert await run("return nauthilus_neural.get_learning_mode()") == [True]

    async with teaching(guard):
        assert await run("return nauthilus_neural.train_neural_network()") == [True, None]

    assert await run("return nauthilus_neural.get_learning_mode()") == [False]
    await eventually(lambda: champion(other) == champion(guard), within=1.0)
    assert await Scripts(other)("return nauthilus_neural.get_learning_mode()") == [False]
    assert await run("return nauthilus_neural.set_learning_mode(true)") == [True, None]


async def test_features_of_scripts_count_only_where_the_network_is_on(make_guard: MakeGuard) -> None:
    """
    They are kept with the attempt and proposed to the next training; with the network off, nobody looks at them.
    """
    off = Settings(brute_force=BruteForce(buckets=(), neural_network=NeuralNetwork(enabled=False)))
    for settings, names in ((off, set()), (network(), {"device_type"})):
        guard = await make_guard(settings=settings)
        run = Scripts(guard)
        await run('nauthilus_neural.add_additional_features({device_type = "mobile", username = "erika"})')

        await guard.check(fields(features=run.call.features))
        await guard.network_parts.look()

        known = guard.network_parts.lookout.scoring.catalogue.features
        assert {feature.name for feature in known} == names


async def test_the_example_of_features_reaches_the_network_from_a_login(make_guard: MakeGuard, tmp_path: Path) -> None:
    """
    In the function that the original calls for it, with the headers of the attempt.
    """
    (example,) = [
        block.text for block in cases("neural").blocks if block.section[1:] == ("add_additional_features", "Example")
    ]
    script = tmp_path / "features.lua"
    script.write_text(f"function nauthilus_call_neural_network(request)\n{example}\nend\n")
    lua = Lua(features=(LuaScript(name="example", script_path=str(script)),))
    guard = await make_guard(settings=msgspec.structs.replace(network(), lua=lua))
    headers = {"User-Agent": "Thunderbird/128.0", "Referer": "https://example.org/"}

    await guard.check(fields(request_id="r1", headers=headers))
    await guard.network_parts.look()

    record = await guard.desk.decision("r1")
    assert record is not None
    assert record.attempt.features["user_agent"] == "Thunderbird/128.0"
    assert set(record.attempt.embedded) == {"browser_info", "referrer"}
    known = guard.network_parts.lookout.scoring.catalogue.features
    assert {feature.name: feature.coding.value for feature in known if feature.kind is Kind.STRING} == {
        "user_agent": "one-hot",
        "device_type": "one-hot",
        "location": "one-hot",
        "browser_info": "embedding",
        "referrer": "embedding",
    }
    assert [feature.name for feature in known if feature.kind is Kind.NUMBER] == ["login_time"]
