# SPDX-License-Identifier: Apache-2.0
"""Every kind of attack, and everybody who is none, at a small site whose network learned from two fifths of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from simulated import Lived, two_weeks

from evaluation.traffic.rows import ATTACK_KINDS, USER_KINDS
from nacre.config.tree import NeuralNetwork

OWN_ACCOUNT = USER_KINDS.index("own_account")
BUDGET = 1e-2
"""Share of innocent attempts that may score as high as what counts as an attack here."""

LOUD = ("dictionary", "spray_fast", "spray_slow", "stuffing_few", "stuffing_wide", "botnet_account", "enumeration")
LEAST = dict.fromkeys(LOUD, 0.9)
LEAST |= dict.fromkeys(("low_slow", "ipv6_rotation", "poisoning", "variants", "person", "monday_stuffing"), 0.8)
LEAST |= {"residential": 0.75, "nat_insider": 0.6, "phished": 0.3}
"""Share of the tries of each kind that have to score higher; those that look like customers have it easier."""


@pytest.fixture(scope="module")
def lived() -> Lived:
    """Return what happened."""
    return two_weeks()


def innocent(lived: Lived) -> NDArray[np.bool_]:
    """Return which rows are of users; an attacker's own accounts are neither."""
    return np.asarray(~lived.rows["attack"] & (lived.rows["user_kind"] != OWN_ACCOUNT))


def actions(lived: Lived) -> NDArray[np.str_]:
    """Return what was answered to each row."""
    return np.array([decision.action.value for decision in lived.decisions])


def test_the_stories_below_are_of_every_kind(lived: Lived) -> None:
    """
    A kind that the site never saw would pass.
    """
    assert set(LEAST) == set(ATTACK_KINDS[1:-1])
    assert set(np.unique(lived.rows["user_kind"][innocent(lived)]).tolist()) == set(range(1, OWN_ACCOUNT))


@pytest.mark.parametrize("kind", LEAST)
def test_an_attack_of_each_kind_scores_above_innocent_attempts(lived: Lived, kind: str) -> None:
    """
    Above what one innocent attempt in a hundred reaches, before its own outcome is known.
    """
    guess, _ = lived.scores
    limit = np.quantile(guess[innocent(lived)], 1 - BUDGET)
    tries = lived.rows["attack"] & (lived.rows["kind"] == ATTACK_KINDS.index(kind))

    assert np.mean(guess[tries] > limit) >= LEAST[kind]


@pytest.mark.parametrize("kind", USER_KINDS[1:-1])
def test_no_kind_of_user_is_refused(lived: Lived, kind: str) -> None:
    """
    Travellers, shared mailboxes, scanners with a wrong password for ever: one in twenty at most, of any kind.
    """
    theirs = innocent(lived) & (lived.rows["user_kind"] == USER_KINDS.index(kind))

    assert np.mean(actions(lived)[theirs] == "refuse") <= 0.05


def test_the_budgets_are_kept_by_what_it_does(lived: Lived) -> None:
    """
    It acted on days that its thresholds had not seen, in the midst of attacks.
    """
    settings, refused, users = NeuralNetwork(), actions(lived) == "refuse", innocent(lived)

    assert np.mean(refused[users]) <= settings.max_refused_attempts
    assert np.mean(refused[users & lived.rows["success"]]) <= settings.max_refused_logins


def test_most_of_the_loud_attacks_are_stopped_or_slowed(lived: Lived) -> None:
    """
    By the network alone: no rule helps it here.
    """
    stopped = actions(lived) != "allow"
    caught = [
        np.mean(stopped[lived.rows["attack"] & (lived.rows["kind"] == ATTACK_KINDS.index(kind))]) for kind in LOUD
    ]

    assert np.mean(caught) >= 0.7


def test_a_guess_that_was_right_is_told_from_a_login(lived: Lived) -> None:
    """
    By the head that does not know whether the password is right; most of these are worth a refusal.
    """
    _, accept = lived.scores
    logins = innocent(lived) & lived.rows["success"]
    hits = lived.rows["attack"] & lived.rows["success"]

    assert np.count_nonzero(hits) >= 10
    assert np.mean(accept[hits] > np.quantile(accept[logins], 1 - BUDGET)) >= 0.7


def test_a_high_score_means_an_attack(lived: Lived) -> None:
    """
    Polarity, from the first outcome to the last decision: the original had it the wrong way round.
    """
    attack = lived.rows["attack"]

    for scores in lived.scores:
        assert np.median(scores[attack]) > 0.8
        assert np.median(scores[~attack]) < 0.05
