# SPDX-License-Identifier: Apache-2.0
"""Instances that follow one another: models, mode, features."""

from __future__ import annotations

import asyncio

from builders import Clock, MakeGuard, eventually, fields
from traffic import champion, keep, network, shipped, variant

from nacre.features.catalogue import State
from nacre.scoring import COLD_LOGINS
from nacre.service import Guard


async def _pair(make_guard: MakeGuard, **settings: object) -> tuple[Guard, Guard]:
    return await make_guard(settings=network(**settings)), await make_guard(settings=network(**settings))


def _names(guard: Guard) -> dict[str, State]:
    return {each.name: each.state for each in guard.network_parts.lookout.scoring.catalogue.features}


async def test_a_new_installation_has_the_shipped_model_and_only_looks_on(make_guard: MakeGuard) -> None:
    """
    Detection is there on the first day, and acts once it knows the place.
    """
    guard = await make_guard(settings=network())

    decision = await guard.check(fields())

    assert decision.model == champion(guard) == "shipped"
    assert decision.score is not None
    assert decision.rules_alone is decision.action
    assert await guard.network.learning_mode()


async def test_all_instances_use_a_published_model_at_once(make_guard: MakeGuard) -> None:
    """
    Neither mixes versions within a decision, and nobody has to be told.
    """
    one, other = await _pair(make_guard)
    await keep(one, variant("v1"))

    await one.network.publish("v1", force=False, who="test")

    assert champion(one) == "v1"
    await eventually(lambda: champion(other) == "v1", within=1.0)
    assert (await other.check(fields())).model == "v1"


async def test_a_restart_changes_no_score(make_guard: MakeGuard) -> None:
    """
    The original came back with random weights.
    """
    one = await make_guard(settings=network())
    await keep(one, variant("v1"))
    await one.network.publish("v1", force=False, who="test")
    attempt = fields(request_id="r1", password="a")
    before = await one.check(attempt)
    record = await one.desk.decision("r1")

    again = await make_guard(settings=network())
    live = again.network_parts.lookout.scoring.champion

    assert record is not None
    assert record.sight is not None
    assert live is not None
    scores = live.score(record.sight.floats, record.sight.slots)
    assert (scores.guess, scores.accept, scores.model) == (before.score, before.score_accept, "v1")


async def test_a_model_that_was_tampered_with_changes_nothing(make_guard: MakeGuard) -> None:
    """
    It is refused and counted, and the one before goes on.
    """
    one, other = await _pair(make_guard)
    await keep(one, variant("v1"))
    await one.network.publish("v1", force=False, who="test")
    await eventually(lambda: champion(other) == "v1")
    await keep(one, variant("v2"))
    models = one.network_parts.shelves.models
    key = models._models  # noqa: SLF001  what a liar would overwrite
    data = bytearray(variant("v2").to_bytes(one.identity.key(b"model")))
    data[-1] ^= 1
    await one.servers.run(key, ("HSET", key, "v2", bytes(data)))

    await one.network_parts.shelves.state.change({"current": "v2", "previous": "v1"})
    following = other.network_parts.following
    await eventually(lambda: following.refused)

    assert champion(other) == "v1"
    assert (await other.check(fields())).model == "v1"


async def test_a_missed_message_is_made_up_for(make_guard: MakeGuard) -> None:
    """
    Whoever changed the state and died before it told anybody is followed all the same.
    """
    one, other = await _pair(make_guard)
    await keep(one, variant("v1"))

    await one.network_parts.shelves.state.change({"current": "v1"}, tell=False)
    state = one.network_parts.shelves.state
    await one.servers.run(state._key, ("HINCRBY", state._key, "revision", 1))  # noqa: SLF001  as the script does

    await eventually(lambda: champion(other) == "v1")


async def test_learning_mode_is_shared_and_outlives_a_restart(make_guard: MakeGuard) -> None:
    """
    What an operator said holds everywhere, until somebody says otherwise.
    """
    one, other = await _pair(make_guard)

    assert await one.network.set_learning_mode(False, who="test") is False
    scoring = other.network_parts.lookout.scoring
    await eventually(lambda: scoring.mode.learning is False, within=1.0)
    again = await make_guard(settings=network())

    assert await again.network.learning_mode() is False
    assert await again.network.set_learning_mode(None, who="test") is True


async def test_logins_of_all_instances_make_the_experience(make_guard: MakeGuard, clock: Clock) -> None:
    """
    After three days and two thousand logins, wherever they came in, the shipped model acts.
    """
    one, other = await _pair(make_guard)
    for guard, logins in ((one, COLD_LOGINS // 2), (other, COLD_LOGINS // 2)):
        for _ in range(logins):
            guard.network_parts.lookout.scoring.count_login(clock(), accepted=True)
        await guard.network_parts.look()
    assert await one.network.learning_mode()

    clock.move(3 * 86_400)
    await asyncio.gather(one.network_parts.look(), other.network_parts.look())

    assert not await one.network.learning_mode()
    assert not await other.network.learning_mode()
    assert (await other.network.status()).logins == (COLD_LOGINS, COLD_LOGINS)


async def test_logins_that_are_told_while_a_model_is_fetched_are_not_forgotten(
    make_guard: MakeGuard, clock: Clock
) -> None:
    """
    What was read before they were told is taken over after it.
    """
    one, other = await _pair(make_guard)
    scoring, following = other.network_parts.lookout.scoring, other.network_parts.following
    await keep(one, variant("v1"))
    for _ in range(3):
        scoring.count_login(clock(), accepted=True)

    publishing = one.network.publish("v1", force=False, who="test")
    await asyncio.gather(publishing, *(work() for _ in range(5) for work in (following.follow, following.look)))

    assert scoring.mode.successes == 3
    assert following.known.successes == 3


async def test_additional_features_are_proposed_once_for_all(make_guard: MakeGuard) -> None:
    """
    Whoever sees one first gives it its place.
    """
    one, other = await _pair(make_guard)

    await one.check(fields(features={"device": "mobile", "retries": 2}))
    await one.network_parts.look()

    await eventually(lambda: _names(other))
    assert _names(one) == _names(other) == {"device": State.PROPOSED, "retries": State.PROPOSED}


async def test_features_without_end_take_no_more_than_their_room(make_guard: MakeGuard) -> None:
    """
    A caller that makes names up costs a slot each for a while, and the scores of others nothing.
    """
    guard = await make_guard(settings=network())
    before = await guard.check(fields(request_id="r1", password="a"))

    for number in range(100):
        await guard.check(fields(features={f"name{number}": number}))
        if number % 30 == 0:
            await guard.network_parts.look()
    await guard.network_parts.look()
    scoring = guard.network_parts.lookout.scoring
    record = await guard.desk.decision("r1")

    assert len(scoring.catalogue.features) == 32
    assert record is not None
    assert record.sight is not None
    assert scoring.champion is not None
    assert scoring.champion.score(record.sight.floats, bytes(128)).guess == before.score
    assert shipped().artifact == scoring.champion.model.artifact
