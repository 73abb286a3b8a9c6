# SPDX-License-Identifier: Apache-2.0
"""
A log, run through the guard in its own time.

The guard is the service's, on a store of its own that is thrown away afterwards.  Attempts are
decided strictly in order: one is checked after everything before it that could matter to it was counted.
Attempts that share no subject (address, subnet, account, device) cannot matter to each other, so
neighbours like that travel together; the decisions are the same as one by one.
"""

from __future__ import annotations

import asyncio
import csv
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from nacre.attempt import Attempt
from nacre.config.tree import Redis, Settings
from nacre.decision import Decision
from nacre.errors import InvalidAttempt, StoreUnavailable
from nacre.features.extras import Extras
from nacre.inline_watch import InlineWatch
from nacre.learning.journal import PrivateJournal
from nacre.learning.recipe import recipe_of
from nacre.replay.decisions import PrivateDecisions
from nacre.replay.learn import Learning, Trainer
from nacre.replay.profiles import PrivateProfiles
from nacre.replay.record import Recorded, Tally
from nacre.replay.summary import Account, Summary
from nacre.scoring import Scoring
from nacre.secrets import Secrets
from nacre.service import Guard

_TOGETHER = 64
_KEY = b"what a replay keeps is gone with"
"""Makes its digests, by which rows are drawn for training: a log that is replayed again tells the same."""
_TELL_EVERY = 500
_LATE = 60.0
"""Seconds by which lines of a log may be out of order, as they are where several processes write it."""


class Writer(Protocol):
    """Takes text."""

    def write(self, text: str, /) -> object:
        """Write text."""


class _Step(NamedTuple):
    attempt: Attempt
    success: bool


async def replay(
    attempts: Iterable[Recorded],
    settings: Settings,
    *,
    tally: Tally,
    decisions: Writer | None = None,
    learning: Learning | None = None,
    progress: Callable[[], None] = lambda: None,
) -> Summary:
    """
    Return what the guard would have done to a log.

    Args:
        attempts: In the order of their times.
        settings: The rules and all else; the store in them is not touched.
        tally: What the readers of *attempts* count in; becomes part of the summary.
        decisions: Where to write ``request_id,score,decision,score_accept`` for each attempt, decided before its
            outcome is used.  The scores are the model's; without one, both are how full the fullest bucket is or, if
            that is more, the threat of the campaign that the attempt fits.
        learning: Feedback, and when to train; ``None`` never trains.
        progress: Called every so many attempts.

    Raises:
        StoreUnavailable: the store for the replay died.
    """
    began = time.perf_counter()
    clock = _Clock()
    table = csv.writer(decisions, lineterminator="\n") if decisions is not None else None
    if table:
        table.writerow(("request_id", "score", "decision", "score_accept"))
    account = Account()
    with tempfile.TemporaryDirectory(prefix="nacre-replay-") as directory:
        Secrets.begin(Path(directory), identity_key=_KEY)
        opening = Guard.open(
            _on_own_store(settings),
            data_dir=Path(directory),
            spool=False,
            durable=False,
            watch=False,
            scripts=False,
            clock=clock,
        )
        async with opening as guard:
            guard.checkpoint.bans.on_block = account.begin
            guard.checkpoint.decisions = PrivateDecisions()
            trainer, watch = _watch(guard, learning), _campaigns(guard)
            before: list[_Step] = []
            done = 0
            for batch in _batches(_steps(attempts, guard, tally), guard):
                clock.now = batch[-1].attempt.time
                while trainer is not None and batch[0].attempt.time >= trainer.due:
                    before = await _catch_up(guard, before)
                    trainer.train()
                if watch is not None:
                    watch.advance(batch[0].attempt.time)
                made = await _decide(guard, before, batch)
                for step, decision in zip(batch, made, strict=True):
                    account.add(step.attempt, decision, success=step.success)
                    if table:
                        score = _score(guard, watch, step.attempt, decision)
                        accept = score if decision.score_accept is None else decision.score_accept
                        table.writerow(
                            (step.attempt.request_id, f"{score:.9g}", decision.action.value, f"{accept:.9g}")
                        )
                before = batch
                done += len(batch)
                if done >= _TELL_EVERY:
                    done = 0
                    progress()
    return account.close(tally, time.perf_counter() - began)


