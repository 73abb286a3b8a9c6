# SPDX-License-Identifier: Apache-2.0
"""All nets as one pile of matrices."""

from __future__ import annotations

import numpy as np
import pytest
from network.rows import HEADS, WIDTH, labelled, model, strangers

from nacre.network.activation import FUNCTIONS, Activation
from nacre.network.artifact import floats
from nacre.network.net import Net
from nacre.network.plan import Plan, Shape
from nacre.network.scaling import Scaling
from nacre.network.stack import Stack
from nacre.network.training import fit

SHAPES = [Shape(4, depth, name, skip, 3) for name in FUNCTIONS for depth in (1, 2) for skip in (True, False)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_stack_says_what_its_nets_say_one_by_one(shape: Shape) -> None:
    """
    The nets that were trained are the nets that score: net by net, head by head, then the mean, then calibration.
    """
    made = model(Plan(shape=shape, epochs=1), labelled(600)).artifact
    x = strangers(9)
    scaled = Scaling(floats(made.centre), floats(made.gain)).apply(x).astype(np.float64)

    stack = Stack(made, (made.guess, made.accept))
    logits = stack.logits(stack.scaled(x))

    for index, head in enumerate((made.guess, made.accept)):
        seen = np.ascontiguousarray(scaled[:, head.columns])
        flats = floats(head.parameters).reshape(shape.nets, -1).astype(np.float64)
        each = [Net(shape, len(head.columns), flat, most=9).forward(seen) for flat in flats]
        assert logits[:, index] == pytest.approx(head.slope * np.mean(each, axis=0) + head.intercept, abs=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gradient_by_the_inputs_agrees_with_finite_differences(shape: Shape) -> None:
    """
    Explanations add these up.
    """
    made = model(Plan(shape=shape, epochs=1), labelled(600)).artifact
    stack = Stack(made, (made.guess,))
    z = stack.scaled(strangers(5))

    found, measured = stack.gradients(z), np.empty_like(z)
    for column in range(WIDTH):
        step = np.zeros(WIDTH)
        step[column] = 1e-6
        measured[:, column] = (stack.logits(z + step) - stack.logits(z - step))[:, 0] / 2e-6

    assert found == pytest.approx(measured, abs=1e-6)


@pytest.mark.parametrize("shape", [(WIDTH,), (3, WIDTH - 1), (3, WIDTH + 1), (1, 1, WIDTH)])
def test_rows_of_another_width_are_an_error(shape: tuple[int, ...]) -> None:
    """
    The original let the shared model grow to fit them.
    """
    made = model(Plan(shape=Shape(4, 1), epochs=1), labelled(600)).artifact

    with pytest.raises(ValueError, match=f"a row has {WIDTH} columns"):
        Stack(made, (made.guess,)).scaled(np.zeros(shape, np.float32))


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_the_ordinary_request_is_all_zeros(activation: Activation) -> None:
    """
    It is what explanations compare with.
    """
    fitted = fit(labelled(600), Plan(shape=Shape(4, 1, activation), epochs=1), HEADS)
    made = model(Plan(shape=Shape(4, 1, activation), epochs=1), labelled(600)).artifact

    assert not Stack(made, (made.guess,)).scaled(fitted.scaling.centre[None, :]).any()
