# SPDX-License-Identifier: Apache-2.0
"""Explanations of scores, in words."""

from __future__ import annotations

import numpy as np
import pytest
from outcomes import facts
from traffic import shipped

from nacre.features.columns import STANDARD
from nacre.record import Sight
from nacre.scoring import Live
from nacre.words import explain, meaning


def _sight(**columns: float) -> Sight:
    """What was seen of an attempt that is ordinary but for some columns."""
    centre = np.frombuffer(shipped().artifact.centre, "<f4").copy()
    for name, value in columns.items():
        place = STANDARD.place(name.replace("__", "."))
        centre[place] = np.log1p(value) if STANDARD.columns[place].log else value
    return Sight(facts(), centre.astype(np.float32).tobytes())


def test_numbers_are_those_before_their_logarithm() -> None:
    """
    "37 accounts failed", not "3.64".
    """
    sight = _sight(token__failing_users_1h=37.0)

    told = explain("r1", sight, Live.of(shipped()), "guess")
    by_name = {each.name: each for each in told.contributions}

    assert by_name["token.failing_users_1h"].text == "37 accounts failed with this password in an hour"
    assert by_name["token.failing_users_1h"].value == pytest.approx(37.0, rel=1e-5)


def test_the_heaviest_comes_first_and_the_ordinary_is_left_out() -> None:
    """
    Whoever reads one line reads the one that matters.
    """
    told = explain("r1", _sight(token__failing_users_1h=37.0, user__fresh_1h=9.0), Live.of(shipped()), "guess")

    weights = [abs(each.logit) for each in told.contributions]
    assert weights == sorted(weights, reverse=True)
    assert {each.name for each in told.contributions} == {"token.failing_users_1h", "user.fresh_1h"}


def test_what_is_not_known_has_no_value() -> None:
    """
    Without a database nothing is said of an operator that nobody named.
    """
    sight = _sight(user__failures_1h=float("nan"), user__fresh_1h=20.0)

    told = explain("r1", sight, Live.of(shipped()), "accept")

    assert "user.failures_1h" not in {each.name for each in told.contributions}


def test_the_smallest_change_is_told_with_the_threshold_that_it_crosses() -> None:
    """
    What an operator would have to believe for the decision to be wrong.
    """
    sight = _sight(token__failing_users_1h=60.0, token__failing_users_24h=60.0, user__fresh_1h=9.0)

    told = explain("r1", sight, Live.of(shipped()), "guess")

    assert told.score > told.base
    assert told.flips.startswith("The score would be 0.")


def test_what_is_let_in_is_told_what_would_have_stopped_it() -> None:
    """
    An ordinary request has nothing to take back: something would have to be as in an attack, and possible.
    """
    told = explain("r1", _sight(), Live.of(shipped()), "guess")

    assert ", above 0." in told.flips
    assert "-" not in told.flips.partition("with:")[2]


def test_where_no_score_decides_that_is_said() -> None:
    """
    A weighted sum that the rules fill by themselves, or that the score cannot fill.
    """
    for limits in ({}, {"refuse": -0.1}, {"refuse": 1.2}):
        told = explain("r1", _sight(), Live.of(shipped()), "guess", limits=limits)
        assert told.flips == "This score turns no decision here, whatever it is."


def test_a_score_that_was_served_is_the_one_that_is_told() -> None:
    """
    To the last bit: it is what the log says too.
    """
    assert explain("r1", _sight(), Live.of(shipped()), "guess", score=0.123456789).score == 0.123456789


def test_every_column_tells_what_it_means_where_it_holds_nothing() -> None:
    """
    A list of columns has no values to put into the places that explanations have for them.
    """
    told = [meaning(column) for column in STANDARD.columns]

    assert not [text for text in told if "{" in text or "  " in text or text != text.strip()]
    assert len(set(told)) == len(told)
    assert "how many failures from this address in an hour" in told
    assert "never signed in from this country, or long ago" in told
