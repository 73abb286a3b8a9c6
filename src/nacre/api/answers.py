# SPDX-License-Identifier: Apache-2.0
"""What the routes of management answer: values in, one call, values out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import UNSET

from nacre.access.caller import Caller
from nacre.access.roles import Role
from nacre.access.tokens import revocation
from nacre.address import Subnet, parse_address
from nacre.api import bodies
from nacre.api.problems import ProblemError
from nacre.config.duration import Duration
from nacre.config.explain import explain
from nacre.desk import BlockQuery, toleration_of
from nacre.rules.toleration import Toleration
from nacre.service import Guard

_Read = TypeVar("_Read")


class Ask(NamedTuple):
    """
    One request to a route, checked and decoded.

    Attributes:
        guard: Answers.
        caller: Who asks.
        query: The query, of the route's type.
        body: The body, of the route's type.
        path: Parts of the path.
        accept: Media types that the caller would like, as it says so.
    """

    guard: Guard
    caller: Caller
    query: Any
    body: Any
    path: dict[str, str]
    accept: str = ""


async def decision(ask: Ask) -> bodies.DecisionBody:
    """Show a decision and why it was made."""
    record = await ask.guard.desk.decision(ask.path["request_id"])
    if record is None:
        raise ProblemError(404, "no decision is kept under this request id", field="request_id")
    return bodies.DecisionBody.of(record)


async def list_blocks(ask: Ask) -> bodies.BlockList:
    """List or search blocks."""
    page: bodies.BlockPage = ask.query
    query = _meant(page, rule=page.rule, search=page.search)
    await ask.guard.checkpoint.settle()
    found = ask.guard.desk.find_blocks(query, at=_at(page.at))
    shown = found[page.offset : page.offset + page.limit]
    return bodies.BlockList([bodies.BlockBody.of(block) for block in shown], len(found))


async def lift_blocks(ask: Ask) -> bodies.Lifted:
    """Lift blocks; more than one subject at once is for operators."""
    which: bodies.BlockChoice = ask.query
    if not (which.ip or which.subnet or which.account or which.client):
        ask.caller.require(Role.OPERATOR)
    rule = "*" if which.all and not which.rule else which.rule
    query = _meant(which, rule=rule)
    await ask.guard.checkpoint.settle()
    lifted = await ask.guard.desk.lift_blocks(query, who=ask.caller.name)
    return bodies.Lifted(len(lifted), [bodies.BlockBody.of(block) for block in lifted[:1000]])


async def blocked(ask: Ask) -> bodies.Buckets:
    """Tell which rules block an address."""
    _read("ip", parse_address, ask.query.ip)
    await ask.guard.checkpoint.settle()
    return bodies.Buckets(ask.guard.desk.blocked(ask.query.ip, at=_at(ask.query.at)))


async def list_tolerations(ask: Ask) -> bodies.TolerationList:
    """List tolerations in force."""
    return bodies.TolerationList([bodies.TolerationEntry.of(entry) for entry in ask.guard.desk.tolerations()])


async def set_tolerations(ask: Ask) -> bodies.TolerationList:
    """Set one toleration, or replace all."""
    body: bodies.TolerationsBody | list[bodies.TolerationBody] = ask.body
    if isinstance(body, list):
        entries, replace = body, True
    elif body.tolerations is not UNSET:
        entries, replace = body.tolerations, True
    else:
        given = {name: value for name, value in msgspec.structs.asdict(body).items() if value is not UNSET}
        entries, replace = [msgspec.convert(given, bodies.TolerationBody)], False
    await ask.guard.desk.set_tolerations(map(_toleration, entries), replace=replace, who=ask.caller.name)
    return await list_tolerations(ask)


async def delete_toleration(ask: Ask) -> bodies.Deleted:
    """Delete a toleration."""
    subnet = _read("ip_address", Subnet.parse, ask.query.ip_address or ask.query.ip)
    return bodies.Deleted(await ask.guard.desk.delete_toleration(subnet, who=ask.caller.name))


async def counters(ask: Ask) -> bodies.Counters:
    """Count the logins of an address."""
    _read("ip", parse_address, ask.query.ip)
    return bodies.Counters(**await ask.guard.desk.toleration_counters(ask.query.ip, at=_at(ask.query.at)))


async def config(ask: Ask) -> bodies.ConfigBody:
    """Show the settings, without what identifies keys."""
    settings = msgspec.to_builtins(ask.guard.settings, enc_hook=str)
    for key in settings["auth"]["api_keys"]:
        del key["sha256"]
    return bodies.ConfigBody(settings, explain(ask.guard.settings))


async def audit(ask: Ask) -> bodies.AuditList:
    """Show who changed what."""
    return bodies.AuditList(list(await ask.guard.desk.audit(ask.query.count)))


async def revoke(ask: Ask) -> bodies.Revoked:
    """Revoke a token."""
    token_id, until = revocation(ask.body.token, now=ask.guard.clock())
    await ask.guard.desk.revoke(token_id, until, who=ask.caller.name)
    ask.guard.on_revoked(token_id, until)  # the news of it may come after our answer
    return bodies.Revoked(token_id, until)


async def live(ask: Ask) -> bodies.Health:  # noqa: ARG001  that it answers is the answer
    """Tell that the process answers."""
    return bodies.Health("live", "not asked")


async def ready(ask: Ask) -> bodies.Health:
    """Tell whether the store can be reached."""
    guard = ask.guard
    if not guard.store_is_up:
        raise ProblemError(503, f"the store is away; {guard.spooled} reports wait on disk")
    return bodies.Health("ready", "up", guard.spooled, len(guard.desk.blocks.copy))


async def metrics(ask: Ask) -> bytes:
    """Show all metrics."""
    return ask.guard.telemetry.exposition()


def _at(at: float | msgspec.UnsetType) -> float | None:
    return None if at is msgspec.UNSET else at


def _toleration(body: bodies.TolerationBody) -> Toleration:
    _read("ip_address", Subnet.parse, body.ip_address)

    def whole(ttl: str) -> Toleration:
        return toleration_of(body.ip_address, body.tolerate_percent, float(Duration.parse(ttl)))

    return _read("tolerate_ttl", whole, body.tolerate_ttl)


def _meant(which: bodies.BlockFilter, *, rule: str, search: str = "") -> BlockQuery:
    if which.ip:
        _read("ip", parse_address, which.ip)
    if which.subnet:
        _read("subnet", Subnet.parse, which.subnet)
    return BlockQuery(
        ip=which.ip, subnet=which.subnet, account=which.account, client=which.client, rule=rule, search=search
    )


def _read(field: str, parse: Callable[[str], _Read], text: str) -> _Read:
    """
    Return what a text means.

    Raises:
        ProblemError: it means nothing; names the field.
    """
    try:
        return parse(text)
    except ValueError as error:
        raise ProblemError(422, str(error), field=field) from None
