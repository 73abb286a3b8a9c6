# SPDX-License-Identifier: Apache-2.0
"""The network, from Lua."""

from __future__ import annotations

import pytest
from builders import MakeGuard, eventually
from scripts import Scripts
from traffic import network

from nacre.service import Guard

DRY_RUN = "Cannot change learning mode when Dry-Run is activated in configuration"


async def _scripts(make_guard: MakeGuard, **settings: object) -> tuple[Scripts, Guard]:
    guard = await make_guard(settings=network(**settings))
    return Scripts(guard), guard


# -- additional features


async def test_features_of_several_calls_come_together(make_guard: MakeGuard) -> None:
    """
    The later call wins for each name, with its encoding; the encoding concerns texts alone.
    """
    run, _ = await _scripts(make_guard)

    results = await run(
        """
        nauthilus_neural.add_additional_features({device = "mobile", retries = 2, tls = true, agent = "a"}, "embedding")
        nauthilus_neural.add_additional_features({device = "tablet"})
        return nauthilus_neural.add_additional_features({place = "office"}, "one-hot")
        """
    )

    assert results == []
    assert run.call.features == {"device": "tablet", "retries": 2, "tls": True, "agent": "a", "place": "office"}
    assert run.call.embedded == {"agent"}


async def test_names_of_the_client_and_the_user_are_left_out(make_guard: MakeGuard) -> None:
    """
    In exactly four spellings; a fifth one is a feature.
    """
    run, _ = await _scripts(make_guard)

    await run(
        """nauthilus_neural.add_additional_features(
            {ClientIP = "a", client_ip = "b", Username = "c", username = "d", USERNAME = "e"})"""
    )

    assert run.call.features == {"USERNAME": "e"}


async def test_what_cannot_be_a_feature_is_left_out_without_an_error(make_guard: MakeGuard) -> None:
    """
    Names and values may be those of whoever signs in; an attacker must not end the script with them.
    """
    run, _ = await _scripts(make_guard)

    await run(
        """
        nauthilus_neural.add_additional_features({
          "first", [""] = 1, ["a\\nb"] = 1, [string.rep("n", 65)] = 1, my_password = "x", session_token = "y",
          nested = {1, 2}, call = print, endless = 1/0, none = 0/0, large = 2^70, long = string.rep("x", 3000),
        })
        """
    )

    assert run.call.features == {"large": 2.0**70, "long": "x" * 2048}


async def test_an_attempt_has_sixty_four_features_at_most(make_guard: MakeGuard) -> None:
    """
    As over HTTP; those that it has may still change.
    """
    run, _ = await _scripts(make_guard)

    await run(
        """
        for number = 1, 100 do nauthilus_neural.add_additional_features({["f" .. number] = number}) end
        nauthilus_neural.add_additional_features({f1 = "changed"})
        """
    )

    assert len(run.call.features) == 64
    assert run.call.features["f1"] == "changed"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("", "bad argument #1 to 'add_additional_features' (table expected, got nil)"),
        ('"x"', "bad argument #1 to 'add_additional_features' (table expected, got string)"),
        ('{a = 1}, "hashed"', "invalid encoding type: hashed (must be 'one-hot' or 'embedding')"),
    ],
)
async def test_features_of_a_wrong_type_raise_an_error(make_guard: MakeGuard, arguments: str, problem: str) -> None:
    """
    The function returns nothing that could tell it.
    """
    run, _ = await _scripts(make_guard)

    worked, message = await run(
        f"""
        local worked, problem = pcall(nauthilus_neural.add_additional_features, {arguments})
        return worked, tostring(problem)
        """.replace("features, )", "features)")
    )

    assert worked is False
    assert problem in str(message)
    assert run.call.features == {}


async def test_an_encoding_that_is_no_text_is_the_usual_one(make_guard: MakeGuard) -> None:
    """
    As in the original.
    """
    run, _ = await _scripts(make_guard)

    await run('nauthilus_neural.add_additional_features({a = "x"}, 7)')

    assert (run.call.features, run.call.embedded) == ({"a": "x"}, set())


# -- learning mode


async def test_learning_mode_is_set_for_all_instances(make_guard: MakeGuard) -> None:
    """
    And returned as it results.
    """
    run, one = await _scripts(make_guard)
    other = await make_guard(settings=network())

    assert await run("return nauthilus_neural.set_learning_mode(false)") == [False, None]
    assert await run("return nauthilus_neural.get_learning_mode()") == [False]
    scoring = other.network_parts.lookout.scoring
    await eventually(lambda: scoring.mode.learning is False, within=1.0)
    assert await run("return nauthilus_neural.set_learning_mode(true)") == [True, None]
    await eventually(lambda: scoring.mode.learning is True, within=1.0)
    assert (await one.desk.audit(1))[0].who == "script test"


async def test_dry_run_keeps_the_mode_with_the_words_of_the_original(make_guard: MakeGuard) -> None:
    """
    Scripts compare them.
    """
    run, _ = await _scripts(make_guard, dry_run=True)

    assert await run("return nauthilus_neural.set_learning_mode(true)") == [False, DRY_RUN]
    assert await run("return nauthilus_neural.get_learning_mode()") == [True]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ("", "missing required parameter: enabled"),
        ("nil", "missing required parameter: enabled"),
        ('"false"', "bad argument #1 to 'set_learning_mode' (boolean expected, got string)"),
    ],
)
async def test_a_mode_that_is_no_boolean_changes_nothing(make_guard: MakeGuard, arguments: str, problem: str) -> None:
    """
    In Lua the text "false" is true: the original switched learning on for it.
    """
    run, guard = await _scripts(make_guard)

    assert await run(f"return nauthilus_neural.set_learning_mode({arguments})") == [False, problem]
    assert not (await guard.network.status()).set_by_operator


async def test_a_network_that_is_off_is_told_of(make_guard: MakeGuard) -> None:
    """
    `experimental_ml` switches all of it; it learns then, as far as anybody can tell, and features do no harm.
    """
    run, _ = await _scripts(make_guard, enabled=False)
    calls = {
        "set_learning_mode(true)",
        "train_neural_network()",
        "reset_neural_network()",
        'remove_features_from_redis({"a"})',
        'provide_feedback(true, "r1", "192.0.2.7", "erika")',
    }

    answers = [await run(f"return nauthilus_neural.{call}") for call in sorted(calls)]
    learning = await run("return nauthilus_neural.get_learning_mode()")

    off = "the network is off: brute_force.neural_network.enabled is false"
    assert answers == [[False, off]] * 5
    assert learning == [True, off]
    assert await run("return nauthilus_neural.add_additional_features({a = 1})") == []
