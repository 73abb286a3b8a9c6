# SPDX-License-Identifier: Apache-2.0
"""What was measured, as values that are kept and sent."""

from __future__ import annotations

import json

import msgspec
from trainings import comparison

from nacre.network.evaluation import BUDGETS, Comparison


def test_a_comparison_survives_the_way_through_json() -> None:
    """
    With a model in use and without.
    """
    for made in (comparison(number=2_000), comparison(number=2_000, champion=None)):
        assert msgspec.json.decode(msgspec.json.encode(made), type=Comparison) == made


def test_a_point_of_a_curve_is_a_list_of_four() -> None:
    """
    Hundreds of them, for each scorer: names would be most of the document.
    """
    made = comparison(number=2_000)

    document = json.loads(msgspec.json.encode(made))

    point = made.rules.curve[3]
    assert document["rules"]["curve"][3] == [
        point.threshold, point.recall, point.precision, point.false_positive_rate,
    ]  # fmt: skip
    assert len(msgspec.json.encode(made)) < 120_000


def test_a_figure_at_a_budget_carries_its_name() -> None:
    """
    Programs read ``macro_recall`` where ``budget`` is .001, not the second of four.
    """
    document = json.loads(msgspec.json.encode(comparison(number=2_000)))

    tries = document["challenger"]["tries"]
    assert [at["budget"] for at in tries] == list(BUDGETS)
    assert set(tries[0]) == {
        "budget", "rows", "threshold", "false_positive_rate", "recall", "macro_recall", "precision",
    }  # fmt: skip
