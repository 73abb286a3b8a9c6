# SPDX-License-Identifier: Apache-2.0
"""Nets that a training begins from."""

from __future__ import annotations

import numpy as np
import pytest
from network.rows import COLUMNS, HEADS, QUICK, SMALL, labelled, model, picked, strangers

from nacre.network.model import Model
from nacre.network.plan import Plan, Shape
from nacre.network.root import Root, joined, mean_logits, widened
from nacre.network.training import Fit, fit


def rooted(began: Model, plan: Plan = QUICK) -> Fit:
    """Return what is learned from a few hundred rows beside the nets of a model."""
    return fit(labelled(500, seed=9), plan, HEADS, root=Root.of(began.artifact))


def test_half_of_each_answer_is_that_of_the_nets_it_began_from() -> None:
    """
    However many nets there are on either side.
    """
    root = Root.of(model().artifact).heads["guess"]
    own = Root.of(model(Plan(shape=Shape(hidden=8, nets=3), epochs=1, batch=64)).artifact).heads["guess"]
    x = strangers(100)

    both = joined(own.flats, own.calibration, root.flats, root.calibration, SMALL, x.shape[1])

    halves = [
        head.calibration.slope * mean_logits(head.flats, SMALL, x) + head.calibration.intercept for head in (own, root)
    ]
    assert len(both) == 5
    assert mean_logits(both, SMALL, x) == pytest.approx((halves[0] + halves[1]) / 2.0, abs=1e-4)


def test_nets_among_more_columns_answer_as_before() -> None:
    """
    Additional features of an installation are new to them.
    """
    root, x = Root.of(model().artifact).heads["accept"], strangers(100)
    assert root.columns == (0, 1, 2, 3)

    wide = widened(root, SMALL, (0, 1, 2, 3, 5))

    assert np.allclose(
        mean_logits(wide, SMALL, x[:, [0, 1, 2, 3, 5]]), mean_logits(root.flats, SMALL, x[:, :4]), atol=1e-5
    )


def test_nets_that_miss_a_column_are_refused() -> None:
    """
    Columns are told apart by their place: another order would be other inputs.
    """
    root = Root.of(model().artifact).heads["accept"]

    with pytest.raises(ValueError, match="columns"):
        widened(root, SMALL, (0, 1, 2))


def test_a_model_keeps_the_nets_it_began_from() -> None:
    """
    It is whole: scoring needs no second file.
    """
    began = model()

    fitted = rooted(began)

    made = Model.of(fitted, version="2", created=1.0, columns=COLUMNS)
    assert made.artifact.shape.nets == 4
    assert made.artifact.provenance["plan"]["shape"]["nets"] == 2
    assert made.score(strangers(10))[0].shape == (10,)


def test_a_column_is_scaled_as_it_was_where_the_nets_learned() -> None:
    """
    Their weights are for that scale; a column that never varied there has one of its own.
    """
    rows = labelled()
    flat = rows._replace(x=np.where(np.arange(rows.x.shape[1]) == 2, np.float32(0), rows.x))
    root = Root.of(model(rows=flat).artifact)
    twice = picked(labelled(500, seed=3), np.arange(500))
    twice = twice._replace(x=twice.x * 2)

    fitted = fit(twice, QUICK, HEADS, root=root)

    assert fitted.scaling.gain[0] == root.scaling.gain[0]
    assert root.scaling.gain[2] == 0.0 < fitted.scaling.gain[2]


def test_a_wave_that_only_this_place_met_does_not_turn_the_whole_answer() -> None:
    """
    Where all attacks of some weeks came with one oddity, that alone is no proof of one.
    """
    began, strange = model(), labelled(400, seed=5)
    odd = strange._replace(x=strange.x.copy())
    odd.x[:, 0] = strangers(400, seed=6)[:, 0]
    odd.x[odd.y > 0.5, 4] = 4.0
    alone = Model.of(fit(odd, QUICK, HEADS), version="1", created=1.0, columns=COLUMNS)
    beside = Model.of(fit(odd, QUICK, HEADS, root=Root.of(began.artifact)), version="2", created=1.0, columns=COLUMNS)
    innocent = np.zeros((1, 6), np.float32)
    innocent[0, 4] = 4.0

    assert beside.score(innocent)[0][0] < alone.score(innocent)[0][0]


@pytest.mark.parametrize("shape", [Shape(hidden=4, nets=2), Shape(hidden=8, nets=2, activation="relu"), Shape(8, 1)])
def test_nets_of_another_shape_are_none_to_begin_from(shape: Shape) -> None:
    """
    Whoever sets other sizes trains on the rows alone.
    """
    fitted = rooted(model(), Plan(shape=shape, epochs=1, batch=64))

    assert fitted.shape == shape
