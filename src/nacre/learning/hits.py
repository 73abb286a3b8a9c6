# SPDX-License-Identifier: Apache-2.0
"""Guesses that are right: few among all tries, and all that the attacker came for."""

from __future__ import annotations

import numpy as np

from nacre.features.columns import STANDARD
from nacre.network.drawing import ATTACK, Rows

TIMES, MOST = 10.0, 0.05
"""
How many tries a right guess counts for, and the share of all attacks' weight that right guesses have at most.

One try in two hundred is right, so that a training by tries alone hardly looks at them, and least of all at passwords
that were phished: they come without any guess before them.  Of a few dozen, a network learns each by heart.
Measured in decision 11.
"""

_RIGHT = STANDARD.names.index("token.right")


def dearer(rows: Rows, times: float = TIMES, most: float = MOST) -> Rows:
    """
    Return rows among whose attacks those with the account's right password weigh more.

    All attacks together weigh what they did, so that the mix of attacks and legitimate attempts stays as it is.

    Args:
        rows: What a training learns from.
        times: How many times more, at least 1.
        most: Share of the attacks' weight that they get at most, unless they have it already.

    >>> x = np.zeros((3, len(STANDARD)), np.float32)
    >>> x[1:, _RIGHT] = 1.0
    >>> one = np.ones(3, np.float32)
    >>> rows = Rows(x, np.array([1, 1, 0], np.float32), one, np.zeros(3), np.array([0, 0, 2]))
    >>> dearer(rows, 3.0, 0.9).weight.tolist(), dearer(rows, 3.0, 0.625).weight.tolist()
    ([0.5, 1.5, 1.0], [0.75, 1.25, 1.0])
    """
    attack = rows.group == ATTACK
    hit = attack & (rows.x[:, _RIGHT] == 1.0)
    weight = rows.weight.astype(np.float64)
    hits, tries = float(weight[hit].sum()), float(weight[attack & ~hit].sum())
    if not hits or not tries:
        return rows
    wanted = max(min(times * hits / (times * hits + tries), most), hits / (hits + tries))
    weight[hit] *= wanted * (hits + tries) / hits
    weight[attack & ~hit] *= (1.0 - wanted) * (hits + tries) / tries
    return rows._replace(weight=weight.astype(np.float32))
