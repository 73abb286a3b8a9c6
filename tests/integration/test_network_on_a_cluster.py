# SPDX-License-Identifier: Apache-2.0
"""The network on a cluster: every script finds its keys in one slot."""

from __future__ import annotations

from builders import Clock, eventually, fail, fields, sign_in
from clusters import LocalCluster, OpenGuard
from traffic import champion, fill, keep, teaching, variant

from nacre.config.duration import Duration
from nacre.config.tree import NeuralNetwork, Redis, RedisCluster
from nacre.network_desk import NetworkStatus
from nacre.service import Guard


async def _status(guard: Guard) -> NetworkStatus:
    await guard.network_parts.settle()
    return await guard.network.status()


async def test_everything_that_the_network_keeps_is_kept_on_a_cluster(
    local_cluster: LocalCluster, open_guard: OpenGuard, clock: Clock
) -> None:
    """
    Journal, feedback, models, trainings and mode: written by one instance, used by another one.
    """
    redis = Redis(cluster=RedisCluster(addresses=local_cluster.addresses), timeout=Duration(5))
    quiet = NeuralNetwork(train_every=Duration(0))
    one, other = [await open_guard(redis, neural_network=quiet) for _ in range(2)]
    await sign_in(one, fields(request_id="r1"))
    await fail(one, fields(request_id="r2"))
    assert ((await _status(one)).samples, (await _status(other)).events) == (2, 2)

    await other.network.give_feedback("r1", is_attack=False, who="test")
    await keep(one, variant("v1"))
    await one.network.publish("v1", force=False, who="test")
    await eventually(lambda: champion(other) == "v1")
    assert not await other.network.learning_mode()
    assert (await other.network.explain("r2")).contributions

    await fill(one, clock)
    async with teaching(one):
        job = await other.network.wait((await other.network.train(who="test")).id)
    assert (job.state, champion(other)) == ("published", job.model)
    # Two events, two samples and a claim; two decisions, counts, a profile, and what tells that two were counted there.
    assert await other.network.erase("erika", who="test") == 11

    await other.network.reset(who="test")
    await eventually(lambda: champion(one) == "shipped")
