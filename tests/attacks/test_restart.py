# SPDX-License-Identifier: Apache-2.0
"""A restart in the middle: the model comes back from bytes."""

from __future__ import annotations

import pytest
from simulated import two_weeks

from nacre.features.columns import STANDARD
from nacre.network.artifact import ModelRefused
from nacre.network.model import Model
from nacre.scoring import Live

KEY = b"a key that only tests have"


def test_a_model_scores_after_a_restart_as_it_did_before() -> None:
    """
    Each attempt to the last bit, and from the same thresholds on.
    """
    lived = two_weeks()
    data = lived.trained.model.to_bytes(KEY)

    back = Live.of(Model.from_bytes(data, KEY, columns=STANDARD.names, schema=STANDARD.digest))

    assert [back.score(one.vector, one.slots) for one in lived.scored] == [one.scores for one in lived.scored]
    assert back.model.to_bytes(KEY) == data


def test_a_model_that_another_key_sealed_does_not_come_back() -> None:
    """
    Who can write to the store cannot decide what is an attack.
    """
    data = two_weeks().trained.model.to_bytes(b"a key of somebody else")

    with pytest.raises(ModelRefused, match="changed after it was sealed, or sealed with another key"):
        Model.from_bytes(data, KEY, columns=STANDARD.names, schema=STANDARD.digest)


def test_the_same_outcomes_teach_the_same_model_again() -> None:
    """
    Trained once more on what was kept: nothing of it depends on the process, or on chance.
    """
    lived = two_weeks()
    now, claims = lived.trained.model.artifact.created, lived.claims

    again = lived.apart().train(now, claims=claims)

    assert again.model.to_bytes(KEY) == lived.trained.model.to_bytes(KEY)
