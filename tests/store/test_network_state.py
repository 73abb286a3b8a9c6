# SPDX-License-Identifier: Apache-2.0
"""What all instances know of the network, in a real store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from processes import Begin

from nacre.errors import StoreCorrupt
from nacre.store.network_state import NetworkState, SharedState
from nacre.store.news import News

Open = Callable[[], Awaitable[SharedState]]


@pytest.fixture
def opened(begin: Begin) -> Open:
    """Open the state as one process does."""

    async def make() -> SharedState:
        process = await begin()
        return SharedState(process.servers, process.keys, News(process.servers, process.keys))

    return make


async def test_nothing_is_known_of_a_new_installation(opened: Open) -> None:
    """
    No key has to be there before the first change.
    """
    state = await opened()

    assert await state.read() == NetworkState()
    assert await state.revision() == 0
    assert not await state.somebody_trains()


async def test_a_change_is_what_every_process_reads(opened: Open) -> None:
    """
    Numbers, texts and packed values come back as they were, and the revision tells that there is something new.
    """
    ours, theirs = await opened(), await opened()

    assert await ours.change({"current": "v1", "published": 1.5, "used": 7, "catalogue": b"\x00\xff", "learning": 0})

    known = await theirs.read()
    assert (known.current, known.published, known.used, known.catalogue) == ("v1", 1.5, 7, b"\x00\xff")
    assert known.learning == "0"
    assert known.revision == await theirs.revision() == 1


async def test_of_two_changes_at_once_one_is_refused(opened: Open) -> None:
    """
    Two operators who roll back at the same time go back one step, not two.
    """
    ours, theirs = await opened(), await opened()
    await ours.change({"current": "v2", "previous": "v1"})

    first = await ours.change({"current": "v1", "previous": "v2"}, expected={"current": "v2"})
    second = await theirs.change({"current": "v1", "previous": "v2"}, expected={"current": "v2"}, jobs={"1": b"x"})

    assert (first, second) == (True, False)
    assert (await ours.read()).previous == "v2"
    assert await ours.jobs() == {}


async def test_a_field_that_is_emptied_is_gone(opened: Open) -> None:
    """
    What is not there and what is empty are the same to whoever expects nothing.
    """
    state = await opened()
    await state.change({"job": "7"}, jobs={"7": b"seven"})

    assert not await state.change({"job": "8"}, expected={"job": ""})
    assert await state.change({"job": ""}, expected={"job": "7"}, tell=False)
    assert await state.change({"job": "8"}, expected={"job": ""}, tell=False)

    assert await state.revision() == 1
    assert await state.job("7") == b"seven"


async def test_one_process_at_a_time_may_train(opened: Open) -> None:
    """
    Its number is higher than that of all before, so that what an old one still writes is known.
    """
    ours, theirs = await opened(), await opened()

    mine = await ours.lease("ours")
    assert await theirs.lease("theirs") == ""
    assert await ours.lease("ours") == mine

    await theirs.release("theirs")
    assert await ours.somebody_trains()
    await ours.release("ours")

    assert int(await theirs.lease("theirs")) == int(mine) + 1


async def test_logins_of_all_instances_add_up(opened: Open) -> None:
    """
    The time of the first one stays, whoever came first.
    """
    ours, theirs = await opened(), await opened()

    await ours.add_logins(1_800_000_000.5, 3)

    assert await theirs.add_logins(1_800_000_100.0, 4) == (1_800_000_000.5, 7)


async def test_the_oldest_trainings_are_forgotten(opened: Open) -> None:
    """
    A list that grows with every night is none that anybody reads.
    """
    state = await opened()
    for number in range(1, 61):
        await state.change({}, jobs={str(number): b"job"})

    await state.forget_jobs()

    assert sorted(map(int, await state.jobs())) == list(range(11, 61))


async def test_trainings_are_counted_by_how_they_ended(opened: Open) -> None:
    """
    Metrics of every worker tell the same.
    """
    state = await opened()

    for ended in ("published", "failed", "failed"):
        await state.count_training(ended)

    assert await state.trainings() == {"published": 1, "failed": 2}


async def test_a_state_that_is_not_ours_is_an_error(opened: Open, begin: Begin) -> None:
    """
    What somebody else wrote there is named, not guessed at.
    """
    state, process = await opened(), await begin()
    key = process.keys.network("state")
    await process.servers.run(key, ("HSET", key, "published", "yesterday"))

    with pytest.raises(StoreCorrupt, match="state of a network"):
        await state.read()
