# SPDX-License-Identifier: Apache-2.0
"""Settings of the network, as a training takes them."""

from __future__ import annotations

import pytest

from nacre.config.tree import Activation, NeuralNetwork
from nacre.learning.recipe import recipe_of
from nacre.network.plan import Plan


def test_every_setting_of_the_training_arrives() -> None:
    """
    A setting that is read and changes nothing is a lie.
    """
    settings = NeuralNetwork(
        hidden_neurons=10, activation_function=Activation.SIGMOID, learning_rate=0.01, epochs=7,
        max_training_records=5_000, max_refused_attempts=5e-3, max_refused_logins=4e-3,
    )  # fmt: skip

    recipe = recipe_of(settings)

    shape = recipe.plan.shape
    assert (shape.hidden, shape.activation, recipe.plan.rate, recipe.plan.epochs) == (10, "sigmoid", 0.01, 7)
    assert (recipe.rows, recipe.budgets.attempts, recipe.budgets.logins) == (5_000, 5e-3, 4e-3)


@pytest.mark.parametrize("activation", Activation)
def test_every_activation_is_one_that_a_network_has(activation: Activation) -> None:
    """
    Those of the original and our own.
    """
    assert recipe_of(NeuralNetwork(activation_function=activation)).plan.shape.activation == activation.value


def test_a_caller_chooses_epochs_and_samples_for_one_training() -> None:
    """
    No more samples than are kept.
    """
    settings = NeuralNetwork(max_training_records=20_000)

    assert recipe_of(settings, epochs=100, samples=500).plan.epochs == 100
    assert [recipe_of(settings, samples=samples).rows for samples in (0, 500, 90_000)] == [20_000, 500, 20_000]


def test_the_defaults_are_those_of_the_plan() -> None:
    """
    What was measured is what an installation gets.
    """
    assert recipe_of(NeuralNetwork()).plan == Plan()
