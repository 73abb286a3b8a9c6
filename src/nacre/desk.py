# SPDX-License-Identifier: Apache-2.0
"""What operators work with: blocks, tolerations, decisions, revocations, and who changed what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence

import msgspec

from nacre.address import Subnet, parse_address
from nacre.checkpoint import Checkpoint
from nacre.config.duration import Duration
from nacre.decision import Block
from nacre.record import AuditEntry, Record
from nacre.rules.rule import tag_of
from nacre.rules.toleration import Terms, Toleration
from nacre.rules.verdict import counters
from nacre.store.audit import Audit, Revocations
from nacre.store.blocks import Blocks, account_of, subnet_of
from nacre.store.decisions import Decisions
from nacre.store.keys import Keys
from nacre.store.tolerations import StoredTolerations

LONGEST_TTL = 8760 * 3600.0
"""Seconds; the longest toleration, as in the settings."""


class BlockQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which blocks are meant; what is left out does not narrow, and what is given narrows together.

    Attributes:
        ip: Blocks of any subnet that holds this address, for all accounts or for one.
        subnet: Blocks of exactly this subnet, for all accounts or for one.
        account: Blocks of this account, in any subnet.
        client: Blocks of this device, as clients sent its id.
        rule: Blocks of this rule; ``*`` is every rule.
        search: Blocks whose subject or rule holds this text.
    """

    ip: str = ""
    subnet: str = ""
    account: str = ""
    client: str = ""
    rule: str = ""
    search: str = ""

    @property
    def names_something(self) -> bool:
        """Whether it narrows, or says ``*`` on purpose."""
        return any((self.ip, self.subnet, self.account, self.client, self.rule, self.search))

    def matcher(self, canonical: Callable[[str], str]) -> Callable[[Block], bool]:
        """
        Return the test for one block.

        Raises:
            ValueError: *ip* or *subnet* is none.
        """
        address = parse_address(self.ip) if self.ip else b""
        subnet = Subnet.parse(self.subnet) if self.subnet else None
        account = canonical(self.account)
        text = self.search.casefold()

        def matches(block: Block) -> bool:
            return (
                self.rule in {"", "*", block.rule}
                and (not self.client or (block.kind == "client" and block.subject == self.client))
                and (not self.account or account_of(block) == account)
                and (not subnet or subnet_of(block) == subnet)
                and (not address or address in (subnet_of(block) or ()))
                and (not text or text in block.subject.casefold() or text in block.rule.casefold())
            )

        return matches


