# SPDX-License-Identifier: Apache-2.0
"""One net: its passes and its gradients."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from nacre.network.activation import FUNCTIONS, Activation
from nacre.network.net import Net, decaying, draw_weights, layers
from nacre.network.plan import Shape

INPUTS, ROWS = 5, 7


def loss(net: Net, x: NDArray[np.float64], y: NDArray[np.float64], masks: tuple[NDArray[np.float64], ...]) -> float:
    """Cross-entropy, added up over the rows."""
    logits = net.forward(x, masks)
    return float(np.sum(np.logaddexp(0.0, logits) - y * logits))


@pytest.mark.parametrize("skip", [True, False])
@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_every_gradient_agrees_with_finite_differences(activation: Activation, depth: int, *, skip: bool) -> None:
    """
    A wrong gradient still learns something, and nobody would notice.  Some units are dropped out.
    """
    chance = np.random.default_rng(1)
    shape = Shape(hidden=4, depth=depth, activation=activation, skip=skip)
    flat = draw_weights(shape, INPUTS, chance).astype(np.float64)
    flat += chance.normal(0, 0.1, flat.shape)  # biases and skip begin at 0, where a mistake might not show
    net = Net(shape, INPUTS, flat, most=ROWS)
    x, y = chance.normal(size=(ROWS, INPUTS)), (chance.random(ROWS) < 0.5).astype(np.float64)
    masks = tuple((chance.random((ROWS, width)) < 0.7) / 0.7 for width in net.widths)

    logits = net.forward(x, masks)
    net.backward(1 / (1 + np.exp(-logits)) - y)
    found, measured = net.gradient.copy(), np.empty_like(flat)
    for place in range(len(flat)):
        kept = flat[place]
        flat[place] = kept + 1e-6
        above = loss(net, x, y, masks)
        flat[place] = kept - 1e-6
        measured[place] = (above - loss(net, x, y, masks)) / 2e-6
        flat[place] = kept

    assert found == pytest.approx(measured, abs=1e-7)


def test_a_pass_is_the_formula() -> None:
    """
    One hidden unit pair, counted by hand: relu(2 * 3 + 1) = 7 and relu(-2 * 3 + 1) = 0, so 7 * 0.5 + 0.25 + 3 * 10.
    """
    shape = Shape(hidden=2, depth=1, activation="relu", skip=True, nets=1)
    flat = np.array([2.0, -2.0, 1.0, 1.0, 0.5, 9.0, 0.25, 10.0])

    logits = Net(shape, 1, flat, most=1).forward(np.array([[3.0]]))

    assert logits.tolist() == [33.75]


def test_the_skip_and_the_biases_begin_at_nothing() -> None:
    """
    Then a training begins with what the hidden layers say, and the skip takes what is linear from there.
    """
    shape = Shape(hidden=4)

    net = layers(draw_weights(shape, INPUTS, np.random.default_rng(0)), shape, INPUTS)

    assert net.skip is not None
    assert not net.skip.any()
    assert not net.first_bias.any()
    assert net.first.all()


def test_weights_decay_and_biases_do_not() -> None:
    """
    A bias says how rare attacks are; pulling it to 0 would say that they are half of all.
    """
    shape = Shape(hidden=4, depth=2, skip=True)

    net = layers(decaying(shape, INPUTS), shape, INPUTS)

    assert net.second is not None
    assert net.second_bias is not None
    assert net.first.all()
    assert net.second.all()
    assert not net.first_bias.any()
    assert not net.second_bias.any()
    assert not net.last_bias.any()
