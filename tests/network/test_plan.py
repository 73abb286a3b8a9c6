# SPDX-License-Identifier: Apache-2.0
"""Plans, and what is said when one cannot be carried out."""

from __future__ import annotations

import msgspec
import pytest

from nacre.network.plan import Plan, Shape, TooFewRows


def test_a_plan_survives_being_written_down() -> None:
    """
    Provenance holds the plan: whoever reads it can train the same model again.
    """
    plan = Plan.compatible(rate=0.05)

    assert msgspec.convert(msgspec.to_builtins(plan), Plan) == plan


@pytest.mark.parametrize("wrong", [{"epochs": 0}, {"rate": 0.0}, {"shape": {"depth": 3}}, {"held_out": 1.0}])
def test_a_plan_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    """
    Settings become plans: what they may not say is written once, with the plan.
    """
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Plan)


def test_too_few_rows_are_told_with_what_is_missing() -> None:
    """
    "Not enough data" leaves an operator to guess whether to wait an hour or a month.
    """
    error = TooFewRows({"attacks": 3, "legitimate rows": 400}, need=100)

    assert str(error) == "too few rows to learn from: 97 more attacks (there are 3) are needed"


def test_a_second_layer_has_half_the_units() -> None:
    """
    8 inputs: 8 x 6 + 6, 6 x 3 + 3, 3 + 1, and 8 of the skip.
    """
    assert Shape(hidden=6, depth=2, skip=True).parameters(8) == 48 + 6 + 18 + 3 + 3 + 1 + 8