class Desk:
    """
    Lists, searches, changes, and notes who did.

    Args:
        checkpoint: Holds the policy in force.
        keys: Spells the keys.
        blocks: Begins, lists and lifts blocks.
        tolerations: Those set at run time.
        revocations: Tokens that hold no more.
        audit: Who changed what.
        decisions: Keeps decisions.
        clock: Tells Unix seconds.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        *,
        keys: Keys,
        blocks: Blocks,
        tolerations: StoredTolerations,
        revocations: Revocations,
        audit: Audit,
        decisions: Decisions,
        clock: Callable[[], float],
    ) -> None:
        self._checkpoint = checkpoint
        self._keys = keys
        self.blocks = blocks
        self._tolerations = tolerations
        self._revocations = revocations
        self._audit = audit
        self._decisions = decisions
        self._clock = clock
        self._rereading = asyncio.Lock()
        self.runtime_tolerations: tuple[Toleration, ...] = ()

    # -- blocks

    def find_blocks(self, query: BlockQuery, *, at: float | None = None) -> list[Block]:
        """
        Return the blocks in force, the newest first.

        Args:
            query: Which.
            at: Unix seconds at which they are in force; now, if left out.

        Raises:
            ValueError: the query names an address or subnet that is none.
        """
        holds = _in_force(self._clock(), at)
        matches = query.matcher(self._checkpoint.policy.names.canonical)
        found = [block for block in self.blocks.copy if holds(block) and matches(block)]
        return sorted(found, key=lambda block: (-block.since, block.subject, block.rule))

    async def lift_blocks(self, query: BlockQuery, *, who: str) -> list[Block]:
        """
        End blocks and forget what led to them; the query has to name something, ``*`` for all.

        Raises:
            ValueError: the query names nothing, or an address or subnet that is none.
            StoreUnavailable: the store refused or did not answer; some may be lifted.
        """
        if not query.names_something:
            raise ValueError('name what to lift: ip, subnet, account, client or rule; rule "*" lifts every block')
        matches = query.matcher(self._checkpoint.policy.names.canonical)
        now = self._clock()
        found = [block for block in self.blocks.copy if block.in_force(now) and matches(block)]
        await self.blocks.lift(found, tag_of)
        named = {name: value for name, value in msgspec.structs.asdict(query).items() if value}
        await self.note(who, "blocks.lift", f"{len(found)} blocks, {msgspec.json.encode(named).decode()}")
        return found

    def blocked(self, ip: str, *, at: float | None = None) -> list[str] | None:
        """
        Return the names of the rules that block an address, ``None`` if none does.

        Raises:
            ValueError: *ip* is no address.
        """
        packed = parse_address(ip)
        if not packed:
            raise ValueError("an address is needed")
        holds = _in_force(self._clock(), at)
        found = {block.rule for block in self.blocks.copy.covering(packed) if holds(block)}
        return [
            bucket.rule.name for bucket in self._checkpoint.policy.book.buckets if bucket.rule.name in found
        ] or None

    # -- tolerations

    def tolerations(self) -> list[Toleration]:
        """Return all tolerations in force, those of the settings and those set at run time."""
        now = self._clock()
        entries = {}
        for entry in self._checkpoint.policy.tolerations.entries:
            if entry.expires is None or entry.expires > now:
                entries[entry.subnet] = entry
        return sorted(entries.values(), key=lambda entry: (len(entry.subnet.network), entry.subnet))

    async def set_tolerations(self, entries: Iterable[Toleration], *, replace: bool, who: str) -> None:
        """
        Set tolerations; each ends when its ttl is over, unless it is set again.

        Args:
            entries: What to set.
            replace: Whether all others that were set at run time go.
            who: For the audit log.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        wanted = list(entries)
        await self._tolerations.put(wanted, replace=replace, now=self._clock())
        await self.reread_tolerations()
        text = ", ".join(f"{e.subnet} {e.terms.percent}% {Duration(e.terms.ttl)}" for e in wanted[:20])
        await self.note(who, "tolerations.replace" if replace else "tolerations.set", text)

    async def delete_toleration(self, subnet: Subnet, *, who: str) -> bool:
        """Delete a toleration that was set at run time; tells whether there was one."""
        gone = await self._tolerations.delete(subnet)
        await self.reread_tolerations()
        await self.note(who, "tolerations.delete", str(subnet))
        return gone

    async def reread_tolerations(self) -> None:
        """Take the tolerations of all instances over."""
        async with self._rereading:
            self.runtime_tolerations = tuple(await self._tolerations.all(self._clock()))
            self._checkpoint.policy = self._checkpoint.policy.with_tolerations(self.runtime_tolerations)

    async def toleration_counters(self, ip: str, *, at: float | None = None) -> dict[str, int]:
        """
        Return the logins of an address, under both families of labels.

        ``positive`` and ``negative`` are logins that succeeded and that failed within the ttl of the
        address's toleration (a repeated wrong password counts once); ``total`` is their sum and
        ``failed`` is ``negative`` again.

        Raises:
            ValueError: *ip* is no address.
            StoreUnavailable: the store refused or did not answer.
        """
        packed = parse_address(ip)
        if not packed:
            raise ValueError("an address is needed")
        policy, now = self._checkpoint.policy, self._clock() if at is None else at
        prefix = 32 if len(packed) == 4 else policy.book.origin_prefix6
        (origin,) = await self._checkpoint.subjects.read([self._keys.subnet(packed, prefix)])
        terms = policy.tolerations.terms(packed, now)
        positive, negative = counters(origin, now, terms.ttl or policy.toleration_shape(packed).period)
        return {"total": positive + negative, "failed": negative, "positive": positive, "negative": negative}

    # -- the rest

    async def decision(self, request_id: str) -> Record | None:
        """Return a decision with all that it was made of, ``None`` if it is not kept."""
        record = await self._decisions.find(request_id)
        if record is not None and (keys := self._checkpoint.subject_keys(record.attempt)):
            await self._decisions.add_outcome(record, keys[0])
        return record

    async def revoke(self, token_id: str, until: float, *, who: str) -> None:
        """Let a token hold no more, everywhere."""
        await self._revocations.add(token_id, until)
        await self.note(who, "token.revoke", token_id)

    async def revoked(self) -> dict[str, float]:
        """Return the ids of revoked tokens to the time they would have ended."""
        return await self._revocations.all(self._clock())

    def read_revocation(self, content: bytes) -> tuple[str, float]:
        """Return what a message about a revocation says."""
        token_id, until = msgspec.msgpack.decode(content, type=tuple[str, float])
        return token_id, until

    async def note(self, who: str, action: str, what: str) -> None:
        """Add an entry to the audit log."""
        await self._audit.note(AuditEntry(self._clock(), who, action, what))

    async def audit(self, count: int) -> Sequence[AuditEntry]:
        """Return the newest entries of the audit log, newest first."""
        return await self._audit.newest(count)


def _in_force(clock: float, at: float | None) -> Callable[[Block], bool]:
    """Return the test for a block that holds now or, if that is asked for, at a time."""
    if at is None:
        return lambda block: block.in_force(clock)
    return lambda block: block.since <= at < block.until


def toleration_of(ip_address: str, percent: int, ttl: float) -> Toleration:
    """
    Return a toleration as operators and hooks set it.

    Raises:
        ValueError: a part cannot be used; says which and what would do.

    >>> str(toleration_of("10.0.0.1/24", 30, 3600.0).subnet)
    '10.0.0.0/24'
    """
    subnet = Subnet.parse(ip_address)
    if not 0 <= percent <= 100:
        raise ValueError(f"tolerate_percent is a whole number from 0 to 100, not {percent}")
    if not 1 <= ttl <= LONGEST_TTL:
        raise ValueError(f"tolerate_ttl is from 1s to 8760h, not {Duration(ttl) if ttl >= 0 else ttl}")
    return Toleration(subnet, Terms(percent, ttl))
