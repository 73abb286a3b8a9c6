# SPDX-License-Identifier: Apache-2.0
"""What is known of an attempt's subjects: read for a check, counted by a report."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from struct import Struct
from typing import NamedTuple

from nacre.address import cut
from nacre.attempt import Attempt
from nacre.entity import NEGATIVE, NOTHING, POSITIVE, Entity, read_entity
from nacre.errors import StoreCorrupt
from nacre.identity import Identity
from nacre.owner import SECONDS_PER_DAY, device_place, subnet_place
from nacre.policy import Policy
from nacre.ports import Counted
from nacre.rules.rule import Kind, Watch
from nacre.store.keys import Keys
from nacre.store.scripts import COUNT
from nacre.store.topology import Servers
from nacre.window import Shape

_FACTS = Struct("<IIIIIBH")
_PLAN = Struct("<BIIB")
_PLAN_WINDOW = Struct("<IddBIB")
_NOTHING = b"\0"
_REMEMBERS_ORIGINS, _REMEMBERS_REPEATS = 1, 2
_SPARE_SECONDS = 60
"""How long a value outlives the last window that needs it."""


class _Group(NamedTuple):
    """Subjects that one script serves: their places among the attempt's, and the script's plans."""

    places: tuple[int, ...]
    plans: tuple[bytes, ...]


class Observations:
    """
    Reads and counts the subjects of attempts, in one trip each.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        identity: Makes digests of places.
    """

    def __init__(self, servers: Servers, keys: Keys, identity: Identity) -> None:
        self._servers = servers
        self._keys = keys
        self._identity = identity
        self._groups: dict[tuple[int, float, bool], tuple[Sequence[Watch], Policy, tuple[_Group, ...]]] = {}

    async def read(self, keys: Sequence[bytes]) -> list[Entity]:
        """
        Return what is known of some subjects.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        values = await self._servers.read(keys)
        return [NOTHING if value is None else _entity(value, key) for value, key in zip(values, keys, strict=True)]

    async def count(
        self, watches: Sequence[Watch], attempt: Attempt, policy: Policy, *, accepted: bool, keep_claim: float
    ) -> Counted:
        """
        Count an outcome, once for each request id.

        In a cluster every slot counts on its own, each once: a report that reached one slot
        only is completed when it is sent again.

        Args:
            watches: Subjects of the attempt.
            attempt: What was tried.
            policy: The rules in force.
            accepted: What the backend said.
            keep_claim: Seconds within which the same request id counts no more.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        keys = self._keys.watched(watches, attempt)
        facts = self._facts_of_login(attempt) if accepted else self._facts_of_failure(attempt, policy)
        shared = (attempt.time, "1" if accepted else "0", max(1, int(keep_claim)), facts)

        async def call(group: _Group) -> list[object]:
            names = [keys[place] for place in group.places]
            claim = self._keys.claim(attempt.request_id, names[0])
            reply: list[object] = await self._servers.script(COUNT, [claim, *names], [*shared, *group.plans])
            return reply

        logins = policy.toleration_shape(attempt.address)
        groups = self._grouped(watches, keys, policy, logins, accepted=accepted)
        replies = [await call(groups[0])] if len(groups) == 1 else await asyncio.gather(*map(call, groups))
        entities: list[Entity] | None = None
        for group, reply in zip(groups, replies, strict=True):
            if len(reply) > 2:
                entities = entities or [NOTHING] * len(keys)
                for place, value in zip(group.places, reply[2:], strict=True):
                    entities[place] = _entity(value, keys[place])
        return Counted(
            first=any(reply[0] for reply in replies),
            repeated=any(len(reply) > 1 and reply[1] for reply in replies),
            entities=entities,
        )

    def _facts_of_failure(self, attempt: Attempt, policy: Policy) -> bytes:
        """Pack who failed where with what, so that the same again is seen."""
        if not attempt.token:
            return _FACTS.pack(0, 0, 0, 0, 0, 0, 0)
        origin = cut(attempt.address, 32 if len(attempt.address) == 4 else policy.repeat_prefix6)
        who = self._identity.place(b"w" + attempt.account_key.encode() + origin)
        password = int.from_bytes(attempt.token[:4], "little") or 1
        return _FACTS.pack(who, password, 0, 0, int(policy.repeat_memory), policy.repeats_allowed, 0)

    def _facts_of_login(self, attempt: Attempt) -> bytes:
        """Pack where somebody signed in, so that it is known as the owner's."""
        subnet, device = subnet_place(attempt, self._identity), device_place(attempt, self._identity)
        return _FACTS.pack(0, 0, subnet, device, 0, 0, int(attempt.time // SECONDS_PER_DAY) & 0xFFFF)

    def _grouped(
        self, watches: Sequence[Watch], keys: Sequence[bytes], policy: Policy, logins: Shape, *, accepted: bool
    ) -> tuple[_Group, ...]:
        """Return the script calls for some subjects: one in all, or one per hash tag in a cluster."""
        if self._servers.shards:
            tags = [key[key.index(b"{") : key.index(b"}")] for key in keys]
            return _group(watches, tags, policy, logins, accepted=accepted)
        name = (id(watches), logins.period, accepted)
        kept = self._groups.get(name)
        if kept is None or kept[1] is not policy:
            if len(self._groups) > 1024:
                self._groups.clear()
            groups = _group(watches, [b""] * len(keys), policy, logins, accepted=accepted)
            kept = self._groups[name] = (watches, policy, groups)
        return kept[2]


def _group(
    watches: Sequence[Watch], tags: Sequence[bytes], policy: Policy, logins: Shape, *, accepted: bool
) -> tuple[_Group, ...]:
    """
    Return one script call for each tag.

    A subject in which the outcome changes nothing is left out, for a login that is the network: the store
    needs a quarter less for it.  The first one stays, for its claim is what a second report meets.
    """
    places: dict[bytes, list[int]] = {}
    for place, tag in enumerate(tags):
        places.setdefault(tag, []).append(place)
    groups = []
    for first, *others in places.values():
        plans = {first: _plan(watches[first], policy, logins, leads=True, accepted=accepted)}
        for place in others:
            plan = _plan(watches[place], policy, logins, leads=False, accepted=accepted)
            if not accepted or plan[:1] != _NOTHING or plan[_PLAN.size :]:
                plans[place] = plan
        groups.append(_Group(tuple(plans), tuple(plans.values())))
    return tuple(groups)


def _plan(watch: Watch, policy: Policy, logins: Shape, *, leads: bool, accepted: bool) -> bytes:
    """Pack what the script is to count for one subject with this outcome."""
    windows = []
    lives = policy.repeat_memory if leads else 0.0
    if watch.kind is Kind.ORIGIN:
        lives = max(lives, logins.period)
        tag = POSITIVE if accepted else NEGATIVE
        windows.append(_PLAN_WINDOW.pack(tag, logins.grain, logins.period, logins.cap, 0, accepted))
    for bucket in watch.buckets:
        grain, period, cap = bucket.shape.grain, bucket.shape.period, bucket.shape.cap
        if not accepted:
            windows.append(_PLAN_WINDOW.pack(bucket.tag, grain, period, cap, bucket.rule.failed_requests, 0))
        lives = max(lives, period)
    flags = (accepted and watch.kind is Kind.ACCOUNT) * _REMEMBERS_ORIGINS
    flags |= (leads and not accepted) * _REMEMBERS_REPEATS
    short = int(lives) + _SPARE_SECONDS
    return _PLAN.pack(flags, short, max(short, int(policy.known_ttl)), len(windows)) + b"".join(windows)


def _entity(value: object, key: bytes) -> Entity:
    if value is None:
        return NOTHING
    if not isinstance(value, bytes):
        raise StoreCorrupt(key.decode(), f"a value was expected, not {value!r}")
    return read_entity(value, key.decode())