class _Clock:
    """The time of the log."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def _decide(guard: Guard, before: list[_Step], batch: list[_Step]) -> list[Decision]:
    """Report what was decided last and check what comes next, in one trip: the store keeps the order."""
    checkpoint = guard.checkpoint
    reports = [
        checkpoint.report(
            success=step.success, now=step.attempt.time, request_id=step.attempt.request_id, attempt=step.attempt
        )
        for step in before
    ]
    checks = [checkpoint.check(step.attempt) for step in batch]
    results = await asyncio.gather(*reports, *checks)
    decisions = [result for result in results[len(before) :] if isinstance(result, Decision)]
    if any(reason.code == "store_unavailable" for decision in decisions for reason in decision.reasons):
        raise StoreUnavailable("the store of the replay is away")
    await checkpoint.settle()
    return decisions


def _watch(guard: Guard, learning: Learning | None) -> Trainer | None:
    """Give the guard of a replay profiles and a journal of its own; returns who trains, if the network is on."""
    settings = guard.settings.brute_force.neural_network
    if not settings.enabled:
        return None
    journal = PrivateJournal(settings.max_training_records)
    lookout = guard.make_lookout(PrivateProfiles(guard.profile_keys), journal)
    lookout.scoring.on_extras = lambda extras: _meet(lookout.scoring, extras)
    guard.checkpoint.lookout, guard.checkpoint.scores_refusals = lookout, True
    plan = learning or Learning()
    return Trainer(
        lookout.scoring,
        journal,
        recipe=recipe_of(settings),
        schedule=plan.schedule,
        feedback=plan.feedback,
        digest=lookout.digest,
        on_trained=plan.on_trained,
    )


def _campaigns(guard: Guard) -> InlineWatch | None:
    """Give the guard of a replay a watch of its own, if campaigns are on."""
    if not guard.settings.campaigns.enabled:
        return None
    watch = guard.make_watch()
    guard.checkpoint.sentry = watch.sentry
    return watch


def _score(guard: Guard, watch: InlineWatch | None, attempt: Attempt, decision: Decision) -> float:
    """Return how much of a guess an attempt is by what decided: the model, or else the rules and the campaigns."""
    if decision.score is not None:
        return decision.score
    record = guard.checkpoint.decisions.recent(attempt.request_id)
    if watch is None or record is None:
        return decision.pressure
    return max(decision.pressure, watch.grade(decision, attempt, record.marks))


def _meet(scoring: Scoring, extras: Extras) -> None:
    """Give additional features that are new their slots; no slot of a replay ever belonged to another feature."""
    scoring.catalogue = scoring.catalogue.propose(extras, 0.0).catalogue


async def _catch_up(guard: Guard, before: list[_Step]) -> list[_Step]:
    """Report what was decided last, so that a training knows all that was before it."""
    await _decide(guard, before, [])
    return []


def _steps(attempts: Iterable[Recorded], guard: Guard, tally: Tally) -> Iterator[_Step]:
    latest, late = 0.0, 0
    for recorded in attempts:
        try:
            step = _Step(guard.admit(recorded.fields), recorded.success)
        except InvalidAttempt as error:
            tally.skip(f"{error.field}: {error.problem}", "", recorded.line, recorded.fields.username)
            continue
        late += step.attempt.time < latest - _LATE
        latest = max(latest, step.attempt.time)
        yield step
    if late:
        tally.warnings.append(
            f"{late:,} attempts stand more than a minute behind later ones, and were taken as they stand: "
            "sort the file by time to replay it in its own"
        )


def _batches(steps: Iterable[_Step], guard: Guard) -> Iterator[list[_Step]]:
    """Yield neighbours that share no subject, in order."""
    batch: list[_Step] = []
    taken: set[bytes] = set()
    for step in steps:
        keys = [*guard.checkpoint.subject_keys(step.attempt), step.attempt.token]
        if batch and (len(batch) >= _TOGETHER or not taken.isdisjoint(keys)):
            yield batch
            batch, taken = [], set()
        batch.append(step)
        taken.update(key for key in keys if key)
    if batch:
        yield batch


def _on_own_store(settings: Settings) -> Settings:
    server = msgspec.structs.replace(settings.server, redis=Redis())
    return msgspec.structs.replace(settings, server=server)
