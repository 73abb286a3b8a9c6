# SPDX-License-Identifier: Apache-2.0
"""
Blocks in force: begun, listed and lifted in the store, and held by every instance as its own copy.

A ban lies in two places: in the packed value of its subject, where a check reads it together with the
counts, and in one list from which instances restore their copies.  The first is the truth; the list
is written right after it, and again by whoever meets a ban that the list lacks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from struct import Struct

import msgspec
import structlog
from redis.exceptions import ResponseError

from nacre.address import Subnet, cut
from nacre.decision import Block
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.rules.rule import Bucket
from nacre.store.keys import Keys
from nacre.store.news import News
from nacre.store.scripts import BAN, LIFT
from nacre.store.topology import AWAY, Servers

log = structlog.get_logger(__name__)

_BAN = Struct("<Idddddd")
_SCAN = 5000
_BATCH = 500
_LATENCY = 300.0
"""Seconds between an attempt and its block that need no other explanation."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Block).decode


class BlockCopy:
    """This instance's copy of the blocks in force, by subject."""

    def __init__(self) -> None:
        self._clear()
        self._meanwhile: list[Callable[[], None]] | None = None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Block]:
        for blocks in list(self._by_key.values()):
            yield from list(blocks.values())

    def put(self, block: Block) -> None:
        """Hold a block, instead of an older one of the same rule and subject."""
        if self._meanwhile is not None:
            self._meanwhile.append(lambda: self.put(block))
        subnet = subnet_of(block)
        rules = self._by_key.setdefault(block.key, {})
        self._count += block.rule not in rules
        rules[block.rule] = block
        if subnet is not None and block.kind == "subnet":
            by_prefix = self._by_subnet[len(subnet.network)]
            by_prefix.setdefault(subnet.prefix, {})[cut(*subnet)] = rules

    def drop(self, key: bytes, rule: str) -> None:
        """Forget a block."""
        if self._meanwhile is not None:
            self._meanwhile.append(lambda: self.drop(key, rule))
        rules = self._by_key.get(key)
        block = rules.pop(rule, None) if rules else None
        if block is None or rules is None:
            return
        self._count -= 1
        if rules:
            return
        del self._by_key[key]
        if block.kind == "subnet":
            subnet = Subnet.parse(block.subject)
            by_prefix = self._by_subnet[len(subnet.network)]
            del by_prefix[subnet.prefix][cut(*subnet)]
            if not by_prefix[subnet.prefix]:
                del by_prefix[subnet.prefix]

    async def replace(self, read: Callable[[], Awaitable[Iterable[Block]]]) -> None:
        """Hold the blocks that are read, and what is put or dropped while they are."""
        meanwhile: list[Callable[[], None]] = []
        self._meanwhile = meanwhile
        try:
            blocks = await read()
        finally:
            self._meanwhile = None
        self._clear()
        for block in blocks:
            with _passing_over():
                self.put(block)
        for change in meanwhile:
            change()

    def of(self, keys: Sequence[bytes]) -> list[tuple[int, Block]]:
        """Return the blocks of some subjects, each with the place of its subject among *keys*."""
        held = self._by_key
        if held.keys().isdisjoint(keys):
            return []
        return [(place, block) for place, key in enumerate(keys) if key in held for block in held[key].values()]

    def covering(self, packed: bytes) -> list[Block]:
        """Return the blocks of all subnets that hold an address, whoever signs in from there."""
        return [
            block
            for prefix, subnets in self._by_subnet[len(packed)].items()
            if (rules := subnets.get(cut(packed, prefix))) is not None
            for block in rules.values()
        ]

    def _clear(self) -> None:
        self._by_key: dict[bytes, dict[str, Block]] = {}
        self._by_subnet: dict[int, dict[int, dict[bytes, dict[str, Block]]]] = {0: {}, 4: {}, 16: {}}
        self._count = 0


