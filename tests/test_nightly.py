# SPDX-License-Identifier: Apache-2.0
"""What is found once a day without a training."""

from __future__ import annotations

import numpy as np
from traffic import AFTER, START, rows, shipped

from nacre.features.columns import STANDARD
from nacre.learning.drift import RETRAIN
from nacre.learning.event import EVENT
from nacre.learning.journal import Material
from nacre.learning.limits import Budgets
from nacre.learning.row import read_rows, row_dtype
from nacre.nightly import LEAST, look_back, renamed
from nacre.scoring import Live


def _material(times: int = 1) -> Material:
    """The rows of the tiny site, each some times, under other ids."""
    events = read_rows(b"".join(event for event, _ in rows()), EVENT)
    samples = read_rows(b"".join(sample for _, sample in rows() if sample is not None), row_dtype())
    copies = []
    for part in (events, samples):
        many = np.tile(part, times)
        many["id"] += np.repeat(np.arange(times, dtype=np.uint64), len(part))
        copies.append(many[np.argsort(many["time"], kind="stable")])
    return Material(*copies)


def _live() -> Live:
    return Live.of(shipped(), ours=False)


def test_recent_scores_make_new_thresholds_for_the_same_weights() -> None:
    """
    Another version of the same model: who decided what stays known.
    """
    found = look_back(_live(), _material(5), now=AFTER, since=0.0, budgets=Budgets())

    assert found.model is not None
    assert found.model.version == "shipped.t1"
    assert found.model.artifact.guess.parameters == shipped().artifact.guess.parameters
    assert found.model.artifact.guess.thresholds != shipped().artifact.guess.thresholds


def test_scores_of_another_model_say_nothing_about_this_one() -> None:
    """
    Only what was scored since it is in use counts; too little changes nothing.
    """
    found = look_back(_live(), _material(5), now=AFTER, since=AFTER, budgets=Budgets())

    assert found.model is None
    assert found.rows[0] == 0


def test_an_empty_journal_is_no_reason_for_anything() -> None:
    """
    The first night of an installation.
    """
    nothing = Material(np.zeros(0, EVENT), np.zeros(0, row_dtype()))

    assert look_back(_live(), nothing, now=START, since=0.0, budgets=Budgets()) == (None, {}, (0, 0), 0.0)


def test_a_column_that_moved_is_named() -> None:
    """
    Legitimate logins that look unlike those of the training: the model is judged by what it never saw.
    """
    material = _material(12)
    place = STANDARD.place("user.successes_7d")
    vectors = material.samples["vector"].copy()
    vectors[:, place] = 9.0
    material.samples["vector"] = vectors

    found = look_back(_live(), material, now=AFTER, since=0.0, budgets=Budgets())

    assert found.rows[1] >= LEAST
    assert found.drift["user.successes_7d"] > RETRAIN
    assert list(found.drift.values()) == sorted(found.drift.values(), reverse=True)


def test_a_hundred_rows_say_nothing_about_drift() -> None:
    """
    Chance alone moves as few.
    """
    found = look_back(_live(), _material(), now=AFTER, since=0.0, budgets=Budgets())

    assert 0 < found.rows[1] < LEAST
    assert found.drift == {}


def test_a_model_under_another_name_scores_the_same() -> None:
    """
    The name is all that changes.
    """
    other = renamed(shipped(), "v2")
    row = np.zeros(len(STANDARD), np.float32)

    assert other.version == "v2"
    assert other.score_one(row) == shipped().score_one(row)


def test_legitimate_attempts_that_come_above_a_threshold_are_noticed() -> None:
    """
    As many as before are as many as the budget allows; a wave of them is somebody's mistake.
    """
    material = _material(40)
    quiet = look_back(_live(), material, now=AFTER, since=0.0, budgets=Budgets())
    events = material.events
    wave = events["time"] > START + 4 * 86_400
    events["score"][wave] = 0.999

    found = look_back(_live(), material, now=AFTER, since=0.0, budgets=Budgets())

    assert quiet.risen == 0.0
    assert START + 4 * 86_400 < found.risen < AFTER
    assert look_back(_live(), material, now=AFTER, since=AFTER, budgets=Budgets()).risen == 0.0
