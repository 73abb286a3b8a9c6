# SPDX-License-Identifier: Apache-2.0
"""Which rows an epoch learns from, and how much each of them counts."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ATTACK, LEGIT_FAILURE, LEGIT_SUCCESS = 0, 1, 2
"""The groups that rows are drawn from."""


class Rows(NamedTuple):
    """
    Labelled rows, in any order.

    Attributes:
        x: (n, width) float32, the features as they were when scored; what is not finite counts as missing.
        y: (n,) 1 for an attack, 0 for a legitimate attempt.
        weight: (n,) what a row stands for: its label's certainty times the attempts that it was drawn from.
        time: (n,) float64, Unix seconds; minus infinity for rows that are never held out to judge by.
        group: (n,) :data:`ATTACK`, :data:`LEGIT_FAILURE` or :data:`LEGIT_SUCCESS`.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    weight: NDArray[np.float32]
    time: NDArray[np.float64]
    group: NDArray[np.int64]


def newest(time: NDArray[np.float64], share: float) -> NDArray[np.bool_]:
    """
    Return which rows are the newest *share* of them; rows of one time stay together, with the older ones.

    >>> newest(np.array([5.0, 1.0, 2.0, 3.0, 4.0, 5.0]), 0.34).tolist()
    [True, False, False, False, False, True]
    """
    if share <= 0.0 or not len(time):
        return np.zeros(len(time), np.bool_)
    last = np.sort(time)[max(len(time) - 1 - int(share * len(time)), 0)]
    return np.asarray(time > last)


class Draw:
    """
    Draws the rows of each epoch: each group at its share, each row in proportion to its weight.

    A row that is due 2.4 times comes two or three times, never nil and never nine: the points that are looked up lie
    evenly on the heap of weights, and only where the first one lies is chance.

    Args:
        group: (n,) the group of each row.
        weight: (n,) its weight; rows of weight 0 are never drawn.
        shares: Of the groups.  What an empty group would get goes to the others.
        count: Rows of an epoch.

    Attributes:
        importance: By group, what a drawn row counts in the loss.  The square root of how much rarer drawing made
            the group meets the traffic as it is halfway; over all rows drawn the mean is 1.
    """

    def __init__(
        self,
        group: NDArray[np.int64],
        weight: NDArray[np.float64],
        shares: tuple[float, float, float],
        *,
        count: int,
    ) -> None:
        members = [np.flatnonzero((group == which) & (weight > 0.0)) for which in range(3)]
        wanted = np.array([share if len(rows) else 0.0 for share, rows in zip(shares, members, strict=True)])
        counts = np.floor(wanted / wanted.sum() * count).astype(np.int64)
        counts[np.argmax(counts)] += count - counts.sum()
        self._parts = [
            (which, rows, np.cumsum(weight[rows]), int(counts[which]))
            for which, rows in enumerate(members)
            if counts[which]
        ]
        mass = np.array([weight[rows].sum() for rows in members])
        natural = mass / mass.sum()
        self.importance = np.zeros(3)
        drawn = counts > 0
        self.importance[drawn] = np.sqrt(natural[drawn] / (counts[drawn] / count))
        self.importance /= (self.importance * counts).sum() / count

    def epoch(self, chance: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Return the rows of an epoch in random order, and what each counts in the loss."""
        chosen, counts = [], []
        for which, rows, heap, count in self._parts:
            points = (np.arange(count) + chance.random()) * (heap[-1] / count)
            chosen.append(rows[np.minimum(np.searchsorted(heap, points, side="right"), len(rows) - 1)])
            counts.append(np.full(count, self.importance[which], np.float32))
        order = chance.permutation(sum(len(part) for part in chosen))
        return np.concatenate(chosen)[order], np.concatenate(counts)[order]
