# SPDX-License-Identifier: Apache-2.0
"""Who trains, and why."""

from __future__ import annotations

import pytest
from builders import Clock, MakeGuard, eventually
from nights import unlike
from traffic import AFTER, DAY, champion, fill, network, rows, teaching

from nacre.config.duration import Duration
from nacre.config.tree import NeuralNetwork
from nacre.jobs import pack_job, read_job
from nacre.network_desk import Job
from nacre.service import Guard
from nacre.store.feedback import Said
from nacre.store.journal import LAYOUT
from nacre.store.network_state import NetworkState
from nacre.teacher import drift_may_train, feedback_may_train, schedule_is_due


async def _jobs(guard: Guard) -> list[Job]:
    return [read_job(packed) for packed in (await guard.network_parts.shelves.state.jobs()).values()]


async def _ended(guard: Guard, why: str) -> list[Job]:
    return [job for job in await _jobs(guard) if job.why.startswith(why) and job.ended]


async def _claim(guard: Guard, count: int) -> None:
    """Say of some sprayed attempts that they were attacks."""
    sprayed = [sample for _, sample in rows() if sample is not None and not int.from_bytes(sample[44:48], "little") & 1]
    for number, sample in enumerate(sprayed[:count]):
        digest = int.from_bytes(sample[:8], "little")
        said = Said(f"r{number}", digest, True, f"giver{number % 3}", AFTER, sample, LAYOUT)  # noqa: FBT003
        await guard.network_parts.shelves.claims.put(said)


