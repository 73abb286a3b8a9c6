# SPDX-License-Identifier: Apache-2.0
"""
Training: from labelled rows to two calibrated heads.

The same rows, plan and library give the same bytes, as long as the linear algebra runs on one thread (the process that
trains sets ``OPENBLAS_NUM_THREADS=1``: on matrices of this size a second thread gains little anyway).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from nacre.network.artifact import LARGEST
from nacre.network.calibration import Calibration, calibrate
from nacre.network.drawing import Draw, Rows, newest
from nacre.network.net import Net, decaying, draw_weights
from nacre.network.optimiser import AdamW, one_cycle
from nacre.network.plan import Cancelled, Plan, Progress, Shape, TooFewRows
from nacre.network.quantile import deciles
from nacre.network.recall import BUDGETS, recalls
from nacre.network.reliability import reliability
from nacre.network.root import Root, RootHead, joined, mean_logits, widened
from nacre.network.scaling import Scaling

_LOOK = 16
"""Steps between two looks at whether the caller still wants the training."""

LAST = 3
"""
The part of the epochs from which one is chosen: the last third.

Until then the rate is high.  Such an epoch finds more attacks at a low budget only by luck, since a handful of held-out
rows decides there, and what it says of the days after is much worse.  Measured in decision 11.
"""


class HeadFit(NamedTuple):
    """
    What was learned for one head.

    Attributes:
        columns: Which columns it sees, in order.
        parameters: (nets, parameters of a net) float32.
        calibration: For its logits.
        metrics: The epoch chosen, the losses, and how it did on the newest rows.
    """

    columns: tuple[int, ...]
    parameters: NDArray[np.float32]
    calibration: Calibration
    metrics: dict[str, Any]


class Fit(NamedTuple):
    """
    What was learned.

    Attributes:
        plan: As given.
        shape: Of the nets that came out: as planned, and those that the training began from.
        scaling: Of all columns.
        heads: By name, as asked for.
        edges, shares: (width, 9) and (width, 10), what :func:`~nacre.network.quantile.deciles` says of the
            legitimate rows.
        rows: Rows of each group that were learned from, and those that were held out.
    """

    plan: Plan
    shape: Shape
    scaling: Scaling
    heads: dict[str, HeadFit]
    edges: NDArray[np.float32]
    shares: NDArray[np.float32]
    rows: dict[str, int]


def fit(
    rows: Rows,
    plan: Plan,
    heads: dict[str, tuple[int, ...]],
    *,
    root: Root | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Fit:
    """
    Learn from labelled rows.

    Args:
        rows: What to learn from.
        plan: How.
        heads: By name, the columns that each head sees.
        root: Nets to begin from; they stay in what comes out.  ``None``, or nets of another shape, are none.
        on_progress: Called after each epoch.
        cancelled: Asked every few steps.

    Raises:
        ValueError: The model would be too large to keep, or the fields of *rows* have different lengths.
        TooFewRows: There are too few attacks or too few legitimate rows; says how many are missing.
        Cancelled: *cancelled* said so.
    """
    if root is not None and not root.fits(plan.shape):
        root = None
    shape = plan.shape
    if root is not None:
        shape = msgspec.structs.replace(shape, nets=shape.nets + root.shape.nets)
    size = 4 * shape.nets * sum(plan.shape.parameters(len(columns)) for columns in heads.values())
    if size > LARGEST:
        raise ValueError(f"the weights would take {size:,} bytes, and a whole model may take {LARGEST:,}")
    if len({len(field) for field in rows}) > 1:
        raise ValueError(f"the fields of the rows have different lengths: {[len(field) for field in rows]}")
    weight = rows.weight.astype(np.float64)
    held = _held_out(rows, weight, plan)
    taught = ~held & (weight > 0.0)
    counts = _counted(rows, taught, plan)
    legit = taught & (rows.y <= 0.5)
    scaling = Scaling.of(rows.x, legit, weight, among=taught)
    if root is not None:
        scaling = root.rescale(scaling)
    fitted = {}
    for index, (name, columns) in enumerate(heads.items()):
        seen = scaling.apply(rows.x, columns)
        training = _Training(name, (index, len(heads)), plan, rows, seen, np.flatnonzero(taught), np.flatnonzero(held))
        if root is not None:
            training.begin_from(root.heads[name], columns)
        parameters, calibration, metrics = training.run(on_progress, cancelled)
        fitted[name] = HeadFit(columns, parameters, calibration, metrics)
        del seen, training  # before those of the next head are made
    seen_here = legit & np.isfinite(rows.time)
    edges, shares = deciles(rows.x, weight, among=seen_here if seen_here.any() else None)
    return Fit(plan, shape, scaling, fitted, edges, shares, counts | {"held_out": int(held.sum())})


def _held_out(rows: Rows, weight: NDArray[np.float64], plan: Plan) -> NDArray[np.bool_]:
    """Hold out the newest of the rows that have a time, or none if too little would be left to learn from."""
    dated = np.isfinite(rows.time)
    held = np.zeros_like(dated)
    held[dated] = newest(rows.time[dated], plan.held_out)
    held &= weight > 0.0
    left = ~held & (weight > 0.0)
    attacks = np.count_nonzero(left & (rows.y > 0.5))
    return held if min(attacks, np.count_nonzero(left) - attacks) >= plan.least else np.zeros_like(held)


def _counted(rows: Rows, taught: NDArray[np.bool_], plan: Plan) -> dict[str, int]:
    """Count the rows to learn from, and refuse if they are too few."""
    attacks = int(np.count_nonzero(taught & (rows.y > 0.5)))
    have = {"attacks": attacks, "legitimate rows": int(np.count_nonzero(taught)) - attacks}
    if min(have.values()) < plan.least:
        raise TooFewRows(have, plan.least)
    groups = np.bincount(rows.group[taught], minlength=3)
    return {name: int(count) for name, count in zip(("attack", "legit_failure", "legit_success"), groups, strict=True)}


class _Training:
    """One head's training: its nets go through each epoch side by side, so that an epoch is chosen for all of them."""

    def __init__(
        self,
        name: str,
        place: tuple[int, int],
        plan: Plan,
        rows: Rows,
        x: NDArray[np.float32],
        taught: NDArray[np.int64],
        held: NDArray[np.int64],
    ) -> None:
        self._name, self._place, self._plan, self._x = name, place, plan, x
        self._taught, self._held = taught, held
        inputs = x.shape[1]
        self._target = (rows.y * (1.0 - plan.smoothing) + 0.5 * plan.smoothing).astype(np.float32)
        self._y, self._weight = rows.y[held], rows.weight[held].astype(np.float64)
        self._batch = min(plan.batch, len(taught))
        self._steps = -(-len(taught) // self._batch)
        count = self._steps * self._batch
        self._draw = Draw(rows.group[taught], rows.weight[taught].astype(np.float64), plan.shares, count=count)
        seeds = [np.random.SeedSequence([plan.seed, place[0], net]) for net in range(plan.shape.nets)]
        self._chances = [np.random.Generator(np.random.SFC64(seed)) for seed in seeds]
        flats = [draw_weights(plan.shape, inputs, chance) for chance in self._chances]
        self._nets = [Net(plan.shape, inputs, flat, most=self._batch) for flat in flats]
        decays = decaying(plan.shape, inputs)
        self._optimisers = [AdamW(flat, decays, plan.decay) for flat in flats]
        self._rows = np.empty((self._batch, inputs), np.float32)
        self._masks = tuple(np.empty((self._batch, width), np.float32) for width in self._nets[0].widths)
        self._root: tuple[NDArray[np.float32], Calibration] | None = None

    def begin_from(self, root: RootHead, columns: tuple[int, ...]) -> None:
        """Let half of the answer be that of other nets."""
        self._root = widened(root, self._plan.shape, columns), root.calibration

    def run(
        self, on_progress: Callable[[Progress], None], cancelled: Callable[[], bool]
    ) -> tuple[NDArray[np.float32], Calibration, dict[str, Any]]:
        """Train, and return the weights of the best epoch, their calibration, and how they did."""
        best: tuple[float, int, NDArray[np.float32], NDArray[np.float32]] | None = None
        epochs, losses = self._plan.epochs, []
        settled = epochs - max(epochs // LAST, 1)
        for epoch in range(epochs):
            losses.append(float(np.mean([self._epoch(epoch, net, cancelled) for net in range(self._plan.shape.nets)])))
            logits = self._judge()
            found = recalls(logits, self._y, self._weight)
            # Without a judgement the last epoch is the best; of equals, the later one.
            recall = sum(found) / len(found) if found else float("nan")
            if epoch >= settled and (best is None or not found or recall >= best[0]):
                best = recall, epoch + 1, np.stack([net.flat for net in self._nets]).astype(np.float32), logits
            index, heads = self._place
            share = (index + (epoch + 1) / epochs) / heads
            on_progress(Progress(self._name, epoch + 1, epochs, losses[-1], recall, share))
        if best is None:
            raise ValueError("a plan has at least one epoch")
        _, chosen, parameters, logits = best
        calibration = calibrate(logits, self._y, self._weight)
        if self._root is not None:
            shape, (root, theirs) = self._plan.shape, self._root
            parameters = joined(parameters, calibration, root, theirs, shape, self._x.shape[1])
            logits = mean_logits(parameters, shape, self._x[self._held])
            calibration = Calibration()  # both halves have theirs; one more for the two moved with every night's rows
        return parameters, calibration, {"epoch": chosen, "losses": losses} | self._metrics(logits, calibration)

    def _epoch(self, epoch: int, index: int, cancelled: Callable[[], bool]) -> float:
        """Take one net through an epoch and return its mean loss."""
        plan, batch, chance = self._plan, self._batch, self._chances[index]
        net, optimiser = self._nets[index], self._optimisers[index]
        drawn, counts = self._draw.epoch(chance)
        drawn = self._taught[drawn]
        targets, total = self._target[drawn], 0.0
        for step in range(self._steps):
            if step % _LOOK == 0 and cancelled():
                raise Cancelled
            part = slice(step * batch, (step + 1) * batch)
            np.take(self._x, drawn[part], axis=0, out=self._rows, mode="clip")
            logits = net.forward(self._rows, self._drop(chance))
            target, count = targets[part], counts[part]
            total += float(count @ (np.logaddexp(np.float32(0.0), logits) - target * logits))
            error = np.tanh(logits * 0.5)
            error += 1.0
            error *= 0.5
            error -= target
            error *= count
            error /= batch
            net.backward(error)
            optimiser.step(net.gradient, one_cycle(epoch * self._steps + step, plan.epochs * self._steps, plan.rate))
        return total / (self._steps * batch)

    def _drop(self, chance: np.random.Generator) -> tuple[NDArray[np.float32], ...] | None:
        """Choose the units that a step leaves out; the others make up for them.  A byte decides for a unit."""
        cut = round(self._plan.dropout * 256)
        if cut == 0:
            return None
        for mask in self._masks:
            drawn = np.frombuffer(chance.bytes(mask.size), np.uint8).reshape(mask.shape)
            np.multiply(drawn >= cut, np.float32(256 / (256 - cut)), out=mask)
        return self._masks

    def _judge(self) -> NDArray[np.float32]:
        """Return the mean logits of the nets for the rows that were held out."""
        logits = np.zeros(len(self._held), np.float32)
        for start in range(0, len(self._held), self._batch):
            rows = self._x[self._held[start : start + self._batch]]
            for net in self._nets:
                logits[start : start + self._batch] += net.forward(rows, learn=False)
        logits /= len(self._nets)
        return logits

    def _metrics(self, logits: NDArray[np.float32], calibration: Calibration) -> dict[str, Any]:
        found = recalls(logits, self._y, self._weight)
        if found is None:
            return {}
        said = reliability(calibration.apply(logits), self._y > 0.5, self._weight)
        recall = {f"{budget:g}": value for budget, value in zip(BUDGETS, found, strict=True)}
        return {"recall": recall, "ece": said.ece, "brier": said.brier, "brier_skill": said.brier_skill}
