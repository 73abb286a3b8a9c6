# SPDX-License-Identifier: Apache-2.0
"""Labelled rows and models for tests: attacks differ from the rest in what a test plants."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nacre.network.drawing import Rows
from nacre.network.model import Model
from nacre.network.plan import Plan, Shape
from nacre.network.training import fit

KEY = b"a key that only tests have"
WIDTH = 6
COLUMNS = tuple(f"column {index}" for index in range(WIDTH))
HEADS = {"guess": tuple(range(WIDTH)), "accept": (0, 1, 2, 3)}
SMALL = Shape(hidden=8, nets=2)
QUICK = Plan(shape=SMALL, epochs=4, batch=64, rate=2e-2)


def labelled(n: int = 2000, *, seed: int = 0, share: float = 0.3, shift: float = 3.0) -> Rows:
    """Rows over ten days, of which *share* are attacks that lie *shift* higher in the first column."""
    chance = np.random.default_rng(seed)
    group = np.where(chance.random(n) < share, 0, chance.integers(1, 3, n))
    x = chance.normal(size=(n, WIDTH)).astype(np.float32)
    x[:, 0] += shift * (group == 0)
    return Rows(
        x=x,
        y=(group == 0).astype(np.float32),
        weight=np.ones(n, np.float32),
        time=np.sort(chance.uniform(0.0, 864_000.0, n)),
        group=group,
    )


def picked(rows: Rows, which: NDArray[np.bool_] | NDArray[np.int64]) -> Rows:
    """Some of the rows, or all of them in another order."""
    return Rows(rows.x[which], rows.y[which], rows.weight[which], rows.time[which], rows.group[which])


def model(plan: Plan = QUICK, rows: Rows | None = None) -> Model:
    """A model of both heads."""
    fitted = fit(labelled() if rows is None else rows, plan, HEADS)
    return Model.of(fitted, version="2026-11-21.1", created=1_800_000_000.0, columns=COLUMNS)


def strangers(n: int, *, seed: int = 1, spread: float = 2.0) -> NDArray[np.float32]:
    """Rows that no training has seen."""
    return (np.random.default_rng(seed).normal(size=(n, WIDTH)) * spread).astype(np.float32)
