# SPDX-License-Identifier: Apache-2.0
"""Which attempts a block is about: those that it refused, and the failures that filled it."""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from nacre.address import Subnet
from nacre.decide import subject_text
from nacre.decision import Block
from nacre.errors import NetworkRefused
from nacre.feedback import Meant
from nacre.policy import Policy
from nacre.record import Record

_CANDIDATES = 10_000
"""Refusals, and failures before them, that are remembered: the newest."""

Entry = TypeVar("Entry", tuple[float, str], tuple[float, str, float])


class Involved:
    """
    Gathers the attempts of one block, from decisions in any order.

    Args:
        policy: The rules.
        subject: What the block refuses, as its reasons name it.
        rule: Name of the rule; ``""`` for any.
        since: Unix seconds at which the block began; ``None``: with the first refusal that is kept.
    """

    def __init__(self, policy: Policy, subject: str, rule: str, since: float | None) -> None:
        self._policy = policy
        self._subject = subject
        self._rule = rule
        self._since = since
        self._first = float("inf")
        self._refused: list[tuple[float, str]] = []
        self._before: list[tuple[float, str, float]] = []

    def add(self, record: Record) -> None:
        """Look at a decision."""
        attempt, decision = record.attempt, record.decision
        if decision.refused and self._is_reason(record):
            self._first = min(self._first, attempt.time)
            _push(self._refused, (attempt.time, attempt.request_id))
        elif not decision.refused and record.accepted is not True:
            period = self._period(record)
            if period and (self._since is None or self._since - period <= attempt.time <= self._since):
                _push(self._before, (attempt.time, attempt.request_id, period))

    def found(self) -> list[str]:
        """Return the request ids of those that it refused, and of those that may have filled it, newest first."""
        since = self._first if self._since is None else self._since
        filled = [(time, name) for time, name, period in self._before if since - period <= time <= since]
        return [request_id for _, request_id in sorted([*self._refused, *filled], reverse=True)]

    def _is_reason(self, record: Record) -> bool:
        return any(
            reason.subject == self._subject and reason.rule and self._rule in {"", reason.rule}
            for reason in record.decision.reasons
        )

    def _period(self, record: Record) -> float:
        """Return for how many seconds a failure counts for the subject, 0 if it does not."""
        attempt = record.attempt
        return max(
            (
                bucket.shape.period
                for watch in self._policy.book.watches(attempt)
                for bucket in watch.buckets
                if self._rule in {"", bucket.rule.name} and subject_text(watch, attempt) == self._subject
            ),
            default=0.0,
        )


def _push(heap: list[Entry], entry: Entry) -> None:
    """Keep an entry, instead of the oldest if there are many."""
    if len(heap) < _CANDIDATES:
        heapq.heappush(heap, entry)
    else:
        heapq.heappushpop(heap, entry)


async def involved(
    meant: Meant, policy: Policy, blocks: Iterable[Block], decisions: AsyncIterator[Record]
) -> list[str]:
    """
    Return the attempts that a block refused, and those that may have failed and filled it, newest first.

    Args:
        meant: The block.
        policy: The rules.
        blocks: Those in force.
        decisions: All that are kept.

    Raises:
        NetworkRefused: ``unknown_block``: none such is in force, and no attempt that it refused is kept;
            ``out_of_range``: its subnet is none.
    """
    subject = subject_of(meant, policy)
    since = [each.since for each in blocks if each.subject == subject and meant.rule in {"", each.rule}]
    gathered = Involved(policy, subject, meant.rule, min(since, default=None))
    async for record in decisions:
        gathered.add(record)
    if not (found := gathered.found()):
        raise NetworkRefused(
            "unknown_block", "there is no such block in force, or nothing is kept of the attempts that it is about"
        )
    return found


def subject_of(meant: Meant, policy: Policy) -> str:
    """
    Return what a block refuses, as decisions name it.

    Raises:
        NetworkRefused: ``out_of_range``: its subnet is none.
    """
    try:
        subnet = str(Subnet.parse(meant.subnet)) if meant.subnet else ""
    except ValueError as error:
        raise NetworkRefused("out_of_range", str(error)) from error
    account = policy.names.canonical(meant.account) if meant.account else ""
    return f"{account} from {subnet}" if account and subnet else account or subnet
