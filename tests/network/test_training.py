# SPDX-License-Identifier: Apache-2.0
"""Training from rows to heads."""

from __future__ import annotations

import tracemalloc
from itertools import count

import msgspec
import numpy as np
import pytest
from network.rows import HEADS, KEY, QUICK, WIDTH, labelled, model, picked

from nacre.network.activation import FUNCTIONS, Activation
from nacre.network.plan import Cancelled, Plan, Progress, Shape, TooFewRows
from nacre.network.training import fit


def test_an_attack_scores_higher_than_a_legitimate_attempt() -> None:
    """
    The original's labels meant the opposite of its scores; everything hangs on this.
    """
    trained, later = model(), labelled(seed=9)

    for scores in trained.score(later.x):
        assert scores[later.y > 0.5].mean() > 0.7
        assert scores[later.y < 0.5].mean() < 0.2


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_a_planted_signal_is_found_by_every_kind_of_net(activation: Activation, depth: int) -> None:
    """
    Attacks lie 3 spreads higher in one column of six: the best threshold on it is right in about .93 of all cases.
    """
    shape = Shape(hidden=8, depth=depth, activation=activation, skip=False, nets=1)
    plan, later = msgspec.structs.replace(QUICK, shape=shape, epochs=12, rate=1e-2), labelled(seed=9)

    guess, _ = model(plan).score(later.x)

    assert np.mean((guess > 0.5) == (later.y > 0.5)) > 0.9


def test_a_signal_that_is_no_line_is_found_too() -> None:
    """
    An attack is where two columns have the same sign: logistic regression is right half the time.
    """
    rows = labelled(6000, shift=0.0)
    attack = rows.x[:, 0] * rows.x[:, 1] > 0
    rows = rows._replace(y=attack.astype(np.float32), group=np.where(attack, 0, 2))

    guess, _ = model(msgspec.structs.replace(QUICK, epochs=15, rate=1e-2), rows).score(rows.x)

    assert np.mean((guess > 0.5) == attack) > 0.9


def test_a_head_sees_its_columns_only() -> None:
    """
    What betrays an outcome is kept from the head that judges right passwords.
    """
    trained, rows = model(), labelled()
    changed = rows.x.copy()
    changed[:, [4, 5]] += 3.0

    guess, accept = trained.score(rows.x)
    other_guess, other_accept = trained.score(changed)

    assert np.array_equal(accept, other_accept)
    assert not np.array_equal(guess, other_guess)


def test_the_same_rows_and_plan_make_the_same_bytes() -> None:
    """
    Who doubts a model trains it again and compares.
    """
    assert model().to_bytes(KEY) == model().to_bytes(KEY)


@pytest.mark.parametrize("change", [{"seed": 1}, {"rate": 1e-3}, {"dropout": 0.0}, {"decay": 0.1}, {"smoothing": 0.2}])
def test_another_plan_makes_another_model(change: dict[str, object]) -> None:
    """
    Each field of a plan changes the weights: none is a dead option.
    """
    plan = msgspec.structs.replace(QUICK, **change)

    assert model(plan).artifact.guess.parameters != model().artifact.guess.parameters


def test_traffic_that_is_mostly_legitimate_makes_careful_nets() -> None:
    """
    The draw is the same; what legitimate rows stand for makes a drawn one count more.
    """
    rows = labelled()
    many = rows._replace(weight=np.where(rows.y > 0.5, 1.0, 50.0).astype(np.float32))
    plan = msgspec.structs.replace(QUICK, held_out=0.0)

    assert model(plan, many).score(rows.x)[0].mean() < 0.8 * model(plan, rows).score(rows.x)[0].mean()


def test_inputs_are_centred_on_legitimate_rows() -> None:
    """
    Attacks shift the median of the first column by about half a spread, and that of an ordinary request not at all.
    """
    assert fit(labelled(), QUICK, HEADS).scaling.centre == pytest.approx(np.zeros(WIDTH), abs=0.1)


def test_nets_differ_from_one_another() -> None:
    """
    The mean of equal nets is worth one.
    """
    fitted = fit(labelled(), QUICK, HEADS)

    assert not np.array_equal(*fitted.heads["guess"].parameters)


@pytest.mark.parametrize(
    ("attacks", "message"),
    [
        (0, "100 more attacks (there are 0) are needed"),
        (30, "70 more attacks (there are 30) are needed"),
        (1990, "90 more legitimate rows (there are 10) are needed"),
    ],
)
def test_too_few_of_a_class_are_refused_with_what_is_missing(attacks: int, message: str) -> None:
    """
    The original called itself trained after a hundred successes.
    """
    rows = labelled()
    attack = np.arange(2000) < attacks
    rows = rows._replace(y=attack.astype(np.float32), group=np.where(attack, 0, 2))

    with pytest.raises(TooFewRows) as refused:
        fit(rows, QUICK, HEADS)

    assert message in str(refused.value)


def test_a_model_that_could_not_be_kept_is_not_trained() -> None:
    """
    An hour of training would end in an error.
    """
    plan = Plan(shape=Shape(hidden=1024, nets=4))

    with pytest.raises(ValueError, match="a whole model may take 8,388,608"):
        fit(labelled(), plan, HEADS)


def test_rows_that_do_not_match_their_labels_are_an_error() -> None:
    """
    They would be somebody else's labels.
    """
    rows = labelled()

    with pytest.raises(ValueError, match="2000, 1999, 2000, 2000, 2000"):
        fit(rows._replace(y=rows.y[1:]), QUICK, HEADS)


