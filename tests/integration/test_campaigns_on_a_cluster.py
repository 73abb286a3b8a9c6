# SPDX-License-Identifier: Apache-2.0
"""Campaigns on a cluster: every script finds its keys in one slot."""

from __future__ import annotations

from builders import Clock, eventually, fields
from clusters import LocalCluster, OpenGuard
from under_attack import botnet, told, watch_once

from nacre.config.duration import Duration
from nacre.config.tree import NeuralNetwork, Redis, RedisCluster
from nacre.decision import Action

STRANGER = fields("203.0.113.1", "erika", protocol="http")


async def test_an_attack_is_seen_answered_and_forgotten_on_a_cluster(
    local_cluster: LocalCluster, open_guard: OpenGuard, clock: Clock
) -> None:
    """
    By one instance that was told by another one; and a rehearsal leaves no key on any node.
    """
    redis = Redis(cluster=RedisCluster(addresses=local_cluster.addresses), timeout=Duration(5))
    one, other = [await open_guard(redis, neural_network=NeuralNetwork(enabled=False)) for _ in range(2)]
    await botnet(one, clock)
    await told(one)

    async def sighted() -> bool:
        await watch_once(other)
        return bool((await other.campaigns.picture()).campaigns)

    await eventually(sighted)
    assert (await other.check(STRANGER)).action is Action.CHALLENGE
    await eventually(lambda: one.campaign_parts.sentry.in_force is not None)
    assert (await one.check(STRANGER)).action is Action.CHALLENGE

    assert (await one.campaigns.simulate("max", who="test")).detected
    prefix = one.settings.server.redis.prefix
    assert [key async for key in one.servers.client.scan_iter(match=f"{prefix}drill*")] == []

    assert await one.campaigns.reset(who="test") >= 1
    assert (await one.campaigns.picture()).campaigns == ()
