# SPDX-License-Identifier: Apache-2.0
"""
The measure that an epoch is chosen by: attacks found while few of the others suffer.

Log-loss and the area under a curve weigh scores that no threshold ever looks at: by the log-loss the first epoch was
chosen, and it was the worst.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nacre.network.curve import Curve

BUDGETS = (1e-3, 3e-4, 1e-4)
"""Shares of the legitimate rows' weight that may be taken for attacks."""

FEWEST = (20, 200)
"""Attacks and legitimate rows without which recall says nothing."""


def recalls(
    logits: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]], weight: NDArray[np.floating[Any]]
) -> tuple[float, ...] | None:
    """
    Return the recall at each of :data:`BUDGETS`, ``None`` if there are too few rows to say.

    Args:
        logits: (n,) the higher, the more an attack.
        y: (n,) 0 or 1.
        weight: (n,) at least 0; rows of weight 0 do not count.

    >>> y = np.repeat([1.0, 0.0], [20, 200])
    >>> recalls(np.append(np.arange(20), np.full(200, 4.5)), y, np.ones(220))
    (0.75, 0.75, 0.75)
    """
    attack, counted = y > 0.5, weight > 0
    if np.count_nonzero(counted & attack) < FEWEST[0] or np.count_nonzero(counted & ~attack) < FEWEST[1]:
        return None
    curve = Curve(logits, attack, weight)
    return tuple(float(curve.recall[curve.within(budget)]) for budget in BUDGETS)
