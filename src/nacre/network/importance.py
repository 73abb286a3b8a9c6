# SPDX-License-Identifier: Apache-2.0
"""
What a model leans on: how much worse it becomes if a column no longer belongs to its row.

Columns that stand in for one another look unimportant one by one; shuffling their whole group shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.network.curve import Bools, Curve, Floats

_CERTAIN = 1e-7
"""Distance from 0 and 1 at which the logarithm of a probability is cut."""


class Importance(msgspec.Struct, frozen=True, kw_only=True):
    """
    What shuffling costs.

    Attributes:
        name: Of the column or the group.
        columns: How many columns were shuffled.
        log_loss: By how much the cross entropy grows, in nats per unit of weight; negative if it shrinks.
        auc_pr: By how much the area under precision and recall shrinks, in [-1, 1].
    """

    name: str
    columns: int
    log_loss: float
    auc_pr: float


def permutation_importance(
    score: Callable[[NDArray[np.float32]], Floats],
    x: NDArray[np.float32],
    attack: Bools,
    weight: Floats,
    *,
    groups: Mapping[str, Sequence[int]],
    rng: np.random.Generator,
    enough: Callable[[], bool] = lambda: False,
) -> list[Importance]:
    """
    Shuffle each group of columns once and tell how much worse the scores become.

    All groups are shuffled by the same permutation, so their figures differ by what they mean, not by luck.

    Args:
        score: Takes rows as *x* has them, returns (n,) probabilities in [0, 1].
        x: (n, width) float32.  A few thousand rows do.
        attack: (n,), the truth; both classes occur with weight.
        weight: (n,), not negative.
        groups: Columns by name; a single column is a group of one.  In order, should time run out.
        rng: Draws the permutation.
        enough: Asked before each group; ends the measurement once it says so.

    Returns:
        The groups that were measured, the one that costs most first.

    The second column says nothing:

    >>> x = np.array([[0.9, 0.5], [0.8, 0.1], [0.2, 0.4], [0.1, 0.3]], np.float32)
    >>> attack = np.array([True, True, False, False])
    >>> found = permutation_importance(
    ...     lambda rows: rows[:, 0], x, attack, np.ones(4), groups={"a": [0], "b": [1]}, rng=np.random.default_rng(0)
    ... )
    >>> [(each.name, each.log_loss > 0) for each in found]
    [('a', True), ('b', False)]
    """
    before = score(x)
    loss, area = _log_loss(before, attack, weight), Curve(before, attack, weight).auc_pr
    order = rng.permutation(len(x))
    shuffled = x.copy()
    found = []
    for name, columns in groups.items():
        if enough():
            break
        at = np.asarray(columns, np.intp)
        shuffled[:, at] = x[order][:, at]
        scores = score(shuffled)
        found.append(
            Importance(
                name=name,
                columns=at.size,
                log_loss=_log_loss(scores, attack, weight) - loss,
                auc_pr=area - Curve(scores, attack, weight).auc_pr,
            )
        )
        shuffled[:, at] = x[:, at]  # not before: the scores may be a view of it
    return sorted(found, key=lambda each: -each.log_loss)


def _log_loss(scores: Floats, attack: Bools, weight: Floats) -> float:
    right = np.clip(np.where(attack, scores, 1 - scores.astype(np.float64)), _CERTAIN, 1.0)
    return float(-np.average(np.log(right), weights=weight))