async def test_a_training_is_due_once_a_day(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Without anybody asking, and not again until the next day.
    """
    guard = await make_guard(settings=network())
    await fill(guard, clock)

    async with teaching(guard):
        (job,) = await eventually(lambda: _ended(guard, "schedule"))
        assert job.state == "published"
        clock.move(DAY - 1)
        await guard.network.wait((await guard.network.train(who="test")).id)  # a round went by

    assert len(await _jobs(guard)) == 2


async def test_a_new_installation_is_not_told_every_hour_that_it_is_new(make_guard: MakeGuard) -> None:
    """
    With next to nothing kept, a training by schedule is not even tried.
    """
    guard = await make_guard(settings=network())

    async with teaching(guard):
        await guard.network.wait((await guard.network.train(who="test")).id)
        await guard.network.wait((await guard.network.train(who="test")).id)

    assert {job.why.partition(":")[0] for job in await _jobs(guard)} == {"asked for"}


async def test_ten_new_claims_start_a_training(make_guard: MakeGuard, clock: Clock) -> None:
    """
    With more epochs; nine do not, and those that were used do not again.
    """
    guard = await make_guard(settings=network(train_every=0, feedback_epochs=9))
    await fill(guard, clock)

    await _claim(guard, 9)
    async with teaching(guard):
        await guard.network.wait((await guard.network.train(who="test")).id)
        assert await _ended(guard, "feedback") == []
        assert (await guard.network.status()).feedback_new == 0

        await _claim(guard, 10)
        (job,) = await eventually(lambda: _ended(guard, "feedback"))

    assert (job.state, job.epochs, job.epoch) == ("published", 9, 9)
    status = await guard.network.status()
    assert (status.feedback, status.feedback_new) == (10, 0)


@pytest.mark.parametrize(("trained", "tried", "due"), [(DAY, DAY, True), (DAY - 1, DAY, False), (DAY, 3599, False)])
def test_a_training_by_schedule_is_due_once_a_day_and_tried_once_an_hour(
    trained: float, tried: float, *, due: bool
) -> None:
    """
    Seconds since one came to an end, and since one began.
    """
    now = 1_800_000_000.0
    state = NetworkState(trained=now - trained, tried=now - tried)

    assert schedule_is_due(state, NeuralNetwork(), now) is due
    assert not schedule_is_due(state, NeuralNetwork(train_every=Duration(0)), now)


@pytest.mark.parametrize(("fed", "may"), [(3600, True), (3599, False)])
def test_feedback_starts_no_second_training_within_its_interval(fed: float, *, may: bool) -> None:
    """
    Whoever sends feedback all day keeps no core busy all day.
    """
    state = NetworkState(fed=1_800_000_000.0 - fed)

    assert feedback_may_train(state, NeuralNetwork(), 1_800_000_000.0) is may
    assert not feedback_may_train(state, NeuralNetwork(feedback_samples=0), 1_800_000_000.0)


async def test_a_training_of_a_process_that_died_is_told_as_failed(make_guard: MakeGuard) -> None:
    """
    It may be what killed it: nobody tries it again and again.
    """
    guard = await make_guard(settings=network(train_every=0))
    state = guard.network_parts.shelves.state
    died = Job(id="7", state="running", why="asked for", who="test", samples=0, epochs=0, asked=1.0, began=2.0)
    await state.change({"job": "7"}, jobs={"7": pack_job(died)})

    async with teaching(guard):
        job = await guard.network.wait("7")

    assert job.state == "failed"
    assert "died" in job.why
    assert (await state.trainings())["failed"] == 1


async def test_a_training_can_be_called_off_before_it_begins_and_while_it_runs(
    make_guard: MakeGuard, clock: Clock
) -> None:
    """
    Whoever asked for it by mistake need not wait for its end.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    state = guard.network_parts.shelves.state
    waiting = Job(id="7", state="waiting", why="asked for", who="test", samples=0, epochs=0, asked=1.0)
    await state.change({"job": "7", "cancel": "7"}, jobs={"7": pack_job(waiting)})

    async with teaching(guard):
        assert (await guard.network.wait("7")).state == "cancelled"

    assert champion(guard) == "shipped"


async def test_inputs_that_drifted_far_start_a_training(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Nobody has to read a metric for that; and it does so once within an interval, whatever becomes of it.
    """
    guard = await make_guard(settings=network(train_every=0, drift_interval=7 * DAY))
    unlike(guard)
    await guard.network_parts.shelves.journal.settle()
    clock.now = AFTER

    async with teaching(guard):
        (job,) = await eventually(lambda: _ended(guard, "drift"))
        clock.move(2 * DAY)
        await eventually(lambda: _renewed(guard, clock()))

    assert job.who == "nacre"
    assert len([each for each in await _jobs(guard) if each.why.startswith("drift")]) == 1
    assert (await guard.network_parts.shelves.state.read()).drifted == AFTER


async def _renewed(guard: Guard, now: float) -> bool:
    return (await guard.network_parts.shelves.state.read()).renewed == now


@pytest.mark.parametrize(
    ("worst", "ago", "may"), [(0.25, 7 * DAY, True), (0.24, 7 * DAY, False), (0.9, 7 * DAY - 1, False)]
)
def test_drift_starts_no_second_training_within_its_interval(worst: float, ago: float, *, may: bool) -> None:
    """
    A column that a training cannot bring back would keep a core busy for ever.
    """
    now = 1_800_000_000.0
    state = NetworkState(drifted=now - ago)

    assert drift_may_train(state, NeuralNetwork(), now, worst) is may
    assert not drift_may_train(state, NeuralNetwork(retrain_drift=0.0), now, worst)


async def test_feedback_that_is_too_old_goes_without_a_training(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Who never trains forgets all the same.
    """
    guard = await make_guard(settings=network(train_every=0, feedback_samples=0, keep_feedback=DAY))
    await _claim(guard, 3)
    clock.now = AFTER + DAY + 1

    async def gone() -> bool:
        return (await guard.network.status()).feedback == 0

    async with teaching(guard):
        await eventually(gone)


async def test_where_drift_may_not_train_it_is_only_told(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Some train on their own days; they see what moved.
    """
    guard = await make_guard(settings=network(train_every=0, retrain_drift=0))
    unlike(guard)
    await guard.network_parts.shelves.journal.settle()
    clock.now = AFTER

    async with teaching(guard):
        await eventually(lambda: _renewed(guard, AFTER))

    assert (await guard.network.status()).drift["user.successes_7d"] > 0.25
    assert await _jobs(guard) == []
