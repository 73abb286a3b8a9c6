# SPDX-License-Identifier: Apache-2.0
"""Bars and their verdicts."""

from __future__ import annotations

import math

from evaluation.bars import DETECTION, INNOCENT, PEACE, Bar, chosen, loss


def test_a_bar_with_two_numbers_asks_for_the_mean_and_the_worst_seed() -> None:
    """
    .95 on average is not enough if one seed is below .93.
    """
    bar = Bar(1, "recall", "macro", 0.95, 0.93)

    assert bar.verdict([0.94, 0.96]) == "met"
    assert bar.verdict([0.92, 0.99]) == "missed"
    assert bar.verdict([0.94, 0.94]) == "missed"


def test_a_bar_with_one_number_asks_for_the_mean_unless_it_is_strict() -> None:
    """
    "In every seed" is another promise than "on average".
    """
    assert Bar(8, "refused", "own_s", 1e-3, at_least=False).verdict([5e-4, 1.4e-3]) == "met"
    assert Bar(9, "budget", "budget_s", 2.0, at_least=False, strict=True).verdict([0.5, 2.5]) == "missed"


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    """
    A study without attacks has no recall.
    """
    assert Bar(1, "recall", "macro", 0.95).verdict([math.nan]) == "nothing to judge"


def test_the_truth_of_a_study_chooses_its_bars() -> None:
    """
    Nobody has to say which story the files tell.
    """
    assert chosen(attacks=True, attacked_before=True) == DETECTION
    assert chosen(attacks=True, attacked_before=False) == INNOCENT
    assert chosen(attacks=False, attacked_before=False) == PEACE


def test_a_loss_is_what_is_missing_beside_the_reference() -> None:
    """
    Positive where the story made it worse.
    """
    assert loss({"macro": 0.75, "new": 1.0}, {"macro": 1.0}) == {"loss.macro": 0.25}
