# SPDX-License-Identifier: Apache-2.0
"""
Which labelled rows a training sees, and with what weight.

Nobody's rows may dominate: the weight that one network, one account, or one client at one provider adds in a day is
capped for attacks and for legitimate attempts apart.  Then rows are drawn in proportion to their weight, so that a
training sees as many attacks as it needs however rare they are; what that does to the mix is kept as a weight
for calibration.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nacre.learning.event import Flag
from nacre.learning.facts import DAY
from nacre.learning.groups import Groups
from nacre.learning.labels import Labels

NETWORK_CAP, ACCOUNT_CAP, CLIENT_CAP = 60.0, 60.0, 2_000.0
"""Units of weight per day and class that a network, an account, a client at a provider can add."""
SHARES = (0.4, 0.3, 0.3)
"""Shares of attacks, legitimate failures and legitimate successes in what is drawn."""
ATTACK, FAILURE, SUCCESS = range(3)
"""The groups that these shares are of."""
LEAST = 50.0
"""Units of weight, after the caps, that attacks and legitimate attempts need each."""


class TooFewSamples(ValueError):
    """
    There is too little to train on.

    Attributes:
        have: Units of weight of attacks and of legitimate attempts, after the caps.
        rows: Labelled rows of both.
        need: Units that each of them needs.
    """

    def __init__(self, have: tuple[float, float], rows: tuple[int, int], need: float) -> None:
        names = ("attacks", "legitimate attempts")
        parts = [
            f"{name}: {count} rows of weight {w:.0f} after the caps, {max(need - w, 0):.0f} of {need:.0f} missing"
            for name, w, count in zip(names, have, rows, strict=True)
        ]
        none = next((name for name, count in zip(names, rows, strict=True) if not count), None)
        head = f"there are no {none}" if none else "there are too few samples"
        super().__init__(f"{head}: {'; '.join(parts)}")
        self.have, self.rows, self.need = have, rows, need


class Drawn(NamedTuple):
    """
    Rows drawn for a training, in the order of time.

    Attributes:
        rows: (k,) int64, positions in the events; none stands there twice.
        group: (k,) uint8, ``ATTACK``, ``FAILURE`` or ``SUCCESS``.
        weight: (k,) float32, weight in the loss, mean 1: the square root of what would restore the natural mix.
        natural: (k,) float32, weight that restores the natural mix of the three groups, mean 1.  Within a group the
            caps stay in force, or a flood would set the calibration.
    """

    rows: NDArray[np.int64]
    group: NDArray[np.uint8]
    weight: NDArray[np.float32]
    natural: NDArray[np.float32]


def groups_of(events: NDArray[np.void], labels: Labels) -> NDArray[np.uint8]:
    """Return the group of every row; rows without a label have one too, and no weight."""
    legitimate = np.where((events["flags"] & Flag.SUCCESS) != 0, SUCCESS, FAILURE)
    return np.where(labels.attack == 1, ATTACK, legitimate).astype(np.uint8)


def capped(events: NDArray[np.void], labels: Labels) -> NDArray[np.float64]:
    """
    Return the weight that every row has after the caps.

    A group of rows beyond its cap is scaled down to it as a whole, so that the order of its rows does not matter.

    Args:
        events: (n,) EVENT.
        labels: Their labels.

    Returns:
        (n,) float64, the weight of the label at most.
    """
    weight = np.where(np.isnan(labels.attack), 0.0, labels.weight.astype(np.float64))
    day = (events["time"] // DAY).astype(np.uint32)
    attack = labels.attack == 1
    when = day * np.uint32(2) + attack
    client = Groups(events["asn"], events["client"]).code
    for subject, known, cap in (
        (events["net"], events["net"] != 0, NETWORK_CAP),
        (events["user"], events["user"] != 0, ACCOUNT_CAP),
        (client, (events["asn"] != 0) | (events["client"] != 0), CLIENT_CAP),
    ):
        total = Groups(subject, when).total(weight)
        over = known & (total > cap)
        weight[over] *= cap / total[over]
    return weight


def draw(
    events: NDArray[np.void],
    labels: Labels,
    rng: np.random.Generator,
    *,
    size: int,
    shares: tuple[float, float, float] = SHARES,
    least: float = LEAST,
) -> Drawn:
    """
    Draw rows to train on.

    Args:
        events: (n,) EVENT.
        labels: Their labels.
        rng: Where chance comes from.
        size: Rows wanted; fewer come if there are fewer.
        shares: Shares of the three groups; what one of them lacks the others fill up.
        least: Units of weight that attacks and legitimate attempts need each.

    Raises:
        TooFewSamples: Attacks or legitimate attempts are missing or too few.
    """
    weight, group = capped(events, labels), groups_of(events, labels)
    usable = weight > 0
    attack = group == ATTACK
    have = (float(weight[attack].sum()), float(weight[~attack].sum()))
    rows = (int(np.count_nonzero(usable & attack)), int(np.count_nonzero(usable & ~attack)))
    if not all(rows) or min(have) < least:
        raise TooFewSamples(have, rows, least)
    members = [np.flatnonzero(usable & (group == g)) for g in range(3)]
    quotas = _quotas([len(m) for m in members], shares, size)
    picked, natural, loss = [], [], []
    for indices, quota in zip(members, quotas, strict=True):
        index, inverse = _pick(indices, weight[indices], quota, rng)
        scale = len(indices) / max(inverse.sum(), 1e-12)
        picked.append(index)
        natural.append(inverse * scale)
        loss.append(inverse / max(inverse.mean(), 1e-12) * np.sqrt(len(indices) / max(quota, 1)) if quota else inverse)
    index = np.concatenate(picked)
    order = np.argsort(index)
    return Drawn(
        index[order],
        group[index[order]],
        _mean_one(np.concatenate(loss)[order]),
        _mean_one(np.concatenate(natural)[order]),
    )


def _quotas(available: list[int], shares: tuple[float, float, float], size: int) -> list[int]:
    quotas = [0, 0, 0]
    left = min(size, sum(available))
    while left > 0:
        open_ = [g for g in range(3) if quotas[g] < available[g]]
        total = sum(shares[g] for g in open_)
        wanted = [int(left * shares[g] / total) if total else 0 for g in open_]
        if not any(wanted):
            wanted[0] = 1
        for g, more in zip(open_, wanted, strict=True):
            quotas[g] += min(more, available[g] - quotas[g])
        left = min(size, sum(available)) - sum(quotas)
    return quotas


def _pick(
    indices: NDArray[np.int64], weight: NDArray[np.float64], quota: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """
    Draw *quota* rows without putting any back, each with a chance in proportion to its weight.

    Returns:
        The rows drawn, and weight over chance of each.

    Source:
        W. G. Madow, "On the theory of systematic sampling, II", Annals of Mathematical Statistics 20, 1949.
    """
    if not quota:
        return indices[:0], weight[:0]
    chance = _chances(weight, quota)
    order = rng.permutation(len(indices))
    reached = np.cumsum(chance[order])
    marks = (rng.random() + np.arange(quota)) * (reached[-1] / quota)
    drawn = order[np.unique(np.minimum(np.searchsorted(reached, marks, side="right"), len(order) - 1))]
    return indices[drawn], weight[drawn] / chance[drawn]


def _chances(weight: NDArray[np.float64], quota: int) -> NDArray[np.float64]:
    """Return chances in proportion to the weights, 1 at most, that add up to *quota*."""
    if quota >= len(weight):
        return np.ones(len(weight))
    falling = np.sort(weight)[::-1]
    rest = np.cumsum(falling[::-1])[::-1]
    factor = (quota - np.arange(quota)) / rest[:quota]
    certain = int(np.argmax(falling[:quota] * factor < 1)) if np.any(falling[:quota] * factor < 1) else quota - 1
    return np.asarray(np.minimum(weight * factor[certain], 1.0))


def _mean_one(weight: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(weight / weight.mean(), np.float32)
