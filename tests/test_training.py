# SPDX-License-Identifier: Apache-2.0
"""Trainings, from being asked for to a model in use."""

from __future__ import annotations

import weakref

import numpy as np
import pytest
from builders import Clock, MakeGuard, eventually
from numpy.typing import NDArray
from traffic import champion, easy, fill, network, quick, shipped, teaching

from nacre.jobs import pack_job, read_job
from nacre.learning.journal import DAY
from nacre.network.gate import Canned
from nacre.network.model import Model
from nacre.network_desk import Job
from nacre.shelves import Lost
from nacre.store.journal import Journal
from nacre.store.keys import Keys
from nacre.training import Training


def _hard(_model: Model) -> list[Canned]:
    return [
        Canned(name="an attack", attack=True, score=0.1, threshold=0.5),
        Canned(name="an oddity", attack=False, score=0.0, threshold=0.5),
    ]


async def test_a_training_that_passes_the_gate_is_in_use_everywhere(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Its report is kept, what was in use before can be gone back to, and learning mode ends by itself.
    """
    one, other = await make_guard(settings=network(train_every=0)), await make_guard(settings=network(train_every=0))
    await fill(one, clock)
    assert await one.network.learning_mode()

    async with teaching(one):
        job = await other.network.train(samples=500, epochs=8, who="test")
        job = await other.network.wait(job.id)

    assert (job.state, job.share, job.who, job.epoch) == ("published", 1.0, "test", 8)
    assert champion(other) == job.model
    await eventually(lambda: champion(one) == job.model, within=1.0)
    status = await one.network.status()
    assert (status.model, status.ours, status.learning, status.previous) == (job.model, True, False, "shipped")
    report = await other.network.report(job.model)
    assert report is not None
    assert report.champion == "shipped"
    current = (await other.network.models())[0]
    assert (current.version, current.state, current.gate, current.recall) == (job.model, "current", True, 1.0)


async def test_a_training_that_fails_the_gate_is_kept_and_looked_at(make_guard: MakeGuard, clock: Clock) -> None:
    """
    It says why; its scores are logged beside those that count; by force it is in use.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)

    async with teaching(guard, cases=_hard):
        job = await guard.network.wait((await guard.network.train(who="test")).id)

    assert job.state == "refused"
    assert "an attack" in job.why
    assert champion(guard) == "shipped"
    status = await guard.network.status()
    assert (status.challenger, status.learning) == (job.model, True)

    await guard.network.publish(job.model, force=True, who="test")

    assert champion(guard) == job.model
    assert not await guard.network.learning_mode()


async def test_too_few_samples_are_told_with_what_is_missing(make_guard: MakeGuard) -> None:
    """
    The original trained on whatever there was.
    """
    guard = await make_guard(settings=network(train_every=0))

    async with teaching(guard):
        job = await guard.network.wait((await guard.network.train(who="test")).id)

    assert job.state == "failed"
    assert "no attacks" in job.why
    assert (await guard.network.status()).job is None


async def test_the_same_data_and_seed_give_the_same_model(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Whoever doubts a model trains it again.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)

    models = []
    async with teaching(guard):
        for _ in range(2):
            job = await guard.network.wait((await guard.network.train(who="test")).id)
            models.append(await guard.network_parts.shelves.models.load(job.model))

    assert models[0].version != models[1].version
    assert models[0].artifact.guess == models[1].artifact.guess
    assert models[0].artifact.accept == models[1].artifact.accept


class _Sparing(Journal):
    """A journal that knows whether the events it returned are still there when samples are read."""

    events_left: bool | None = None

    async def events(self, *, since: float = 0.0) -> NDArray[np.void]:
        """Return the events."""
        rows = await super().events(since=since)
        self._given = weakref.ref(rows.base if isinstance(rows.base, np.ndarray) else rows)
        return rows

    async def samples(self, *, since: float = 0.0) -> NDArray[np.void]:
        """Return the samples."""
        self.events_left = self._given() is not None
        return await super().samples(since=since)


async def test_events_are_gone_before_samples_are_read(make_guard: MakeGuard, clock: Clock) -> None:
    """
    Of a full journal either takes 60 MB, and the process that trains has 300 MB in all.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    redis = guard.settings.server.redis
    keys = Keys(redis.prefix, guard.identity, database=redis.database_number)
    journal = _Sparing(guard.servers, keys, records=100_000, keep=30 * DAY)
    shelves = guard.network_parts.shelves._replace(journal=journal)
    fence = await shelves.state.lease("test")

    training = Training(
        shelves, await guard.network.train(who="test"), fence=fence, champion=shipped(), clock=clock,
        keep=lambda: None, cases=easy,
    )  # fmt: skip
    job = await training.run(quick(guard.settings.brute_force.neural_network))

    assert job.state == "published"
    assert journal.events_left is False


async def test_who_lost_the_lease_publishes_nothing(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A process that hung while another one took over changes neither job nor model.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    shelves = guard.network_parts.shelves
    fence = await shelves.state.lease("hung")
    job = await guard.network.train(who="test")

    async def overtaken() -> None:
        await shelves.state.release("hung")
        await shelves.state.lease("another")

    training = Training(
        shelves, job, fence=fence, champion=shipped(), clock=clock, keep=overtaken, cases=easy
    )  # fmt: skip
    with pytest.raises(Lost):
        await training.run(quick(guard.settings.brute_force.neural_network))

    assert champion(guard) == "shipped"
    assert await shelves.models.entries() == []
    assert (await guard.network.job(job.id)).state in {"waiting", "running"}


async def test_a_training_that_is_interrupted_waits_for_the_next_process(make_guard: MakeGuard, clock: Clock) -> None:
    """
    A service that is restarted loses no training that somebody asked for.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    shelves = guard.network_parts.shelves
    fence = await shelves.state.lease("here")
    job = await guard.network.train(who="test")
    training = Training(shelves, job, fence=fence, champion=None, clock=clock, keep=lambda: None, cases=easy)

    training.interrupt()
    ended = await training.run(quick(guard.settings.brute_force.neural_network))

    assert ended.state == "waiting"
    open_job = (await guard.network.status()).job
    assert open_job is not None
    assert open_job.id == job.id


async def test_a_model_made_against_another_champion_does_not_take_its_place(
    make_guard: MakeGuard, clock: Clock
) -> None:
    """
    The gate compared with what was in use then; whoever put another one in use meanwhile meant it.
    """
    guard = await make_guard(settings=network(train_every=0))
    await fill(guard, clock)
    shelves = guard.network_parts.shelves
    fence = await shelves.state.lease("here")
    job = await guard.network.train(who="test")

    async def meanwhile() -> None:
        await shelves.state.change({"current": "another"}, tell=False)

    training = Training(shelves, job, fence=fence, champion=shipped(), clock=clock, keep=meanwhile, cases=easy)
    ended = await training.run(quick(guard.settings.brute_force.neural_network))

    assert ended.state == "refused"
    assert "another model" in ended.why
    assert (await shelves.state.read()).current == "another"


def test_a_job_is_packed_and_read() -> None:
    """
    What one process writes another one shows.
    """
    job = Job(id="7", state="running", why="feedback", who="nacre", samples=0, epochs=100, asked=1.0, share=0.5)

    assert read_job(pack_job(job)) == job
