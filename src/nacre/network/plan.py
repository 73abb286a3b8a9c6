# SPDX-License-Identifier: Apache-2.0
"""How a network is built and trained, and what is said meanwhile."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from nacre.network.activation import Activation

Share = Annotated[float, Meta(ge=0.0, lt=1.0)]


class Shape(msgspec.Struct, frozen=True):
    """
    The networks of a model: some nets of one form, whose logits are averaged.

    Attributes:
        hidden: Units of the first hidden layer; a second one has half as many.
        depth: Hidden layers, 1 or 2.
        activation: Of the hidden layers.  The output is always a sigmoid: a score is a probability.
        skip: Whether the inputs also reach the output directly, as in a logistic regression.
        nets: How many are averaged.
    """

    hidden: Annotated[int, Meta(ge=2, le=1024)] = 64
    depth: Annotated[int, Meta(ge=1, le=2)] = 2
    activation: Activation = "silu"
    skip: bool = True
    nets: Annotated[int, Meta(ge=1, le=16)] = 2

    def parameters(self, inputs: int) -> int:
        """
        Return how many weights and biases one net has.

        >>> Shape(hidden=64, depth=2).parameters(inputs=115)
        9652
        >>> Shape(hidden=10, depth=1, skip=False).parameters(inputs=20)
        221
        """
        layers = inputs * self.hidden + self.hidden
        last = self.hidden
        if self.depth == 2:
            last = self.hidden // 2
            layers += self.hidden * last + last
        return layers + last + 1 + (inputs if self.skip else 0)


class Plan(msgspec.Struct, frozen=True):
    """
    How a model is trained.

    Attributes:
        shape: What is trained.
        dropout: Share of hidden units that a step leaves out.
        epochs: Passes over as many rows as there are to learn from.
        batch: Rows of one step.
        rate: Highest learning rate of the cycle.
        decay: Weight decay, in units of the learning rate; biases do not decay.
        smoothing: Labels are drawn this far to a half: 0.02 makes 0.01 and 0.99 of them.
        seed: Of all chance in it.
        shares: Drawn rows that are attacks, legitimate failures, legitimate successes.
        held_out: Share of the rows, the newest, that choose the epoch and calibrate.
        least: Attacks, and legitimate rows, without which nothing is learned.
    """

    shape: Shape = Shape()
    dropout: Share = 0.1
    epochs: Annotated[int, Meta(ge=1, le=1000)] = 12
    batch: Annotated[int, Meta(ge=1)] = 512
    rate: Annotated[float, Meta(gt=0.0, le=1.0)] = 3e-3
    decay: Share = 1e-3
    smoothing: Share = 0.02
    seed: Annotated[int, Meta(ge=0)] = 0
    shares: tuple[float, float, float] = (0.4, 0.3, 0.3)
    held_out: Share = 0.15
    least: Annotated[int, Meta(ge=1)] = 100

    @classmethod
    def compatible(cls, **changes: object) -> Plan:
        """
        Return the plan of the original's network: one hidden layer of ten sigmoid units and nothing else.

        >>> Plan.compatible(epochs=50).shape
        Shape(hidden=10, depth=1, activation='sigmoid', skip=False, nets=1)
        """
        shape = Shape(hidden=10, depth=1, activation="sigmoid", skip=False, nets=1)
        plan = cls(shape=shape, dropout=0.0, epochs=100, batch=128, rate=1e-2, smoothing=0.0)
        return msgspec.convert(msgspec.to_builtins(plan) | changes, cls)


class Progress(msgspec.Struct, frozen=True):
    """
    How far a training has come.

    Attributes:
        head: Name of the head that is trained.
        epoch, epochs: Epochs that it has behind it, and will have in all.
        loss: Mean loss of the last epoch.
        recall: Mean weighted recall on the newest rows, NaN if they are too few to say.
        share: Of the whole training, 0-1.
    """

    head: str
    epoch: int
    epochs: int
    loss: float
    recall: float
    share: float


class TooFewRows(ValueError):
    """
    There is too little to learn from.

    Attributes:
        have: Rows of each kind that may be learned from.
        need: Rows of each kind that it takes.
    """

    def __init__(self, have: dict[str, int], need: int) -> None:
        missing = [f"{need - count} more {kind} (there are {count})" for kind, count in have.items() if count < need]
        super().__init__(f"too few rows to learn from: {' and '.join(missing)} are needed")
        self.have = have
        self.need = need


class Cancelled(Exception):
    """The caller did not want this training any more."""
