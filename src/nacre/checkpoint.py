# SPDX-License-Identifier: Apache-2.0
"""
The two questions: may this attempt go on, and what became of it.

A check reads everything in one trip and decides from values; a report counts everything in one trip.
What follows from either (a block, the kept decision) is written behind, with other
traffic, and nobody waits for it: until it is written, the counts themselves say the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import structlog

from nacre.attempt import Attempt, AttemptFields
from nacre.bans import Bans
from nacre.counting import Counting, known_since, uncounted
from nacre.decide import decide, let_pass, refuse_known, without_store
from nacre.decision import Block, Decision
from nacre.errors import GuardError, StoreCorrupt
from nacre.identity import Identity
from nacre.lookout import Lookout
from nacre.policy import Policy
from nacre.ports import BlockStore, DecisionStore, Guests, ReportSpool, Spooled, SubjectKeys, Subjects
from nacre.reading import Reading, decided, read
from nacre.record import AT_ONCE, Receipt, Record, Sight, Told
from nacre.rules.rule import Watch
from nacre.scoring import Scored
from nacre.sentry import Sentry
from nacre.standing import StandingBlocks

log = structlog.get_logger(__name__)

_CLAIMED = frozenset({"counted", "repeated_password", "spooled"})
"""Receipts of outcomes that are kept with the claim of their request id, now or when they are replayed."""

_LEARNED = frozenset({"counted", "repeated_password", "refused_before"})
"""Receipts of outcomes from which the network learns."""


class Checkpoint:
    """
    Answers checks and takes reports.

    Args:
        policy: The settings, compiled; replaced by assignment.
        identity: Makes digests.
        keys: Names subjects.
        subjects: Knows what was counted.
        blocks: Begins blocks and knows those in force.
        decisions: Keeps decisions.
        spool: Keeps reports while the store is away; ``None`` lets the error through instead.
        lookout: The network's side; ``None`` leaves the rules alone.

    Attributes:
        policy: As given.
        subjects: As given.
        decisions: As given.
        lookout: As given.
        sentry: The side of campaigns; ``None`` watches for none.
        guests: Scripts of operators; ``None`` runs none.
        scores_refusals: Whether an attempt that a known block refuses is scored nevertheless, at the price of a trip.
        bans: Begins the bans that verdicts ask for.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        identity: Identity,
        keys: SubjectKeys,
        subjects: Subjects,
        blocks: BlockStore,
        decisions: DecisionStore,
        spool: ReportSpool | None,
        lookout: Lookout | None = None,
    ) -> None:
        self.policy = policy
        self._identity = identity
        self._keys = keys
        self.subjects = subjects
        self._standing = StandingBlocks(blocks)
        self.decisions = decisions
        self.lookout = lookout
        self.sentry: Sentry | None = None
        self.guests: Guests | None = None
        self.scores_refusals = False
        self.bans = Bans(blocks)
        self._counting = Counting(subjects, keys=keys, identity=identity, spool=spool, bans=self.bans)
        self._local = self._counting.local

    async def check(self, attempt: Attempt, *, closed: bool = False) -> Decision:
        """
        Say what to do with an attempt, before its password is tested.

        Args:
            attempt: What is tried.
            closed: Whether to refuse, while the store is away, what nothing speaks against.
        """
        policy = self.policy
        exemption = policy.exemption(attempt)
        if exemption is not None:
            return self._keep(attempt, let_pass(attempt, exemption), exemption=exemption)
        watches = policy.book.watches(attempt)
        keys = self._keys.watched(watches, attempt)
        known = self._standing.refusing(policy, watches, keys, attempt, sees=self.lookout is not None)
        if known and (self.lookout is None or not self.scores_refusals):
            return self._keep(attempt, refuse_known(attempt.request_id, known))
        if self.guests is not None and self.guests.hears and not known:
            return await self._hear(self.guests, attempt, watches, keys, closed=closed)
        told = await read(self.subjects, self.lookout, attempt, keys)
        return self._decide(attempt, watches, keys, told, known, closed=closed)

    async def _hear(
        self, guests: Guests, attempt: Attempt, watches: Sequence[Watch], keys: list[bytes], *, closed: bool
    ) -> Decision:
        """Decide on an attempt that scripts look at while the store is asked; nothing here needs a task."""
        hearing = guests.hear(attempt)
        try:
            told = await read(self.subjects, self.lookout, attempt, keys)
            attempt, refused = await hearing
        finally:
            hearing.cancel()
        if refused is not None:
            return self._keep(attempt, refused)
        return self._decide(attempt, watches, keys, told, [], closed=closed)

    def _decide(
        self,
        attempt: Attempt,
        watches: Sequence[Watch],
        keys: list[bytes],
        told: Reading,
        known: list[Block],
        *,
        closed: bool,
    ) -> Decision:
        """Decide on an attempt by what the store knows of it."""
        entities, look, values, error = told
        if error is not None:
            return self._without_store(attempt, watches, keys, error, closed=closed)
        policy, lookout = self.policy, self.lookout
        scored = lookout.see(look, values, attempt) if lookout is not None and look is not None else None
        verdict = self._counting.judge(policy, watches, entities, attempt)
        if lookout is not None and scored is not None:
            verdict = lookout.beside(verdict, scored)
        if verdict.trips:
            self.bans.begin(watches, keys, verdict, attempt)
        verdict = self._local.beside(verdict, watches, keys, attempt.time)
        threat = self.sentry.threat if self.sentry is not None else 0.0
        decision = refuse_known(attempt.request_id, known) if known else decide(attempt, watches, verdict, threat)
        if lookout is not None and scored is not None:
            decision = lookout.weigh(decision, scored, attempt)
        marks, sentry = 0, self.sentry
        if sentry is not None and sentry.asks(decision, scored, attempt, watches, entities):
            marks = sentry.marks(attempt, watches, entities, scored, known_since(policy, attempt.time))
            decision = sentry.weigh(decision, attempt, marks)
        return self._keep(attempt, decision, verdict.counts, scored=scored, marks=marks)

    def _without_store(
        self, attempt: Attempt, watches: Sequence[Watch], keys: list[bytes], error: GuardError, *, closed: bool
    ) -> Decision:
        """Decide on an attempt of which the store told nothing."""
        if isinstance(error, StoreCorrupt):
            log.error("store_corrupt", key=error.key, error=str(error))
        blocks = self._standing.held(self.policy, watches, keys, attempt)
        trips = self._local.trips(watches, keys, attempt.time)
        decision = without_store(attempt, watches, trips, blocks, closed=closed, why=str(error))
        return self._keep(attempt, decision)

    def refuse_at_once(self, fields: AttemptFields, now: float) -> list[Block]:
        """Return the blocks that refuse an attempt of which nothing more has to be known or kept."""
        return self._standing.at_once(self.policy, fields, now, self.decisions)

    async def report(
        self,
        *,
        success: bool,
        now: float,
        request_id: str = "",
        attempt: Attempt | None = None,
        feature: str = "",
        at: float | None = None,
    ) -> Receipt:
        """
        Take in what became of an attempt.  A second report of one request id changes nothing.

        Args:
            success: What the backend said.
            now: Unix seconds at which this is told.
            request_id: Names the attempt of a check; ``""`` if there was none.
            attempt: The attempt itself, where there was no check or its process is another one.
            feature: The check that turned the attempt away, if it was not the backend.
            at: Unix seconds at which the outcome counts; the time of the attempt, if left out.

        Raises:
            UnknownRequest: nothing is kept under *request_id*, and no attempt was given.
            SpoolFull: the store is away, and so is the room on disk; the report is not kept.
            StoreUnavailable: the store is away, and the attempt is known only there.
        """
        refused_id, at_once, seal = request_id.rpartition(AT_ONCE)
        if self._standing.refused_at_once(request_id) or (at_once and seal == self._identity.seal(refused_id)):
            return Receipt(request_id, counted=False, why="refused_before")
        record = self.decisions.recent(request_id) if request_id else None
        if record is None and attempt is None:
            record = await decided(self.decisions, request_id)
        if record is not None:
            if record.accepted is not None:
                return Receipt(request_id, counted=False, why="reported_before")
            attempt = record.attempt
        assert attempt is not None  # noqa: S101  for the type checker
        outcome = Told.at(now, accepted=success)
        why = uncounted(self.policy, record, attempt, success=success, feature=feature)
        timed = attempt if at is None or at == attempt.time else msgspec.structs.replace(attempt, time=at)
        known = 0
        if not why:
            crowded = record is not None and record.sight is not None and record.sight.facts.known.crowded
            asks = self.sentry is not None and (record is None or not record.marks)
            receipt, known = await self._counting.count(self.policy, timed, outcome, crowded=crowded, asks=asks)
        else:
            receipt = Receipt(attempt.request_id, counted=False, why=why)
        if record is not None and receipt.why != "reported_before":
            self.decisions.close(record, outcome, claimed=receipt.why in _CLAIMED)
        self._learn(record, timed, receipt, known, accepted=success, checked=bool(request_id))
        return receipt

    async def attempt(self, attempt: Attempt, *, success: bool, closed: bool = False) -> Decision:
        """
        Check and report in one, for callers that learn the outcome first.

        The decision is what it was before the outcome was known; an attempt that is refused
        does not count, whatever the backend would have said.
        """
        decision = await self.check(attempt, closed=closed)
        await self.report(success=success, now=attempt.time, request_id=attempt.request_id, attempt=attempt)
        return decision

    async def recount(self, report: Spooled) -> None:
        """Count a report that waited on disk."""
        outcome = Told.at(report.attempt.time, accepted=report.accepted)
        await self._counting.count_now(self.policy, report.attempt, outcome)

    def store_is_back(self) -> None:
        """Forget what was counted here alone."""
        self._local.clear()

    async def settle(self) -> None:
        """Wait until everything that follows from the answers so far is written."""
        self.decisions.flush()
        await self.bans.settle()
        if self.lookout is not None:
            await self.lookout.settle()
        if self.sentry is not None:
            await self.sentry.settle()

    def subject_keys(self, attempt: Attempt) -> list[bytes]:
        """Return the keys of everything that an attempt is counted for."""
        return self._keys.watched(self.policy.book.watches(attempt), attempt)

    def _keep(
        self,
        attempt: Attempt,
        decision: Decision,
        counts: dict[str, int] | None = None,
        *,
        exemption: str = "",
        scored: Scored | None = None,
        marks: int = 0,
    ) -> Decision:
        if self.sentry is not None:
            decision = self.sentry.checked(decision, attempt, None if exemption else marks)
        sight = Sight(scored.facts, scored.vector.tobytes(), scored.slots) if scored is not None else None
        self.decisions.keep(Record(attempt, decision, counts or {}, exemption, sight=sight, marks=marks))
        return decision

    def _learn(
        self, record: Record | None, attempt: Attempt, receipt: Receipt, known: int, *, accepted: bool, checked: bool
    ) -> None:
        decisions = self.decisions if checked else None
        if self.sentry is not None:
            find = decisions.find if decisions is not None else None
            self.sentry.reported(record, attempt, receipt, known, accepted=accepted, find=find)
        if self.lookout is None:
            return
        if record is not None and record.sight is not None:
            if receipt.why in _LEARNED:
                self.lookout.learn(record.sight, attempt, record.decision, accepted=accepted)
        elif receipt.why in _LEARNED - {"refused_before"}:
            self.lookout.learn_unseen(attempt, self.subjects, decisions, accepted=accepted)
