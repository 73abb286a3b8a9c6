# SPDX-License-Identifier: Apache-2.0
"""Training inside a replay, at the times at which a service would train."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
import structlog

from nacre.learning.canned import canned
from nacre.learning.claims import Claim
from nacre.learning.draw import TooFewSamples
from nacre.learning.journal import PrivateJournal
from nacre.learning.train import Recipe, TooFewRows, Trained, train
from nacre.scoring import Live, Scoring

log = structlog.get_logger(__name__)


class Schedule(NamedTuple):
    """
    When a replay trains.

    Attributes:
        first: Unix seconds of the first training.
        every: Seconds between two trainings; 0 trains once.
    """

    first: float
    every: float = 0.0


class FeedbackRow(msgspec.Struct):
    """
    One line of a feedback file.

    Attributes:
        request_id: The attempt.
        is_attack: What it was.
        source: Who says so.
        available_at: Unix seconds from which it is known.
    """

    request_id: str
    is_attack: bool
    source: str = ""
    available_at: float = 0.0


def read_feedback(path: Path) -> tuple[FeedbackRow, ...]:
    """
    Return the rows of a feedback file.

    Raises:
        OSError: it cannot be read.
        ValueError: a line is none; names it.
    """
    rows = []
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    rows.append(_decode(line))
                except msgspec.MsgspecError as error:
                    raise ValueError(f"{path}, line {number}: {error}") from None
    return tuple(rows)


_decode = msgspec.json.Decoder(FeedbackRow, strict=False).decode


class Learning(NamedTuple):
    """
    What a replay learns from beside the log, and when.

    Attributes:
        schedule: When it trains; ``None`` never.
        feedback: What was said of attempts.
        on_trained: Told of each training: its time, what came out, and why not if nothing did.
    """

    schedule: Schedule | None = None
    feedback: Sequence[FeedbackRow] = ()
    on_trained: Callable[[float, Trained | None, str], None] = lambda *_: None


class Trainer:
    """
    Trains the models of a replay.

    Args:
        scoring: Where models are put in use.
        journal: What there is to learn from.
        recipe: How.
        schedule: When; ``None`` never.
        feedback: What was said of attempts.
        digest: Number of a request id in the journal.
        on_trained: Told of each training: its time, what came out, and why not if nothing did.
    """

    def __init__(
        self,
        scoring: Scoring,
        journal: PrivateJournal,
        *,
        recipe: Recipe,
        schedule: Schedule | None,
        feedback: Iterable[FeedbackRow],
        digest: Callable[[str], int],
        on_trained: Callable[[float, Trained | None, str], None] = lambda *_: None,
    ) -> None:
        self._scoring = scoring
        self._journal = journal
        self._recipe = recipe
        self._schedule = schedule
        self.due = schedule.first if schedule is not None else float("inf")
        self._claims: Sequence[Claim] = [
            Claim(digest(row.request_id), row.is_attack, row.source, row.available_at) for row in feedback
        ]
        self._on_trained = on_trained
        self._count = 0

    def train(self) -> None:
        """Train as of the time that is due, and put what comes out in use."""
        now, schedule = self.due, self._schedule
        if schedule is None:
            return
        self.due = now + schedule.every if schedule.every else float("inf")
        self._count += 1
        champion = self._scoring.champion
        try:
            trained = train(
                self._journal.material(),
                now=now,
                version=f"replay-{self._count}",
                recipe=self._recipe,
                claims=self._claims,
                catalogue=self._scoring.catalogue.canonise(),
                champion=champion.model if champion is not None else None,
                canned=canned,
                importance=False,
            )
        except (TooFewSamples, TooFewRows) as error:
            self._on_trained(now, None, str(error))
            return
        passed = trained.report is not None and trained.report.verdict.passed
        if passed or self._scoring.champion is None:
            self._scoring.champion = Live.of(trained.model)
        if passed:
            self._scoring.mode = msgspec.structs.replace(self._scoring.mode, gated=True)
        reasons = (
            trained.report.verdict.reasons if trained.report is not None else ("there was nothing to judge it by",)
        )
        self._on_trained(now, trained, "" if passed else " ".join(reasons))
