# SPDX-License-Identifier: Apache-2.0
"""Quantiles of weighted values, and how often two heaps of values fall between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TENTHS = np.arange(1, 10) / 10.0


def weighted_quantiles(
    values: NDArray[np.floating[Any]], weight: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """
    Return, for each share in *at*, the smallest value at or below which lies that share of the weight.

    Args:
        values: (n,) finite, n at least 1.
        weight: (n,) at least 0.  If all are 0 the values count alike.
        at: Shares, 0-1.

    >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 8.0]), np.array([0.05, 0.5, 1.0])).tolist()
    [1.0, 2.0, 3.0]
    """
    order = np.argsort(values, kind="stable")
    below = np.cumsum(weight[order] if weight.any() else np.ones(len(values)))
    places = np.searchsorted(below, at * below[-1], side="left")
    chosen: NDArray[np.float64] = values[order[np.minimum(places, len(values) - 1)]].astype(np.float64)
    return chosen


def deciles(
    x: NDArray[np.float32], weight: NDArray[np.float64], *, among: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """
    Return what a later watch on drifting inputs compares with.

    Args:
        x: (n, width) float32, n at least 1; what is not finite counts as 0.
        weight: (n,) at least 0.
        among: (n,) which rows to look at, at least one; ``None`` for all.

    Returns:
        The nine deciles of each column, (width, 9), and the shares of the weight in the ten bins that they make,
        (width, 10).  A bin takes in its upper edge, as ``numpy.searchsorted(edges, values)`` does.
        With many equal values the shares are far from a tenth, and some bins stay empty.

    >>> edges, shares = deciles(np.array([[0.0], [0.0], [0.0], [1.0]], np.float32), np.ones(4))
    >>> edges[0].tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0]
    >>> shares[0].tolist()
    [0.75, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.25, 0.0, 0.0]
    """
    width = x.shape[1]
    edges, shares = np.zeros((width, 9), np.float32), np.zeros((width, 10), np.float32)
    mass = weight if among is None else weight[among]
    mass = mass if mass.any() else np.ones(len(mass))
    for column in range(width):
        values = np.nan_to_num(x[:, column] if among is None else x[among, column], nan=0.0, posinf=0.0, neginf=0.0)
        edges[column] = weighted_quantiles(values, mass, TENTHS)
        bins = np.searchsorted(edges[column], values)
        shares[column] = np.bincount(bins, mass, 10) / mass.sum()
    return edges, shares