def test_rows_without_weight_are_not_learned_from() -> None:
    """
    Their labels say nothing, and do not count as rows that are there.
    """
    rows = labelled()
    weight = np.where(rows.y > 0.5, 0.0, 1.0).astype(np.float32)

    with pytest.raises(TooFewRows, match="there are 0"):
        fit(rows._replace(weight=weight), QUICK, HEADS)


def test_the_newest_rows_choose_and_calibrate_and_are_not_learned_from() -> None:
    """
    Attacks of the last days that look like nothing before leave the weights as they are.
    """
    rows = labelled()
    late = rows.time > np.quantile(rows.time, 0.9)
    strange = rows.x.copy()
    strange[late] *= -5.0
    plan = msgspec.structs.replace(QUICK, epochs=1)

    known, surprised = fit(rows, plan, HEADS), fit(rows._replace(x=strange), plan, HEADS)

    assert np.array_equal(known.heads["guess"].parameters, surprised.heads["guess"].parameters)
    assert known.heads["guess"].calibration != surprised.heads["guess"].calibration
    assert known.rows["held_out"] == 300


def test_the_order_of_rows_is_no_matter() -> None:
    """
    Time decides what is held out, not the place in a file.
    """
    rows = labelled()
    shuffled = picked(rows, np.random.default_rng(0).permutation(2000))

    assert fit(shuffled, QUICK, HEADS).rows == fit(rows, QUICK, HEADS).rows


def test_the_epoch_that_finds_most_is_taken() -> None:
    """
    With a rate this high the nets get worse again; what is kept is not what came last.
    """
    told: list[Progress] = []
    plan = Plan(shape=QUICK.shape, epochs=12, batch=32, rate=0.5)

    fitted = fit(labelled(3000), plan, {"guess": tuple(range(WIDTH))}, on_progress=told.append)
    chosen = fitted.heads["guess"].metrics["epoch"]

    assert told[chosen - 1].recall == max(each.recall for each in told[8:])
    assert sum(fitted.heads["guess"].metrics["recall"].values()) / 3 == pytest.approx(told[chosen - 1].recall)


@pytest.mark.parametrize(("epochs", "least"), [(1, 1), (2, 2), (5, 5), (6, 5), (12, 9)])
def test_the_epoch_is_one_of_the_last_third(epochs: int, least: int) -> None:
    """
    Before that the rate is high, and an epoch that finds more in a few held-out rows has been lucky.
    """
    plan = Plan(shape=QUICK.shape, epochs=epochs, batch=32, rate=0.5)

    fitted = fit(labelled(3000), plan, {"guess": tuple(range(WIDTH))})

    assert least <= fitted.heads["guess"].metrics["epoch"] <= epochs


def test_without_enough_newer_rows_the_last_epoch_is_taken() -> None:
    """
    Ten attacks in what is held out: which epoch finds more of them is chance.
    """
    rows = labelled(1000)
    late = rows.time > np.quantile(rows.time, 0.85)
    keep = ~late | (rows.y < 0.5) | (np.cumsum(late & (rows.y > 0.5)) <= 10)

    fitted = fit(picked(rows, keep), QUICK, HEADS)

    assert fitted.heads["guess"].metrics["epoch"] == QUICK.epochs
    assert "recall" not in fitted.heads["guess"].metrics


def test_progress_is_told_after_each_epoch() -> None:
    """
    A bar that an operator watches ends where it says it will.
    """
    told: list[Progress] = []

    fit(labelled(), QUICK, HEADS, on_progress=told.append)

    assert [(each.head, each.epoch) for each in told] == [(head, n + 1) for head in HEADS for n in range(4)]
    assert [each.share for each in told] == pytest.approx([n / 8 for n in range(1, 9)])
    assert told[3].loss < told[0].loss


def test_a_training_that_nobody_wants_stops() -> None:
    """
    In the middle of an epoch, not an hour later.
    """
    asked = count()

    with pytest.raises(Cancelled):
        fit(labelled(), QUICK, HEADS, cancelled=lambda: next(asked) >= 3)

    assert next(asked) == 4


def test_a_column_that_never_varied_changes_no_score() -> None:
    """
    A feature that was switched on after the training waits for the next one.
    """
    rows = labelled()
    rows.x[:, 3] = 1.0
    trained = model(rows=rows)
    lively = rows.x.copy()
    lively[:, 3] = np.random.default_rng(0).normal(0, 1e6, 2000)

    assert np.array_equal(trained.score(rows.x), trained.score(lively))


def test_two_heads_that_see_half_of_the_columns_take_less_room_than_the_rows() -> None:
    """
    One scaled copy at a time, of the columns that a head sees: 80,000 rows are 35 MB, and a training has 300 in all.
    """
    few = labelled(40_000)
    rows = few._replace(x=np.tile(few.x, (1, 10)))
    half = tuple(range(0, rows.x.shape[1], 2))
    plan = msgspec.structs.replace(QUICK, shape=Shape(hidden=2, depth=1, nets=1), epochs=1)
    fit(rows, plan, {"guess": half})  # what is imported or kept for later is no part of it

    tracemalloc.start()
    try:
        fit(rows, plan, {"guess": half, "accept": half})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < rows.x.nbytes
