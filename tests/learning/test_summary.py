# SPDX-License-Identifier: Apache-2.0
"""What is told of a training."""

from __future__ import annotations

import numpy as np
import pytest
from learning.material import NOW, QUICK, material

from nacre.features.columns import STANDARD
from nacre.learning.journal import Material
from nacre.learning.labels import Labels
from nacre.learning.limits import ANSWERS
from nacre.learning.reason import SENTENCES, Reason
from nacre.learning.summary import Labelled
from nacre.learning.train import train
from nacre.network.training_report import TrainingReport


def report_of(rows: Material | None = None, *, importance: bool = False) -> TrainingReport:
    """The report of a training."""
    _, report, _ = train(rows or material(), now=NOW, version="v1", recipe=QUICK, importance=importance)
    assert report is not None
    return report


@pytest.fixture(scope="module")
def report() -> TrainingReport:
    """A report with all that one can hold."""
    return report_of(importance=True)


def test_a_stretch_keeps_samples_labels_and_columns_together() -> None:
    """
    What is judged must be judged by its own labels.
    """
    labels = Labels(np.arange(4, dtype=np.float32), np.arange(4, dtype=np.float32) + 10, np.arange(4, dtype=np.uint8))
    rows = Labelled(material().samples[:4], labels, np.arange(8, dtype=np.float32).reshape(4, 2))

    part = rows.part(slice(1, 3))

    assert part.samples["id"].tolist() == rows.samples["id"][1:3].tolist()
    assert [each.tolist() for each in part.labels] == [[1, 2], [11, 12], [1, 2]]
    assert part.extra.tolist() == [[2, 3], [4, 5]]


def test_the_labels_are_told_in_words_with_their_rows(report: TrainingReport) -> None:
    """
    Thirty strangers, eighty logins and twenty typos a day, but for the first day without typos.
    """
    told = {each.reason: (each.attack, each.rows) for each in report.labels}

    assert told == {
        SENTENCES[Reason.SOURCE]: (True, 300),
        SENTENCES[Reason.PAIR]: (False, 800),
        SENTENCES[Reason.PAIR_FAILED]: (False, 180),
    }
    assert [each.weight for each in report.labels] == sorted((each.weight for each in report.labels), reverse=True)


def test_the_parts_are_all_rows_and_none_twice(report: TrainingReport) -> None:
    """
    Learned from first, judged later.
    """
    assert [part.name for part in report.parts] == ["train", "judged"]
    assert sum(part.attacks for part in report.parts) == 300
    assert sum(part.legitimate for part in report.parts) == 980


def test_importance_names_the_columns_that_tell(report: TrainingReport) -> None:
    """
    Attacks of this material differ in four columns of two groups; no other matters as much.
    """
    telling = {f"{where}.failing_users_{span}" for where in ("address", "network") for span in ("1h", "24h")}

    assert {each.name for each in report.columns[:4]} == telling
    assert {each.name for each in report.groups[:2]} == {"address", "network"}
    assert len(report.columns) == len(STANDARD.guess)


def test_importance_is_left_out_if_nobody_has_the_time() -> None:
    """
    A replay trains many times.
    """
    assert (report_of().columns, report_of().groups) == ((), ())


def test_every_threshold_is_told_with_whom_it_meets(report: TrainingReport) -> None:
    """
    Two heads, two groups, three answers; the milder an answer, the more it may reach.
    """
    told = {(each.score, each.use): each.budget for each in report.thresholds}

    assert len(told) == len(report.thresholds) == 12
    assert told["guess", "refuse from a known place"] == QUICK.budgets.attempts
    assert told["accept", "refuse from a new place"] == QUICK.budgets.logins
    assert told["guess", "delay from a new place"] == ANSWERS["delay"] * QUICK.budgets.attempts


def test_the_rules_are_judged_by_how_full_their_fullest_bucket_was() -> None:
    """
    Where that is not known, they said nothing.
    """
    rows = material()
    blind = Material(rows.events, rows.samples.copy())
    blind.samples["rules"] = np.nan

    assert report_of(rows).compared.rules.tries[0].recall == 1.0
    assert report_of(blind).compared.rules.tries[0].recall == 0.0


def test_rows_of_which_nothing_is_known_judge_nobody() -> None:
    """
    An attempt from a new place that never came again is no false alarm if it is refused.
    """
    rows = material()
    newest = rows.events["time"] > NOW - 2 * 86_400
    once = np.flatnonzero(newest)[:10]
    unknown = Material(rows.events.copy(), rows.samples.copy())
    for part in unknown:
        part["flags"][once] = 8  # refused, and so not told

    before, after = report_of(rows), report_of(unknown)

    assert (
        sum(part.legitimate + part.attacks for part in before.parts)
        - sum(part.legitimate + part.attacks for part in after.parts)
        == 10
    )
    assert after.compared.challenger.rows.legitimate < before.compared.challenger.rows.legitimate
