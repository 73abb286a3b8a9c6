# SPDX-License-Identifier: Apache-2.0
"""
The network's side of check and report: look before an attempt counts, learn from what became of it.

At a check the profiles around the attempt are read in the same trip as the rules' counts; the vector made of them is
scored and kept with the decision.  At the report that vector, never a second one, becomes a sample, and the profiles
change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import structlog

from nacre.attempt import Attempt
from nacre.config.tree import NeuralNetwork
from nacre.decision import Action, Decision
from nacre.errors import StoreCorrupt, StoreUnavailable
from nacre.features.changes import Outcome
from nacre.features.extras import Coding, Given, add_extras
from nacre.features.facts import Facts
from nacre.identity import Identity
from nacre.learning.row import chosen, pack_event, pack_row
from nacre.ports import DecisionStore, JournalStore, ProfileStore, Subjects, Wanted
from nacre.record import Sight
from nacre.rules.verdict import Verdict
from nacre.scoring import Scored, Scoring
from nacre.weigh import weigh

log = structlog.get_logger(__name__)

_BEHIND = 1_000
"""Reports without a check that are learned from at a time; of more, in a storm, some are left out."""
TRUSTED = 0.5
"""Accept scores below which a login is more likely its owner's than not."""

_NAN = float("nan")


class Look(NamedTuple):
    """
    An attempt about to be seen.

    Attributes:
        facts: In digests.
        wanted: What has to be read.
    """

    facts: Facts
    wanted: Wanted


class Lookout:
    """
    Sees and learns.

    Args:
        scoring: The models in use.
        profiles: What the features are made of.
        journal: Where events and samples go.
        identity: Makes the digests of request ids.
        settings: Of the network.
    """

    def __init__(
        self,
        scoring: Scoring,
        *,
        profiles: ProfileStore,
        journal: JournalStore,
        identity: Identity,
        settings: NeuralNetwork,
    ) -> None:
        self.scoring = scoring
        self.settings = settings
        self.profiles = profiles
        self._journal = journal
        self._identity = identity
        self._behind: set[asyncio.Task[None]] = set()

    def look(self, attempt: Attempt) -> Look:
        """Return what has to be read to see an attempt."""
        facts = self.scoring.digests.facts(attempt)
        return Look(facts, self.profiles.want(attempt, facts))

    def see(self, look: Look, values: Sequence[bytes | None] | None, attempt: Attempt) -> Scored | None:
        """
        Return what is seen of an attempt before it counts, ``None`` if that cannot be told.

        Args:
            look: From :meth:`look`.
            values: What the store had of what was wanted, ``None`` if it could not be read.
            attempt: The attempt.
        """
        if values is None:
            return None
        try:
            around = self.profiles.around(look.wanted, values)
        except StoreCorrupt as error:
            log.error("store_corrupt", key=error.key, error=str(error))  # noqa: TRY400  the text says it
            return None
        return self.scoring.score(attempt, look.facts, around, extras(attempt))

    def beside(self, verdict: Verdict, scored: Scored) -> Verdict:
        """Return what the rules say with what the profiles know of bystanders."""
        facts = scored.facts
        if not verdict.trips or not facts.known.crowded:
            return verdict
        return verdict._replace(crowded=True, at_home=facts.known.at_home)

    def weigh(self, decision: Decision, scored: Scored, attempt: Attempt) -> Decision:
        """Return a decision of the rules with what the network says, and does if it may."""
        if scored.scores is None:
            return decision
        live = not self.learns(attempt.time)
        told = weigh(
            decision,
            scored.scores,
            scored.facts.flags,
            self.settings,
            protocol=attempt.protocol,
            live=live,
            crowded=scored.facts.known.crowded,
        )
        return told if scored.shadow is None else msgspec.structs.replace(told, shadow=scored.shadow.guess)

    def learns(self, now: float) -> bool:
        """Whether the network only collects and scores."""
        scoring = self.scoring
        return self.settings.dry_run or scoring.champion is None or not scoring.mode.acts(now)

    def learn(self, sight: Sight, attempt: Attempt, decision: Decision, *, accepted: bool) -> None:
        """
        Count an outcome, and keep it for training.

        Args:
            sight: What was seen at the check.
            attempt: The attempt; its time is that of the outcome.
            decision: What was answered.
            accepted: What the backend said.
        """
        trusted = decision.score_accept is not None and decision.score_accept < TRUSTED
        outcome = Outcome(sight.facts, attempt.time, accepted, decision.refused, trusted)
        self.profiles.count(attempt, outcome)
        self.scoring.count_login(attempt.time, accepted=accepted)
        digest = self.digest(attempt.request_id)
        keeps_event, keeps_sample = chosen(digest, sight.vector)
        if keeps_event:
            guess = _NAN if decision.score is None else decision.score
            accept = _NAN if decision.score_accept is None else decision.score_accept
            event = pack_event(digest, outcome, guess, accept, decision.pressure)
            self._journal.put(event, pack_row(event, sight.vector, sight.slots) if keeps_sample else None)

    def learn_unseen(
        self, attempt: Attempt, subjects: Subjects, decisions: DecisionStore | None, *, accepted: bool
    ) -> None:
        """
        Count an outcome of which this process saw no check, and keep it for training; nobody waits for it.

        Args:
            attempt: The attempt; its time is that of the outcome.
            subjects: Reads profiles.
            decisions: Knows whether another process saw the check; ``None`` if there was none.
            accepted: What the backend said.
        """
        if len(self._behind) < _BEHIND:
            task = asyncio.get_running_loop().create_task(self._look_behind(attempt, subjects, decisions, accepted))
            self._behind.add(task)
            task.add_done_callback(self._behind.discard)

    async def _look_behind(
        self,
        attempt: Attempt,
        subjects: Subjects,
        decisions: DecisionStore | None,
        accepted: bool,  # noqa: FBT001  as it was told
    ) -> None:
        try:
            record = None if decisions is None else await decisions.find(attempt.request_id)
            if record is not None and record.sight is not None:
                self.learn(record.sight, attempt, record.decision, accepted=accepted)
                return
            look = self.look(attempt)
            _, values = await subjects.read_with((), look.wanted.keys) if look.wanted.keys else ((), ())
        except (StoreUnavailable, StoreCorrupt) as error:
            log.debug("not_learned", request_id=attempt.request_id, error=str(error))
            return
        scored = self.see(look, values, attempt)
        if scored is None:
            return
        sight = Sight(scored.facts, scored.vector.tobytes(), scored.slots)
        unasked = Decision(attempt.request_id, Action.ALLOW, 0.0, None, (), (), "")
        self.learn(sight, attempt, unasked, accepted=accepted)

    async def settle(self) -> None:
        """Wait until all that was reported without a check is learned from."""
        while self._behind:
            await asyncio.wait(self._behind)

    def digest(self, request_id: str) -> int:
        """Return the number under which an attempt stands in the journal; feedback finds it by this."""
        return self._identity.row(request_id)


def extras(attempt: Attempt) -> dict[str, Given] | None:
    """Return the additional features that came with an attempt, ``None`` without any."""
    if not attempt.features:
        return None
    embedded = frozenset(attempt.embedded)
    if not embedded:
        return add_extras({}, attempt.features)
    plain = add_extras({}, {name: value for name, value in attempt.features.items() if name not in embedded})
    rest = {name: value for name, value in attempt.features.items() if name in embedded}
    return add_extras(plain, rest, Coding.EMBEDDING)
