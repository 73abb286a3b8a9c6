# SPDX-License-Identifier: Apache-2.0
"""Which model is in use, and how that changes."""

from __future__ import annotations

import pytest
from builders import MakeGuard, eventually, fields
from traffic import champion, keep, network, variant

from nacre.errors import NetworkRefused
from nacre.learning.shipped import shipped_size


async def test_a_rollback_goes_back_one_step_and_forward_again(make_guard: MakeGuard) -> None:
    """
    One command, and every instance is there.
    """
    one, other = await make_guard(settings=network()), await make_guard(settings=network())
    for version in ("v1", "v2"):
        await keep(one, variant(version))
        await one.network.publish(version, force=False, who="test")

    used = await one.network.rollback(who="test")
    await eventually(lambda: champion(other) == "v1", within=1.0)
    assert (used.version, used.state) == ("v1", "current")
    assert {model.version: model.state for model in await other.network.models()} == {
        "v1": "current",
        "v2": "previous",
        "shipped": "shipped",
    }

    await other.network.rollback(who="test")
    await eventually(lambda: champion(one) == "v2", within=1.0)


async def test_back_to_the_shipped_model_is_back_to_its_experience(make_guard: MakeGuard) -> None:
    """
    It has no gate of this place behind it.
    """
    guard = await make_guard(settings=network())
    await keep(guard, variant("v1"))
    await guard.network.publish("v1", force=False, who="test")
    assert not await guard.network.learning_mode()

    used = await guard.network.rollback(who="test")

    assert used.version == champion(guard) == "shipped"
    assert await guard.network.learning_mode()


async def test_without_a_previous_model_there_is_no_way_back(make_guard: MakeGuard) -> None:
    """
    That is said, and nothing happens.
    """
    guard = await make_guard(settings=network())

    with pytest.raises(NetworkRefused) as refused:
        await guard.network.rollback(who="test")

    assert refused.value.code == "unknown_model"


@pytest.mark.parametrize("gate", [False, None])
async def test_the_gate_opens_by_force_only(make_guard: MakeGuard, gate: bool | None) -> None:  # noqa: FBT001  a case
    """
    And whoever forces it is in the audit log.
    """
    guard = await make_guard(settings=network())
    await keep(guard, variant("v1"), gate=gate)

    with pytest.raises(NetworkRefused, match="too weak") as refused:
        await guard.network.publish("v1", force=False, who="test")
    await guard.network.publish("v1", force=True, who="erika")

    assert refused.value.code == "gate_closed"
    assert champion(guard) == "v1"
    (entry, *_) = await guard.desk.audit(1)
    assert (entry.who, entry.action, entry.what) == ("erika", "network.publish", "v1, by force")


async def test_an_unknown_version_is_refused(make_guard: MakeGuard) -> None:
    """
    Published, or asked about.
    """
    guard = await make_guard(settings=network())

    for ask in (guard.network.report("v9"), guard.network.publish("v9", force=True, who="test")):
        with pytest.raises(NetworkRefused, match="no model 'v9'"):
            await ask


async def test_a_reset_is_the_first_day_again_everywhere(make_guard: MakeGuard) -> None:
    """
    The shipped model, canonical features alone, learning; what is kept to learn from stays.
    """
    one, other = await make_guard(settings=network()), await make_guard(settings=network())
    await keep(one, variant("v1"))
    await one.network.publish("v1", force=False, who="test")
    await one.network.set_learning_mode(False, who="test")
    await one.check(fields(features={"device": "mobile"}))
    await one.network_parts.look()
    await eventually(lambda: other.network_parts.lookout.scoring.catalogue.features)

    status = await one.network.reset(who="test")

    assert (status.model, status.learning, status.set_by_operator, status.previous) == ("shipped", True, False, "v1")
    await eventually(lambda: champion(other) == "shipped", within=1.0)
    assert not other.network_parts.lookout.scoring.catalogue.features
    assert other.network_parts.lookout.scoring.mode.learning is None


async def test_the_shipped_model_is_listed_with_its_size_and_without_a_time(make_guard: MakeGuard) -> None:
    """
    Each build of a version makes it anew, to the byte: it is as old as nacre is.
    """
    guard = await make_guard(settings=network())

    (listed,) = await guard.network.models()

    assert (listed.version, listed.state, listed.created) == ("shipped", "current", 0.0)
    assert listed.size == shipped_size() > 100_000
