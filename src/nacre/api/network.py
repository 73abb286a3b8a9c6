# SPDX-License-Identifier: Apache-2.0
"""What the routes of the network answer: feedback, learning mode, features, explanations, erasure."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

from msgspec import UNSET

from nacre.api import network_bodies as bodies
from nacre.api.answers import Ask
from nacre.api.problems import ProblemError
from nacre.errors import UnknownRequest
from nacre.feedback import Meant
from nacre.network_desk import Explanation, NetworkStatus

_Answer = TypeVar("_Answer")


async def status(ask: Ask) -> NetworkStatus:
    """Show the network as it is."""
    return await ask.guard.network.status()


async def give_feedback(ask: Ask) -> bodies.FeedbackNoted:
    """Take in what an attempt was, or those of a block or a campaign."""
    body: bodies.FeedbackBody = ask.body
    if sum(each is not UNSET for each in (body.request_id, body.block, body.campaign)) != 1:
        raise ProblemError(422, "name one of request_id, block and campaign", field="request_id")
    desk, who = ask.guard.network, ask.caller.name
    if body.request_id is UNSET:
        meant = _meant(body)
        return bodies.FeedbackNoted.of_many(await desk.give_feedback_on(meant, is_attack=body.is_brute_force, who=who))
    claim = desk.give_feedback(
        body.request_id, is_attack=body.is_brute_force, who=who, client_ip=body.client_ip, username=body.username
    )
    return bodies.FeedbackNoted.of(await _known(claim))


def _meant(body: bodies.FeedbackBody) -> Meant:
    """
    Return the block or campaign that a body names.

    Raises:
        ProblemError: it names none; or says which attempt is meant, too.
    """
    for field in ("client_ip", "username"):
        if getattr(body, field):
            raise ProblemError(422, f"{field} goes with a request_id; a block and a campaign have many", field=field)
    if body.campaign is not UNSET:
        return Meant(campaign=body.campaign)
    assert body.block is not UNSET  # noqa: S101  for the type checker
    block = body.block
    if not (block.subnet or block.account):
        raise ProblemError(422, "a block is named by its subnet, its account, or both", field="block")
    return Meant(subnet=block.subnet, account=block.account, rule=block.rule)


async def list_feedback(ask: Ask) -> bodies.FeedbackList:
    """List the newest claims."""
    claims = await ask.guard.network.feedback(count=ask.query.count)
    return bodies.FeedbackList([bodies.FeedbackEntry.of(claim) for claim in claims])


async def learning_mode(ask: Ask) -> bodies.LearningState:
    """Tell whether the network only collects and scores."""
    return bodies.LearningState.of(await ask.guard.network.status())


async def set_learning_mode(ask: Ask) -> bodies.LearningState:
    """Say whether the network only collects, acts, or acts as soon as it may."""
    body: bodies.LearningMode = ask.body
    await ask.guard.network.set_learning_mode(body.learning_mode, who=ask.caller.name)
    return await learning_mode(ask)


async def reset(ask: Ask) -> NetworkStatus:
    """Go back to the shipped model, and to learning."""
    return await ask.guard.network.reset(who=ask.caller.name)


async def features(ask: Ask) -> bodies.FeatureList:
    """List columns and additional features."""
    return bodies.FeatureList(await ask.guard.network.features())


async def remove_features(ask: Ask) -> bodies.FeaturesRemoved:
    """Remove additional features."""
    names = list(dict.fromkeys([*ask.query.name, *ask.body.features]))
    if not names:
        raise ProblemError(422, "name what to remove: ?name=..., or a body with features", field="features")
    return bodies.FeaturesRemoved(*await ask.guard.network.remove_features(names, who=ask.caller.name))


async def explain(ask: Ask) -> Explanation:
    """Say why an attempt has its score."""
    return await _known(ask.guard.network.explain(ask.path["request_id"], head=ask.query.head))


async def erase(ask: Ask) -> bodies.Erased:
    """Forget a person."""
    return bodies.Erased(await ask.guard.network.erase(ask.query.username, who=ask.caller.name))


async def _known(answer: Awaitable[_Answer]) -> _Answer:
    """
    Return what the desk answers about an attempt.

    Raises:
        ProblemError: nothing is kept of it; what would do is not what would do for a report.
    """
    try:
        return await answer
    except UnknownRequest as error:
        detail = f"nothing is kept of an attempt {error.request_id!r}: it is unknown, or older than decisions.keep"
        raise ProblemError(404, detail, field="request_id") from error
