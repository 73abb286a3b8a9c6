# SPDX-License-Identifier: Apache-2.0
"""
The side of campaigns in check and report: say what is known of an attempt, apply the measures, tell the watch.

Everything comes from what the check has read anyway, and the watch is told behind the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

import msgspec
import structlog

from nacre.attempt import Attempt
from nacre.campaign.apply import InForce
from nacre.campaign.sighting import Mark, Sighting
from nacre.decision import Action, Decision
from nacre.entity import NOTHING, POSITIVE, Entity, latest
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.features.client import client_family
from nacre.features.columns import STANDARD
from nacre.features.flags import Flag
from nacre.features.place import Place
from nacre.identity import Identity
from nacre.owner import is_home
from nacre.ports import SightingStore
from nacre.record import Receipt, Record
from nacre.rules.rule import Kind, Watch
from nacre.scoring import Scored

log = structlog.get_logger(__name__)

_BEHIND = 1_000
"""Reports without a check that are looked into at a time; of more, in a storm, some are left out."""
_KEPT = 4_096
"""Client strings, groups of subjects and blocked addresses that are remembered, each."""
_WEEK = 7 * 86_400.0
_STOPPED = frozenset((Action.REFUSE, Action.CHALLENGE))
_COUNTED = frozenset(("counted", "repeated_password"))
"""Receipts of outcomes that the watch is told."""

_PASSED = STANDARD.place("address.successes_7d")
_PASSED_ONCE = 0.4
"""Logarithm of 1 + what is left of one login after a week: log(1.5) is 0.405."""

# Plain numbers: an operation on two of an enumeration's takes a microsecond.
_SEEN_HERE = (Flag.SEEN_IP | Flag.SEEN_NET).value
_TRIED, _FORMER = Flag.TRIED.value, Flag.FORMER.value
_SUCCESS, _STOP, _DELAYED = Mark.SUCCESS.value, Mark.STOPPED.value, Mark.DELAYED.value
_UNKNOWN, _HOME, _KNOWN = Mark.UNKNOWN.value, Mark.HOME.value, Mark.KNOWN_SOURCE.value
_REPEAT, _SCORED = Mark.REPEAT.value, Mark.SCORED.value
_OWN = (Flag.SEEN_ASN | Flag.SEEN_CLIENT | Flag.SEEN_COUNTRY | Flag.HISTORY).value  # the same bits in Mark
_RIGHT, _AS_RIGHT, _HISTORY = Flag.RIGHT.value, Mark.RIGHT.value // Flag.RIGHT.value, Mark.HISTORY.value

_UNASKED = Decision("", Action.ALLOW, 0.0, None, (), (), "")
"""Stands for the decision on an attempt that nobody checked."""

FindRecord = Callable[[str], Awaitable[Record | None]]


class Sentry:
    """
    Sees attempts for the watch, and does what the measures in force say.

    Args:
        sightings: Where the watch is told.
        identity: Makes the digests of places.
        place: Says where an attempt comes from.

    Attributes:
        in_force: The measures, compiled; ``None`` without any.  Replaced by assignment.
        threat: How grave it is, 0-1.
        always_asks: Whether marks are made at every check, for somebody who needs them before the outcome.
        scores_count: Whether the model's scores may have consequences at a time, Unix seconds; a network that only
            learns has none by way of measures either.
    """

    def __init__(self, sightings: SightingStore, *, identity: Identity, place: Callable[[Attempt], Place]) -> None:
        self._sightings = sightings
        self._identity = identity
        self.place = place
        self._families: dict[str, str] = {}
        self._where: dict[int, tuple[Sequence[Watch], tuple[int, int]]] = {}
        self._blocked: dict[bytes, int] = {}
        self._behind: set[asyncio.Task[None]] = set()
        self.in_force: InForce | None = None
        self.threat = 0.0
        self.always_asks = False
        self.scores_count: Callable[[float], bool] = lambda _: True

    def asks(
        self,
        decision: Decision,
        scored: Scored | None,
        attempt: Attempt,
        watches: Sequence[Watch],
        entities: Sequence[Entity],
    ) -> bool:
        """
        Whether :meth:`marks` are made at the check; parameters are as there.

        They are where somebody needs them before the outcome (measures, the watch that is told at once, a replay), and
        where the network saw what the store does not know.  Otherwise the report reads them as it counts.
        """
        if scored is not None or decision.action in _STOPPED or self.always_asks:
            return True
        in_force = self.in_force
        if in_force is None:
            return False
        # Most attempts come from where somebody signed in lately, and most measures spare these or name others.
        passes = in_force.passes(attempt.address, attempt.account, _KNOWN)
        return not (passes and self._is_known(attempt, self._places(watches)[0], entities))

    def marks(
        self,
        attempt: Attempt,
        watches: Sequence[Watch],
        entities: Sequence[Entity],
        scored: Scored | None,
        known_since: int,
    ) -> int:
        """
        Return what is known of an attempt before its outcome, in bits of :class:`~nacre.campaign.sighting.Mark`.

        Args:
            attempt: What is tried.
            watches: Its subjects.
            entities: What is known of each.
            scored: What the network saw, ``None`` if it did not look.
            known_since: Day since the epoch before which a login is too long ago to speak for its origin.
        """
        marks = _UNKNOWN if attempt.known_user is False else 0
        if scored is not None:
            marks |= _seen(scored)
        origin, account = self._places(watches)
        if account >= 0 and not marks & _HOME and (entity := entities[account]) is not NOTHING:
            if is_home(attempt, entity, self._identity, known_since):
                marks |= _HOME
            if scored is None and entity.origins:
                marks |= _HISTORY
        if scored is None and self._is_known(attempt, origin, entities):
            marks |= _KNOWN
        return marks

    def _is_known(self, attempt: Attempt, origin: int, entities: Sequence[Entity]) -> bool:
        return origin >= 0 and latest(entities[origin], POSITIVE) > attempt.time - _WEEK

    def _places(self, watches: Sequence[Watch]) -> tuple[int, int]:
        """Return where the origin and the account are among some subjects, which many attempts share; -1 for none."""
        found = self._where.get(id(watches))
        if found is None or found[0] is not watches:
            if len(self._where) >= _KEPT:
                self._where.clear()
            kinds = [watch.kind for watch in watches]
            places = [kinds.index(kind) if kind in kinds else -1 for kind in (Kind.ORIGIN, Kind.ACCOUNT)]
            found = self._where[id(watches)] = watches, (places[0], places[1])
        return found[1]

    def weigh(self, decision: Decision, attempt: Attempt, marks: int) -> Decision:
        """Return a decision with what the measures in force make of it."""
        in_force = self.in_force
        if in_force is None or in_force.spares(marks):
            return decision
        return in_force.weigh(decision, self.sighting(decision, attempt, marks))

    def checked(self, decision: Decision, attempt: Attempt, marks: int | None) -> Decision:
        """
        Return a decision with the threat, and tell the watch of an attempt that will have no outcome.

        Of what a block refuses the watch is told once a second and address: a flood costs little, and is still seen.

        Args:
            decision: What is answered.
            attempt: What is tried.
            marks: What is known of it; ``None`` for what is exempt, of which the watch is not told.
        """
        if self.threat != decision.threat:
            decision = msgspec.structs.replace(decision, threat=self.threat)
        if marks is not None and decision.action in _STOPPED and not self._told_already(decision, attempt):
            self._sightings.put(partial(self.sighting, decision, attempt, marks | _STOP))
        return decision

    def _told_already(self, decision: Decision, attempt: Attempt) -> bool:
        """Whether a block refuses an address from which it refused another attempt within this second."""
        if not decision.reasons or decision.reasons[0].code != "blocked":
            return False
        second, told = int(attempt.time), self._blocked
        if told.get(attempt.address) == second:
            return True
        if len(told) >= _KEPT:
            told.clear()
        told[attempt.address] = second
        return False

    def reported(
        self,
        record: Record | None,
        attempt: Attempt,
        receipt: Receipt,
        known: int,
        *,
        accepted: bool,
        find: FindRecord | None,
    ) -> None:
        """
        Tell the watch what became of an attempt, unless it was told at the check.

        Args:
            record: The check, ``None`` if this process made none.
            attempt: The attempt; its time is that of the outcome.
            receipt: What became of the report.
            known: What was known of the attempt before, where its check did not ask: bits of
                :class:`~nacre.campaign.sighting.Mark`.
            accepted: What the backend said.
            find: Finds a check that another process made; ``None`` if there was none.
        """
        if receipt.why not in _COUNTED:
            return
        repeated = receipt.why == "repeated_password"
        if record is not None or find is None:
            self._tell(record, attempt, known, accepted=accepted, repeated=repeated)
        elif len(self._behind) < _BEHIND:
            work = self._look_behind(attempt, find, known, accepted=accepted, repeated=repeated)
            task = asyncio.get_running_loop().create_task(work)
            self._behind.add(task)
            task.add_done_callback(self._behind.discard)

    async def settle(self) -> None:
        """Wait until all that was reported without a check is told."""
        while self._behind:
            await asyncio.wait(self._behind)

    def _tell(self, record: Record | None, attempt: Attempt, known: int, *, accepted: bool, repeated: bool) -> None:
        if record is None or record.decision.action not in _STOPPED:
            marks = accepted * _SUCCESS | repeated * _REPEAT
            self._sightings.put(partial(self._outcome, record, attempt, marks | known))

    def _outcome(self, record: Record | None, attempt: Attempt, marks: int) -> Sighting:
        """Return an attempt with its outcome as the watch sees it; ``None`` stands for a check that nobody made."""
        if attempt.known_user is False:
            marks |= _UNKNOWN
        if record is None:
            return self.sighting(_UNASKED, attempt, marks)
        marks |= record.marks
        if record.decision.action is Action.DELAY:
            marks |= _DELAYED
        return self.sighting(record.decision, attempt, marks)

    async def _look_behind(
        self, attempt: Attempt, find: FindRecord, known: int, *, accepted: bool, repeated: bool
    ) -> None:
        """Tell of an attempt whose check another process made, or nobody."""
        try:
            record = await find(attempt.request_id)
        except (StoreUnavailable, StoreCorrupt) as error:
            log.debug("sighting_lost", request_id=attempt.request_id, error=str(error))
            return
        self._tell(record, attempt, known, accepted=accepted, repeated=repeated)

    def sighting(self, decision: Decision, attempt: Attempt, marks: int) -> Sighting:
        """Return an attempt as the watch sees it."""
        country, asn = self.place(attempt)
        score = decision.score if decision.score is not None and self.scores_count(attempt.time) else None
        return Sighting(
            attempt.time,
            attempt.address,
            attempt.account,
            int.from_bytes(attempt.token[:4], "little") or 1 if attempt.token else 0,
            asn,
            country,
            self._family(attempt.user_agent) if attempt.user_agent else "",
            attempt.protocol,
            marks if score is None else marks | _SCORED,
            decision.pressure if score is None else score,
            attempt.request_id,
        )

    def _family(self, user_agent: str) -> str:
        kept = self._families.get(user_agent)
        if kept is None:
            if len(self._families) >= _KEPT:
                self._families.clear()
            kept = self._families[user_agent] = client_family(user_agent)
        return kept


def _seen(scored: Scored) -> int:
    """Return the marks of what the network saw."""
    flags = scored.facts.flags
    marks = flags & _OWN | (flags & _RIGHT) * _AS_RIGHT
    if flags & _SEEN_HERE:
        marks |= _HOME
    if scored.vector[_PASSED] > _PASSED_ONCE:
        marks |= _KNOWN
    if flags & _FORMER or (flags & _TRIED and scored.facts.known.failed_here):
        marks |= _REPEAT
    return marks
