# SPDX-License-Identifier: Apache-2.0
"""Models: scored, kept, read again."""

from __future__ import annotations

import numpy as np
import pytest
from network.rows import COLUMNS, HEADS, KEY, QUICK, labelled, model, strangers

from nacre.network.artifact import ModelRefused
from nacre.network.model import Model
from nacre.network.training import fit


def test_a_restart_changes_no_score() -> None:
    """
    Not by a bit.  The original scored at random after one.
    """
    made, x = model(), strangers(500)

    read = Model.from_bytes(made.to_bytes(KEY), KEY, columns=COLUMNS)

    assert np.array_equal(read.score(x), made.score(x))
    assert read.score_one(x[0]) == made.score_one(x[0])


def test_a_row_alone_is_scored_as_among_others() -> None:
    """
    By either way of asking.
    """
    made, x = model(), strangers(50)

    guess, accept = made.score(x)
    alone_guess, alone_accept = made.score(x[7:8])

    assert made.score_one(x[7]) == (alone_guess[0], alone_accept[0])
    assert (alone_guess[0], alone_accept[0]) == pytest.approx((guess[7], accept[7]), rel=1e-9)


def test_a_model_knows_where_it_comes_from() -> None:
    """
    Enough to train it again, and to say how good it was.
    """
    fitted = fit(labelled(), QUICK, HEADS)
    made = Model.of(fitted, version="7", created=1.0, columns=COLUMNS, provenance={"data": "cafe"})
    known = Model.from_bytes(made.to_bytes(KEY), KEY, columns=COLUMNS).artifact.provenance

    assert known["data"] == "cafe"
    assert known["plan"]["seed"] == 0
    assert known["rows"]["attack"] == np.count_nonzero(labelled().y[:1700])
    assert known["metrics"]["guess"]["epoch"] >= 1


def test_a_model_tells_what_its_rows_looked_like() -> None:
    """
    A watch on drift compares with the legitimate rows alone: an attack is no drift.
    """
    made, rows = model(), labelled()
    legit = rows.x[:1700][rows.y[:1700] < 0.5]

    assert made.edges[0, 4] == pytest.approx(np.median(legit[:, 0]), abs=0.01)
    assert made.shares.sum(axis=1) == pytest.approx(np.ones(6), abs=1e-5)


def test_names_for_other_columns_are_an_error() -> None:
    """
    A model whose names are shifted by one would explain every decision wrongly.
    """
    with pytest.raises(ValueError, match="5 names were given for 6 columns"):
        Model.of(fit(labelled(), QUICK, HEADS), version="7", created=1.0, columns=COLUMNS[:5])


@pytest.mark.parametrize(("columns", "schema"), [(COLUMNS[:5], None), (COLUMNS, "another")])
def test_a_model_for_other_columns_is_refused(columns: tuple[str, ...], schema: str | None) -> None:
    """
    The same number of columns is not enough: they have to mean the same.
    """
    with pytest.raises(ModelRefused):
        Model.from_bytes(model().to_bytes(KEY), KEY, columns=columns, schema=schema)


def test_new_thresholds_change_nothing_else() -> None:
    """
    They are found each night, and the scores that they were found for stay.
    """
    made, x = model(), strangers(20)
    night = {"known": {"refuse": 0.9}, "novel": {"refuse": 0.95}}

    renewed = made.with_thresholds(guess=made.artifact.guess.thresholds, accept=night)

    assert renewed.artifact.accept.thresholds == night
    assert made.artifact.accept.thresholds == {}
    assert np.array_equal(renewed.score(x), made.score(x))
