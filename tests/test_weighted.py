# SPDX-License-Identifier: Apache-2.0
"""The weighted sum of rules and network, as the original decides."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from weighing import WEIGHTED, probabilities, ruled, scores, weighed

from nacre.config.tree import NetworkPolicy, NeuralNetwork
from nacre.decision import MESSAGES, Action


@pytest.mark.parametrize(
    ("static", "guess", "refused"),
    [
        (False, 0.0, False),
        (False, 1.0, False),  # 0.6: the network alone never refuses by the original's weights
        (True, 0.0, False),  # 0.4: nor do the rules
        (True, 0.49, False),  # 0.694
        (True, 0.51, True),  # 0.706
        (True, 1.0, True),
    ],
)
def test_the_weighted_policy_adds_up_as_the_original_does(*, static: bool, guess: float, refused: bool) -> None:
    """
    0.4 for the rules, 0.6 for the network, refused from 0.7 on; nothing else is looked at.
    """
    before = ruled(Action.REFUSE if static else Action.ALLOW)

    found = weighed(before, scores(guess, 1.0), settings=WEIGHTED, crowded=True)

    assert found.action is (Action.REFUSE if refused else Action.ALLOW)
    assert found.message == MESSAGES[found.action]


@given(
    static=st.booleans(), guess=probabilities, of_rules=probabilities, of_network=probabilities, limit=probabilities
)  # fmt: skip
def test_other_weights_follow_the_same_formula(
    guess: float, of_rules: float, of_network: float, limit: float, *, static: bool
) -> None:
    """
    Score = rules x static_weight + guess x ml_weight, refused if that reaches the threshold.
    """
    settings = NeuralNetwork(
        policy=NetworkPolicy.WEIGHTED, static_weight=of_rules, ml_weight=of_network, threshold=limit
    )

    found = weighed(ruled(Action.REFUSE if static else Action.ALLOW), scores(guess), settings=settings)

    assert found.refused == (static * of_rules + guess * of_network >= limit)


def test_the_weighted_policy_says_in_the_originals_words_what_it_did() -> None:
    """
    Who comes from there knows these lines of the log.
    """
    alone = NeuralNetwork(policy=NetworkPolicy.WEIGHTED, ml_weight=0.8)

    triggered = weighed(ruled(), scores(1.0), settings=alone)
    overrode = weighed(ruled(Action.REFUSE), scores(0.1), settings=WEIGHTED)
    waits = weighed(ruled(Action.DELAY), scores(0.1), settings=WEIGHTED)

    assert triggered.reasons[-1].text == ("weighted detection triggered: weighted score 0.80, threshold 0.70")
    assert overrode.reasons[-1].text == ("weighted decision overrode the rules: weighted score 0.46, threshold 0.70")
    assert (waits.action, waits.delay) == (Action.DELAY, 3.0)
