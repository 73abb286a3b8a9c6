# SPDX-License-Identifier: Apache-2.0
"""Attackers who teach: lies in the feedback, days of right logins to accounts of their own, a flood."""

from __future__ import annotations

import numpy as np
import pytest
from simulated import STORY, Lived, two_weeks

from evaluation.traffic.rows import ATTACK_KINDS, USER_KINDS

LIES = 4_000
BUDGET = 1e-2
"""Share of innocent attempts that may score as high as what counts as an attack here."""

LOSS = 0.15
"""
Macro recall that all of it together may cost a site as small as this one, with three thousand attacks to learn from.

There are more lies than attacks; before claims against labels had a cap it lost 0.73.
"""


@pytest.fixture(scope="module")
def poisoned() -> Lived:
    """Return the site as it was lied to, courted and flooded before its training."""
    return two_weeks(STORY._replace(lies=LIES, flood=True))


def recalls(lived: Lived) -> dict[str, float]:
    """Return the share of each kind of attack that scores above all but a few innocent attempts."""
    rows, (guess, _) = lived.rows, lived.scores
    innocent = ~rows["attack"] & (rows["user_kind"] != USER_KINDS.index("own_account"))
    limit = np.quantile(guess[innocent], 1 - BUDGET)
    kinds = np.unique(rows["kind"][rows["attack"]])
    return {
        ATTACK_KINDS[kind]: float(np.mean(guess[rows["attack"] & (rows["kind"] == kind)] > limit))
        for kind in kinds
        if ATTACK_KINDS[kind] != "flood"
    }


def test_the_lies_were_told(poisoned: Lived) -> None:
    """
    Thousands in time, and most of them not heard.
    """
    claims = poisoned.trained.claims

    assert claims.used + claims.waiting + claims.beyond > 3_000
    assert claims.beyond > 10 * claims.waiting


def test_poison_costs_little_of_what_is_recognised(poisoned: Lived) -> None:
    """
    The macro mean of all kinds.
    """
    clean, after = recalls(two_weeks()), recalls(poisoned)

    assert clean.keys() == after.keys()
    assert np.mean([*after.values()]) >= np.mean([*clean.values()]) - LOSS


@pytest.mark.parametrize("kind", ["dictionary", "spray_fast", "stuffing_few", "stuffing_wide", "enumeration"])
def test_loud_attacks_are_recognised_all_the_same(poisoned: Lived, kind: str) -> None:
    """
    Whatever was said of them.
    """
    assert recalls(poisoned)[kind] >= 0.9


def test_addresses_with_days_of_right_logins_are_no_safer_to_attack_from(poisoned: Lived) -> None:
    """
    The attackers signed in to their own accounts from where they guess; each kind was courted for.
    """
    guess, _ = poisoned.scores
    attack = poisoned.rows["attack"] & (poisoned.rows["kind"] != ATTACK_KINDS.index("flood"))
    courted = np.array([one.facts.address for one in poisoned.scored])
    own = np.isin(courted, courted[poisoned.rows["user_kind"] == USER_KINDS.index("own_account")])

    assert np.count_nonzero(attack & own) >= 50
    assert np.median(guess[attack & own]) > 0.5
    assert np.median(guess[attack & own]) > np.quantile(guess[~attack], 0.99)
