# SPDX-License-Identifier: Apache-2.0
"""What is known of an attempt's subjects: read for a check, counted by a report."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from struct import Struct
from typing import Any, NamedTuple

from nacre.address import cut
from nacre.attempt import Attempt
from nacre.campaign.sighting import Mark
from nacre.entity import NEGATIVE, NOTHING, POSITIVE, Entity, read_entity
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.identity import Identity
from nacre.owner import SECONDS_PER_DAY, places
from nacre.policy import Policy
from nacre.ports import Counted
from nacre.record import Told
from nacre.rules.rule import Kind, Watch
from nacre.store.keys import Keys
from nacre.store.scripts import COUNT
from nacre.store.topology import Servers
from nacre.window import Shape

_FACTS = Struct("<dIIIIIBHH")
_PLAN = Struct("<BIIB")
_PLAN_WINDOW = Struct("<IddBI")
_NOTHING = b"\0"
_REMEMBERS_ORIGINS, _REMEMBERS_REPEATS, _ACCOUNT, _SOURCE = 1, 2, 4, 8
_KNOWN = tuple(
    int((known & 1 and Mark.HOME) | (known & 2 and Mark.HISTORY) | (known & 4 and Mark.KNOWN_SOURCE))
    for known in range(8)
)
"""What the script says was known before, as the watch is told."""

_LAST_DAY = 0xFFFF
"""Days since the epoch are kept in 16 bits, that is until the year 2149."""

_SPARE_SECONDS = 60
"""How long a value outlives the last window that needs it."""


class _Group(NamedTuple):
    """Subjects that one script serves: their places among the attempt's, and what the script is to do with them."""

    places: tuple[int, ...]
    plans: bytes


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

    async def read_with(
        self, keys: Sequence[bytes], others: Sequence[bytes]
    ) -> tuple[list[Entity], list[bytes | None] | None]:
        """
        Return what is known of some subjects, and other values as they are, in one trip.

        Where a node of a cluster is away, subjects on other nodes are known all the same; of the others all or
        nothing is told.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        if self._servers.shards:
            entities, beside = await asyncio.gather(self.read(keys), self._servers.read(others), return_exceptions=True)
            if isinstance(entities, BaseException):
                raise entities
            if isinstance(beside, StoreUnavailable):
                return entities, None
            if isinstance(beside, BaseException):
                raise beside
            return entities, beside
        values = await self._servers.read([*keys, *others])
        known = zip(values, keys, strict=False)
        return [NOTHING if value is None else _entity(value, key) for value, key in known], values[len(keys) :]

    async def count(
        self,
        watches: Sequence[Watch],
        attempt: Attempt,
        policy: Policy,
        *,
        outcome: Told,
        keep_claim: float,
        known_since: int | None = None,
    ) -> Counted:
        """
        Count an outcome, once for each request id; what is left under the id tells the outcome.

        In a cluster every slot counts on its own, each once: a report that reached one slot
        only is completed when it is sent again.

        Args:
            watches: Subjects of the attempt.
            attempt: What was tried.
            policy: The rules in force.
            outcome: What the backend said, and when that was told.
            keep_claim: Seconds within which the same request id counts no more.
            known_since: Day since the epoch from which on a login speaks for its origin, to be told what was known
                before; ``None`` to be told nothing.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        keys, accepted = self._keys.watched(watches, attempt), outcome.accepted
        facts_of = self._facts_of_login if accepted else self._facts_of_failure
        facts = facts_of(attempt, policy, 0 if known_since is None else min(max(known_since, 0), _LAST_DAY - 1) + 1)
        shared = (outcome.packed(), max(1, int(keep_claim)), facts)
        logins = policy.toleration_shape(attempt.address)
        groups = self._grouped(watches, keys, policy, logins, accepted=accepted)
        calls = [self._call(group, keys, attempt.request_id, shared) for group in groups]
        replies = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
        first = repeated = False
        known = 0
        entities: list[Entity] | None = None
        for group, (counted, *told) in zip(groups, replies, strict=True):
            if not counted:
                continue
            again, before, *values = told
            first, repeated, known = True, repeated or bool(again), known | before
            if values:
                entities = entities or [NOTHING] * len(keys)
                for place, value in zip(group.places, values, strict=True):
                    entities[place] = _entity(value, keys[place])
        return Counted(first, repeated, entities, _KNOWN[known & 7])

    def _call(
        self, group: _Group, keys: Sequence[bytes], request_id: str, shared: tuple[bytes, int, bytes]
    ) -> Awaitable[list[Any]]:
        """Have the script count the subjects of one group."""
        names = keys if len(group.places) == len(keys) else [keys[place] for place in group.places]
        claim = self._keys.claim(request_id, names[0])
        return self._servers.script(COUNT, (claim, *names), (*shared, group.plans))

    def _facts_of_failure(self, attempt: Attempt, policy: Policy, since: int) -> bytes:
        """Pack who failed where with what, so that the same again is seen."""
        subnet, device = places(attempt, self._identity) if since else (0, 0)
        if not attempt.token:
            return _FACTS.pack(attempt.time, 0, 0, subnet, device, 0, 0, 0, since)
        origin = cut(attempt.address, 32 if len(attempt.address) == 4 else policy.repeat_prefix6)
        who = self._identity.place(b"w" + attempt.account_key.encode() + origin)
        password = int.from_bytes(attempt.token[:4], "little") or 1
        memory, allowed = int(policy.repeat_memory), policy.repeats_allowed
        return _FACTS.pack(attempt.time, who, password, subnet, device, memory, allowed, 0, since)

    def _facts_of_login(self, attempt: Attempt, _policy: Policy, since: int) -> bytes:
        """Pack where somebody signed in, so that it is known as the owner's."""
        day = int(attempt.time // SECONDS_PER_DAY) & _LAST_DAY
        return _FACTS.pack(attempt.time, 0, 0, *places(attempt, self._identity), 0, 0, day, since)

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
        groups.append(_Group(tuple(plans), b"".join(plans.values())))
    return tuple(groups)


def _plan(watch: Watch, policy: Policy, logins: Shape, *, leads: bool, accepted: bool) -> bytes:
    """Pack what the script is to count for one subject with this outcome."""
    windows = {}
    lives = policy.repeat_memory if leads else 0.0
    if watch.kind is Kind.ORIGIN:
        lives = max(lives, logins.period)
        windows[POSITIVE if accepted else NEGATIVE] = (logins.grain, logins.period, logins.cap, 0)
    for bucket in watch.buckets:
        grain, period, cap = bucket.shape.grain, bucket.shape.period, bucket.shape.cap
        if not accepted:
            windows[bucket.tag] = (grain, period, cap, bucket.rule.failed_requests)
        lives = max(lives, period)
    flags = (accepted and watch.kind is Kind.ACCOUNT) * _REMEMBERS_ORIGINS
    flags |= (leads and not accepted) * _REMEMBERS_REPEATS
    flags |= (watch.kind is Kind.ACCOUNT) * _ACCOUNT | (watch.kind is Kind.ORIGIN) * _SOURCE
    short = int(lives) + _SPARE_SECONDS
    # A login changes nothing, and prolongs nothing, where the last one of the same day left the same.
    known = int(policy.known_ttl) + SECONDS_PER_DAY
    return _PLAN.pack(flags, short, max(short, known), len(windows)) + b"".join(
        _PLAN_WINDOW.pack(tag, *windows[tag]) for tag in sorted(windows)
    )


def _entity(value: object, key: bytes) -> Entity:
    if value is None:
        return NOTHING
    if not isinstance(value, bytes):
        raise StoreCorrupt(key.decode(), f"a value was expected, not {value!r}")
    return read_entity(value, key.decode())
