# SPDX-License-Identifier: Apache-2.0
"""Measures and the right to watch, in a real store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from processes import Begin

from nacre.campaign.measure import Measure, Scope, State, Step
from nacre.errors import StoreCorrupt
from nacre.store.measures import Glance, Standing, StandingMeasures
from nacre.store.news import News

Open = Callable[[], Awaitable[StandingMeasures]]

BLOCK = Measure(
    id="m-1",
    step=Step.BLOCK,
    scope=Scope(subnets=("192.0.2.0/24",)),
    since=1.0,
    until=61.0,
    owner="nacre",
    reason="test",
)


@pytest.fixture
def opened(begin: Begin) -> Open:
    """Open the measures as one process does."""

    async def make() -> StandingMeasures:
        process = await begin()
        return StandingMeasures(process.servers, process.keys, News(process.servers, process.keys))

    return make


async def test_nothing_is_known_of_a_new_installation(opened: Open) -> None:
    """
    No key has to be there before the first measure.
    """
    measures = await opened()

    assert await measures.read() == Standing(0, {})
    assert await measures.glance() == Glance()
    assert not await measures.somebody_watches()


async def test_a_measure_is_what_every_process_reads(opened: Open) -> None:
    """
    With its scope; and the number tells that there is something new.
    """
    ours, theirs = await opened(), await opened()

    assert await ours.change(await ours.read(), [BLOCK])

    assert await theirs.read() == Standing(1, {"m-1": BLOCK})
    assert (await theirs.glance()).revision == 1


async def test_of_two_changes_at_once_one_is_refused(opened: Open) -> None:
    """
    An operator who stops a measure is not overruled by a watcher who extends what it read before.
    """
    ours, theirs = await opened(), await opened()
    await ours.change(await ours.read(), [BLOCK])
    before = await theirs.read()
    ended = Measure(**{name: getattr(BLOCK, name) for name in BLOCK.__struct_fields__} | {"state": State.ENDED})

    assert await ours.change(await ours.read(), [ended])

    assert not await theirs.change(before, [BLOCK])
    assert (await theirs.read()).measures["m-1"].state is State.ENDED


async def test_measures_that_are_gone_are_forgotten(opened: Open) -> None:
    """
    What ended days ago is in the audit log.
    """
    measures = await opened()
    await measures.change(await measures.read(), [BLOCK])

    await measures.change(await measures.read(), [], gone=["m-1"])

    assert (await measures.read()).measures == {}


async def test_one_watches_at_a_time_and_one_that_lost_the_lease_changes_nothing(opened: Open) -> None:
    """
    A watcher that hung for a while must not undo what the one after it did.
    """
    ours, theirs = await opened(), await opened()
    first = await ours.lease("ours")
    assert await theirs.lease("theirs") == ""
    assert await ours.lease("ours") == first

    await ours.release("ours")
    second = await theirs.lease("theirs")

    assert int(second) > int(first)
    assert not await ours.change(await ours.read(), [BLOCK], fence=first)
    assert await theirs.change(await theirs.read(), [BLOCK], fence=second)
    assert await ours.somebody_watches()


async def test_nobody_lets_go_of_what_another_one_holds(opened: Open) -> None:
    """
    A process that ends late would open the door to a third one.
    """
    ours, theirs = await opened(), await opened()
    await ours.lease("ours")

    await theirs.release("theirs")

    assert await theirs.somebody_watches()


async def test_what_is_none_of_ours_is_named(begin: Begin) -> None:
    """
    The key is what an operator looks for.
    """
    process = await begin()
    measures = StandingMeasures(process.servers, process.keys, News(process.servers, process.keys))
    key = process.keys.campaign("measures")
    await process.servers.run(key, ("HSET", key, "m-1", b"junk"))

    with pytest.raises(StoreCorrupt, match="measures"):
        await measures.read()
