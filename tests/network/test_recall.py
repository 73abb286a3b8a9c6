# SPDX-License-Identifier: Apache-2.0
"""The measure that an epoch is chosen by."""

from __future__ import annotations

import numpy as np
import pytest

from nacre.network.recall import recalls


def test_each_budget_gets_the_recall_that_it_pays_for() -> None:
    """
    Of 10,000 legitimate rows, at 1000, 999, ..., the budgets allow 10, 3 and 1 above the threshold.
    """
    legit = 1000.0 - np.arange(10_000)
    attacks = np.array([999.5, 996.5, 989.5, *[-1e6] * 37])

    found = recalls(np.append(attacks, legit), np.repeat([1.0, 0.0], [40, 10_000]), np.ones(10_040))

    assert found == pytest.approx((2 / 40, 1 / 40, 1 / 40))


@pytest.mark.parametrize(("attacks", "legit"), [(19, 200), (20, 199), (0, 500), (500, 0)])
def test_too_few_rows_say_nothing(attacks: int, legit: int) -> None:
    """
    Then the last epoch is taken, instead of the one that was lucky.
    """
    y = np.repeat([1.0, 0.0], [attacks, legit])

    assert recalls(y, y, np.ones(len(y))) is None


def test_rows_without_weight_do_not_count() -> None:
    """
    Nothing is known about them.
    """
    y = np.repeat([1.0, 0.0], [30, 300])

    assert recalls(y, y, np.where(np.arange(330) < 15, 0.0, 1.0)) is None
