# SPDX-License-Identifier: Apache-2.0
"""Thresholds that keep a budget of harm to good logins."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network.rows import model
from numpy.typing import NDArray

from nacre.learning.event import EVENT, Flag
from nacre.learning.keep import stratum
from nacre.learning.labels import Labels
from nacre.learning.limits import (
    AIM,
    ANSWERS,
    FLOOR,
    WORST_DAY,
    Budgets,
    Came,
    Legitimate,
    legitimate,
    limits,
    natural_weight,
)
from nacre.learning.reason import Reason
from nacre.learning.row import row_dtype

DAY = 86_400.0


def rows(n: int = 4_000, *, seed: int = 0, novel: float = 0.2, weights: float = 1.0, days: int = 4) -> Legitimate:
    """Legitimate attempts of some days; those from new places look worse than the others."""
    chance = np.random.default_rng(seed)
    new = chance.random(n) < novel
    guess = chance.beta(0.6, 3, n) * np.where(new, 1.0, 0.7)
    return Legitimate(
        guess,
        np.clip(guess + chance.normal(0, 0.05, n), 0.001, 0.999),
        chance.uniform(1.0, 1.0 + weights, n),
        chance.integers(20_000, 20_000 + days, n),
        new,
        chance.random(n) < 0.8,
    )


def share(scores: NDArray[np.float64], at: float, weight: NDArray[np.float64], among: NDArray[np.bool_]) -> float:
    """Return the share of weight of some rows that reaches a threshold."""
    return float(weight[among & (scores >= at)].sum() / weight[among].sum())


@given(seed=st.integers(0, 99), budget=st.floats(1e-3, 0.05), novel=st.floats(0.1, 0.9), weights=st.floats(0, 20))
@settings(max_examples=40)
def test_no_more_than_the_aim_is_refused_of_the_rows_they_come_from(
    seed: int, budget: float, novel: float, weights: float
) -> None:
    """
    Of all rows by the guess score, of the logins by the accept score; however they are weighed and mixed.
    """
    legit = rows(seed=seed, novel=novel, weights=weights)

    guess, accept = limits(legit, Budgets(attempts=budget, logins=budget, novel=0.1))

    for scores, head, among in (
        (legit.guess, guess, np.ones(len(legit.guess), bool)),
        (legit.accept, accept, legit.login),
    ):
        at = np.where(legit.novel, head["novel"]["refuse"], head["known"]["refuse"])
        refused = legit.weight[among & (scores >= at)].sum() / legit.weight[among].sum()
        assert refused <= AIM * budget * 1.1 + 1e-9  # known places keep a tenth, even where new ones need it all


@given(seed=st.integers(0, 99), novel=st.floats(0.3, 0.9))
@settings(max_examples=20)
def test_no_day_costs_many_times_its_aim_and_new_places_never_more_than_theirs(seed: int, novel: float) -> None:
    """
    A quiet week must not pay for the one day on which everybody travels.
    """
    legit, budgets = rows(8_000, seed=seed, novel=novel, days=8), Budgets(attempts=0.02, logins=0.02, novel=0.04)
    busy = (legit.day == 20_001) & legit.novel
    legit = legit._replace(guess=np.where(busy, legit.guess**0.2, legit.guess))

    guess, _ = limits(legit, budgets)

    assert share(legit.guess, guess["novel"]["refuse"], legit.weight, legit.novel) <= AIM * budgets.novel
    assert share(legit.guess, guess["novel"]["refuse"], legit.weight, busy) <= WORST_DAY * AIM * budgets.novel


@given(seed=st.integers(0, 99), novel=st.floats(0.0, 1.0), n=st.integers(1, 3_000))
@settings(max_examples=40)
def test_a_milder_answer_never_begins_above_a_harder_one(seed: int, novel: float, n: int) -> None:
    """
    And none below its floor, however much of the budget is left.
    """
    for head in limits(rows(n, seed=seed, novel=novel), Budgets()):
        for group, answers in head.items():
            assert answers["refuse"] >= answers["challenge"] >= answers["delay"]
            assert all(answers[answer] >= FLOOR[group][answer] for answer in ANSWERS)


def test_a_perfect_model_acts_from_the_floor_on() -> None:
    """
    Where all good logins score next to nothing, a score of 0.01 is still no attack.
    """
    calm = rows()._replace(guess=np.full(4_000, 0.001), accept=np.full(4_000, 0.001))

    assert limits(calm, Budgets()) == (FLOOR, FLOOR)


def test_too_few_rows_of_a_group_leave_its_thresholds_where_they_were() -> None:
    """
    Without any they are so high that only certainty is refused.
    """
    old = model().with_thresholds(
        {"novel": {"refuse": 0.7, "challenge": 0.6, "delay": 0.5}}, {"novel": {"refuse": 0.8}}
    )
    few = rows(500, novel=0.2)

    first, _ = limits(few, Budgets())
    guess, accept = limits(few, Budgets(), old)

    assert first["novel"] == dict.fromkeys(ANSWERS, 0.995)
    assert guess["novel"] == {"refuse": 0.7, "challenge": 0.6, "delay": 0.5}
    assert accept["novel"] == {"refuse": 0.8, "challenge": 0.995, "delay": 0.995}
    assert first["known"]["refuse"] < 0.995


def test_a_threshold_moves_by_a_step_from_the_previous_one() -> None:
    """
    One night of poisoned rows opens no door.
    """
    old = model().with_thresholds(*({group: dict.fromkeys(ANSWERS, 0.99) for group in FLOOR},) * 2)
    calm = rows()._replace(guess=np.full(4_000, 0.001), accept=np.full(4_000, 0.001))

    guess, accept = limits(calm, Budgets(), old)

    # A logit below that of 0.99: 1 / (1 + e / 99).
    assert guess["novel"]["refuse"] == accept["known"]["delay"] == pytest.approx(99 / (99 + np.e))


@pytest.mark.parametrize("wrong", [{"attempts": 0.0}, {"logins": 0.2}, {"novel": -1.0}])
def test_a_budget_is_a_share_of_up_to_a_tenth(wrong: dict[str, float]) -> None:
    """
    What would refuse everybody is a mistake in the settings.
    """
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Budgets)


# -- which rows speak


def samples(*given: tuple[float, int]) -> NDArray[np.void]:
    """Samples with these times and flags."""
    found = np.zeros(len(given), row_dtype())
    found["id"] = np.arange(1, len(given) + 1)
    found["time"], found["flags"] = zip(*given, strict=True)
    return found


def test_rows_speak_if_they_are_not_attacks_whether_or_not_they_were_refused() -> None:
    """
    Without those that we refused, thresholds would only ever fall; of what nobody knows, what the scores leave counts.
    """
    home = int(Flag.SEEN_NET)
    given = samples((DAY, home | 1), (DAY, home), (2 * DAY, 1), (DAY, int(Flag.REFUSED)), (DAY, 0))
    nan = float("nan")
    labels = Labels(np.array([0, 1, nan, 0, 0], np.float32), np.ones(5, np.float32), np.full(5, Reason.PAIR, np.uint8))
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5])

    found = legitimate(given, labels, scores, scores + 0.1, np.full(5, 2.0))

    assert found.guess.tolist() == [0.1, 0.3, 0.4, 0.5]
    assert found.weight.tolist() == [2.0, pytest.approx(2.0 * 0.6), 2.0, 2.0]
    assert (found.day.tolist(), found.novel.tolist(), found.login.tolist()) == (
        [1, 2, 1, 1],
        [False, True, True, True],
        [True, True, False, False],
    )


def test_a_sample_stands_for_the_attempts_of_its_day_and_kind() -> None:
    """
    Four logins from home a day of which two were kept; the guess beside them stands for itself.
    """
    home, guess = int(Flag.SUCCESS | Flag.SEEN_NET), int(Flag.ORPHAN)
    events = np.zeros(6, EVENT)
    events["flags"] = [home] * 4 + [guess] * 2
    events["time"] = [1, 2, 3, 4, 5, DAY + 5]

    weight = natural_weight(
        samples((1, home), (3, home), (5, guess), (DAY + 5, guess), (9 * DAY, home)), Came.of(events)
    )

    assert weight.tolist() == [2.0, 2.0, 1.0, 1.0, 1.0]


@given(st.lists(st.tuples(st.integers(0, 2**15 - 1), st.booleans(), st.booleans(), st.booleans()), min_size=1))
def test_kinds_are_those_by_which_samples_are_kept(given: list[tuple[int, Any, Any, Any]]) -> None:
    """
    Two events of each kind and one sample of each: every sample stands for all events of its kind.
    """
    events = np.zeros(len(given), EVENT)
    for name, values in zip(("flags", "asn", "client", "country"), zip(*given, strict=True), strict=True):
        events[name] = values
    kinds = [stratum(flags, asn=asn, client=client, country=country) for flags, asn, client, country in given]
    first = [kinds.index(kind) for kind in dict.fromkeys(kinds)]
    kept = np.zeros(len(first), row_dtype())
    for name in ("flags", "asn", "client", "country"):
        kept[name] = events[name][first]

    assert natural_weight(kept, Came.of(events)).tolist() == [kinds.count(kinds[place]) for place in first]
