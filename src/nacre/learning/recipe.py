# SPDX-License-Identifier: Apache-2.0
"""What the settings of the network mean for a training."""

from __future__ import annotations

from nacre.config.tree import NeuralNetwork
from nacre.learning.limits import Budgets
from nacre.learning.train import Recipe
from nacre.network.plan import Plan, Shape

_ROWS = 30_000


def recipe_of(settings: NeuralNetwork, *, epochs: int = 0, samples: int = 0) -> Recipe:
    """
    Return how to train.

    Args:
        settings: Of the network.
        epochs: Instead of those in the settings; 0 takes these.
        samples: Rows to draw at most; 0 takes 30,000.

    >>> recipe_of(NeuralNetwork(), epochs=50, samples=5000).plan.epochs
    50
    """
    plan = Plan(
        shape=Shape(hidden=settings.hidden_neurons, activation=settings.activation_function.value),
        epochs=epochs or settings.epochs,
        rate=settings.learning_rate,
    )
    budgets = Budgets(attempts=settings.max_refused_attempts, logins=settings.max_refused_logins)
    return Recipe(plan=plan, rows=min(samples or _ROWS, settings.max_training_records), budgets=budgets)
