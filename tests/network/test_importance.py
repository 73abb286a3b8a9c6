# SPDX-License-Identifier: Apache-2.0
"""What a model leans on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nacre.network.importance import Importance, permutation_importance

N = 3000


def planted(seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Rows of five columns: a strong sign, two that stand in for one another, chance, and a constant."""
    rng = np.random.default_rng(seed)
    attack = rng.random(N) < 0.3
    twin = rng.normal(size=N) + 2 * attack
    columns = (rng.normal(size=N) + 4 * attack, twin, twin, rng.normal(size=N), np.full(N, 7.0))
    return np.column_stack(columns).astype(np.float32), attack


def score(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a score that looks at every column."""
    logit = 4 * x[:, 0] + np.maximum(x[:, 1], x[:, 2]) + 0.1 * x[:, 3] + x[:, 4] - 16
    return (1 / (1 + np.exp(-logit))).astype(np.float32)


def measured(groups: dict[str, list[int]], seed: int = 1) -> dict[str, Importance]:
    """Return what shuffling costs, by name and in order."""
    x, attack = planted()
    found = permutation_importance(score, x, attack, np.ones(N), groups=groups, rng=np.random.default_rng(seed))
    return {each.name: each for each in found}


def test_a_planted_column_comes_out_on_top() -> None:
    """
    By either measure, and chance costs next to nothing.
    """
    found = measured({"chance": [3], "twin": [1], "sign": [0]})

    assert next(iter(found)) == "sign"
    assert found["sign"].log_loss > 10 * found["twin"].log_loss > 0
    assert found["sign"].auc_pr > 0.1
    assert abs(found["chance"].log_loss) < 0.01


def test_a_constant_column_costs_nothing() -> None:
    """
    Exactly: it is the same after shuffling.
    """
    constant = measured({"constant": [4]})["constant"]

    assert (constant.log_loss, constant.auc_pr) == (0.0, 0.0)


def test_columns_that_stand_in_for_one_another_show_as_a_group() -> None:
    """
    One of them alone looks lighter than it is.
    """
    found = measured({"one": [1], "other": [2], "both": [1, 2]})

    assert found["both"].columns == 2
    assert found["one"].columns == 1
    assert found["both"].log_loss > max(found["one"].log_loss, found["other"].log_loss)


def test_no_group_changes_what_another_costs() -> None:
    """
    All are shuffled alike, and each is put back before the next.
    """
    alone = measured({"twin": [1]})["twin"]
    after = measured({"sign": [0], "chance": [3], "twin": [1]})["twin"]

    assert alone == after


def test_the_rows_are_left_as_they_are() -> None:
    """
    The caller goes on with them.
    """
    x, attack = planted()
    before = x.copy()

    permutation_importance(score, x, attack, np.ones(N), groups={"a": [0, 1]}, rng=np.random.default_rng(0))

    assert np.array_equal(x, before)


def test_a_score_that_is_a_view_of_the_rows_is_measured_too() -> None:
    """
    Restoring the column must not repair the scores that were read from it.
    """
    rng = np.random.default_rng(0)
    attack = rng.random(N) < 0.5
    x = np.where(attack, 0.9, 0.1).astype(np.float32)[:, None]

    found = permutation_importance(lambda rows: rows[:, 0], x, attack, np.ones(N), groups={"a": [0]}, rng=rng)

    # Half of the rows get the score of the other class, and pay log(.9/.1) for it.
    assert found[0].log_loss == pytest.approx(np.log(9) / 2, rel=0.1)


def test_rows_of_no_weight_do_not_count() -> None:
    """
    The column that tells them apart is worth nothing where only the others are asked.
    """
    x, attack = planted()
    both, truth = np.vstack((x, x)), np.concatenate((attack, ~attack))
    weight = np.repeat([1.0, 0.0], N)

    found = permutation_importance(score, both, truth, weight, groups={"sign": [0]}, rng=np.random.default_rng(2))

    assert found[0].log_loss == pytest.approx(measured({"sign": [0]})["sign"].log_loss, rel=0.2)


def test_a_measurement_ends_when_it_is_told_enough() -> None:
    """
    The groups asked for first are those that are told.
    """
    x, attack = planted()
    answers = iter([False, True])

    found = permutation_importance(
        score, x, attack, np.ones(N), groups={"chance": [3], "sign": [0]}, rng=np.random.default_rng(0),
        enough=lambda: next(answers),
    )  # fmt: skip

    assert [each.name for each in found] == ["chance"]
