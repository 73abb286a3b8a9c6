# SPDX-License-Identifier: Apache-2.0
"""What travels over HTTP about the network."""

from __future__ import annotations

import msgspec
import pytest

from nacre.api.network_bodies import FeatureQuery, FeedbackBody, FeedbackEntry, HeadQuery, LearningMode, TrainBody
from nacre.feedback import Feedback


@pytest.mark.parametrize("said", [True, False, None])
def test_a_claim_is_told_in_the_word_that_callers_use(said: bool | None) -> None:  # noqa: FBT001
    """
    One name on the wire for what goes in and what comes out.
    """
    body = msgspec.json.decode(msgspec.json.encode({"request_id": "r1", "is_brute_force": said}), type=FeedbackBody)
    claim = Feedback(request_id="r1", is_attack=said, giver="erika", time=1.0)

    assert body.is_brute_force is said
    assert FeedbackEntry.of(claim).is_brute_force is said


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FeedbackBody, b'{"request_id": "r1"}'),
        (FeedbackBody, b'{"request_id": "r1", "is_brute_force": "yes"}'),
        (FeedbackBody, b'{"request_id": "", "is_brute_force": true}'),
        (FeedbackBody, b'{"block": {"subnet": 7}, "is_brute_force": true}'),
        (LearningMode, b"{}"),
        (LearningMode, b'{"learning_mode": 1}'),
        (TrainBody, b'{"samples": 0}'),
        (TrainBody, b'{"samples": 1000001}'),
        (TrainBody, b'{"epochs": 0}'),
        (TrainBody, b'{"epochs": 1.5}'),
    ],
)
def test_what_could_be_a_slip_is_refused(kind: type, body: bytes) -> None:
    """
    The original took a garbled answer to "is it an attack?" for a no.
    """
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=kind)


def test_a_query_names_features_one_by_one_and_one_of_two_heads() -> None:
    """
    As they stand behind the question mark.
    """
    assert msgspec.convert({"name": ["a", "b"]}, FeatureQuery, strict=False).name == ["a", "b"]
    assert msgspec.convert({}, HeadQuery, strict=False).head == "guess"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"head": "third"}, HeadQuery, strict=False)
