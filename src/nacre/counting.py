# SPDX-License-Identifier: Apache-2.0
"""Counting outcomes: in the store, or here and on disk while it is away."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence

import structlog

from nacre.attempt import Attempt
from nacre.bans import Bans
from nacre.entity import Entity
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.identity import Identity
from nacre.outage import LocalCounters
from nacre.owner import SECONDS_PER_DAY, places
from nacre.policy import Policy
from nacre.ports import Counted, ReportSpool, Spooled, SubjectKeys, Subjects
from nacre.record import Receipt, Record, Told
from nacre.rules.rule import Watch
from nacre.rules.verdict import Verdict, judge

log = structlog.get_logger(__name__)


class Counting:
    """
    Counts outcomes, and begins the bans that follow.

    Args:
        subjects: Knows what was counted.
        keys: Names subjects.
        identity: Makes digests.
        spool: Keeps reports while the store is away; ``None`` lets the error through instead.
        bans: Begins bans.

    Attributes:
        subjects: As given.
        local: What is counted here alone while the store is away.
        bans: As given.
    """

    def __init__(
        self, subjects: Subjects, *, keys: SubjectKeys, identity: Identity, spool: ReportSpool | None, bans: Bans
    ) -> None:
        self.subjects = subjects
        self._keys = keys
        self._identity = identity
        self._spool = spool
        self.local = LocalCounters()
        self.bans = bans

    def judge(self, policy: Policy, watches: Sequence[Watch], entities: Sequence[Entity], attempt: Attempt) -> Verdict:
        """Return what the rules say to an attempt, from what is known of its subjects."""
        return judge(
            watches,
            entities,
            now=attempt.time,
            terms=lambda: policy.tolerations.terms(attempt.address, attempt.time),
            places=lambda: places(attempt, self._identity),
            known_since=known_since(policy, attempt.time),
        )

    async def count(
        self, policy: Policy, attempt: Attempt, outcome: Told, *, crowded: bool, asks: bool = False
    ) -> tuple[Receipt, int]:
        """
        Count an outcome wherever that is possible now.

        Args:
            policy: The settings.
            attempt: What was tried.
            outcome: What became of it.
            crowded: Whether it came from where many sign in.
            asks: Whether to tell what was known of it before, since nobody looked.

        Returns:
            What became of the report, and what was known: bits of :class:`~nacre.campaign.sighting.Mark`, 0 where the
            store is away.

        Raises:
            SpoolFull: the store is away, and so is the room on disk.
            StoreUnavailable: the store is away, and nothing may wait on disk.
        """
        watches = policy.book.watches(attempt)
        try:
            counted = await self._ask(policy, watches, attempt, outcome, asks=asks)
        except StoreUnavailable:
            if not outcome.accepted:
                self.local.add(watches, self._keys.watched(watches, attempt), attempt)
            if self._spool is None:
                raise
            self._spool.put(Spooled(attempt, outcome.accepted))
            return Receipt(attempt.request_id, counted=True, why="spooled"), 0
        except StoreCorrupt as error:
            # To wait on disk would not help: it stays as it is until someone looks, and all reports behind it with it.
            log.error("store_corrupt", key=error.key, error=str(error))  # noqa: TRY400  the text says it
            if not outcome.accepted:
                self.local.add(watches, self._keys.watched(watches, attempt), attempt)
            return Receipt(attempt.request_id, counted=False, why="store_corrupt"), 0
        return self._follow(policy, watches, attempt, counted, crowded=crowded), counted.marks

    async def count_now(self, policy: Policy, attempt: Attempt, outcome: Told) -> Receipt:
        """
        Count an outcome in the store.

        Raises:
            StoreUnavailable: the store refused or did not answer.
            StoreCorrupt: a subject is not ours.
        """
        watches = policy.book.watches(attempt)
        counted = await self._ask(policy, watches, attempt, outcome, asks=False)
        return self._follow(policy, watches, attempt, counted, crowded=False)

    def _ask(
        self, policy: Policy, watches: Sequence[Watch], attempt: Attempt, outcome: Told, *, asks: bool
    ) -> Awaitable[Counted]:
        return self.subjects.count(
            watches,
            attempt,
            policy,
            outcome=outcome,
            keep_claim=float(policy.settings.decisions.keep),
            known_since=known_since(policy, attempt.time) if asks else None,
        )

    def _follow(
        self, policy: Policy, watches: Sequence[Watch], attempt: Attempt, counted: Counted, *, crowded: bool
    ) -> Receipt:
        """Begin the bans that follow from what was counted, and say what became of it."""
        if counted.entities is not None:
            verdict = self.judge(policy, watches, counted.entities, attempt)._replace(crowded=crowded)
            self.bans.begin(watches, self._keys.watched(watches, attempt), verdict, attempt)
        why = "reported_before" if not counted.first else "repeated_password" if counted.repeated else "counted"
        return Receipt(attempt.request_id, counted=why == "counted", why=why)


def uncounted(policy: Policy, record: Record | None, attempt: Attempt, *, success: bool, feature: str) -> str:
    """Return why an outcome does not count, ``""`` if it does."""
    exemption = policy.exemption(attempt)
    if exemption is not None:
        return exemption
    if record is not None and record.decision.refused and (success or not policy.learns_from_refusals):
        return "refused_before"
    if not success and not policy.learns_from(feature):
        return "not_learned"
    return ""


def known_since(policy: Policy, now: float) -> int:
    """Return the day since the epoch before which a login is too long ago to speak for its origin."""
    return int((now - policy.known_ttl) // SECONDS_PER_DAY)
