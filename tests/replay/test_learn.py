# SPDX-License-Identifier: Apache-2.0
"""Training inside a replay."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from learning.journal import DAY
from learning.material import BEGAN, DAYS, NOW, QUICK, guesses, material
from outcomes import DIGESTS, IDENTITY

from nacre.learning.journal import PrivateJournal
from nacre.learning.train import Recipe, Trained
from nacre.network.gate import Limits
from nacre.replay.learn import FeedbackRow, Schedule, Trainer, read_feedback
from nacre.scoring import Mode, Scoring

OPEN = msgspec.structs.replace(QUICK, limits=Limits(ece=1.0, established_first=1.0))


class Told(NamedTuple):
    """What a replay was told of one training."""

    time: float
    trained: Trained | None
    why_not: str


class Replayed:
    """A trainer with a full journal; keeps what is told of each training."""

    def __init__(
        self, schedule: Schedule | None, *, recipe: Recipe = QUICK, feedback: tuple[FeedbackRow, ...] = (),
        empty: bool = False,
    ) -> None:  # fmt: skip
        self.scoring = Scoring(DIGESTS, IDENTITY.text)
        self.told: list[Told] = []
        journal = PrivateJournal(100_000)
        rows = material()
        for event, sample in zip(rows.events, rows.samples, strict=True):
            if not empty:
                journal.put(event.tobytes(), sample.tobytes())
        self.trainer = Trainer(
            self.scoring, journal, recipe=recipe, schedule=schedule, feedback=feedback, digest=int,
            on_trained=lambda *told: self.told.append(Told(*told)),
        )  # fmt: skip


def test_without_a_schedule_nothing_is_ever_due() -> None:
    """
    And a call changes nothing.
    """
    replayed = Replayed(None)

    replayed.trainer.train()

    assert replayed.trainer.due == float("inf")
    assert (replayed.told, replayed.scoring.champion) == ([], None)


@pytest.mark.parametrize(("every", "due"), [(0.0, float("inf")), (DAY, NOW + DAY)])
def test_a_replay_trains_at_its_times(every: float, due: float) -> None:
    """
    Once, or again and again from the first time on.
    """
    replayed = Replayed(Schedule(NOW, every))
    assert replayed.trainer.due == NOW

    replayed.trainer.train()

    assert replayed.trainer.due == due
    assert [told.time for told in replayed.told] == [NOW]


def test_a_training_knows_only_what_was_before_its_time() -> None:
    """
    The model is as old as the time that was due, whatever the journal holds by then.
    """
    replayed = Replayed(Schedule(NOW - 3 * DAY))

    replayed.trainer.train()

    (told,) = replayed.told
    assert told.trained is not None
    assert told.trained.model.artifact.created == NOW - 3 * DAY
    assert told.trained.report is not None
    assert told.trained.report.parts[-1].ended <= NOW - 3 * DAY


def test_the_first_model_comes_into_use_and_acts_if_the_gate_lets_it() -> None:
    """
    Without the gate it scores, and acts when the place is known; what it has to get right is asked of it.
    """
    replayed = Replayed(Schedule(NOW))

    replayed.trainer.train()

    (told,) = replayed.told
    assert told.trained is not None
    assert replayed.scoring.champion is not None
    assert replayed.scoring.champion.model is told.trained.model
    assert replayed.scoring.champion.ours
    assert told.trained.report is not None
    passed = told.trained.report.verdict.passed
    assert replayed.scoring.mode == Mode(gated=passed)
    assert bool(told.why_not) is not passed
    assert any("attacks recognised" in check.sentence for check in told.trained.report.verdict.checks)


def test_a_model_that_does_not_pass_replaces_no_champion() -> None:
    """
    It never saw the cases that it has to get right; whoever is in use stays.
    """
    replayed = Replayed(Schedule(NOW - DAY, DAY), recipe=OPEN)
    replayed.trainer.train()
    first = replayed.scoring.champion

    replayed.trainer.train()

    assert first is not None
    assert replayed.told[1].why_not
    assert replayed.scoring.champion is first
    assert replayed.told[1].trained is not None
    assert replayed.told[1].trained.report is not None
    assert replayed.told[1].trained.report.champion == "replay-1"


def test_too_little_to_learn_from_is_told_and_tried_again() -> None:
    """
    The rules go on alone.
    """
    replayed = Replayed(Schedule(NOW, DAY), empty=True)

    replayed.trainer.train()

    (told,) = replayed.told
    assert told.trained is None
    assert "too few" in told.why_not or "there are no" in told.why_not
    assert (replayed.scoring.champion, replayed.trainer.due) == (None, NOW + DAY)


def test_feedback_counts_from_when_it_is_known() -> None:
    """
    Two of three claims are known at the first training.
    """
    rows = material()
    ids = rows.events["id"][guesses(rows.events)][:3]
    feedback = tuple(
        FeedbackRow(str(number), is_attack=True, source="help desk", available_at=at)
        for number, at in zip(ids.tolist(), (BEGAN, NOW, NOW + 1), strict=True)
    )
    replayed = Replayed(Schedule(NOW), feedback=feedback)

    replayed.trainer.train()

    (told,) = replayed.told
    assert told.trained is not None
    assert (told.trained.claims.used, told.trained.claims.later) == (2, 1)
    assert DAYS > 3


def test_feedback_is_read_line_by_line(tmp_path: Path) -> None:
    """
    With numbers as text where an export wrote them so; empty lines are nothing.
    """
    path = tmp_path / "feedback.jsonl"
    path.write_text(
        '{"request_id": "a1", "is_attack": true, "source": "desk", "available_at": 17.5}\n\n'
        '{"request_id": "a2", "is_attack": "false", "available_at": "18", "comment": "late"}\n'
    )

    assert read_feedback(path) == (
        FeedbackRow("a1", is_attack=True, source="desk", available_at=17.5),
        FeedbackRow("a2", is_attack=False, source="", available_at=18.0),
    )


@pytest.mark.parametrize("line", ['{"is_attack": true}', "a1,1", '{"request_id": "a", "is_attack": 7}'])
def test_a_line_that_is_no_feedback_is_named(tmp_path: Path, line: str) -> None:
    """
    By file and number.
    """
    path = tmp_path / "feedback.jsonl"
    path.write_text('{"request_id": "a1", "is_attack": true}\n' + line + "\n")

    with pytest.raises(ValueError, match=r"feedback\.jsonl, line 2: "):
        read_feedback(path)
