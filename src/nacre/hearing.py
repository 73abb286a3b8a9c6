# SPDX-License-Identifier: Apache-2.0
"""What people and systems say of attempts, taken in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence

import msgspec

from nacre.address import format_address, parse_address
from nacre.checkpoint import Checkpoint
from nacre.decision import Block
from nacre.errors import NetworkRefused, UnknownRequest
from nacre.features.changes import Outcome
from nacre.feedback import Feedback, FeedbackOnMany, Meant
from nacre.identity import Identity
from nacre.involved import involved, subject_of
from nacre.learning.row import pack_event, pack_row
from nacre.record import Record
from nacre.shelves import Shelves
from nacre.store.feedback import Said
from nacre.store.journal import LAYOUT

FindDecision = Callable[[str], Awaitable[Record | None]]
MOST = 1_000
"""Attempts of which something is said at a time."""

Members = Callable[[str], Awaitable[Sequence[str]]]
"""Returns the request ids of a campaign's attempts; raises NetworkRefused ``unknown_campaign``."""

_NAN = float("nan")
_USER = slice(24, 28)
"""Where a row has the digest of its account."""


class Hearing:
    """
    Takes claims in, and forgets people.

    Args:
        shelves: Where claims and rows are kept.
        checkpoint: Makes names canonical.
        identity: Makes digests.
        find: Returns a decision with its outcome.
        blocks: Lists the blocks in force.
        decisions: Yields the decisions that are kept.
        clock: Tells Unix seconds.

    Attributes:
        find: As given.
        members: Knows the attempts of campaigns; whoever keeps these puts it here.
    """

    def __init__(
        self,
        shelves: Shelves,
        *,
        checkpoint: Checkpoint,
        identity: Identity,
        find: FindDecision,
        blocks: Callable[[], Iterable[Block]],
        decisions: Callable[[], AsyncIterator[Record]],
        clock: Callable[[], float],
    ) -> None:
        self._shelves = shelves
        self._checkpoint = checkpoint
        self._identity = identity
        self.find = find
        self._blocks = blocks
        self._decisions = decisions
        self.members: Members = _nobody
        self._clock = clock

    async def give(
        self,
        request_id: str,
        *,
        is_attack: bool | None,
        who: str,
        client_ip: str = "",
        username: str = "",
        about: int = 0,
    ) -> Feedback:
        """Take in what an attempt was; ``None`` withdraws what the same giver said before."""
        record = await self.find(request_id)
        digest, now = self._identity.row(request_id), self._clock()
        if record is not None:
            self._compare(record, client_ip, username)
        if is_attack is None:
            if not await self._shelves.claims.withdraw(who, digest) and record is None:
                raise UnknownRequest(request_id)
        elif record is None:
            raise UnknownRequest(request_id)
        else:
            said = Said(request_id, digest, is_attack, who, now, self._row(record, digest), LAYOUT, about=about)
            await self._shelves.claims.put(said)
        return _told(request_id, record, is_attack=is_attack, giver=who, time=now)

    async def give_on(self, meant: Meant, *, is_attack: bool | None, who: str) -> FeedbackOnMany:
        """Take in what the attempts of a block or a campaign were; ``None`` withdraws what was said of the same."""
        policy = self._checkpoint.policy
        found: Sequence[str] = ()
        if meant.campaign:
            name = f"campaign {meant.campaign}"
            found = await self.members(meant.campaign) if is_attack is not None else ()
        else:
            name = f"block {subject_of(meant, policy)} {meant.rule}"
            if is_attack is not None:
                found = await involved(meant, policy, self._blocks(), self._decisions())
        told = await self._say(found, self._identity.row(f"about {name}"), is_attack=is_attack, who=who)
        if is_attack is None and not told.attempts:
            code = "unknown_campaign" if meant.campaign else "unknown_block"
            raise NetworkRefused(code, "you have said nothing of it, or taken that back")
        return told

    async def _say(self, found: Sequence[str], about: int, *, is_attack: bool | None, who: str) -> FeedbackOnMany:
        """
        Say something of several attempts and of those of which it was said before, or take it back.

        Args:
            found: Request ids, the most important first.
            about: What they have in common.
            is_attack: What they were; ``None`` takes back.
            who: Who says so.
        """
        now, claims = self._clock(), self._shelves.claims
        before = [said for said in await claims.all() if said.giver == who and said.about == about]
        for said in before:
            if is_attack is None:
                await claims.withdraw(who, said.digest)
            elif said.is_attack != is_attack:
                await claims.put(msgspec.structs.replace(said, is_attack=is_attack, time=now))
        told = {said.request_id for said in before}
        not_scored = beyond = 0
        for request_id in found:
            if request_id in told:
                continue
            if len(told) >= MOST:
                beyond += 1
                continue
            record = await self.find(request_id)
            if record is None or not (record.decision.refused or record.accepted is False):
                continue
            if record.sight is None:
                not_scored += 1
                continue
            await self.give(request_id, is_attack=is_attack, who=who, about=about)
            told.add(request_id)
        return FeedbackOnMany(
            is_attack=is_attack, giver=who, time=now, attempts=len(told), not_scored=not_scored, beyond=beyond
        )

    def _compare(self, record: Record, client_ip: str, username: str) -> None:
        attempt = record.attempt
        if client_ip:
            try:
                same = parse_address(client_ip) == attempt.address
            except ValueError:
                same = False
            if not same:
                raise NetworkRefused("feedback_mismatch", f"client_ip {client_ip!r} is not that of the attempt")
        if username and self._account(username) != attempt.account_key:
            raise NetworkRefused("feedback_mismatch", f"username {username!r} is not that of the attempt")

    def _row(self, record: Record, digest: int) -> bytes:
        """Return the sample of an attempt: what was seen at its check, with what became of it."""
        sight, decision = record.sight, record.decision
        if sight is None:
            raise NetworkRefused(
                "not_scored",
                "the attempt was decided before the network looked at it (a known block, an exemption, or no store): "
                "there are no features to learn from",
            )
        outcome = Outcome(sight.facts, record.attempt.time, bool(record.accepted), decision.refused)
        guess = _NAN if decision.score is None else decision.score
        accept = _NAN if decision.score_accept is None else decision.score_accept
        return pack_row(pack_event(digest, outcome, guess, accept, decision.pressure), sight.vector, sight.slots)

    async def newest(self, count: int) -> list[Feedback]:
        """Return the newest claims."""
        used = (await self._shelves.state.read()).used
        claims = await self._shelves.claims.newest(count)
        records = await asyncio.gather(*(self.find(said.request_id) for said in claims))
        return [
            _told(
                said.request_id,
                record,
                is_attack=said.is_attack,
                giver=said.giver,
                time=said.time,
                new=said.number > used,
            )
            for said, record in zip(claims, records, strict=True)
        ]

    async def erase(self, username: str) -> int:
        """Overwrite the rows of an account, and forget what was said of it; returns how many there were."""
        _, user = self.digests(username)
        gone = await self._shelves.journal.erase(user)
        for said in await self._shelves.claims.all():
            if said.row[_USER] == user.to_bytes(4, "little"):
                await self._shelves.claims.withdraw(said.giver, said.digest)
                gone += 1
        return gone

    def digests(self, username: str) -> tuple[str, int]:
        """Return the digests of an account, as in keys and as in rows."""
        account_key = self._account(username)
        return account_key, self._identity.place(b"u" + account_key.encode())

    def _account(self, username: str) -> str:
        return self._identity.account(self._checkpoint.policy.names.canonical(username))


async def _nobody(campaign: str) -> Sequence[str]:
    """Return the attempts of a campaign, where nobody knows any."""
    raise NetworkRefused("unknown_campaign", f"there is no campaign {campaign!r}")


def _told(
    request_id: str, record: Record | None, *, is_attack: bool | None, giver: str, time: float, new: bool = True
) -> Feedback:
    """Return a claim with the names of its attempt, as far as those are kept."""
    attempt = record.attempt if record is not None else None
    return Feedback(
        request_id=request_id,
        is_attack=is_attack,
        giver=giver,
        time=time,
        client_ip=format_address(attempt.address) if attempt is not None and attempt.address else "",
        username=attempt.username if attempt is not None else "",
        new=new,
    )