class Blocks:
    """
    Begins, lists and lifts blocks.

    Args:
        servers: Where the state is.
        keys: Spells the keys.
        news: Tells the other instances.
        clock: Tells Unix seconds.
    """

    def __init__(self, servers: Servers, keys: Keys, news: News, clock: Callable[[], float]) -> None:
        self._servers = servers
        self._keys = keys
        self._news = news
        self._clock = clock
        self.copy = BlockCopy()

    async def begin(
        self, bucket: Bucket, key: bytes, *, subject: str, kind: str, now: float, reason: str, crowded: bool = False
    ) -> Block:
        """
        Ban a subject for a rule and tell everyone; the ban in force is returned if there is one.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        rule = bucket.rule
        longest = float(max(rule.max_ban_time, rule.ban_time))
        least = bucket.memory + float(rule.period)
        terms = _BAN.pack(bucket.tag, now, float(rule.ban_time), rule.ban_time_factor, longest, bucket.memory, least)
        begun, until_text, strikes = await self._servers.script(BAN, [key], [terms])
        until = float(until_text)
        behind = self._clock() - now
        behind = behind if abs(behind) > _LATENCY else 0.0
        block = Block(rule.name, key, subject, kind, now, until, reason, strikes, behind, crowded)
        if begun or not any(held.rule == rule.name and held.until >= until for _, held in self.copy.of([key])):
            self.copy.put(block)
            await self._servers.run(self._keys.blocks, ("HSET", self._keys.blocks, _field(block), _encode(block)))
            await self._news.tell("block", block)
        return block

    async def lift(self, blocks: Sequence[Block], tags: Callable[[str], int]) -> int:
        """
        End blocks and forget what led to them.

        Args:
            blocks: What to end.
            tags: Gives the number of a rule in packed entities.

        Returns:
            How many were ended.
        """
        for start in range(0, len(blocks), _BATCH):
            batch = blocks[start : start + _BATCH]
            for block in batch:
                await self._forget(block, tags(block.rule))
                self.copy.drop(block.key, block.rule)
            await self._servers.run(self._keys.blocks, ("HDEL", self._keys.blocks, *map(_field, batch)))
            await self._news.tell("lift", [(block.key, block.rule) for block in batch])
        return len(blocks)

    async def restore(self) -> int:
        """
        Take the copy from the store's list anew; returns how many blocks it holds.

        Raises:
            StoreUnavailable: the store refused or did not answer.
        """
        await self.copy.replace(self._read_all)
        return len(self.copy)

    async def sweep(self, now: float) -> int:
        """Forget blocks that ended before *now*, here and in the list; returns how many."""
        ended = [block for block in self.copy if not block.in_force(now)]
        for start in range(0, len(ended), _BATCH):
            batch = ended[start : start + _BATCH]
            for block in batch:
                self.copy.drop(block.key, block.rule)
            # Another instance may have begun the same block anew, and its message may be on its way.
            values = await self._servers.run(self._keys.blocks, ("HMGET", self._keys.blocks, *map(_field, batch)))
            listed = _blocks(value for value in values if value is not None)
            if over := [_field(block) for block in listed if not block.in_force(now)]:
                await self._servers.run(self._keys.blocks, ("HDEL", self._keys.blocks, *over))
        return len(ended)

    async def _read_all(self) -> list[Block]:
        try:
            pairs = self._servers.client.hscan_iter(self._keys.blocks, count=_SCAN)
            return _blocks([value async for _, value in pairs])
        except AWAY as error:
            raise StoreUnavailable(f"the blocks cannot be read: {error}") from error
        except ResponseError as error:
            raise StoreCorrupt(self._keys.blocks.decode(), str(error)) from error

    async def _forget(self, block: Block, tag: int) -> None:
        try:
            await self._servers.script(LIFT, [block.key], [tag])
        except StoreCorrupt as error:
            # Nobody can read what was counted there, and the operator wants it forgotten.
            log.warning("store_corrupt", key=error.key, error=str(error), deleted=True)
            await self._servers.run(block.key, ("DEL", block.key))

    def hear_block(self, content: bytes) -> None:
        """Take in a block that another instance began."""
        with _passing_over():
            self.copy.put(_decode(content))

    def hear_lift(self, content: bytes) -> None:
        """Take in that another instance lifted blocks."""
        for key, rule in msgspec.msgpack.decode(content, type=list[tuple[bytes, str]]):
            self.copy.drop(key, rule)


def account_of(block: Block) -> str | None:
    """
    Return the account that a block is about, alone or in a subnet; ``None`` for a subnet or a device alone.

    >>> account_of(Block("pair", b"key", "erika from home from 192.0.2.0/24", "account+subnet", 1.0, 2.0, "too many"))
    'erika from home'
    """
    if block.kind == "account+subnet":
        return block.subject.rpartition(" from ")[0]
    return block.subject if block.kind == "account" else None


def subnet_of(block: Block) -> Subnet | None:
    """
    Return the subnet that a block is about, alone or with an account; ``None`` for an account or a device alone.

    Raises:
        ValueError: there should be one and is none; we did not write the block.

    >>> pair = Block("pair", b"key", "erika from home from 192.0.2.0/24", "account+subnet", 1.0, 2.0, "too many")
    >>> str(subnet_of(pair)), subnet_of(pair._replace(subject="erika", kind="account"))
    ('192.0.2.0/24', None)
    """
    if block.kind not in {"subnet", "account+subnet"}:
        return None
    return Subnet.parse(block.subject.rpartition(" from ")[2])


@contextmanager
def _passing_over() -> Iterator[None]:
    """Leave out a block that none of us wrote; the others hold."""
    try:
        yield
    except (msgspec.MsgspecError, ValueError) as error:
        log.warning("block_not_ours", error=str(error))


def _blocks(values: Iterable[bytes]) -> list[Block]:
    found = []
    for value in values:
        with _passing_over():
            found.append(_decode(value))
    return found


def _field(block: Block) -> bytes:
    return block.key + b"#" + block.rule.encode()
